/* The status lines of a pull or push as events.
 *
 * Their layers are summed up: a line of progress for what is being downloaded, one for what is being
 * extracted, one for what is being pushed. A size counts from when the engine tells it, so totals grow. */
#ifndef SLIPWAY_ENGINE_TRANSFER_H
#define SLIPWAY_ENGINE_TRANSFER_H

#include "base/arena.h"
#include "base/event.h"
#include "engine/message.h"

enum sw_transfer_phase { SW_DOWNLOADING, SW_EXTRACTING, SW_PUSHING, SW_TRANSFER_PHASES };

struct sw_transfer_layer {
    const char *id;
    int64_t current[SW_TRANSFER_PHASES], total[SW_TRANSFER_PHASES]; /* total 0: not in this phase */
};

struct sw_transfer {
    const struct sw_sink *sink;
    struct sw_arena arena;
    struct sw_transfer_layer *layers;
    size_t count;
    const char *step; /* "pull" or "push"; NULL before the first line */
    const char *name; /* as shown; NULL before the first line */
    bool open;
    bool cached;     /* what was to be pulled was there already */
    char digest[80]; /* of what was pulled or pushed; empty where unknown */
};

void sw_transfer_init(struct sw_transfer *transfer, const struct sw_sink *sink);
void sw_transfer_release(struct sw_transfer *transfer);

/* A message with a "status". `step` is the build's step that pulls; where it is empty the transfer is a step
 * of its own. */
void sw_transfer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message);

/* The stream has ended: the step fails because of `failure`, or ends well where that is empty. */
void sw_transfer_finish(struct sw_transfer *transfer, struct sw_str failure);

#endif
