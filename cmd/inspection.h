/* The facts that `inspect` tells about a wheel, as a tree for people and for programs. */
#ifndef SLIPWAY_CMD_INSPECTION_H
#define SLIPWAY_CMD_INSPECTION_H

#include "session.h"

#include "data/node.h"
#include "http/store.h"
#include "wheel/wheel.h"

/* An open wheel, and its origin. */
struct inspected {
    struct sw_wheel wheel;
    const char *file;       /* its file name */
    const char *url;        /* NULL for a local file */
    const char *sha256;     /* NULL if unknown */
    struct sw_store *store; /* NULL: nothing is kept */
};

/* The question about the wheel. */
struct question {
    /* A pattern of paths, for fnmatch(3); NULL if no files are to be listed. */
    const char *files;
    const char *module, *name; /* NULL: none */
    bool architectures;
};

/* Answer the question. `*yes` becomes false if it is a yes-or-no question and the answer is no. */
int inspection_make(struct sw_node **out, bool *yes, struct session *session,
                    const struct inspected *inspected, const struct question *question,
                    struct sw_error *error);

#endif
