/* Files below a folder, reached without following a link, and replaced as a whole. */
#ifndef SLIPWAY_TRIM_PLACE_H
#define SLIPWAY_TRIM_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Open the folder in which the last component of `path` lies; `*base` becomes that component. Return -1 with errno if a component
 * is no folder of its own. */
int place_open(const char **base, int root, const char *path);

/* A new file that takes the place of an old file. */
struct replacement {
    int folder, out;
    const char *base;
};
bool replacement_begin(struct replacement *r, int folder, const char *base);
/* Give the new file the owner, rights, times and name of the old file; if not `good`, remove the new file. Return false if the old
 * file is still there. */
bool replacement_end(struct replacement *r, const struct stat *old, bool good);

/* Remove a file, and the folders above it that are empty then. */
bool place_remove(int root, const char *path);

#endif
