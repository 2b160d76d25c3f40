/* Pushing the image of a recorded build: its tags, one after the other, and the record that says so. */
#ifndef SLIPWAY_PROJECT_PUSH_H
#define SLIPWAY_PROJECT_PUSH_H

#include "history/facts.h"
#include "history/history.h"
#include "project/attempt.h"

struct sw_push {
    struct sw_project *project;
    struct sw_engine *engine;
    const struct sw_sink *sink;
    const struct sw_credentials *credentials;
    const char *profile;
    const char *image; /* the id that the tags must name */
    /* The tags that the caller wants; if there are none, those of the record count. */
    struct sw_texts given;
    struct sw_texts tags;
    bool recorded;                 /* the build has a record */
    struct sw_record_facts build;  /* facts of the build's record */
    struct sw_record record;       /* the build's record */
    struct sw_record_push *pushed; /* the tags that have been pushed */
    size_t pushed_count;
    uint64_t number; /* of the record of the push; 0 before */
};

/* Find the newest build that was not rejected, and take its image, and its tags or those of -t. A record that is refused is passed
 * over. SW_ENO if there is no such build, SW_EINPUT if its tags are none of the profile's own. */
int sw_push_find(struct sw_push *push, struct sw_history *history, struct sw_error *error) SW_NODISCARD;
/* SW_ENO if a tag is gone from the engine or names another image by now. */
int sw_push_check(const struct sw_push *push, struct sw_error *error) SW_NODISCARD;
/* Push the tags, up to the first that fails. */
int sw_push_tags(struct sw_push *push, struct sw_error *error) SW_NODISCARD;
/* Append a record of the tags that have been pushed, if any. If that fails, the sink gets a warning: the
 * registry has the tags all the same. */
void sw_push_record(struct sw_push *push, struct sw_history *history, int64_t started_ns);

/* Finish whatever was interrupted, and do all of the above: a push of the newest good build; with `dry_run` up to the check. */
int sw_push_recorded(struct sw_push *push, bool dry_run, struct sw_error *error) SW_NODISCARD;

/* Push the image that a good build has just made and, if that was possible, recorded. A failure becomes a
 * finding; returns its code. */
int sw_push_attempt(struct sw_attempt *attempt);

#endif
