/* The target of a stack, and the indexes that its projects come from. */
#ifndef SLIPWAY_CHECK_CANDIDATES_INTERNAL_H
#define SLIPWAY_CHECK_CANDIDATES_INTERNAL_H

#include "check/candidates.h"

/* Read the Python, the tags and the marker environment of the image. */
int sw_candidates_read_target(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;
/* Pin the index of the candidates: the projects that the profile takes from indexes of its own, and torch as the plan takes it. */
int sw_candidates_read_indexes(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;

#endif
