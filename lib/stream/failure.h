/* The engines' words for a failed build, brought to one meaning.
 *
 * Docker 20.10 to 29 (both builders) and Podman 4 to 5 say the same things differently, and nothing but the
 * text of errorDetail.message tells them apart. */
#ifndef SLIPWAY_STREAM_FAILURE_H
#define SLIPWAY_STREAM_FAILURE_H

#include "base/str.h"

/* The kinds of failures, whatever the engine's words for them. */
enum sw_build_failure {
    SW_BUILD_OK,
    /* A RUN's command gave an exit status other than 0: `exit_code`. */
    SW_BUILD_COMMAND,
    /* The Dockerfile is malformed: `dockerfile_line` if the engine said it. */
    SW_BUILD_DOCKERFILE,
    /* A file that a COPY or ADD names is not in the context. */
    SW_BUILD_SOURCE,
    SW_BUILD_IMAGE, /* an image to build on could not be had */
    /* BuildKit wanted the client's session ("no active sessions"). */
    SW_BUILD_SESSION,
    SW_BUILD_CANCELED,
    /* The stream broke off, or ended with neither an image nor an error. */
    SW_BUILD_LOST,
    SW_BUILD_OTHER
};

struct sw_failure {
    enum sw_build_failure kind; /* never SW_BUILD_OK */
    int exit_code;              /* of SW_BUILD_COMMAND, else -1 */
    /* The line that the text names, else 0. */
    unsigned dockerfile_line;
};

struct sw_failure sw_failure_read(struct sw_str text);

/* Return true if a step's error only says that another step's failure, or the user, stopped the step. */
bool sw_failure_is_stop(struct sw_str text);

#endif
