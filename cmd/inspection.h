/* What `inspect` tells about a wheel, as one tree for people and for programs. */
#ifndef SLIPWAY_CMD_INSPECTION_H
#define SLIPWAY_CMD_INSPECTION_H

#include "session.h"

#include "data/node.h"
#include "http/store.h"
#include "wheel/wheel.h"

/* A wheel that is open, and where it came from. */
struct inspected {
    struct sw_wheel wheel;
    const char *file;       /* its file name */
    const char *url;        /* NULL for a local file */
    const char *sha256;     /* NULL where it is not known */
    struct sw_store *store; /* NULL: nothing is kept */
};

/* What is asked. */
struct question {
    const char *files;         /* a pattern of paths, of fnmatch(3); NULL: no files are listed */
    const char *module, *name; /* NULL: none */
    bool architectures;
};

/* `*yes` becomes false where the question was one of yes or no, and the answer is no. */
int inspection_make(struct sw_node **out, bool *yes, struct session *session,
                    const struct inspected *inspected, const struct question *question,
                    struct sw_error *error);

#endif
