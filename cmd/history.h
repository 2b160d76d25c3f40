/* The records of builds, as a session finds them. */
#ifndef SLIPWAY_CMD_HISTORY_H
#define SLIPWAY_CMD_HISTORY_H

#include "session.h"

#include "history/facts.h"
#include "history/history.h"

/* The history of the session's folder: in the git repository around it, else in one of slipway's own for that folder. */
int history_open(struct sw_history **out, struct session *session, struct sw_error *error);

/* The record that the profile's last process was about to write when it was killed (history/history.h), if
 * the record is of this kind. SW_ENOTFOUND if there is no such record. */
int history_interrupted(struct sw_intent *intent, struct sw_record_facts *facts, struct session *session,
                        struct sw_history *history, const char *profile, enum sw_record_kind kind,
                        struct sw_error *error);

/* Wait until no other process changes the profile's names, files and records; the sink tells the user of the
 * wait. sw_fd_close() ends the hold. */
int history_hold(int *fd, struct session *session, struct sw_history *history, const char *profile,
                 const struct sw_sink *sink, struct sw_error *error);

/* SW_EINPUT if a rollback of the profile was interrupted and is not finished yet. */
int history_refuse_interrupted(struct session *session, const char *profile, struct sw_error *error);

/* The folder of the session's profiles, below sw_history_root(): empty if it is the root; NULL without memory. */
const char *history_folder(struct session *session, const struct sw_history *history);

/* The repository that the profile's images go to, as the profile's file names it now, else as it was
 * committed; NULL if neither does. The word of a record about the repository counts for nothing. */
const char *history_own_image(struct session *session, struct sw_history *history, const char *profile);

/* The digests ("NAME@sha256:…") by which registries have the image of the record whose facts are `facts`, in
 * repositories that go by `image`. Digests from the profile's newest SW_MAX_RECORDS_SEARCHED records of that
 * image come first, the newest record at the beginning. */
int history_digests(struct sw_texts *out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, const struct sw_record_facts *facts, const char *image,
                    struct sw_error *error);

/* A sentence about the commits among the profile's records that are none and are passed over; NULL if there are no such. */
const char *history_refused(struct session *session, struct sw_history *history, const char *profile);

/* "2026-11-21 01:22" of an RFC 3339 time, or the text itself. */
const char *history_time(struct sw_arena *arena, const char *rfc3339);

#endif
