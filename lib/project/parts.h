/* The options that name a build's inputs from elsewhere and the outputs that it leaves there: --cache-from,
 * --cache-to, --output, --attest, --provenance and --sbom, in the words of docker's buildx. */
#ifndef SLIPWAY_PROJECT_PARTS_H
#define SLIPWAY_PROJECT_PARTS_H

#include "build/build.h"
#include "project/project.h"

/* The values of the options, in the order in which they were given. */
struct sw_parts_given {
    struct sw_texts cache_from, cache_to, outputs, attestations;
    const char *provenance, *sbom; /* NULL if they were not given */
};

/* Each ends with a NULL type. */
struct sw_parts {
    const struct sw_build_part *cache_from, *cache_to, *attestations;
    /* Without outputs, the image becomes an image of the engine's own. */
    const struct sw_build_part *outputs;
    /* The outputs' orders for an image that the engine keeps: its names, and to push them. slipway carries
     * these orders out once the image is judged. */
    struct sw_texts names;
    bool push;
};

/* Read the options, with the profile's name in place of {profile}, and for caches at GitHub the runner's environment. */
int sw_parts_read(struct sw_parts *parts, const struct sw_project *project,
                  const struct sw_parts_given *given, const char *profile,
                  struct sw_error *error) SW_NODISCARD;
/* Find the caches that are folders here. A folder that does not exist yet is left out with a warning, as
 * before a first build. */
int sw_parts_find_caches(struct sw_parts *parts, const struct sw_project *project, const struct sw_sink *sink,
                         struct sw_error *error) SW_NODISCARD;

#endif
