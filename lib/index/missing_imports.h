/* Imports between wheels on an index: imports of one wheel that another lacks (wheel/imports.h), kept by the
 * digests of both.
 *
 * A wheel that imports is matched to the wheel that installs the module's first part: cv2 is opencv-python's.
 * A source distribution imports as well, and is asked for nothing: a build may add to it. */
#ifndef SLIPWAY_INDEX_MISSING_IMPORTS_H
#define SLIPWAY_INDEX_MISSING_IMPORTS_H

#include "base/sha256.h"
#include "index/index.h"
#include "index/wheel_files.h"

/* When an import happens, as struct sw_wheel_import has it. */
struct sw_index_terms {
    const char *condition;
    unsigned attempt, instead;
};

/* An import of another package that a wheel has, as struct sw_wheel_import has it. */
struct sw_index_import {
    const char *member, *module, *name;
    unsigned line, share;
    bool lazy, described, certain, refuses;
    struct sw_index_terms terms;
};

struct sw_index_wheel {
    const char *project; /* normalized */
    const struct sw_index_file *file;
    /* True: read its imports; false: it is only asked for the names that it has. */
    bool imports;
    /* True: the release is not certain; it is asked for its files alone. */
    bool only_files;
    /* 0, or the code of the failure to read it, with `error`. */
    int code;
    struct sw_error error;
    /* The files that the wheel installs; none for a source distribution and with a `code`. */
    const struct sw_wheel_files *files;
    /* With `imports`: all that it imports of others, the standard library's modules included. */
    const struct sw_index_import *found;
    size_t found_count;
    char key[SW_SHA256_HEX_SIZE]; /* its own business */
};

/* An import that fails. */
struct sw_index_loss {
    const struct sw_index_wheel *importer, *from;
    /* The member of the importer that imports it, at `line`. */
    const char *member;
    unsigned line;
    /* The imported module and name; `name` is empty for a module. */
    const char *module, *name;
    /* The module that is missing, or that lacks the name. */
    const char *gone;
    bool is_name;
    /* The member is loaded lazily, by this many of 100 lazily loaded modules. */
    bool lazy;
    unsigned share;
    struct sw_index_terms terms;
};

/* All lies in `arena` or in the index, which reads a wheel once. 0 if each wheel has its own code. */
int sw_index_losses(struct sw_index_loss **losses, size_t *loss_count, struct sw_arena *arena,
                    struct sw_index *index, struct sw_index_wheel *wheels, size_t count,
                    struct sw_error *error) SW_NODISCARD;

#endif
