/* Files, whole and safely. Paths are bytes; nothing here changes the working directory. */
#ifndef SLIPWAY_BASE_FILE_H
#define SLIPWAY_BASE_FILE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/descriptor.h"
#include "base/folder.h"

/* Append a regular file (or the bytes of a pipe) to `out`, whose maximum bounds it. A directory, a missing or
 * an oversized file is SW_EINPUT; the error names the path. */
int sw_file_read(struct sw_buffer *out, const char *path, struct sw_error *error) SW_NODISCARD;
/* The rest of an open file; `path` is only for errors. */
int sw_file_read_from(struct sw_buffer *out, int fd, const char *path, struct sw_error *error) SW_NODISCARD;

/* Replace `path` atomically: a temporary beside it (base/temporary.h), written and renamed. On failure the old file stands
 * and no temporary is left. `mode` as for open(2), less the umask. */
int sw_file_write(const char *path, struct sw_str content, unsigned mode,
                  struct sw_error *error) SW_NODISCARD;
/* Write a file that is not there yet, likewise; SW_EINPUT if another process was faster. */
int sw_file_write_new(const char *path, struct sw_str content, unsigned mode,
                      struct sw_error *error) SW_NODISCARD;
/* Replace an existing file of the user's: if `path` is a link its target is replaced, mode and (as far as
 * that is allowed) owner stay, and the bytes are on the disk before the name is theirs. */
int sw_file_rewrite(const char *path, struct sw_str content, struct sw_error *error) SW_NODISCARD;

/* Text in `arena`, NULL without memory. Join: an absolute `name` stands alone, and "." as `dir` is left out.
 */
char *sw_path_join(struct sw_arena *arena, const char *dir, const char *name) SW_NODISCARD;
/* The part before the last slash ("." if there is none). */
char *sw_path_dir(struct sw_arena *arena, const char *path) SW_NODISCARD;
/* The part after the last slash; points into `path`. */
const char *sw_path_base(const char *path);

#endif
