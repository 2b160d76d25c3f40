/* The C library of a base image, as its name and tag tell it: by `libc` of profiles/catalog/images.yaml. */
#ifndef SLIPWAY_CATALOG_BASE_LIBC_H
#define SLIPWAY_CATALOG_BASE_LIBC_H

#include "catalog/catalog.h"

struct sw_base_libc {
    /* The row of the catalog, and its word that the reference has; NULL if nothing tells of the image. */
    const struct sw_node *row;
    const char *word;
    bool musl;
    /* The minor number: of glibc 2, or of musl 1. For an unknown image that of the oldest distribution that is in use. */
    unsigned minor;
};

/* Look up a reference, such as "python:3.11-slim-bullseye", or a distribution, such as "debian:bullseye". */
struct sw_base_libc sw_catalog_base_libc(const struct sw_catalog *catalog, const char *reference);

#endif
