/* A build, from a profile's file to a verified image. */
#ifndef SLIPWAY_CMD_BUILD_H
#define SLIPWAY_CMD_BUILD_H

#include "display/logfile.h"
#include "display/progress.h"
#include "display/timeline.h"
#include "parts.h"

#include "build/build.h"
#include "diagnose/diagnosis.h"
#include "project/host_engine.h"
#include "project/network.h"
#include "project/prepared.h"
#include "verify/verify.h"

struct build {
    struct session *session;
    /* The profile's path; NULL if nothing is written for it. */
    const char *path;
    struct sw_prepared prepared;
    struct sw_rendering rendering;
    struct sw_network network;
    struct sw_context *context;
    struct sw_host_engine engine;
    /* The project's own rules; NULL if it has none. */
    struct sw_rules *rules;
    struct sw_diagnosis *diagnosis;
    struct progress *progress;
    struct logfile *log;
    const char *log_path;            /* NULL until the file is there */
    struct sw_sink sinks[4];         /* display, log file, diagnosis, timeline */
    struct sw_sink sink;             /* to all of them */
    struct sw_session_options offer; /* values that the engine may ask for */
    struct sw_credentials *credentials;
    struct parts parts;
    const struct sw_pair *arguments; /* of the Dockerfile, ends with a NULL name */
    /* The names that the image gets, ends with NULL; NULL before the build. */
    const char **tags;
    struct sw_build_outcome outcome;
    struct sw_verification verification;
    const struct sw_node *pushed; /* as in push.h; NULL: nothing was to be */
    struct sw_findings findings;
    /* The number of findings that come from check; they stand first. */
    size_t checked;
    int64_t started_ns;
    int64_t verify_timeout_ns; /* 0: verify/verify.h's */
    const struct sw_catalog *catalog;
    struct timeline timeline;
    bool verified;
    bool grouped; /* output stands in a group of GitHub's */
    bool unnamed; /* the image is to get no tags */
    bool named;   /* it has got its tags */
};
/* Takes a zeroed build with initialized findings. */
void build_release(struct build *build);

/* Open the host's parts of a build, and the readers of its events. */
int build_open(struct build *build, struct sw_error *error);
/* From an open build with its context to a verified image. A build that failed is no error: its findings say why. */
int build_run(struct build *build, struct sw_error *error);

/* Return true if the engine has made the build's image. */
bool build_has_image(const struct build *build);

/* The label that a base image made with debootstrap bears: the digest of its archive, "sha256:…". */
#define BASE_ARCHIVE_LABEL "io.slipway.archive"
/* Make sure that the engine has the base image: made with debootstrap, or pulled. */
int build_base(struct build *build, struct sw_error *error);

/* Gather the values that the engine may ask for during the build: the profile's secrets, SSH agents, logins.
 * A value that no option gives comes from the environment. */
int build_offer(struct build *build, struct sw_error *error);
/* Offer the context too, under a name by which the engine knows it again. */
int build_offer_context(struct build *build, struct sw_error *error);

#endif
