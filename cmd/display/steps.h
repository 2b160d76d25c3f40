/* The steps of a build as its events tell them, for the displays. */
#ifndef SLIPWAY_DISPLAY_STEPS_H
#define SLIPWAY_DISPLAY_STEPS_H

#include "display/downloads.h"
#include "display/lines.h"

#include "base/event.h"

enum step_state { STEP_RUNNING, STEP_DONE, STEP_CACHED, STEP_FAILED, STEP_CANCELED };

enum { STEP_ITEMS = 6, STEP_TAIL = 4, STEP_TAIL_SIZE = 1024 };

/* Something within a step that has a size: a transfer, a layer. */
struct step_item {
    char what[128];
    int64_t current, total; /* total -1: unknown; equal: done */
    /* `current` in the first event of the item, and the time of that event. */
    int64_t began_at;
    int64_t began_ns, told_ns;
};

/* The work of a running step. */
struct step_work {
    struct lines lines[2]; /* of standard output and standard error */
    struct step_item items[STEP_ITEMS];
    size_t item_count;
    /* The last lines of the output, clean, oldest first, with downloads folded. */
    char tail[STEP_TAIL][STEP_TAIL_SIZE];
    size_t tail_count;
    /* The last of these lines is written again and again, like a progress bar. */
    bool tail_moves;
    struct downloads downloads;
};

struct step {
    char *id, *name; /* the name is clean */
    /* Numbers count from 1, in the order of the first starts. */
    unsigned number;
    enum step_state state;
    int64_t started_ns, ended_ns;
    int64_t earlier_ns; /* time spent before its last start */
    /* NULL before the first output, and after the step ended well. */
    struct step_work *work;
    /* For the terminal: the number of lines that the step gets in the current frame. */
    unsigned rows;
};

struct steps {
    struct step **list; /* by number */
    size_t count, capacity;
    int64_t first_ns; /* of the first event; 0 before */
};

void steps_release(struct steps *steps); /* takes zeroed steps */

/* Return the step that the event belongs to; a new step is created. NULL past SW_MAX_BUILD_STEPS or without
 * memory. */
struct step *steps_get(struct steps *steps, const struct sw_event *event);
/* Return the step's work, created if there is none; NULL without memory. */
struct step_work *step_work(struct step *step);
void step_drop_work(struct step *step);

void step_start(struct step *step, int64_t time_ns);
/* The state that the event, an end, brings it into; its work stays. */
void step_end(struct step *step, const struct sw_event *event);
/* Take the output of a log event into the last lines of the step's work; step_log_end() takes the rest, which
 * has no line end. */
void step_log(struct step *step, const struct sw_event *event);
void step_log_end(struct step *step);
/* The item that the event, a progress, tells of, brought up to date; NULL without memory. */
struct step_item *step_progress(struct step *step, const struct sw_event *event);

/* Return true if a display shows the item of the step, or the step's downloads: they are under way. The step
 * has work. */
bool step_item_shows(const struct step *step, const struct step_item *item);
bool step_downloads(const struct step *step);

int64_t step_elapsed(const struct step *step, int64_t now_ns);

/* "transferring context 340 MB / 1.0 GB, 45 MB/s". */
void step_item_text(char out[256], const struct step_item *item);

#endif
