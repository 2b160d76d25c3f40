/* The engine's answer to POST /build, POST /images/create or POST /images/{name}/push, decoded as it arrives.
 *
 * Docker Engine API 1.41 to 1.55: JSON objects one after another, of the classic builder, of Podman, or
 * wrapping BuildKit's status messages ("moby.buildkit.trace"); the bytes that arrive tell which of the three.
 * Work becomes events on the sink, the result becomes the outcome. HTTP 200 says nothing about success. */
#ifndef SLIPWAY_STREAM_STREAM_H
#define SLIPWAY_STREAM_STREAM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/event.h"
#include "stream/failure.h"

/* The texts lie in `arena`; none is NULL, unknown texts are empty. */
struct sw_build_outcome {
    struct sw_arena arena;
    /* The image that was built: "sha256:…" (config, manifest or index digest, as the engine has it); empty if
     * the build failed. */
    const char *image_id;
    /* The manifest's digest of the pulled or pushed image, if the engine told it. */
    const char *digest;
    bool failed;
    enum sw_build_failure failure;
    /* The engine's own wording, UTF-8, without white space at its ends; may hold newlines and control
     * characters: clean it before showing it. */
    const char *failure_text;
    /* The exit status of the failing RUN, -1 if unknown. */
    int exit_code;
    /* The failed step as in the events, and its name; empty if no step failed. */
    const char *step;
    const char *step_name;
    /* The line of the failed step or the syntax error, from 1; 0 if unknown. */
    unsigned dockerfile_line;
    /* The engine left out a part of some step's log. */
    bool clipped;
    /* The image that was to be pulled was there already. */
    bool cached;
    /* The engine itself has tried again to pull or push a layer. */
    bool retried;
};
void sw_build_outcome_release(struct sw_build_outcome *outcome); /* takes NULL and a zeroed outcome */
#define SW_BUILD_OUTCOME_AUTO SW_CLEANUP(sw_build_outcome_release) struct sw_build_outcome

/* `sink` (may be NULL) must outlive the stream; its `emit` is called from within feed and finish only. NULL
 * without memory. */
struct sw_build_stream;
struct sw_build_stream *sw_build_stream_new(const struct sw_sink *sink) SW_NODISCARD;
void sw_build_stream_free(struct sw_build_stream *stream); /* takes NULL */

/* Give the Dockerfile that is built, so that steps and the outcome tell the line they stand on. Call before
 * the first bytes. */
void sw_build_stream_dockerfile(struct sw_build_stream *stream, struct sw_str text);

/* The step whose events are those of a pull or push; its beginning and end are the caller's. It must outlive the stream. Before the
 * first bytes. */
void sw_build_stream_transfer(struct sw_build_stream *stream, const char *step);

/* Feed the next bytes of the body, cut anywhere. A part that cannot be understood (an object over
 * SW_MAX_JSON_SIZE, or malformed) is skipped with a warning event, since the build continues; only a body
 * that is no such stream from its first byte is an error (SW_EENV). */
int sw_build_stream_feed(struct sw_build_stream *stream, const void *bytes, size_t n,
                         struct sw_error *error) SW_NODISCARD;

/* Feed BuildKit's own API (build/control_internal.h) instead of a body: one of its status messages, and the
 * end of its build, with an image of the engine's (or none, if the image went elsewhere) or a failure (else
 * empty). */
void sw_build_stream_status(struct sw_build_stream *stream, struct sw_str message);
void sw_build_stream_result(struct sw_build_stream *stream, struct sw_str image, struct sw_str failure);

/* Finish, as the body has ended: `clean_end` tells if the transport saw its proper end (not cut in
 * mid-chunk). Ends the steps still open, failed if the build is, and fills `outcome`, to be released by the
 * caller.
 *
 * A failed build is not an error here: look at `failed`. A build that succeeded has an `image_id`, unless its
 * result was told without an image; pulls and pushes have none. */
int sw_build_stream_finish(struct sw_build_stream *stream, bool clean_end, struct sw_build_outcome *outcome,
                           struct sw_error *error) SW_NODISCARD;

#endif
