/* The record of a build; lib/history/facts.h has the contents of record.json, lib/history/history.h the place
 * of the record. */
#ifndef SLIPWAY_PROJECT_RECORDING_H
#define SLIPWAY_PROJECT_RECORDING_H

#include "history/facts.h"
#include "history/history.h"
#include "project/attempt.h"

/* The record of a build that the engine answered, ready to be appended; it lies in the project's arena. `ok`: whether the build's
 * findings let it pass. */
int sw_record_draft_make(struct sw_record_draft *out, const struct sw_attempt *attempt, bool ok,
                         struct sw_history *history, struct sw_error *error) SW_NODISCARD;
/* Remember a build that failed or was rejected, which has no effect but this: a record that cannot be written is a warning on the
 * build's sink. */
void sw_record_failure(struct sw_attempt *attempt);
/* The rest of a record's commit message; NULL without memory. */
const char *sw_record_message(struct sw_arena *arena, const char *plan, const char *image);

/* Write the releases that the probe found, "name==version" a line; nothing if the probe did not tell. */
void sw_record_installed(struct sw_buffer *lines, const struct sw_verification *verification);

/* The facts of something done since `started_ns` with the build that `facts` are of; the texts lie in the arena. SW_EENV without
 * memory. */
int sw_record_facts_again(struct sw_record_facts *out, struct sw_arena *arena, enum sw_record_kind kind,
                          const struct sw_record_facts *facts, int64_t started_ns,
                          struct sw_error *error) SW_NODISCARD;

/* The facts as record.json. SW_EINPUT if nobody could read it again. */
int sw_record_facts_write(struct sw_buffer *out, struct sw_arena *arena, const char *profile,
                          const struct sw_record_facts *facts, struct sw_error *error) SW_NODISCARD;

/* Parts of the facts. A text of the engine that no record may have is left out. */
int sw_record_image_read(struct sw_record_image *out, struct sw_arena *arena, struct sw_engine *engine,
                         const char *id, struct sw_texts tags, struct sw_error *error) SW_NODISCARD;
struct sw_record_engine sw_record_engine_of(const struct sw_engine *from);

#endif
