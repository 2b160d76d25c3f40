/* Building an image: POST /build, with BuildKit where the engine has it (version=2), else with the engine's own builder
 * (Podman). What POST /build has no words for, such as a cache in a registry, goes over BuildKit's own API
 * (engine/control.h).
 *
 * BuildKit asks for what it needs through a session (engine/session.h): those files of the context that it does not have
 * from the last time, logins, secrets. Where an engine has no sessions the context is the request's body, as a tar; a base
 * image that it does not have should then be pulled before (engine/image.h).
 *
 * The build itself names nothing: tags are given to the finished image, so that nothing half-built ever bears one. */
#ifndef SLIPWAY_ENGINE_BUILD_H
#define SLIPWAY_ENGINE_BUILD_H

#include "engine/engine.h"
#include "engine/session.h"
#include "engine/stream.h"

/* A cache, an output or an attestation, by the names that docker's buildx gives them. Lists of them end with a NULL type. A
 * cache that is read from a folder here has the digest of its manifest among its attributes (engine/cache_folder.h). */
struct sw_build_part {
    const char *type; /* of a cache "registry", "inline" …; of an output "docker", "oci", "image" … */
    const struct sw_pair *attributes; /* what BuildKit gets of it; ends with a NULL name; or NULL */
    const char *path;                 /* where it lies here, absolute; NULL: it does not */
};

struct sw_build_request {
    struct sw_session_options offer; /* the context, and what else the build may ask for */
    const char *dockerfile;          /* its path in the context; NULL: "Dockerfile" */
    struct sw_str dockerfile_text;   /* its content, so that events tell the lines of steps; or empty */
    const char *const *tags;         /* ends with NULL; or NULL */
    const struct sw_pair *arguments; /* ends with a NULL name; or NULL; a NULL value is passed on as null */
    const struct sw_pair *labels;    /* the same */
    const char *platform;            /* "linux/amd64"; NULL: the engine's */
    const char *target;              /* the stage; NULL: the last */
    const char *network;             /* of RUN: "none", "host"; NULL: the engine's default */
    bool no_cache, pull;
    const struct sw_build_part *cache_from, *cache_to; /* each may be NULL */
    const struct sw_build_part *outputs; /* where the image goes; NULL: it becomes one of the engine's own */
    const struct sw_build_part *attestations; /* "provenance", "sbom"; or NULL */
};

/* Whether the engine can do what is asked, before anything is sent to it: SW_ENO with a hint where it cannot. */
int sw_engine_build_check(const struct sw_engine *engine, const struct sw_build_request *request,
                          struct sw_error *error) SW_NODISCARD;

/* Build and tag. A build that failed for what it was told to do is no error here: look at `outcome->failed`.
 * It is one (SW_EENV) when the engine cannot be reached, refuses, or goes away, and where it has no sessions but the request
 * offers secrets or agents; SW_EINPUT when a file of the context is no longer what it was. `outcome` is then untouched.
 *
 * Canceled, it stops the build in the engine, waits up to 5 s for its end and is SW_ECANCELED. Podman cannot stop a
 * step that runs, which a WARNING event then says; it cleans up after it by itself. */
int sw_engine_build(struct sw_build_outcome *outcome, struct sw_engine *engine,
                    const struct sw_build_request *request, const struct sw_sink *sink,
                    struct sw_error *error) SW_NODISCARD;

#endif
