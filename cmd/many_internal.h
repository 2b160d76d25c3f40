/* The parts that the files of many share. */
#ifndef SLIPWAY_CMD_MANY_INTERNAL_H
#define SLIPWAY_CMD_MANY_INTERNAL_H

#include "many.h"

#include "display/board.h"
#include "nodes.h"
#include "worker.h"

#include <poll.h>

enum { PIECE = 64 << 10 };

/* A worker, and the unfinished line that has been read from it. */
struct seat {
    struct worker worker;
    struct sw_buffer begun;
    /* The engine of the worker; NULL before its start. */
    struct node *node;
    const char *base; /* the base image and torch of the profile */
    bool waits;       /* its worker is still to be started */
    /* With several nodes: the result, which counts only if the node was not lost. */
    struct sw_buffer result;
};

struct many {
    struct session *session;
    struct seat *seats;
    size_t count, waiting, running;
    struct nodes nodes;
    struct worker_display display;
    /* The reader of the events; NULL if they are handed on to `to`. */
    struct board *board;
    FILE *to; /* gets the events if `board` is NULL */
    /* The seat that has begun a line longer than a piece: until that line ends, no other worker is read. */
    const struct seat *floor;
    struct pollfd *waits;
    bool stopping, interrupted;
};

/* Print the result of a build that has printed none itself. */
void many_print_result(struct many *many, const struct worker *worker, const struct sw_findings *findings);
void many_print_failure(struct many *many, const struct worker *worker, const struct sw_error *error);
void many_tell_killed(struct many *many, const struct worker *worker);
/* The results of all builds as a table. */
void many_print_table(const struct many *many);

#endif
