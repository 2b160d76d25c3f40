/* Run a command in a container of an image, as the proof of an image does.
 *
 * The image is not trusted. The container has no network unless the request names a network, no capabilities and no way to new
 * capabilities, a root that cannot be written, /tmp in memory, and limits of memory, processes, time and output. The engine keeps no log
 * of the output.
 *
 * The container is always removed: after success, after failure and after a cancellation (which then takes up to 5 s). The label
 * SW_CONTAINER_LABEL names the owner of the container, so that sw_container_sweep() finds the containers of killed processes. */
#ifndef SLIPWAY_ENGINE_CONTAINER_H
#define SLIPWAY_ENGINE_CONTAINER_H

#include "data/node.h"
#include "engine/engine.h"

#define SW_CONTAINER_LABEL "io.slipway.container"

struct sw_container_request {
    const char *image;
    /* The arguments replace the image's own entry point. They end with NULL. */
    const char *const *command;
    /* "NAME=value", ends with NULL; the list may be NULL. HOME is /tmp unless the list names HOME. */
    const char *const *environment;
    /* "none", "host", …; the engine's default if NULL. */
    const char *network;
    /* The greatest memory in bytes; SW_MAX_CONTAINER_MEMORY if 0. */
    uint64_t memory;
    /* The container is stopped after this time; SW_MAX_CONTAINER_SECONDS if 0. */
    int64_t timeout_ns;
    /* A map of more keys for HostConfig (Devices, DeviceRequests, Binds); may be NULL. */
    const struct sw_node *host_config;
};

/* The cause of a container's end. SW_CONTAINER_FLOODING stands for more output than SW_MAX_CONTAINER_OUTPUT. */
enum sw_container_end { SW_CONTAINER_ENDED, SW_CONTAINER_LATE, SW_CONTAINER_FLOODING };

struct sw_container_result {
    enum sw_container_end end;
    /* Only a container that ended by itself has an exit code. */
    int exit_code;
    bool oom; /* killed for want of memory */
};

/* Run the container to its end. The output becomes LOG events of the step "run" (`image` is the step's name). If the command cannot be
 * started the result is SW_ENO with the engine's words; if the image is not there SW_ENOTFOUND. Neither an exit status other than 0 nor
 * a container that had to be stopped is an error. */
int sw_container_run(struct sw_container_result *result, struct sw_engine *engine,
                     const struct sw_container_request *request, const struct sw_sink *sink,
                     struct sw_error *error) SW_NODISCARD;

/* Remove the containers of processes of this host that have ended, and containers of other hosts that are older than any container of a
 * living process can be. A container that cannot be removed is left for the next time. */
void sw_container_sweep(struct sw_engine *engine);

#endif
