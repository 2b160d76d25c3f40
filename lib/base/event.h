/* Events: work in progress, as a stream.
 *
 * The classic builder's lines, BuildKit's status messages, context uploads, pulls, wheel reads and probes all
 * become these; the progress display, the log file, the diagnoser and the timeline are their readers. An
 * event and all it points to live only during the call. */
#ifndef SLIPWAY_BASE_EVENT_H
#define SLIPWAY_BASE_EVENT_H

#include "base/str.h"

enum sw_event_kind {
    /* `step`, `text` = its name as shown; may come again for a step that is done. */
    SW_EVENT_STEP_STARTED,
    /* `step`; `cached`; `failed` with `text` = the reason; may come again to correct these. */
    SW_EVENT_STEP_DONE,
    /* `step`, `text` = the part, `current` of `total` bytes (total -1: unknown; equal: that part is done,
     * also 0 of 0). */
    SW_EVENT_PROGRESS,
    /* `step`, `text` = raw bytes of output: any chunk, not a line, any bytes. */
    SW_EVENT_LOG,
    SW_EVENT_WARNING, /* `step` or empty, `text` = one line */
    /* `step` or empty, `text` = one line of information: the engine that was chosen, say. */
    SW_EVENT_NOTE,
};

enum sw_stream { SW_STDOUT = 1, SW_STDERR = 2 };

struct sw_event {
    enum sw_event_kind kind;
    /* The step's identity within the run: a vertex digest, "pull NAME", "context"; may be empty. */
    struct sw_str step;
    struct sw_str text;
    enum sw_stream stream; /* of SW_EVENT_LOG */
    int64_t current, total;
    /* sw_clock_now(), or the engine's own time shifted to it. */
    int64_t time_ns;
    bool cached, failed;
    /* The line of the step's instruction, from 1; 0 if unknown. */
    unsigned dockerfile_line;
};

/* A reader. `emit` may be called from the thread that does the work only; it must not block for long. */
struct sw_sink {
    void (*emit)(void *self, const struct sw_event *event);
    void *self;
};

/* Stamp the time if it is 0 and hand the event on; a NULL sink reads nothing. */
void sw_emit(const struct sw_sink *sink, struct sw_event event);

#endif
