/* The engines' words for a failed build, brought to one meaning.
 *
 * Docker 20.10 to 29 (both builders) and Podman 4 to 5 say the same things differently, and nothing but the
 * text of errorDetail.message tells them apart. */
#ifndef SLIPWAY_STREAM_FAILURE_H
#define SLIPWAY_STREAM_FAILURE_H

#include "base/str.h"

/* What kind of failure it was, whatever the engine's words for it. */
enum sw_build_failure {
    SW_BUILD_OK,
    SW_BUILD_COMMAND,    /* a RUN's command gave an exit status other than 0: `exit_code` */
    SW_BUILD_DOCKERFILE, /* the Dockerfile is malformed: `dockerfile_line` where the engine said it */
    SW_BUILD_SOURCE,     /* what a COPY or ADD wants is not in the context */
    SW_BUILD_IMAGE,      /* an image to build on could not be had */
    SW_BUILD_SESSION,    /* BuildKit wanted the client's session ("no active sessions") */
    SW_BUILD_CANCELED,
    SW_BUILD_LOST, /* the stream broke off, or ended with neither an image nor an error */
    SW_BUILD_OTHER
};

struct sw_failure {
    enum sw_build_failure kind; /* never SW_BUILD_OK */
    int exit_code;              /* of SW_BUILD_COMMAND, else -1 */
    unsigned dockerfile_line;   /* where the text names it, else 0 */
};

struct sw_failure sw_failure_read(struct sw_str text);

/* Whether a step's error only says that another step's failure, or the user, stopped it. */
bool sw_failure_is_stop(struct sw_str text);

#endif
