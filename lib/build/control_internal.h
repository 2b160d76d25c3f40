/* BuildKit's own API, moby.buildkit.v1.Control, for requests that POST /build has no words for.
 *
 * Docker Engines from 18.09 on lead POST /grpc to the API after an upgrade, as /session; from 29.2 on it is
 * served without an upgrade, on the session's connection. */
#ifndef SLIPWAY_BUILD_CONTROL_INTERNAL_H
#define SLIPWAY_BUILD_CONTROL_INTERNAL_H

#include "build/request.h"
#include "engine/engine.h"
#include "stream/stream.h"

/* Build: the session is served, status messages and the result go to `stream`. A build that failed is no error. It is one
 * (SW_EENV) when the engine goes away, or has no such API. Canceled, it waits up to 5 s for the build's end. */
int sw_control_build(struct sw_build_stream *stream, struct sw_engine *engine, struct sw_session *session,
                     const struct sw_build_request *request, struct sw_error *error) SW_NODISCARD;

#endif
