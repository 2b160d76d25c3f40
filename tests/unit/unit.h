/* What every unit test starts with: cmocka's headers in the order it asks for. */
#ifndef SLIPWAY_TESTS_UNIT_H
#define SLIPWAY_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The suites, from the lists `unit_tests` of the layers' meson.build. Each returns how many of its tests failed. */
#include "unit_suites.h"
#define UNIT_SUITE(name) int suite_##name(void);
UNIT_SUITES(UNIT_SUITE)
#undef UNIT_SUITE

#endif
