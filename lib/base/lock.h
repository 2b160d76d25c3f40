/* Locks that processes wait for, with a word to the user and an ear for the user's interrupt.
 *
 * A lock hangs on an open file (flock(2)): sw_fd_close() gives it back, and so does the end of the process. */
#ifndef SLIPWAY_BASE_LOCK_H
#define SLIPWAY_BASE_LOCK_H

#include "base/cancel.h"

/* The waiting for a lock that another process has. */
struct sw_lock_wait {
    const struct sw_cancel *cancel;
    /* Called once, before the first wait; or NULL. */
    void (*begin)(void *self);
    void *self;
};

/* Lock a folder that is there, or a file, which is made if it is missing. SW_ECANCELED if the wait was interrupted. */
int sw_lock_folder(int *fd, const char *path, const struct sw_lock_wait *wait,
                   struct sw_error *error) SW_NODISCARD;
int sw_lock_file(int *fd, const char *path, const struct sw_lock_wait *wait,
                 struct sw_error *error) SW_NODISCARD;

#endif
