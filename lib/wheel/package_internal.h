/* The name of the package that a wheel is about. */
#ifndef SLIPWAY_WHEEL_PACKAGE_INTERNAL_H
#define SLIPWAY_WHEEL_PACKAGE_INTERNAL_H

#include "wheel/wheel.h"

/* Find the package or the single module whose name is the project's, "google.cloud.storage" in a namespace; else the only
 * package in the wheel. Folders of tests, examples and the like do not count. Empty if there is none. */
int sw_package_find(struct sw_str *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                    struct sw_str project, struct sw_error *error) SW_NODISCARD;

#endif
