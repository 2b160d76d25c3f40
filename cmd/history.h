/* The records of builds, where a session finds them. */
#ifndef SLIPWAY_CMD_HISTORY_H
#define SLIPWAY_CMD_HISTORY_H

#include "session.h"

#include "history/history.h"

/* The history of the session's folder: in the git repository around it, else in one of slipway's own for that folder. */
int history_open(struct sw_history **out, struct session *session, struct sw_error *error);

/* SW_EINPUT where a rollback of the profile was interrupted and not finished yet. */
int history_refuse_interrupted(struct session *session, const char *profile, struct sw_error *error);

/* A record and what it says, as one object: record.json with "number" and "commit" in front. */
int history_describe(const struct sw_node **out, struct sw_arena *arena, struct sw_history *history,
                     const struct sw_record *record, struct sw_error *error);

/* The digests ("NAME@sha256:…") by which registries have the image of the record that says `said`: a list of texts. What the
 * profile's newest SW_MAX_RECORDS_SEARCHED records say of the same image comes first, the newest of them at the beginning. */
int history_digests(const struct sw_node **out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, const struct sw_node *said, struct sw_error *error);

/* "2026-11-21 01:22" of an RFC 3339 time, or the text itself. */
const char *history_time(struct sw_arena *arena, const char *rfc3339);

#endif
