/* Child processes, without a shell. Each leads a process group of its own and gets SIGTERM when the thread
 * that started it ends, so that none outlives a killed parent.
 *
 * The folder that slipway was started in may hold a stranger's pull request, and no child may run what lies there. So a child
 * starts in "/", and base/variables.h says where its program is looked for and what it sees of the environment. */
#ifndef SLIPWAY_BASE_PROCESS_H
#define SLIPWAY_BASE_PROCESS_H

#include "base/buffer.h"
#include "base/cancel.h"
#include "base/event.h"
#include "base/variables.h"

#include <sys/types.h>

struct sw_process_options {
    const char *const *argv;         /* ends with NULL; sw_program_find() looks argv[0] up */
    const char *const *environment;  /* the user's variables, see base/variables.h */
    const struct sw_variable *needs; /* which of them the child sees beside the usual ones, or NULL */
    const char *directory;           /* NULL: "/" */
    struct sw_str input;             /* for its standard input, which is then closed */
    int64_t timeout_ns;              /* 0: none; after it the child's process group is killed */
    const struct sw_cancel *cancel;  /* NULL: none */
    const struct sw_sink *sink;      /* gets the output as it comes, as SW_EVENT_LOG of `step`; NULL: none */
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

/* Start a daemon in its own process group, input from /dev/null, output appended to the file `log`. Of the options, those
 * above `input` count, here and in sw_process_connect(). */
int sw_process_start(pid_t *pid, const struct sw_process_options *options, const char *log,
                     struct sw_error *error) SW_NODISCARD;
/* Start a program with these three descriptors as its standard input, output and error; they stay the caller's too. */
int sw_process_connect(pid_t *pid, const struct sw_process_options *options, const int fds[3],
                       struct sw_error *error) SW_NODISCARD;
/* SIGTERM to its group, SIGKILL after `patience_ns`; reaps it. */
void sw_process_stop(pid_t pid, int64_t patience_ns);

#endif
