/* One of several builds at once, in a process of its own, forked from this one and with no thread but its first. What it tells
 * while it works comes through a pipe; what it prints lies in two temporary files until its end. */
#ifndef SLIPWAY_CMD_WORKER_H
#define SLIPWAY_CMD_WORKER_H

#include "session.h"

struct worker {
    const char *name, *path; /* of the profile */
    pid_t pid;               /* 0 while it does not run */
    int events;              /* read from, -1 while it does not run */
    FILE *out, *err;         /* what it prints; NULL while it does not run */
    int64_t started_ns;      /* 0: it never was */
    int64_t ended_ns;        /* 0: it has not */
    enum status status;      /* then: its exit status */
    int signal;              /* then: what killed it, or 0 */
    bool canceled;           /* it was asked to end */
};

/* How a worker shows its progress. */
struct worker_display {
    enum progress_kind kind;
    bool printed; /* like all else that it prints, not through the pipe */
    bool results; /* its standard output goes through the pipe too */
};

/* Fork. Returns in both processes; `*inside` tells which. The session of the new one is as if it had been started for this
 * one profile. It is told to end (SIGINT) when this process ends. */
int worker_start(struct worker *worker, bool *inside, struct session *session,
                 const struct worker_display *display, struct sw_error *error);
/* Ask it to end: its build is cancelled in the engine. May be called again, and for one that does not run. */
void worker_cancel(struct worker *worker);
/* The pipe has ended: how the process did. What it printed is handed on to the session's streams and the files are gone. */
void worker_end(struct worker *worker, struct session *session);

#endif
