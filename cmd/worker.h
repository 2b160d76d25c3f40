/* A build among several at once, in a process of its own, forked from this process and with no thread but its
 * first. Its events come through a pipe while it works; its output lies in two temporary files until its end. */
#ifndef SLIPWAY_CMD_WORKER_H
#define SLIPWAY_CMD_WORKER_H

#include "session.h"

struct worker {
    const char *name, *path; /* of the profile */
    pid_t pid;               /* 0 while it does not run */
    int events;              /* read from, -1 while it does not run */
    FILE *out, *err;         /* its output; NULL while it does not run */
    int64_t started_ns;      /* 0: it never was */
    int64_t ended_ns;        /* 0: it has not */
    enum status status;      /* then: its exit status */
    int signal;              /* then: the signal that killed it, or 0 */
    bool canceled;           /* it was asked to end */
};

/* The way in which a worker shows its progress. */
struct worker_display {
    enum progress_kind kind;
    /* Progress is printed like all other output, and does not go through the pipe. */
    bool printed;
    /* The worker's standard output goes through the pipe too. */
    bool results;
};

/* Fork. The function returns in both processes; `*inside` tells which. The session of the new process is as
 * if it had been started for this profile alone. The new process is told to end (SIGINT) when this process
 * ends. */
int worker_start(struct worker *worker, bool *inside, struct session *session,
                 const struct worker_display *display, struct sw_error *error);
/* Ask the worker to end: its build is cancelled in the engine. The function may be called again, and for a
 * worker that does not run. */
void worker_cancel(struct worker *worker);
/* Collect the process after the end of its pipe: its exit status, or the signal that killed it. */
void worker_end(struct worker *worker);
/* Hand the output of a worker that has ended on to the session's streams; the files are then gone. */
void worker_print(struct worker *worker, struct session *session);
/* Forget that a worker which has ended ever was: it may be started again. */
void worker_forget(struct worker *worker);

#endif
