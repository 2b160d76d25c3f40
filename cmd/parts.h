/* The options that name a build's inputs from elsewhere and the outputs that it leaves there: --cache-from,
 * --cache-to, --output, --attest, --provenance and --sbom, in the words of docker's buildx. */
#ifndef SLIPWAY_CMD_PARTS_H
#define SLIPWAY_CMD_PARTS_H

#include "session.h"

#include "build/build.h"

/* Each ends with a NULL type. */
struct parts {
    const struct sw_build_part *cache_from, *cache_to, *attestations;
    /* Without outputs, the image becomes an image of the engine's own. */
    const struct sw_build_part *outputs;
    /* The outputs' orders for an image that the engine keeps: its names, and to push them. slipway carries
     * these orders out once the image is judged. */
    struct sw_texts names;
    bool push;
};

/* Read the session's options, with the profile's name in place of {profile}, and for caches at GitHub the runner's environment. */
int parts_read(struct parts *parts, struct session *session, const char *profile, struct sw_error *error);
/* Find the caches that are folders here. A folder that does not exist yet is left out with a warning, as
 * before a first build. */
int parts_find_caches(struct parts *parts, struct session *session, const struct sw_sink *sink,
                      struct sw_error *error);

#endif
