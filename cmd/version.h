/* The output of `--version`. */
#ifndef SLIPWAY_CMD_VERSION_H
#define SLIPWAY_CMD_VERSION_H

#include "session.h"

/* "slipway 0.1.0"; with --verbose also the libraries in use, one a line. */
enum status version_print(struct session *session);

#endif
