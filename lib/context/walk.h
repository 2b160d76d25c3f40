/* A walk through a folder: every entry once, a folder before what it holds, names in bytewise order.
 *
 * Nothing is entered unless the caller says so, no link is followed, and no more than one descriptor is held
 * however deep the walk is. Memory is the names of the folders on the way down. */
#ifndef SLIPWAY_CONTEXT_WALK_H
#define SLIPWAY_CONTEXT_WALK_H

#include "base/error.h"
#include "base/str.h"

#include <sys/stat.h>

struct sw_walk;

struct sw_walk_entry {
    struct sw_str path; /* relative to the root, NUL-terminated; valid until the next call */
    const char *name;   /* its last component */
    size_t depth;       /* number of folders above it, the root not counted */
    int folder;         /* the folder it lies in, open for the ...at() calls until the next call */
    struct stat status; /* of the entry itself */
};

/* `root` is a directory's descriptor and stays the caller's. Its own entries come first. */
int sw_walk_new(struct sw_walk **walk, int root, struct sw_error *error) SW_NODISCARD;
void sw_walk_free(struct sw_walk *walk); /* takes NULL */

/* The next entry, or one with path.p == NULL at the end. What vanishes meanwhile is passed over. */
int sw_walk_next(struct sw_walk *walk, struct sw_walk_entry *entry, struct sw_error *error) SW_NODISCARD;
/* Let the walk go on inside the folder that sw_walk_next() has just returned. */
int sw_walk_enter(struct sw_walk *walk, struct sw_error *error) SW_NODISCARD;

#endif
