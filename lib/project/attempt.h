/* An attempt to make the image of a profile: from the profile's file to a verified image. */
#ifndef SLIPWAY_PROJECT_ATTEMPT_H
#define SLIPWAY_PROJECT_ATTEMPT_H

#include "build/build.h"
#include "diagnose/diagnosis.h"
#include "project/compiled.h"
#include "project/host_engine.h"
#include "project/network.h"
#include "project/parts.h"
#include "project/prepared.h"
#include "verify/verify.h"

/* The caller's choices for the builds of a command. */
struct sw_attempt_choices {
    /* The tags, see sw_expand_tags(); if there are none, the profile's own count. */
    struct sw_texts tags;
    /* "NAME=VALUE", for the ARGs of the Dockerfile. */
    struct sw_texts arguments;
    struct sw_parts_given parts;
    /* NULL: the engine's own. */
    const char *platform;
    /* The GPUs for the verification, as in verify/verify.h. */
    const char *gpus;
    /* The file for the image's ID, which is removed before a build, so that the ID of an earlier image does not
     * outlive it; NULL: none. */
    const char *iidfile;
    int64_t verify_timeout_ns; /* 0: verify/verify.h's */
    bool dry_run, no_cache, pull, push, no_verify, no_record;
};

struct sw_attempt;
struct sw_autofix;

/* The functions that show attempts to the caller's user. Each may be NULL. */
struct sw_attempt_view {
    void *self;
    /* The secrets are known, and nothing of the attempt has been shown yet. */
    void (*begin)(void *self, const struct sw_attempt *attempt);
    /* Give the reader of the attempt's events, which lives until close(). */
    int (*open)(void *self, struct sw_sink *sink, const struct sw_attempt *attempt, struct sw_error *error);
    /* No event follows. Called also if there was no begin() or open(). */
    void (*close)(void *self);
    /* Another attempt follows, with the tried fixes from number `first` on. */
    void (*again)(void *self, const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                  size_t first);
    /* The last attempt ended with `code`; returns the code of the whole build. */
    int (*end)(void *self, struct sw_attempt *attempt, const struct sw_autofix *autofix, int code);
};

struct sw_attempt {
    struct sw_project *project;
    const struct sw_attempt_choices *choices;
    const struct sw_attempt_view *view;
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
    struct sw_compiled compiled;
    /* The view's, the diagnosis's, that of `compiled`. */
    struct sw_sink sinks[3];
    struct sw_sink sink;             /* to all of them */
    struct sw_session_options offer; /* values that the engine may ask for */
    struct sw_credentials *credentials;
    struct sw_parts parts;
    const struct sw_pair *arguments; /* of the Dockerfile, ends with a NULL name */
    /* The names that the image gets, ends with NULL; NULL before the build. */
    const char **tags;
    bool zstd; /* the layers are compressed with zstd */
    struct sw_build_outcome outcome;
    struct sw_verification verification;
    const struct sw_node *pushed; /* as in push.h; NULL: nothing was to be */
    struct sw_findings findings;
    /* The number of findings that come from check; they stand first. */
    size_t checked;
    int64_t started_ns;
    const struct sw_catalog *catalog;
    bool verified;
    /* The running build is that of slipway's last layer. */
    bool is_own_step;
    bool unnamed; /* the image is to get no tags */
    bool named;   /* it has got its tags */
    /* The number of the record of a build that has its tags; 0: there is none. */
    uint64_t recorded;
};
/* Takes a zeroed attempt with initialized findings. */
void sw_attempt_release(struct sw_attempt *attempt);

/* Open the host's parts of a build, and the readers of its events. */
int sw_attempt_open(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;
/* With its context, offer the context to an engine and open the engine. */
int sw_attempt_engine(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;
/* From an attempt with its engine to a verified image. A build that failed is no error: its findings say why. */
int sw_attempt_make(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;
/* End the stream of events; may be called again. */
void sw_attempt_close(struct sw_attempt *attempt);

/* Return true if the engine has made the attempt's image. */
bool sw_attempt_has_image(const struct sw_attempt *attempt);
/* The names of attempt->tags. */
struct sw_texts sw_attempt_tags(const struct sw_attempt *attempt);

/* The label that a base image made with debootstrap bears: the digest of its archive, "sha256:…". */
#define SW_BASE_ARCHIVE_LABEL "io.slipway.archive"
/* Make sure that the engine has the base image: made with debootstrap, or pulled. */
int sw_attempt_base(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;

/* If the profile keeps compiled wheels for other builders: bring the kept wheels to the engine, build the wheels, and keep them. The
 * request is then that of the image. A failed compilation is the attempt's outcome. */
int sw_attempt_wheels(struct sw_attempt *attempt, struct sw_build_request *request,
                      struct sw_error *error) SW_NODISCARD;

/* Refuse a user's own Dockerfile that the engine cannot build, or on whose image no layer can be put. */
int sw_attempt_check_dockerfile(const struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;
/* Put the plan's last layer on the image of a user's own Dockerfile, which then is the attempt's image. Nothing is done if the
 * plan has no such layer. */
int sw_attempt_layer(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;

/* Gather the values that the engine may ask for during the build: the profile's secrets, SSH agents, logins.
 * A value that no option gives comes from the environment. */
int sw_attempt_offer(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;
/* Offer the context too, under a name by which the engine knows it again. */
int sw_attempt_offer_context(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;

#endif
