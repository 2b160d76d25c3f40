/* The bytes of GPU code in wheels, and how many of them trim keeps. */
#ifndef SLIPWAY_CATALOG_WHEEL_SIZE_H
#define SLIPWAY_CATALOG_WHEEL_SIZE_H

#include "catalog/catalog.h"

/* The row for a release (without a local part) beside a torch for `cuda` ("12.8", or NULL if that is not known): its own, else that of
 * the newest patch of the same minor release; NULL if there is none. */
const struct sw_node *sw_wheel_size_row(const struct sw_catalog *catalog, const char *project,
                                        const char *version, const char *cuda);
/* Put the bytes that stay for a list of compute capabilities into `*kept`: for several of them at most so many, since code that
 * serves two GPUs counts twice. Return false if the row does not know one of them. */
bool sw_wheel_size_kept(uint64_t *kept, const struct sw_node *row, const struct sw_node *capabilities);

#endif
