/* GPUs for a container: by what this engine has for it.
 *
 * Tried in this order, by what the engine says of itself:
 *   - the nvidia runtime (`GET /info`, Runtimes): a DeviceRequest with the capability "gpu", as `docker run --gpus` makes it;
 *   - CDI (Container Device Interface 0.x): DeviceRequests of the driver "cdi", where the engine lists nvidia.com/gpu devices or, on this
 *     host, has a specification for them;
 *   - plain devices, on this host only: the driver's device files, and its libraries bound into the container. */
#ifndef SLIPWAY_ENGINE_GPU_H
#define SLIPWAY_ENGINE_GPU_H

#include "data/node.h"
#include "engine/engine.h"

/* For a request of engine/container.h; all in the arena. */
struct sw_gpu_access {
    const char *way;                   /* "the nvidia runtime", "CDI" or "plain devices" */
    const struct sw_node *host_config; /* what the request's host_config needs */
    const char
        *library_folder; /* where the driver's libraries are in the container: for LD_LIBRARY_PATH; or NULL */
};

/* How to give the GPUs that `wish` names, in the words of docker's --gpus: "all", a number, or "device=0,1". SW_ENO where the engine has no way,
 * with what was looked for; SW_EINPUT where the wish is none. */
int sw_gpu_access(struct sw_gpu_access *out, struct sw_arena *arena, struct sw_engine *engine,
                  const char *wish, struct sw_error *error) SW_NODISCARD;

#endif
