/* Running a command in a container of an image, as image verification does.
 *
 * The container carries the label "io.slipway.container", so that one left behind by a killed engine can be
 * found, and is always removed: after success, after failure and after a cancellation (which takes up to 10 s
 * then). */
#ifndef SLIPWAY_ENGINE_CONTAINER_H
#define SLIPWAY_ENGINE_CONTAINER_H

#include "data/node.h"
#include "engine/engine.h"

#define SW_CONTAINER_LABEL "io.slipway.container"

struct sw_container_request {
    const char *image;
    const char *const *command; /* exactly what runs, whatever the image's own entry point; ends with NULL */
    const char *const *environment; /* "NAME=value", ends with NULL; or NULL */
    const char *network;            /* "none", "host", …; NULL: the engine's default */
    uint64_t memory;                /* bytes at most, 0: no limit */
    const struct sw_node
        *host_config; /* a map of more keys for HostConfig (Devices, DeviceRequests, Binds); or NULL */
};

struct sw_container_result {
    int exit_code;
    bool oom; /* killed for want of memory */
};

/* Run to the end. Its output are LOG events of the step "run" (`image` is the step's name). A command that
 * could not be started is SW_ENO with the engine's words, an image that is not there SW_ENOTFOUND; an exit
 * status other than 0 is no error here. */
int sw_container_run(struct sw_container_result *result, struct sw_engine *engine,
                     const struct sw_container_request *request, const struct sw_sink *sink,
                     struct sw_error *error) SW_NODISCARD;

#endif
