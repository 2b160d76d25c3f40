/* The GPU code in the wheels of projects beside torch and bitsandbytes, and the GPUs that releases refuse. */
#ifndef SLIPWAY_CATALOG_WHEEL_CODE_H
#define SLIPWAY_CATALOG_WHEEL_CODE_H

#include "catalog/catalog.h"

/* The row for a release (without a local part): its own, else that of the newest patch of the same minor release; NULL if
 * there is none. */
const struct sw_node *sw_wheel_code_row(const struct sw_catalog *catalog, const char *project,
                                        const char *version);
/* Return true if the row says that the wheel has GPU code of its own. */
bool sw_wheel_code_has_any(const struct sw_node *row);
/* Say how a wheel's code serves a row of `gpus`. PTX below all machine code of the wheel does not count: single objects of a
 * wheel have it by their compiler's default (compute_52), and the other objects have none. */
enum sw_served sw_wheel_code_serves(const struct sw_node *row, const struct sw_node *gpu);

/* The next row, from `*at` on, by which a release refuses a row of `gpus`; NULL at the end. */
const struct sw_node *sw_wheel_floor(const struct sw_catalog *catalog, size_t *at, const char *project,
                                     const char *version, const struct sw_node *gpu);

/* Return true if two versions have the same epoch, and the same first two numbers, of 0.0 the first three: xformers 0.0.30 and 0.0.35 are
 * built for different releases of torch. */
bool sw_wheel_code_same_minor(const char *a, const char *b);

#endif
