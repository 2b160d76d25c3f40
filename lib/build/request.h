/* A build as it is requested: its context and the rest of its offer, its tags, caches and outputs. */
#ifndef SLIPWAY_BUILD_REQUEST_H
#define SLIPWAY_BUILD_REQUEST_H

#include "session/session.h"

/* A cache, an output or an attestation, by the names that docker's buildx gives them. Lists of them end with a NULL type. A
 * cache that is read from a folder here has the digest of its manifest among its attributes (session/cache_folder.h). */
struct sw_build_part {
    /* The type: of a cache "registry", "inline" …; of an output "docker", "oci", "image" …. */
    const char *type;
    /* The attributes that BuildKit gets; ends with a NULL name; or NULL. */
    const struct sw_pair *attributes;
    /* An absolute path on this host; NULL: the part is not on this host. */
    const char *path;
};

struct sw_build_request {
    /* The context, and all else that the build may ask for. */
    struct sw_session_options offer;
    /* The Dockerfile's path in the context; NULL: "Dockerfile". A session has it apart, under its last name. */
    const char *dockerfile;
    /* The Dockerfile's content, so that events tell the lines of steps; or empty. */
    struct sw_str dockerfile_text;
    /* The image's names in an output that hands the image on, ended by NULL; or NULL. */
    const char *const *tags;
    /* Ended by a NULL name; or NULL. A NULL value is passed on as null. */
    const struct sw_pair *arguments;
    const struct sw_pair *labels; /* the same */
    const char *platform;         /* "linux/amd64"; NULL: the engine's */
    const char *target;           /* the stage; NULL: the last */
    /* The network of RUN: "none", "host"; NULL: the engine's default. */
    const char *network;
    bool no_cache, pull;
    /* Compress the image's layers with zstd, the base image's too. Engines that keep no compressed layers, see
     * sw_engine_keeps_compression(), do without. */
    bool zstd;
    const struct sw_build_part *cache_from, *cache_to; /* each may be NULL */
    /* The image's destinations; NULL: the engine keeps the image. */
    const struct sw_build_part *outputs;
    const struct sw_build_part *attestations; /* "provenance", "sbom"; or NULL */
};

#endif
