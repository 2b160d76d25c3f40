/* The fuzz targets. A target takes any bytes, calls abort() if a claim about them does not hold, and returns 0. The list of
 * targets stands in meson.build. */
#ifndef SLIPWAY_TESTS_FUZZ_H
#define SLIPWAY_TESTS_FUZZ_H

#include "fuzz_targets.h"

#include <stddef.h>
#include <stdint.h>

#define FUZZ_DECLARE(name) int fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

#endif
