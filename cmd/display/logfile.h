/* The whole log of a build in a file: the lines of every step, each run of them under its step's name. Lines are as a terminal
 * leaves them and safe to show (sw_text_add_clean()). */
#ifndef SLIPWAY_DISPLAY_LOGFILE_H
#define SLIPWAY_DISPLAY_LOGFILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/event.h"

/* Create the file `path`, or empty it. SW_EENV if that fails. */
struct logfile;
int logfile_new(struct logfile **log, const char *path, struct sw_error *error);
/* A line of our own: "=== TEXT". */
void logfile_add(struct logfile *log, const char *format, ...) SW_PRINTF(2, 3);
struct sw_sink logfile_sink(struct logfile *log);

/* If a write fails (a full disk), nothing more is written, and `sink`, which must outlive the log, gets one
 * warning; without a sink only logfile_problem() tells of the failure. The build goes on. */
void logfile_report_to(struct logfile *log, struct sw_sink sink);
const char *logfile_problem(const struct logfile *log); /* one line, or NULL while all is well */

/* The path for a new log, and the path of the newest log. Logs lie in one folder, named by their profile and
 * the time. NULL without memory, or if there is no log. */
const char *logfile_path(struct sw_arena *arena, const char *folder, const char *profile);
const char *logfile_newest(struct sw_arena *arena, const char *folder, const char *profile);

/* Write the rest of the buffer and close the log. Takes NULL. */
void logfile_free(struct logfile *log);

#endif
