/* The facts about GPUs, CUDA, torch, the projects built against torch, and base images: queries over
 * profiles/catalog.
 *
 * The catalog is data that experts edit; a fault in a file of it is reported as a fault of the catalog, with
 * its line, and never as a fault of the user's stack. Every row has `source` and `verified`. All text given
 * out lives as long as the catalog. */
#ifndef SLIPWAY_CATALOG_CATALOG_H
#define SLIPWAY_CATALOG_CATALOG_H

#include "base/error.h"
#include "catalog/architecture.h"

struct sw_catalog {
    struct sw_arena arena;
    const struct sw_node *gpus; /* list */
    /* A map that says how the words of their names count (catalog/gpu.h). */
    const struct sw_node *gpu_words;
    const struct sw_node *toolkits;          /* list of CUDA toolkits, oldest first */
    const struct sw_node *architectures;     /* list: which toolkits know which */
    const struct sw_node *torch;             /* list of releases, oldest first */
    const struct sw_node *torch_code;        /* list: the GPU code in them */
    const struct sw_node *bitsandbytes;      /* list of releases, oldest first */
    const struct sw_node *bitsandbytes_code; /* list: the GPU code in their libraries */
    /* A list of the projects that are built against a torch. */
    const struct sw_node *companions;
    const struct sw_node *known_bad;       /* list of releases that somebody excludes */
    const struct sw_node *imports;         /* list of imports that ended */
    const struct sw_node *built_for_numpy; /* list */
    const struct sw_node *removed;         /* list of modules and names that ended */
    /* Lists: the modules of Python itself, and the projects that bring modules. */
    const struct sw_node *standard, *module_projects;
    const struct sw_node *wanted_modules; /* list: modules that no requirement names */
    const struct sw_node *runs_on_cpu;    /* list */
    const struct sw_node *built_with;     /* list */
    const struct sw_node *images;         /* map */
    const struct sw_node *libraries;      /* map: who brings which shared libraries */
    /* The GPU code of other projects' wheels, and the GPUs that they refuse (catalog/wheel_code.h); the map
     * with the names of these projects. */
    const struct sw_node *wheel_code, *wheel_floors, *wheel_projects;
    const struct sw_node *wheel_sizes;    /* list (catalog/wheel_size.h) */
    struct sw_torch_table *torch_symbols; /* see catalog/torch_symbols.h */
    const struct sw_node *overrides;      /* list (data/resource.h) */
};

/* Read and check the catalog's files. Each comes from the folder `project` (or NULL) if it has the file, else
 * it is the built-in file. */
int sw_catalog_load(struct sw_catalog *catalog, const char *project, struct sw_error *error) SW_NODISCARD;
void sw_catalog_release(struct sw_catalog *catalog); /* takes NULL and a zeroed catalog */
#define SW_CATALOG_AUTO SW_CLEANUP(sw_catalog_release) struct sw_catalog

/* The row whose `key` has the text `value`, or NULL. `rows` is one of the catalog's lists. */
const struct sw_node *sw_catalog_row(const struct sw_node *rows, const char *key, const char *value);

/* The row whose `version` is that version by PEP 440 ("2.8" is 2.8.0), or NULL. */
const struct sw_node *sw_catalog_version(const struct sw_node *rows, const char *version);

/* "12.8" → "cu128"; NULL without memory. */
char *sw_catalog_variant(struct sw_arena *arena, const char *cuda);
/* Return true if a list of texts holds `value`. */
bool sw_catalog_lists(const struct sw_node *list, const char *value);
/* Return true if a version is in a specifier (PEP 440) of the catalog, pre-releases like any other; false if
 * either is malformed. */
bool sw_catalog_covers(const char *specifier, const char *version);
/* The order of two versions, also of CUDA and drivers: <0, 0, >0. */
int sw_catalog_compare(const char *a, const char *b);

/* The next row, from `*at` on, whose `project` is that project and whose `releases` cover the version (NULL:
 * any row); `*at` becomes the index behind the row. NULL at the end. */
const struct sw_node *sw_catalog_next(const struct sw_node *rows, size_t *at, const char *project,
                                      const char *version);

/* The machine of a wheel or a GPU whose row names none. */
#define SW_CATALOG_MACHINE "x86_64"
/* "x86_64" or "aarch64". */
const char *sw_catalog_machine(const struct sw_node *gpu);
/* The row of `torch_code` or `bitsandbytes_code` for a release built with a CUDA for a machine; NULL if the
 * catalog has none. */
const struct sw_node *sw_catalog_code(const struct sw_node *rows, const char *version, const char *cuda,
                                      const char *machine);
/* Say how such a row (NULL: no code) serves a row of `gpus`. */
enum sw_served sw_catalog_serves(const struct sw_node *code, const struct sw_node *gpu);

struct sw_torch_build {
    const char *version, *cuda;
    const struct sw_node *code; /* of `torch_code` */
};
/* The oldest torch release that serves a row of `gpus`, with the lowest CUDA of that release that does; false
 * if none is known. */
bool sw_catalog_first_torch(struct sw_torch_build *out, const struct sw_catalog *catalog,
                            const struct sw_node *gpu);
/* The first CUDA toolkit that knows a GPU's architecture; NULL if the catalog does not say. */
const char *sw_catalog_first_cuda(const struct sw_catalog *catalog, const struct sw_node *gpu);

#endif
