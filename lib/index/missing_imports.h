/* Imports between wheels on an index: what some of them import that others lack (wheel/imports.h), kept by the digests of both.
 *
 * A wheel that imports is matched to the one that has the module by its project's name: triton.ops is triton's. */
#ifndef SLIPWAY_INDEX_MISSING_IMPORTS_H
#define SLIPWAY_INDEX_MISSING_IMPORTS_H

#include "base/sha256.h"
#include "index/index.h"

struct sw_index_wheel {
    const char *project; /* normalized */
    const struct sw_index_file *file;
    bool imports; /* whether to look at what it imports; else it is only asked for what it has */
    int code;     /* 0, or why it could not be read, with `error` */
    struct sw_error error;
    char key[SW_SHA256_HEX_SIZE]; /* its own business */
};

/* One import that fails. */
struct sw_index_loss {
    const struct sw_index_wheel *importer, *from;
    const char *member; /* of the importer, that imports it at `line` */
    unsigned line;
    const char *module, *name; /* what is imported; `name` is empty for a module */
    const char *gone;          /* the module that is not there, or that lacks the name */
    bool is_name;
};

/* All lies in the index's memory. 0 where each wheel has its own code. */
int sw_index_losses(struct sw_index_loss **losses, size_t *loss_count, struct sw_index *index,
                    struct sw_index_wheel *wheels, size_t count, struct sw_error *error) SW_NODISCARD;

#endif
