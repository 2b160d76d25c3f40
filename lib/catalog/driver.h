/* NVIDIA's drivers: their order, and the lowest that a profile allows. */
#ifndef SLIPWAY_CATALOG_DRIVER_H
#define SLIPWAY_CATALOG_DRIVER_H

#include "base/arena.h"

/* The lowest driver that a specifier of drivers admits, as text in the arena; "0" if it has no lower end. */
const char *sw_driver_lowest(struct sw_arena *arena, const char *specifier);
/* Return true if a driver, perhaps only named by its branch, is older than another driver. */
bool sw_driver_is_older(const char *driver, const char *floor);

#endif
