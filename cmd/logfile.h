/* The whole log of a build in a file: the output of every step as it came, byte for byte, each piece under its
 * step's name. */
#ifndef SLIPWAY_CMD_LOGFILE_H
#define SLIPWAY_CMD_LOGFILE_H

#include "base/error.h"
#include "base/event.h"

/* `path` is made, or made empty. SW_EENV where it cannot be. */
struct logfile;
int logfile_new(struct logfile **log, const char *path, struct sw_error *error);
struct sw_sink logfile_sink(struct logfile *log);

/* Where a write fails (a full disk) nothing more is written, and `sink`, which must outlive the log, gets one
 * warning; without a sink it is only found by logfile_problem(). The build goes on. */
void logfile_report_to(struct logfile *log, struct sw_sink sink);
const char *logfile_problem(const struct logfile *log); /* one line, or NULL while all is well */

/* Writes what is buffered. Takes NULL. */
void logfile_free(struct logfile *log);

#endif
