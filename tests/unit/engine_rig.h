/* An engine for the suites of lib/project, in threads of the test: it speaks Podman's Docker-compatible API on a socket, knows the images
 * and their names, builds nothing, and fails where the test says so. The engines in tests/engines are real. */
#ifndef SLIPWAY_TESTS_ENGINE_RIG_H
#define SLIPWAY_TESTS_ENGINE_RIG_H

#include "unit.h"

#include "base/buffer.h"

#include <pthread.h>

enum { ENGINE_MOST_IMAGES = 16, ENGINE_MOST_NAMES = 8, ENGINE_MOST_EXCHANGES = 64, ENGINE_TEXT = 128 };

struct engine_image {
    char id[ENGINE_TEXT];
    char names[ENGINE_MOST_NAMES][ENGINE_TEXT]; /* "demo:latest"; empty: no name */
    char digest[ENGINE_TEXT];                   /* "demo@sha256:…" after a push, else empty */
    char plan[ENGINE_TEXT];                     /* its label io.slipway.plan */
    const char *config; /* further members of its Config, each with a comma before it; or NULL */
};

/* The answer to `times` requests that begin so, "POST /images/demo", after the first `skip` of them; a negative number: to all. */
struct engine_fault {
    const char *request;
    int skip, times;
    int status; /* of HTTP; 0: the connection is closed without an answer */
    const char *body;
};

struct engine_rig {
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t changed;
    pthread_t listening, exchanges[ENGINE_MOST_EXCHANGES];
    int sockets[ENGINE_MOST_EXCHANGES];
    size_t exchange_count;
    int socket;
    char path[ENGINE_TEXT];
    char url[ENGINE_TEXT + 8];
    bool stopping, started;
    struct engine_image images[ENGINE_MOST_IMAGES];
    size_t image_count;
    struct engine_fault fault;
    /* The requests, "METHOD /path?query" a line each, without the API's version. */
    struct sw_buffer requests;
    /* The files that the last build was sent, as a tar. */
    struct sw_buffer sent;
    /* The stream of the next build; NULL: it makes an image. */
    const char *build;
    /* The probe's answer, with NONCE for the number of the run; NULL: nothing. And the status that its container ends with. */
    const char *answer;
    int exit_code;
    char nonce[ENGINE_TEXT];
};

/* Start an engine that has the image `base`, and stop it. */
struct engine_rig *engine_rig_start(const char *base);
void engine_rig_stop(struct engine_rig *rig);

/* The image with this ID or name, or NULL. */
struct engine_image *engine_image(struct engine_rig *rig, const char *name);
/* Give an image of project_digest() form, made if it is not there, a name. */
void engine_name(struct engine_rig *rig, const char *id, const char *name);
/* Remove an image with all its names. */
void engine_forget(struct engine_rig *rig, const char *id);
/* Count the requests that begin so. */
int engine_asked(struct engine_rig *rig, const char *request);

#endif
