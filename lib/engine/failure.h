/* The engines' words for a failed build, brought to one meaning.
 *
 * Docker 20.10 to 29 (both builders) and Podman 4 to 5 say the same things differently, and nothing but the
 * text of errorDetail.message tells them apart. */
#ifndef SLIPWAY_ENGINE_FAILURE_H
#define SLIPWAY_ENGINE_FAILURE_H

#include "engine/stream.h"

struct sw_failure {
    enum sw_build_failure kind; /* never SW_BUILD_OK */
    int exit_code;              /* of SW_BUILD_COMMAND, else -1 */
    unsigned dockerfile_line;   /* where the text names it, else 0 */
};

struct sw_failure sw_failure_read(struct sw_str text);

/* Whether a step's error only says that another step's failure, or the user, stopped it. */
bool sw_failure_is_stop(struct sw_str text);

#endif
