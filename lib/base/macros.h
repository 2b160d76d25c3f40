/* The compiler attributes in use, each under one name. */
#ifndef SLIPWAY_BASE_MACROS_H
#define SLIPWAY_BASE_MACROS_H

#include "base/banned.h"

#define SW_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define SW_NODISCARD __attribute__((warn_unused_result))
#define SW_CLEANUP(function) __attribute__((cleanup(function)))
#define SW_UNUSED __attribute__((unused))
#define SW_FALLTHROUGH __attribute__((fallthrough))

/* Number of elements of an array (not of a pointer). */
#define SW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
