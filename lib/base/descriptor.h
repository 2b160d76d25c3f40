/* File descriptors: closed with their scope, written whole. */
#ifndef SLIPWAY_BASE_DESCRIPTOR_H
#define SLIPWAY_BASE_DESCRIPTOR_H

#include "base/str.h"

/* Close on leaving scope: SW_FD_AUTO fd = open(…). */
void sw_fd_close(int *fd);
#define SW_FD_AUTO SW_CLEANUP(sw_fd_close) int

/* Write all of the bytes. 0, or -1 with errno. */
int sw_fd_write(int fd, struct sw_str bytes) SW_NODISCARD;

#endif
