/* What scan.c, source.c, tar.c and write.c share of a context. */
#ifndef SLIPWAY_CONTEXT_PRIVATE_H
#define SLIPWAY_CONTEXT_PRIVATE_H

#include "base/arena.h"
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
    struct sw_context_tar *tar; /* NULL until the first read */
};

void sw_context_tar_free(struct sw_context_tar *tar); /* takes NULL */

/* Open the file behind an entry; SW_EINPUT where it is not what it was. */
int sw_context_open_source(int *fd, const struct sw_context *context, const struct sw_context_entry *entry,
                           struct sw_error *error) SW_NODISCARD;
/* See, at its end, that an open file is still what it was. */
int sw_context_check_source(int fd, const struct sw_context_entry *entry,
                            struct sw_error *error) SW_NODISCARD;
/* The next bytes of an open file, at most `n` and not 0; SW_EINPUT where there are none. */
int sw_context_read_source(int fd, const struct sw_context_entry *entry, void *out, size_t n, size_t *got,
                           struct sw_error *error) SW_NODISCARD;

#endif
