/* Pushing the image of a recorded build: its tags, one after the other, and the record that says so. */
#ifndef SLIPWAY_CMD_PUSH_H
#define SLIPWAY_CMD_PUSH_H

#include "build.h"

#include "history/history.h"

struct push {
    struct session *session;
    struct sw_engine *engine;
    const struct sw_sink *sink;
    const struct sw_credentials *credentials;
    const char *profile;
    const char *image;          /* the id that the tags must name */
    const struct sw_node *tags; /* a list of texts */
    const struct sw_node
        *build;              /* what the build's record says, with its "number"; NULL: it is not recorded */
    struct sw_record record; /* of the build */
    struct sw_node
        *pushed;    /* what has been pushed: a list of {tag, digest, reference}; NULL before push_tags() */
    int64_t number; /* of the record of it; 0 before */
};

/* Find the newest build that was not rejected, and take its image and tags. SW_ENO where there is none. */
int push_find(struct push *push, struct sw_history *history, struct sw_error *error);
/* SW_ENO where a tag is gone from the engine or names another image by now. */
int push_check(const struct push *push, struct sw_error *error);
/* Push them, up to the first that fails. */
int push_tags(struct push *push, struct sw_error *error);
/* A line for each that has been pushed: tag and digest. */
void push_print(const struct sw_node *pushed, FILE *to);
/* Append a record of what has been pushed, if anything. Where that cannot be it is a warning on the sink: the registry has it all
 * the same. */
void push_record(struct push *push, struct sw_history *history, int64_t started_ns);

/* Push what a build that is good has just made and, where that could be, recorded. What fails becomes a finding. */
enum status push_build(struct build *build);

#endif
