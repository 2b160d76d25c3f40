/* BuildKit's status messages as events.
 *
 * moby.buildkit.v1.StatusResponse (control.proto; its numbers are the same from BuildKit 0.8 to 0.32), which
 * POST /build?version=2 sends in base64. A vertex is a step, named by its digest; it may start and end more
 * than once, and may turn out to be cached after it has ended, which ends it again. The engine's times are
 * shifted to this machine's clock. */
#ifndef SLIPWAY_STREAM_BUILDKIT_INTERNAL_H
#define SLIPWAY_STREAM_BUILDKIT_INTERNAL_H

#include "base/error.h"
#include "base/event.h"
#include "stream/step_lines_internal.h"

/* NULL without memory. Both must outlive it; the sink may be NULL, the Dockerfile a zeroed one. */
struct sw_buildkit;
struct sw_buildkit *sw_buildkit_new(const struct sw_sink *sink,
                                    const struct sw_dockerfile *dockerfile) SW_NODISCARD;
void sw_buildkit_free(struct sw_buildkit *buildkit); /* takes NULL */

/* One message in base64 (RFC 4648, section 4). Where it is malformed (SW_EINPUT) what could be read of it has
 * become events. */
int sw_buildkit_feed(struct sw_buildkit *buildkit, struct sw_str base64, struct sw_error *error) SW_NODISCARD;

/* The same without the base64. */
int sw_buildkit_status(struct sw_buildkit *buildkit, struct sw_str message,
                       struct sw_error *error) SW_NODISCARD;

/* A step, as long as `buildkit` lives; the texts are empty where there is none. */
struct sw_buildkit_step {
    struct sw_str id, name, failure;
    unsigned line; /* of the Dockerfile; 0 where unknown */
};
/* The step whose error ends `failure`, else the last one that failed and was not just stopped. */
struct sw_buildkit_step sw_buildkit_failed(const struct sw_buildkit *buildkit, struct sw_str failure);
/* The step that started last and has not ended. */
struct sw_buildkit_step sw_buildkit_running(const struct sw_buildkit *buildkit);
bool sw_buildkit_clipped(const struct sw_buildkit *buildkit); /* some log lacks a part */

/* The stream has ended: end the steps still open, as failed because of `failure` where that is not empty. */
void sw_buildkit_finish(struct sw_buildkit *buildkit, struct sw_str failure);

#endif
