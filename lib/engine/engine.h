/* A connection to a container engine: Docker Engine, Podman by its Docker-compatible API, or a BuildKit
 * daemon, which serves nothing but builds.
 *
 * Opening finds the engine (engine/endpoint.h), pings it and agrees on an API version: the newest that both
 * sides know, from 1.39 to 1.55. An engine serves one thread; a second thread opens its own. Each call ends
 * within 100 ms of a cancellation, cleaning up included if the documentation says so. */
#ifndef SLIPWAY_ENGINE_ENGINE_H
#define SLIPWAY_ENGINE_ENGINE_H

#include "base/cancel.h"
#include "base/event.h"
#include "engine/endpoint.h"

struct sw_engine;

struct sw_engine_info {
    char product[16];     /* "Docker", "Podman" or "BuildKit" */
    char version[64];     /* "26.1.5+dfsg1" */
    char api_version[16]; /* agreed on */
    char os[16];          /* "linux" */
    /* In Go's words, as in image platforms: "amd64", "arm64". */
    char architecture[32];
    bool podman;
    /* A BuildKit daemon: it builds, keeps no image and runs nothing. */
    bool builder;
    /* The engine builds with BuildKit: POST /build?version=2. */
    bool buildkit;
    bool rootless;
    /* The storage driver of its images: "overlay2", "overlayfs" …; empty if the engine names none. */
    char storage[32];
    /* Images are kept by containerd, which keeps all that BuildKit can make. */
    bool containerd;
};

/* Say whether the calls that follow belong together: as long as they do, each goes on after a cancellation, until SW_PATIENCE_END
 * has passed since the request, so that an engine that answers can end them all. */
void sw_engine_set_grace(struct sw_engine *engine, bool grace);

/* Valid until the engine is closed. */
const struct sw_engine_info *sw_engine_info(const struct sw_engine *engine);
const struct sw_endpoint *sw_engine_endpoint(const struct sw_engine *engine);

/* Ask for the folder of the engine's images and layers on its own host; in `arena`, empty if the engine does
 * not say. */
int sw_engine_root(const char **out, struct sw_arena *arena, struct sw_engine *engine,
                   struct sw_error *error) SW_NODISCARD;

#endif
