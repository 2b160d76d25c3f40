/* The results of a build's attempts: the fixes of a round, the last text that is printed, and the files that options ask for. */
#ifndef SLIPWAY_CMD_BUILD_RESULT_H
#define SLIPWAY_CMD_BUILD_RESULT_H

#include "build_view.h"

#include "project/autofix.h"

/* Tell of a round of fixes: those from number `first` on. */
void build_round(struct build_view *view, const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                 size_t first);

/* Tell how the fixes ended, write the files, print the result of an attempt that ended with `code`. Returns the code of the whole
 * build: a file that cannot be written is a finding too, and changes it. */
int build_report(struct build_view *view, struct sw_attempt *attempt, const struct sw_autofix *autofix,
                 int code);

#endif
