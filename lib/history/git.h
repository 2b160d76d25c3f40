/* The libgit2 that keeps the records. */
#ifndef SLIPWAY_HISTORY_GIT_H
#define SLIPWAY_HISTORY_GIT_H

#include <stdbool.h>

/* The release of libgit2 that this host has; false if it has none. */
bool sw_git_release(int *major, int *minor, int *revision);

#endif
