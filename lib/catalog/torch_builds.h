/* The builds of torch, release by release and CUDA by CUDA, and how each serves a set of GPUs. */
#ifndef SLIPWAY_CATALOG_TORCH_BUILDS_H
#define SLIPWAY_CATALOG_TORCH_BUILDS_H

#include "catalog/catalog.h"
#include "python/specifier.h"

/* The builds that are looked for. */
struct sw_build_query {
    const struct sw_node *const *gpus; /* rows of `gpus` */
    size_t gpus_count;
    const char *python; /* "3.11"; NULL: any */
    /* NULL: any release; "==2.8.0+cu128" also names the CUDA. */
    const struct sw_specifier_set *releases;
};

struct sw_build {
    const char *version, *cuda;
    /* The catalog has the build's code for every GPU's machine. */
    bool known;
    /* The worst of the GPUs' results; SW_SERVED if there are no GPUs. */
    enum sw_served served;
    bool has_python; /* whether there are wheels for the Python */
};

/* All builds of the releases that are asked for, also those that do not serve: newest release first, and of one release the CUDA of the
 * default index first, then the highest. The array lies in `arena`, its texts in the catalog. */
int sw_catalog_builds(struct sw_build **builds, size_t *count, struct sw_arena *arena,
                      const struct sw_catalog *catalog, const struct sw_build_query *query,
                      struct sw_error *error) SW_NODISCARD;

/* Return true if the build is known to run ahead-of-time code on every GPU, with that Python. */
bool sw_build_fits(const struct sw_build *build);

#endif
