/* GPUs for a container, given in a way that its engine has.
 *
 * Tried in this order, by the engine's description of itself:
 *   - the nvidia runtime (`GET /info`, Runtimes): a DeviceRequest with the capability "gpu", as `docker run --gpus` makes it;
 *   - CDI (Container Device Interface 0.x): DeviceRequests of the driver "cdi", if the engine lists nvidia.com/gpu
 *     devices or, on this host, has a specification for them;
 *   - plain devices, on this host only: the driver's device files, and its libraries bound into the container. */
#ifndef SLIPWAY_ENGINE_GPU_H
#define SLIPWAY_ENGINE_GPU_H

#include "data/node.h"
#include "engine/engine.h"

/* For a request of engine/container.h; all in the arena. */
struct sw_gpu_access {
    /* "the nvidia runtime", "CDI" or "plain devices". */
    const char *way;
    /* The part that the request's host_config needs. */
    const struct sw_node *host_config;
    /* The folder of the driver's libraries in the container, for LD_LIBRARY_PATH; or NULL. */
    const char *library_folder;
};

/* Find a way to give the GPUs that `wish` names, in the words of docker's --gpus: "all", a number, or
 * "device=0,1". SW_ENO if the engine has no way, with all that was looked for; SW_EINPUT if the wish names no
 * GPUs. */
int sw_gpu_access(struct sw_gpu_access *out, struct sw_arena *arena, struct sw_engine *engine,
                  const char *wish, struct sw_error *error) SW_NODISCARD;

#endif
