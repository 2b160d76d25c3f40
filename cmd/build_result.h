/* What a build came to: as the last thing that is printed of it, and in the files that options ask for. */
#ifndef SLIPWAY_CMD_BUILD_RESULT_H
#define SLIPWAY_CMD_BUILD_RESULT_H

#include "autofix.h"
#include "build.h"

/* Settle what was fixed, write the files, print the result. What cannot be written is a finding too, and changes `status`. */
enum status build_report(struct build *build, struct autofix *autofix, enum status status);

#endif
