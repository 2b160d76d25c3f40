/* The records of a project's builds. */
#ifndef SLIPWAY_PROJECT_RECORDS_H
#define SLIPWAY_PROJECT_RECORDS_H

#include "history/facts.h"
#include "history/history.h"
#include "project/project.h"

/* The history of the project's folder: in the git repository around it, else in one of slipway's own for that folder. */
int sw_records_open(struct sw_history **out, struct sw_project *project, struct sw_error *error);

/* The record that the profile's last process was about to write when it was killed (history/history.h), if
 * the record is of this kind. SW_ENOTFOUND if there is no such record. */
int sw_records_interrupted(struct sw_intent *intent, struct sw_record_facts *facts,
                           struct sw_project *project, struct sw_history *history, const char *profile,
                           enum sw_record_kind kind, struct sw_error *error) SW_NODISCARD;

/* Wait until no other process changes the profile's names, files and records; the sink tells the user of the
 * wait. sw_fd_close() ends the hold. */
int sw_records_hold(int *fd, struct sw_project *project, struct sw_history *history, const char *profile,
                    const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;

/* SW_EINPUT if a rollback of the profile was interrupted and is not finished yet. */
int sw_records_refuse_interrupted(struct sw_project *project, const char *profile,
                                  struct sw_error *error) SW_NODISCARD;

/* The project's folder, below sw_history_root(): empty if it is the root; NULL without memory. */
const char *sw_records_folder(struct sw_project *project, const struct sw_history *history);

/* The digests ("NAME@sha256:…") by which registries have the image of the record whose facts are `facts`, in
 * repositories that go by `image`. Digests from the profile's newest SW_MAX_RECORDS_SEARCHED records of that
 * image come first, the newest record at the beginning. */
int sw_records_digests(struct sw_texts *out, struct sw_arena *arena, struct sw_history *history,
                       const char *profile, const struct sw_record_facts *facts, const char *image,
                       struct sw_error *error) SW_NODISCARD;

/* A sentence about the commits among the profile's records that are none and are passed over; NULL if there are no such. */
const char *sw_records_refused(struct sw_project *project, struct sw_history *history, const char *profile);

#endif
