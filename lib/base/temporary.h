/* Files and folders that stand only until their content is whole.
 *
 * A temporary lies in the folder that its content is for, under a name of its own, and is locked (flock(2))
 * as long as its process lives. A process that is killed leaves an unlocked temporary behind, and a sweep
 * removes it: each sw_temporary_file() and sw_temporary_folder() sweeps the folder first, so that nothing is
 * left after the next command that writes there. A sweep never removes the temporary of a living process. */
#ifndef SLIPWAY_BASE_TEMPORARY_H
#define SLIPWAY_BASE_TEMPORARY_H

#include "base/macros.h"

#include <stdbool.h>

enum { SW_TEMPORARY_NAME_SIZE = 32 };

struct sw_temporary {
    /* The folder that holds the temporary, and the temporary itself: a file that is open for writing, or a folder. The lock
     * hangs on `fd`, so that nobody but sw_temporary_move() and sw_temporary_drop() may close it. */
    int folder, fd;
    char name[SW_TEMPORARY_NAME_SIZE];
};
/* No temporary: sw_temporary_drop() does nothing with it. */
#define SW_TEMPORARY_NONE ((struct sw_temporary){.folder = -1, .fd = -1})

/* Make a temporary in the directory `path`; `mode` as for open(2) and mkdir(2), less the umask. Return 0, or -1 with
 * errno. */
int sw_temporary_file(struct sw_temporary *out, const char *path, unsigned mode) SW_NODISCARD;
int sw_temporary_folder(struct sw_temporary *out, const char *path, unsigned mode) SW_NODISCARD;
/* Make a file in the open directory `folder` without a sweep, for a caller that makes many there. */
int sw_temporary_file_at(struct sw_temporary *out, int folder, unsigned mode) SW_NODISCARD;

/* Give the temporary the name `path` beneath the open directory `folder` (AT_FDCWD for a path of its own) and end it. On
 * failure, -1 with errno, the temporary stands. */
int sw_temporary_move(struct sw_temporary *temporary, int folder, const char *path) SW_NODISCARD;
/* Do as sw_temporary_move() does, but replace nothing: -1 with EEXIST if `path` is there. Files only. */
int sw_temporary_move_new(struct sw_temporary *temporary, int folder, const char *path) SW_NODISCARD;
/* Remove the temporary with all below it. May be called again. */
void sw_temporary_drop(struct sw_temporary *temporary);

/* Remove the temporaries that killed processes of this user left in a directory; `sw_temporary_sweep_path`
 * takes its path. A directory that cannot be read is passed over. */
void sw_temporary_sweep(int folder);
void sw_temporary_sweep_path(const char *path);

#endif
