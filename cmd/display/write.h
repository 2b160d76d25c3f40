/* Bytes to a file descriptor. */
#ifndef SLIPWAY_DISPLAY_WRITE_H
#define SLIPWAY_DISPLAY_WRITE_H

#include "base/str.h"

/* All of them, waiting where it must; false, with errno, where it cannot. */
bool write_all(int fd, struct sw_str bytes);

#endif
