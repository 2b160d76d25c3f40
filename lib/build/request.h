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
    /* Its place on this host, absolute; NULL: it is not on this host. */
    const char *path;
};

struct sw_build_request {
    struct sw_session_options offer; /* the context, and what else the build may ask for */
    const char *dockerfile;          /* its path in the context; NULL: "Dockerfile" */
    struct sw_str dockerfile_text;   /* its content, so that events tell the lines of steps; or empty */
    const char *const *tags; /* what an output that hands the image on calls it; ends with NULL; or NULL */
    const struct sw_pair *arguments; /* ends with a NULL name; or NULL; a NULL value is passed on as null */
    const struct sw_pair *labels;    /* the same */
    const char *platform;            /* "linux/amd64"; NULL: the engine's */
    const char *target;              /* the stage; NULL: the last */
    const char *network;             /* of RUN: "none", "host"; NULL: the engine's default */
    bool no_cache, pull;
    const struct sw_build_part *cache_from, *cache_to; /* each may be NULL */
    /* The image's destinations; NULL: the engine keeps the image. */
    const struct sw_build_part *outputs;
    const struct sw_build_part *attestations; /* "provenance", "sbom"; or NULL */
};

#endif
