/* Pushing the image of a recorded build: its tags, one after the other, and the record that says so. */
#ifndef SLIPWAY_CMD_PUSH_H
#define SLIPWAY_CMD_PUSH_H

#include "build.h"

#include "history/facts.h"
#include "history/history.h"

struct push {
    struct session *session;
    struct sw_engine *engine;
    const struct sw_sink *sink;
    const struct sw_credentials *credentials;
    const char *profile;
    const char *image; /* the id that the tags must name */
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
int push_find(struct push *push, struct sw_history *history, struct sw_error *error);
/* SW_ENO if a tag is gone from the engine or names another image by now. */
int push_check(const struct push *push, struct sw_error *error);
/* Push the tags, up to the first that fails. */
int push_tags(struct push *push, struct sw_error *error);
/* The tags that have been pushed: [{tag, digest, reference}]. */
struct sw_node *push_json(struct sw_builder *b, const struct push *push);
/* Print a line for each of these tags: tag and digest. */
void push_print(const struct sw_node *pushed, FILE *to);
/* Append a record of the tags that have been pushed, if any. If that fails, the sink gets a warning: the
 * registry has the tags all the same. */
void push_record(struct push *push, struct sw_history *history, int64_t started_ns);

/* Push the image that a good build has just made and, if that was possible, recorded. A failure becomes a
 * finding. */
enum status push_build(struct build *build);

#endif
