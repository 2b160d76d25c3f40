/* The lines of Docker's classic builder and of Podman as events.
 *
 * Both put their own lines and the output of RUN into the same field "stream"; a line counts as the builder's
 * own if it has exactly the builder's form and, for a step's heading, the number that is due. Docker wraps
 * standard error in red, Podman mixes it in. A step is named by its number: "2/7", or "1/2 3/3" for the third
 * step of the first of two stages. */
#ifndef SLIPWAY_STREAM_CLASSIC_INTERNAL_H
#define SLIPWAY_STREAM_CLASSIC_INTERNAL_H

#include "base/event.h"
#include "base/limits.h"
#include "stream/step_lines_internal.h"

struct sw_classic {
    const struct sw_sink *sink;
    const struct sw_dockerfile *dockerfile;
    /* Podman's [1/2]; 0 if it tells none. */
    unsigned stage, stages;
    unsigned number, total; /* of the current step; 0 before the first */
    bool open, cached;
    /* Docker ends a heading by a line feed of its own. */
    bool in_heading;
    char id[48]; /* of the current step */
    /* The line of the Dockerfile; 0 if unknown. */
    unsigned line;
    char name[SW_MAX_STEP_NAME];
};

/* Sink and Dockerfile must outlive the reader; the sink may be NULL, the Dockerfile a zeroed structure. */
void sw_classic_init(struct sw_classic *classic, const struct sw_sink *sink,
                     const struct sw_dockerfile *dockerfile);

/* The text of one message's "stream". */
void sw_classic_text(struct sw_classic *classic, struct sw_str text);

/* End the stream: the step that is still open fails because of `failure`, or ends well if that is empty. */
void sw_classic_finish(struct sw_classic *classic, struct sw_str failure);

#endif
