/* Which releases may be pinned for what a profile requires. */
#ifndef SLIPWAY_AUTHOR_CHOICE_INTERNAL_H
#define SLIPWAY_AUTHOR_CHOICE_INTERNAL_H

#include "check/check.h"

/* For one requirement. */
struct sw_choice {
    const char *project;   /* normalized */
    const char **versions; /* newest first, at most SW_MAX_CHOICE_RELEASES */
    size_t count;          /* 0: not known, as where the index is not asked, or of a URL */
};

/* One for each requirement of the profile that holds for the target, in their order; all in `arena`. What belongs to torch is the one
 * release that belongs to it; of all else those that the index
 * has for the target, from the newest on that contradicts no pin of the profile; but of bitsandbytes only what the catalog knows, since
 * of others nothing could be said. */
int sw_choices_find(struct sw_choice **choices, size_t *count, struct sw_arena *arena,
                    const struct sw_check_input *input, struct sw_error *error) SW_NODISCARD;

#endif
