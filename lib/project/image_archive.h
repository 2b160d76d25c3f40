/* The archive of an image: a file, or sent by an engine. */
#ifndef SLIPWAY_PROJECT_IMAGE_ARCHIVE_H
#define SLIPWAY_PROJECT_IMAGE_ARCHIVE_H

#include "project/host_engine.h"

#include <pthread.h>

/* An open archive. An engine sends it through a pipe, from a thread of its own. */
struct sw_image_archive {
    const char *name;
    struct sw_host_engine engine;
    /* The ends of the pipe; for a file, `from` alone. */
    int from, to;
    bool started, ended;
    pthread_t thread;
    int code; /* of the thread */
    struct sw_error error;
};

/* Open the file `name`, which ends in ".tar", or the image of that name in the engine. sw_image_archive_close() closes it, also after a
 * failure. */
int sw_image_archive_open(struct sw_image_archive *archive, struct sw_project *project, const char *name,
                          const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
/* Take the next bytes, as struct sw_source does; `self` is the archive. */
int sw_image_archive_read(void *self, void *out, size_t n, size_t *got, struct sw_error *error) SW_NODISCARD;
/* Close the archive. `code` and `error` are those of its reader; they become those of the engine if the engine failed to send the
 * whole archive. */
int sw_image_archive_close(struct sw_image_archive *archive, int code, struct sw_error *error) SW_NODISCARD;

#endif
