/* File descriptors: closed with their scope, written whole. */
#ifndef SLIPWAY_BASE_DESCRIPTOR_H
#define SLIPWAY_BASE_DESCRIPTOR_H

#include "base/source.h"
#include "base/str.h"

/* Close on leaving scope: SW_FD_AUTO fd = open(…). */
void sw_fd_close(int *fd);
#define SW_FD_AUTO SW_CLEANUP(sw_fd_close) int

/* Write all of the bytes. 0, or -1 with errno. */
int sw_fd_write(int fd, struct sw_str bytes) SW_NODISCARD;

/* sw_source.read() for a descriptor: `self` is an int. */
int sw_fd_read_source(void *self, void *out, size_t n, size_t *got, struct sw_error *error);

#endif
