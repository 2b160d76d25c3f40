/* Building an image: POST /build, with BuildKit if the engine has it (version=2), else with the engine's own
 * builder (Podman). A request that POST /build has no words for, such as a cache in a registry, goes over
 * BuildKit's own API (build/control_internal.h).
 *
 * BuildKit asks through a session (session/session.h) for the files of the context that it does not have from
 * the last time, for logins and for secrets. If an engine has no sessions, the context is the request's body,
 * as a tar; a base image that the engine does not have should then be pulled before (engine/image.h).
 *
 * A build names nothing in the engine, and pushes nothing that the engine keeps: whoever has judged the image names it
 * (sw_image_tag()) and pushes it, so that a name never leads to an image that nobody has looked at. */
#ifndef SLIPWAY_BUILD_BUILD_H
#define SLIPWAY_BUILD_BUILD_H

#include "build/request.h"
#include "engine/engine.h"
#include "stream/stream.h"

/* Build. A build that failed by its own steps is no error here: look at `outcome->failed`. SW_EENV if the
 * engine cannot be reached, refuses, or goes away, or if the engine has no sessions but the request offers
 * secrets or agents; SW_EINPUT if a file of the context has changed since the context was scanned. `outcome`
 * is then untouched.
 *
 * On a cancellation, stop the build in the engine, wait up to 5 s for its end and return SW_ECANCELED. Podman
 * cannot stop a step that runs, which a WARNING event then says; Podman cleans up after the step by itself. */
int sw_engine_build(struct sw_build_outcome *outcome, struct sw_engine *engine,
                    const struct sw_build_request *request, const struct sw_sink *sink,
                    struct sw_error *error) SW_NODISCARD;

#endif
