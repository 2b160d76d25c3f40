/* The output of a command that another tool prints indented: pip's "[12 lines of output]", pip 20's "Complete output (12 lines):",
 * uv's "[stderr]". Its lines are freed of the margin, and read like a log of their own; also outputs within outputs. */
#ifndef SLIPWAY_DIAGNOSE_MARGIN_INTERNAL_H
#define SLIPWAY_DIAGNOSE_MARGIN_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"

/* Zeroed it is ready: no output is open. */
struct sw_margins {
    unsigned columns[SW_MAX_LOG_MARGINS];
    unsigned count;
    unsigned outside; /* lines in a row outside of the innermost */
    /* True if the next line decides the margin of an output that was announced; and if that output may have none. */
    bool awaited, may_be_flat;
    unsigned noise; /* lines of something else since then */
    /* True in an output that was announced and has no margin: to the line that ends it. */
    bool flat;
    /* True if the last line stood in an output. */
    bool inside;
};

/* Does the line end the innermost output? pip says so, pip 20 draws a line. */
bool sw_margins_ends(struct sw_str line);
/* The line without the margins of the outputs that it stands in. */
struct sw_str sw_margins_strip(struct sw_margins *margins, struct sw_str line);

#endif
