/* Names of the command line that hold {profile}, which stands for the profile's name. */
#ifndef SLIPWAY_PROJECT_EXPAND_H
#define SLIPWAY_PROJECT_EXPAND_H

#include "base/texts.h"

/* The given name with the profile's in place of {profile}; NULL for NULL or without memory. */
const char *sw_expand_profile(struct sw_arena *arena, const char *given, const char *profile);
/* Expand each tag as sw_expand_profile() does; SW_EINPUT if one of them is no image reference then. */
int sw_expand_tags(struct sw_texts *out, struct sw_arena *arena, const struct sw_texts *given,
                   const char *profile, struct sw_error *error) SW_NODISCARD;

#endif
