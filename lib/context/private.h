/* What scan.c, source.c, tar.c and write.c share of a context. */
#ifndef SLIPWAY_CONTEXT_PRIVATE_H
#define SLIPWAY_CONTEXT_PRIVATE_H

#include "base/arena.h"
#include "base/sha256.h"
#include "context/context.h"

#include <sys/stat.h>

struct sw_context_tar;

struct sw_context {
    struct sw_context_options options;
    struct sw_arena arena; /* paths and links */
    struct sw_context_entry *entries;
    size_t count, capacity;
    struct sw_context_totals totals;
    int root;
    char identity[SW_SHA256_HEX_SIZE];
    struct sw_context_tar *tar; /* NULL until the first read */
};

void sw_context_tar_free(struct sw_context_tar *tar); /* takes NULL */

#endif
