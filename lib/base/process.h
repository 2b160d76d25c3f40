/* Child processes, without a shell. Each leads a process group of its own and gets SIGTERM when the thread
 * that started it ends, so that none outlives a killed parent. */
#ifndef SLIPWAY_BASE_PROCESS_H
#define SLIPWAY_BASE_PROCESS_H

#include "base/buffer.h"
#include "base/cancel.h"
#include "base/event.h"

#include <sys/types.h>

struct sw_process_options {
    const char *const *argv;        /* ends with NULL; argv[0] is looked up in PATH */
    const char *const *environment; /* "NAME=value", ends with NULL; NULL inherits */
    const char *directory;          /* NULL stays */
    struct sw_str input;            /* for its standard input, which is then closed */
    int64_t timeout_ns;             /* 0: none; after it the child's process group is killed */
    const struct sw_cancel *cancel; /* NULL: none */
    const struct sw_sink *sink;     /* gets the output as it comes, as SW_EVENT_LOG of `step`; NULL: none */
    struct sw_str step;
};

struct sw_process_result {
    int status; /* exit status, or 128 + signal */
};

/* Run to the end. `out` and `err` get its output, cut at their maxima (the child runs on); either may be NULL
 * for /dev/null. Not to be started (SW_ENOTFOUND where the program is missing), timed out or canceled is an
 * error; an exit status other than 0 is not. */
int sw_process_run(struct sw_process_result *result, const struct sw_process_options *options,
                   struct sw_buffer *out, struct sw_buffer *err, struct sw_error *error) SW_NODISCARD;

/* Start a daemon in its own process group, input from /dev/null, output appended to the file `log`. */
int sw_process_start(pid_t *pid, const char *const *argv, const char *log,
                     struct sw_error *error) SW_NODISCARD;
/* Start a program with these three descriptors as its standard input, output and error; they stay the caller's too. */
int sw_process_connect(pid_t *pid, const char *const *argv, const int fds[3],
                       struct sw_error *error) SW_NODISCARD;
/* SIGTERM to its group, SIGKILL after `patience_ns`; reaps it. */
void sw_process_stop(pid_t pid, int64_t patience_ns);

#endif
