/* The engine's answer to POST /build, POST /images/create or POST /images/{name}/push, decoded as it arrives.
 *
 * Docker Engine API 1.41 to 1.55: JSON objects one after another, of the classic builder, of Podman, or
 * wrapping BuildKit's status messages ("moby.buildkit.trace"); which of them is told by what arrives. Work
 * becomes events on the sink, what it came to becomes the outcome. HTTP 200 says nothing about success. */
#ifndef SLIPWAY_STREAM_STREAM_H
#define SLIPWAY_STREAM_STREAM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/event.h"
#include "stream/failure.h"

/* The texts lie in `arena`; none is NULL, unknown ones are empty. */
struct sw_build_outcome {
    struct sw_arena arena;
    const char *image_id; /* what was built: "sha256:…" (config, manifest or index digest, as the engine has
                             it); empty where it failed */
    const char *digest;   /* what was pulled or pushed: the manifest's digest, where the engine told it */
    bool failed;
    enum sw_build_failure failure;
    const char *failure_text; /* the engine's own wording, UTF-8, without white space at its ends; may hold
                                 newlines and control characters: clean it before showing it */
    int exit_code;            /* of the failing RUN, -1 where unknown */
    const char *step; /* the failed step as in the events, and its name; empty where it is no step's */
    const char *step_name;
    unsigned dockerfile_line; /* of the failed step or the syntax error, from 1; 0 where unknown */
    bool clipped;             /* the engine left out a part of some step's log */
    bool cached;              /* what was to be pulled was there already */
    bool retried;             /* the engine itself has tried again to pull or push a layer */
};
void sw_build_outcome_release(struct sw_build_outcome *outcome); /* takes NULL and a zeroed outcome */
#define SW_BUILD_OUTCOME_AUTO SW_CLEANUP(sw_build_outcome_release) struct sw_build_outcome

/* `sink` (may be NULL) must outlive the stream; its `emit` is called from within feed and finish only. NULL
 * without memory. */
struct sw_build_stream;
struct sw_build_stream *sw_build_stream_new(const struct sw_sink *sink) SW_NODISCARD;
void sw_build_stream_free(struct sw_build_stream *stream); /* takes NULL */

/* What is being built, so that steps and the outcome tell the line they stand on. Before the first bytes. */
void sw_build_stream_dockerfile(struct sw_build_stream *stream, struct sw_str text);

/* The step whose events are those of a pull or push; its beginning and end are the caller's. It must outlive the stream. Before the
 * first bytes. */
void sw_build_stream_transfer(struct sw_build_stream *stream, const char *step);

/* The next bytes of the body, cut anywhere. What cannot be understood (an object over SW_MAX_JSON_SIZE, or
 * malformed) is skipped with a warning event, since the build goes on; only a body that is no such stream
 * from its first byte is an error (SW_EINPUT). */
int sw_build_stream_feed(struct sw_build_stream *stream, const void *bytes, size_t n,
                         struct sw_error *error) SW_NODISCARD;

/* Instead of a body, of BuildKit's own API (build/control_internal.h): one of its status messages, and how its build ended, with an
 * image of the engine's (or none, where it went elsewhere) or a failure (else empty). */
void sw_build_stream_status(struct sw_build_stream *stream, struct sw_str message);
void sw_build_stream_result(struct sw_build_stream *stream, struct sw_str image, struct sw_str failure);

/* The body has ended: `clean_end` tells whether the transport saw its proper end (not cut in mid-chunk). Ends
 * the steps still open, failed if the build is, and fills `outcome`, to be released by the caller.
 *
 * A failed build is not an error here: look at `failed`. A build that succeeded has an `image_id`, unless its result
 * was told without one; pulls and pushes have none. */
int sw_build_stream_finish(struct sw_build_stream *stream, bool clean_end, struct sw_build_outcome *outcome,
                           struct sw_error *error) SW_NODISCARD;

#endif
