/* The record that a rollback goes back to. */
#ifndef SLIPWAY_PROJECT_ROLLBACK_TARGET_H
#define SLIPWAY_PROJECT_ROLLBACK_TARGET_H

#include "base/event.h"
#include "history/facts.h"
#include "history/history.h"

/* A record with its facts. */
struct sw_target {
    struct sw_record record;
    struct sw_record_facts facts;
};

/* The search for a target; its texts lie in the arena. */
struct sw_target_search {
    struct sw_arena *arena;
    struct sw_history *history;
    const char *profile;
    /* Gets a warning for each record that is refused and passed over. */
    const struct sw_sink *sink;
};

/* Return true if the record's image was built and verified. */
bool sw_target_is_verified(const struct sw_target *target);
/* Find the profile's newest record that is not refused. SW_ENOTFOUND if there is none. */
int sw_target_newest(struct sw_target *out, const struct sw_target_search *search,
                     struct sw_error *error) SW_NODISCARD;
/* Find the newest verified record before `from` with another image than that of `from`. Builds that a rollback left behind are
 * passed over. SW_ENO if there is none. `out` and `from` may be the same. */
int sw_target_before(struct sw_target *out, const struct sw_target_search *search,
                     const struct sw_target *from, struct sw_error *error) SW_NODISCARD;
/* Find the record of this number, which must have an image; verified or not, the user asked for it. */
int sw_target_at(struct sw_target *out, const struct sw_target_search *search, const char *number,
                 struct sw_error *error) SW_NODISCARD;

#endif
