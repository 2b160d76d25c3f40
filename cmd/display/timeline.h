/* When each step of a build ran, as a reader of its events, for reports. */
#ifndef SLIPWAY_DISPLAY_TIMELINE_H
#define SLIPWAY_DISPLAY_TIMELINE_H

#include "display/steps.h"

#include "data/node.h"

struct timeline {
    struct steps steps;
    int64_t last_ns; /* of the last event */
};

/* `timeline` is zeroed before, and must outlive the sink. */
struct sw_sink timeline_sink(struct timeline *timeline);
void timeline_release(struct timeline *timeline);

/* A list of {number, name, state, duration, left, width}: `state` is "done", "cached", "failed", "canceled" or "running"; left
 * and width are per cent of the whole time, as text. */
struct sw_node *timeline_node(struct sw_builder *b, const struct timeline *timeline);

#endif
