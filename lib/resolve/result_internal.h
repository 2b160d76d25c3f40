/* The decisions of a solver as a resolution. */
#ifndef SLIPWAY_RESOLVE_RESULT_INTERNAL_H
#define SLIPWAY_RESOLVE_RESULT_INTERNAL_H

#include "resolve/project_internal.h"

int sw_result_make(struct sw_resolution *out, struct sw_arena *arena, struct sw_problem *problem,
                   struct sw_error *error) SW_NODISCARD;

#endif
