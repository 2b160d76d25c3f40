/* The source of a wheel: a file, a URL, or an index that has the wheel for a target. */
#ifndef SLIPWAY_CMD_WHEEL_SOURCE_H
#define SLIPWAY_CMD_WHEEL_SOURCE_H

#include "session.h"

#include "base/reader.h"
#include "index/index.h"
#include "wheel/remote.h"

struct wheel_source {
    struct sw_reader reader;
    const char *file;   /* the wheel's file name */
    const char *url;    /* without a login; NULL for a local file */
    const char *sha256; /* NULL if unknown */
    struct sw_store *store;
    struct sw_remote *remote; /* NULL for a local file */
    struct sw_web *web;
    struct sw_reader_file local;
};

/* Open a wheel. `source` must not move until it is closed. `what` is a path (it ends in .whl, or has a
 * slash), an http URL, or a requirement, `torch==2.6.0`, for --python and --platform. The newest of the
 * versions that a requirement allows is taken. */
int wheel_source_open(struct wheel_source *source, struct session *session, const char *what,
                      const struct sw_sink *sink, struct sw_error *error);
void wheel_source_close(struct wheel_source *source);

#endif
