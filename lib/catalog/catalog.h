/* What is known about GPUs, torch releases, bitsandbytes and base images: queries over profiles/catalog.
 *
 * The catalog is data that experts edit; a file of it that is wrong is reported as such, with its line, and never as
 * the user's stack being wrong. All text given out lives as long as the catalog. */
#ifndef SLIPWAY_CATALOG_CATALOG_H
#define SLIPWAY_CATALOG_CATALOG_H

#include "base/error.h"
#include "data/node.h"

struct sw_catalog {
    struct sw_arena arena;
    const struct sw_node *gpus;         /* list */
    const struct sw_node *torch;        /* list of releases, oldest first */
    const struct sw_node *bitsandbytes; /* list of releases, oldest first */
    const struct sw_node *images;       /* map */
};

/* Read and check the four files, each from `project` (a folder, or NULL) where that has one, else as built in. */
int sw_catalog_load(struct sw_catalog *catalog, const char *project, struct sw_error *error) SW_NODISCARD;
void sw_catalog_release(struct sw_catalog *catalog); /* takes NULL and a zeroed one */
#define SW_CATALOG_AUTO SW_CLEANUP(sw_catalog_release) struct sw_catalog

/* The row whose `key` has the text `value`, or NULL. `rows` is one of the catalog's lists. */
const struct sw_node *sw_catalog_row(const struct sw_node *rows, const char *key, const char *value);
/* The value of `key` nearest in spelling to `value`, or NULL where none is near: for "did you mean". */
const char *sw_catalog_nearest(const struct sw_node *rows, const char *key, const char *value);

/* "12.8" → "cu128"; NULL without memory. */
char *sw_catalog_variant(struct sw_arena *arena, const char *cuda);
/* Whether a list of texts holds `value`. */
bool sw_catalog_lists(const struct sw_node *list, const char *value);

#endif
