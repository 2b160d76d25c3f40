/* A system's root folder as one tar, to import as an image. */
#ifndef SLIPWAY_BOOTSTRAP_ROOTFS_INTERNAL_H
#define SLIPWAY_BOOTSTRAP_ROOTFS_INTERNAL_H

#include "base/cancel.h"

/* Write the tree `root` to the new file `path`: sorted, owners by number, hard links kept. Left out are
 * devices, sockets and pipes, the content of /dev, /proc, /sys, /run and /tmp, the files of package lists,
 * caches and logs, and the name and resolver of this host. Files modified since `since` (seconds since 1970)
 * get the time 0, so that the day of making does not show. SW_EENV if the file cannot be written; it is then
 * removed. */
int sw_rootfs_pack(const char *path, const char *root, int64_t since, const struct sw_cancel *cancel,
                   struct sw_error *error) SW_NODISCARD;

#endif
