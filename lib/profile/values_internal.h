/* The parts of values that its files share. */
#ifndef SLIPWAY_PROFILE_VALUES_INTERNAL_H
#define SLIPWAY_PROFILE_VALUES_INTERNAL_H

#include "profile/values.h"

/* Return true if each character is an ASCII letter, a digit or one of `also`. */
bool sw_value_has_only(struct sw_str text, const char *also);

#endif
