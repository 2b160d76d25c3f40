/* The releases that may be pinned for the requirements of a profile. */
#ifndef SLIPWAY_AUTHOR_CHOICE_INTERNAL_H
#define SLIPWAY_AUTHOR_CHOICE_INTERNAL_H

#include "check/check.h"

/* For one requirement. */
struct sw_choice {
    const char *project; /* normalized */
    /* The releases, newest first, at most SW_MAX_CHOICE_RELEASES. */
    const char **versions;
    /* 0: not known, because the index was not asked or the requirement is a URL. */
    size_t count;
};

/* A choice for each requirement of the profile that holds for the target, in their order; all in `arena`. A
 * project that belongs to torch has the one release that belongs to it. Any other project has the releases
 * that the index has for the target, from the newest release on that contradicts no pin of the profile; of
 * bitsandbytes only the releases that the catalog knows, since nothing could be said of others. */
int sw_choices_find(struct sw_choice **choices, size_t *count, struct sw_arena *arena,
                    const struct sw_check_input *input, struct sw_error *error) SW_NODISCARD;

#endif
