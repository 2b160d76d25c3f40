/* Bytes to a file descriptor. */
#ifndef SLIPWAY_DISPLAY_WRITE_H
#define SLIPWAY_DISPLAY_WRITE_H

#include "base/str.h"

/* Write all bytes, and wait if necessary; return false, with errno, if a write fails. */
bool write_all(int fd, struct sw_str bytes);

#endif
