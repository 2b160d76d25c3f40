/* A connection to a container engine: Docker Engine, Podman by its Docker-compatible API, or a BuildKit daemon, of which nothing
 * but builds can be asked.
 *
 * Opening finds the engine (engine/endpoint.h), pings it and agrees on an API version: the newest that both
 * sides know, from 1.39 to 1.55. An engine serves one thread; a second thread opens its own. What it is asked
 * to do ends within 100 ms of a cancellation, cleaning up included where the documentation says so. */
#ifndef SLIPWAY_ENGINE_ENGINE_H
#define SLIPWAY_ENGINE_ENGINE_H

#include "base/cancel.h"
#include "base/event.h"
#include "engine/endpoint.h"

struct sw_engine;

struct sw_engine_info {
    char product[16];      /* "Docker", "Podman" or "BuildKit" */
    char version[64];      /* "26.1.5+dfsg1" */
    char api_version[16];  /* agreed on */
    char os[16];           /* "linux" */
    char architecture[32]; /* in Go's words, as in image platforms: "amd64", "arm64" */
    bool podman;
    bool builder;  /* a BuildKit daemon: it builds, keeps no image and runs nothing */
    bool buildkit; /* builds with BuildKit: POST /build?version=2 */
    bool rootless;
    char storage[32]; /* what keeps its images: "overlay2", "overlayfs" …; empty where it does not say */
    bool containerd;  /* and that is containerd, which keeps all that BuildKit can make */
};

/* Exchange the flag that cancels the engine's calls (NULL: nothing does) and return the former one. For calls that belong together,
 * so that an interrupt does not come between them. */
const struct sw_cancel *sw_engine_set_cancel(struct sw_engine *engine, const struct sw_cancel *cancel);

/* Valid until the engine is closed. */
const struct sw_engine_info *sw_engine_info(const struct sw_engine *engine);
const struct sw_endpoint *sw_engine_endpoint(const struct sw_engine *engine);

/* Ask where the engine keeps images and layers: a folder of its own host, in `arena`; empty where it does not say. */
int sw_engine_root(const char **out, struct sw_arena *arena, struct sw_engine *engine,
                   struct sw_error *error) SW_NODISCARD;

#endif
