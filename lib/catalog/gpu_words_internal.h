/* The words of a GPU's name. */
#ifndef SLIPWAY_CATALOG_GPU_WORDS_INTERNAL_H
#define SLIPWAY_CATALOG_GPU_WORDS_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"
#include "catalog/catalog.h"

struct gpu_words {
    char text[SW_MAX_GPU_NAME + 1]; /* lower case; the words point into it */
    struct sw_str words[SW_MAX_GPU_WORDS];
    size_t count;
    unsigned memory;     /* GB; 0 if none is named */
    struct sw_str slice; /* "1g.10gb", or empty */
    struct sw_str pci;   /* "2684", or empty */
};

/* Read the words of a user; false if it is too long for a name or has no word that counts. */
bool gpu_words_read(struct gpu_words *out, const struct sw_catalog *catalog, const char *text);
/* Read a name of the catalog, in the same way. */
bool gpu_words_read_name(struct gpu_words *out, const struct sw_catalog *catalog, const char *text);

enum gpu_fit {
    GPU_FITS_NOT,
    /* `name` has words more that may be left out. */
    GPU_FITS_SHORTENED,
    GPU_FITS,
};
/* Say how the words of a text fit those of a name. */
enum gpu_fit gpu_words_fit(const struct gpu_words *text, const struct gpu_words *name,
                           const struct sw_catalog *catalog);

#endif
