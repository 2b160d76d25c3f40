/* A walk through a folder: every entry once, a folder before its content, names in bytewise order.
 *
 * The walk enters only the folders that the caller asks for, follows no link, and holds at most one
 * descriptor however deep it is. Its memory is the names of the folders on the way down. */
#ifndef SLIPWAY_CONTEXT_WALK_H
#define SLIPWAY_CONTEXT_WALK_H

#include "base/error.h"
#include "base/str.h"

#include <sys/stat.h>

struct sw_walk;

struct sw_walk_entry {
    /* Relative to the root, NUL-terminated; valid until the next call. */
    struct sw_str path;
    const char *name; /* its last component */
    /* The number of folders above it, the root not counted. */
    size_t depth;
    /* The folder it lies in, open for the ...at() calls until the next call. */
    int folder;
    struct stat status; /* of the entry itself */
};

/* `root` is a directory's descriptor and stays the caller's. Its own entries come first. */
int sw_walk_new(struct sw_walk **walk, int root, struct sw_error *error) SW_NODISCARD;
void sw_walk_free(struct sw_walk *walk); /* takes NULL */

/* Take the next entry; path.p is NULL at the end. Entries that vanish meanwhile are passed over. */
int sw_walk_next(struct sw_walk *walk, struct sw_walk_entry *entry, struct sw_error *error) SW_NODISCARD;
/* Let the walk go on inside the folder that sw_walk_next() has just returned. */
int sw_walk_enter(struct sw_walk *walk, struct sw_error *error) SW_NODISCARD;

#endif
