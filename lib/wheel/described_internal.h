/* The modules of a package that the wheel's own description imports in its examples: "from liger_kernel.transformers import …". */
#ifndef SLIPWAY_WHEEL_DESCRIBED_INTERNAL_H
#define SLIPWAY_WHEEL_DESCRIBED_INTERNAL_H

#include "wheel/wheel.h"

/* List the modules below the package `root`, each once, as far as the wheel has them. A wheel without METADATA gives none. */
int sw_described_modules(struct sw_str **out, size_t *count, struct sw_arena *arena,
                         const struct sw_wheel *wheel, struct sw_str root,
                         struct sw_error *error) SW_NODISCARD;

#endif
