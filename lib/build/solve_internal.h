/* The request and the answer of moby.buildkit.v1.Control.Solve (moby/buildkit,
 * api/services/control/control.proto). */
#ifndef SLIPWAY_BUILD_SOLVE_INTERNAL_H
#define SLIPWAY_BUILD_SOLVE_INTERNAL_H

#include "build/request.h"
#include "engine/engine.h"

/* Append a SolveRequest: the Dockerfile frontend, with the session's context. `ref` names the build. */
int sw_solve_write(struct sw_buffer *out, const struct sw_build_request *request,
                   const struct sw_engine_info *info, const char *ref, const char *session,
                   struct sw_error *error) SW_NODISCARD;
/* A value of a SolveResponse by its key, pointing into the message; empty if there is none. */
struct sw_str sw_solve_value(struct sw_str message, const char *key);

#endif
