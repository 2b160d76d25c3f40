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

/* NULL without memory. Sink and Dockerfile must outlive the reader; the sink may be NULL, the Dockerfile a
 * zeroed structure. */
struct sw_buildkit;
struct sw_buildkit *sw_buildkit_new(const struct sw_sink *sink,
                                    const struct sw_dockerfile *dockerfile) SW_NODISCARD;
void sw_buildkit_free(struct sw_buildkit *buildkit); /* takes NULL */

/* Feed a message in base64 (RFC 4648, section 4). If it is malformed (SW_EENV), the readable part of it has
 * become events. */
int sw_buildkit_feed(struct sw_buildkit *buildkit, struct sw_str base64, struct sw_error *error) SW_NODISCARD;

/* Feed a message that is not in base64. */
int sw_buildkit_status(struct sw_buildkit *buildkit, struct sw_str message,
                       struct sw_error *error) SW_NODISCARD;

/* A step, valid as long as `buildkit` lives; the texts are empty if there is no step. */
struct sw_buildkit_step {
    struct sw_str id, name, failure;
    /* The line of the Dockerfile; 0 if unknown. */
    unsigned line;
};
/* The step whose error ends `failure`, else the last step that failed and was not just stopped. */
struct sw_buildkit_step sw_buildkit_failed(const struct sw_buildkit *buildkit, struct sw_str failure);
/* The step that started last and has not ended. */
struct sw_buildkit_step sw_buildkit_running(const struct sw_buildkit *buildkit);
bool sw_buildkit_clipped(const struct sw_buildkit *buildkit); /* some log lacks a part */

/* End the stream: end the steps still open, as failed because of `failure` if that is not empty. */
void sw_buildkit_finish(struct sw_buildkit *buildkit, struct sw_str failure);

#endif
