/* Child processes, without a shell. Each leads a process group of its own and gets SIGTERM when the thread
 * that started it ends, so that none outlives a killed parent.
 *
 * The folder that slipway was started in may hold a stranger's pull request, and no child may run a file of
 * it. So a child starts in "/"; base/variables.h finds its program and selects its environment. */
#ifndef SLIPWAY_BASE_PROCESS_H
#define SLIPWAY_BASE_PROCESS_H

#include "base/buffer.h"
#include "base/cancel.h"
#include "base/event.h"
#include "base/variables.h"

#include <sys/types.h>

struct sw_process_options {
    /* Ends with NULL; sw_program_find() looks argv[0] up. */
    const char *const *argv;
    /* The user's variables, see base/variables.h. */
    const char *const *environment;
    /* The variables that the child sees beside the usual variables, or NULL. */
    const struct sw_variable *needs;
    const char *directory; /* NULL: "/" */
    /* The bytes of the largest file that the child and its own children may write, and of the memory that each may have. 0: no limit. */
    uint64_t file_max, memory_max;
    /* The bytes for its standard input, which is then closed. */
    struct sw_str input;
    /* 0: none. When it is over, the child's process group is killed. */
    int64_t timeout_ns;
    const struct sw_cancel *cancel; /* NULL: none */
    /* Gets the output as it comes, as SW_EVENT_LOG of `step`; NULL: none. */
    const struct sw_sink *sink;
    struct sw_str step;
};

struct sw_process_result {
    int status; /* exit status, or 128 + signal */
};

/* Run the program to its end. `out` and `err` get its output, cut at their maxima (the child runs on); either
 * may be NULL for /dev/null. A failure to start (SW_ENOTFOUND if the program is missing), a time-out or a
 * cancellation is an error; an exit status other than 0 is not. */
int sw_process_run(struct sw_process_result *result, const struct sw_process_options *options,
                   struct sw_buffer *out, struct sw_buffer *err, struct sw_error *error) SW_NODISCARD;

/* Start a daemon in its own process group, input from /dev/null, output appended to the file `log`. Of the options, those
 * above `input` count, here and in sw_process_connect(). */
int sw_process_start(pid_t *pid, const struct sw_process_options *options, const char *log,
                     struct sw_error *error) SW_NODISCARD;
/* Start a program with these three descriptors, and no other, as its standard input, output and error; they stay the caller's too. */
int sw_process_connect(pid_t *pid, const struct sw_process_options *options, const int fds[3],
                       struct sw_error *error) SW_NODISCARD;
/* SIGTERM to its group, SIGKILL after `patience_ns`; reaps it. */
void sw_process_stop(pid_t pid, int64_t patience_ns);

#endif
