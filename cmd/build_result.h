/* The result of a build: the last text that is printed, and the files that options ask for. */
#ifndef SLIPWAY_CMD_BUILD_RESULT_H
#define SLIPWAY_CMD_BUILD_RESULT_H

#include "autofix.h"
#include "build.h"

/* Settle the fixes, write the files, print the result. A file that cannot be written is a finding too, and
 * changes `status`. */
enum status build_report(struct build *build, struct autofix *autofix, enum status status);

#endif
