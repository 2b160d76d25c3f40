/* The tar of a base system in the cache, with its digest in a file beside it, so that only the tar that was
 * kept is used again. */
#ifndef SLIPWAY_BOOTSTRAP_ARCHIVE_INTERNAL_H
#define SLIPWAY_BOOTSTRAP_ARCHIVE_INTERNAL_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/sha256.h"

struct sw_archive {
    /* The tar, open for reading at its beginning; -1: none. */
    int fd;
    char digest[SW_SHA256_HEX_SIZE];
};

/* Open the tar `path`. SW_ENOTFOUND if there is none; SW_ENO if sw_archive_keep() did not put this tar there,
 * or if another user could have written to it. */
int sw_archive_open(struct sw_archive *out, const char *path, const struct sw_cancel *cancel,
                    struct sw_error *error) SW_NODISCARD;
/* Move the new tar `made` to `path`, note its digest in `path`.sha256 as sha256sum(1) does, and open it. Whoever is killed in
 * between leaves a digest that no tar has. */
int sw_archive_keep(struct sw_archive *out, const char *path, const char *made,
                    const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;

#endif
