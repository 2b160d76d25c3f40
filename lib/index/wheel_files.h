/* The files that a wheel installs, and the names by which they may be modules. */
#ifndef SLIPWAY_INDEX_WHEEL_FILES_H
#define SLIPWAY_INDEX_WHEEL_FILES_H

#include "base/arena.h"
#include "base/error.h"

struct sw_wheel_file {
    struct sw_str name; /* its path in the wheel */
    /* "CRC<tab>SIZE": files with different texts have different contents. */
    struct sw_str sum;
};

/* The first part of paths: a folder, or a file beside the folders. */
struct sw_wheel_top {
    struct sw_str name;
    /* The name of its module: "numpy" for the folder "numpy" and for the file "numpy.py"; empty if nobody can import it, as
     * "numpy.libs". */
    struct sw_str module;
    /* Files from `first` to before `end` lie in it. */
    size_t first, end;
};

/* A folder of a path, or a file as a module; no two are the same. */
struct sw_wheel_part {
    struct sw_str text; /* up to the first full stop */
    /* The name lies in a package: it is a module of that name only if the package puts its own folder on Python's path. */
    bool inner;
    /* The name lies in a folder for copies of other projects, "_vendor", which some packages put on Python's path. */
    bool copy;
    /* The place of the next part whose text has the same hash, from 1; 0: none. */
    size_t next;
};

struct sw_wheel_files {
    struct sw_wheel_file *items; /* in order of name */
    size_t count;
    struct sw_wheel_top *tops;
    size_t top_count;
    struct sw_wheel_part *parts;
    size_t part_count;
    /* For each hash the place of the first part, from 1. */
    size_t *chains;
    size_t chain_count; /* a power of two */
};

/* Read a line for each file, "CRC<tab>SIZE<tab>NAME", in order of name. All lies in `arena` or in the text. */
int sw_wheel_files_read(struct sw_wheel_files *out, struct sw_arena *arena, struct sw_str listing,
                        struct sw_error *error) SW_NODISCARD;
/* The next part of that text behind `part`, or the first for NULL; NULL if there is no more. */
const struct sw_wheel_part *sw_wheel_files_part(const struct sw_wheel_files *files, struct sw_str text,
                                                const struct sw_wheel_part *part);
/* Return true if the wheel installs a module or package of the name. */
bool sw_wheel_files_has_module(const struct sw_wheel_files *files, struct sw_str module);

#endif
