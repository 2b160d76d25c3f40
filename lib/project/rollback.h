/* Back to a good build: its image gets its tags back, its profile comes back to the working tree, and a record says so. */
#ifndef SLIPWAY_PROJECT_ROLLBACK_H
#define SLIPWAY_PROJECT_ROLLBACK_H

#include "project/attempt.h"
#include "project/restore.h"
#include "project/rollback_target.h"

struct sw_rollback_input {
    /* The number of a record as the user wrote it; NULL stands for the good build before the present state. */
    const char *to;
    /* The tags that the caller wants; if there are none, those of the record count. */
    struct sw_texts tags;
    /* Replace files though their contents are neither committed nor built. */
    bool force;
    bool dry_run; /* find out all, and change nothing */
    /* For an image that has to be built again. */
    const struct sw_attempt_choices *choices;
    const struct sw_attempt_view *view;
    /* The findings of a rebuild go here. */
    struct sw_findings *findings;
};

struct sw_rollback {
    struct sw_project *project;
    /* NULL before sw_rollback_run(). */
    const struct sw_rollback_input *input;
    struct sw_history *history;
    /* The reader of the events; it gets none once an image is built again. */
    struct sw_sink sink;
    struct sw_host_engine engine;
    const char *profile;
    struct sw_restore_scope scope;
    struct sw_target target;
    struct sw_restore restore;
    const char *image; /* id */
    const char *how;
    struct sw_record made;
    /* This run has finished an interrupted rollback and makes no new rollback. */
    bool finished;
    int64_t started_ns;
    /* The lock from the choice of the record to the end: facts that are read in between stay true. */
    int held;
};

/* Open the records of the project, and choose the profile that the words name, else the only one with records. */
int sw_rollback_open(struct sw_rollback *rollback, struct sw_project *project, const struct sw_texts *words,
                     struct sw_error *error) SW_NODISCARD;
/* Go back; rollback->sink is set. */
int sw_rollback_run(struct sw_rollback *rollback, const struct sw_rollback_input *input,
                    struct sw_error *error) SW_NODISCARD;
/* {profile, to, result, how, image: {id, tags}, files, number}; NULL without memory. */
struct sw_node *sw_rollback_json(struct sw_builder *b, const struct sw_rollback *rollback);
void sw_rollback_release(struct sw_rollback *rollback);

#endif
