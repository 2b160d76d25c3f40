/* The level of a line: how serious its writer took it to be, as far as the line says. */
#ifndef SLIPWAY_DIAGNOSE_LEVEL_INTERNAL_H
#define SLIPWAY_DIAGNOSE_LEVEL_INTERNAL_H

#include "base/str.h"

enum sw_log_level {
    /* The line names no level, or that of an error. */
    SW_LEVEL_NONE,
    SW_LEVEL_WARNING,
    /* The level is that of information, of a debug message, a note or a trace. */
    SW_LEVEL_INFO,
};

enum sw_log_level sw_log_level(struct sw_str line);
/* Does a logging library say that the line is an error, behind a time, a logger's name or a bracket at most? */
bool sw_log_is_error(struct sw_str line);

#endif
