/* Bytes on demand: an upload is read from a source, so that it never lies in memory as a whole. */
#ifndef SLIPWAY_BASE_SOURCE_H
#define SLIPWAY_BASE_SOURCE_H

#include "base/error.h"

#include <stddef.h>

struct sw_source {
    /* Put at most `n` bytes (n > 0) into `out` and their count into `*got`; 0 is the end. An error ends the
     * transfer and reaches the caller of the transfer. */
    int (*read)(void *self, void *out, size_t n, size_t *got, struct sw_error *error);
    void *self;
};

#endif
