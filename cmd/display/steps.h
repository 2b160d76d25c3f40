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
    int64_t began_at;       /* `current` when it was first told of, and when that was */
    int64_t began_ns, told_ns;
};

/* What a running step does. */
struct step_work {
    struct lines lines[2]; /* of standard output and standard error */
    struct step_item items[STEP_ITEMS];
    size_t item_count;
    char tail[STEP_TAIL][STEP_TAIL_SIZE]; /* its last lines, clean, oldest first, downloads folded */
    size_t tail_count;
    bool tail_moves; /* the last of them is gone over again and again, as a bar is */
    struct downloads downloads;
};

struct step {
    char *id, *name; /* the name is clean */
    unsigned number; /* from 1, in the order of their first starts */
    enum step_state state;
    int64_t started_ns, ended_ns;
    int64_t earlier_ns;     /* time spent before its last start */
    struct step_work *work; /* NULL before its first output, and once it ended well */
    unsigned rows;          /* for the terminal: lines it gets in the frame at hand */
};

struct steps {
    struct step **list; /* by number */
    size_t count, capacity;
    int64_t first_ns; /* of the first event; 0 before */
};

void steps_release(struct steps *steps); /* takes a zeroed one */

/* The step that the event belongs to, made where it is new; NULL past SW_MAX_BUILD_STEPS or without memory. */
struct step *steps_get(struct steps *steps, const struct sw_event *event);
/* Its work, made where it has none; NULL without memory. */
struct step_work *step_work(struct step *step);
void step_drop_work(struct step *step);

void step_start(struct step *step, int64_t time_ns);
/* The state that the event, an end, brings it into; its work stays. */
void step_end(struct step *step, const struct sw_event *event);
/* Output that the event, a log, brings, into the last lines of its work; at the step's end what is left without an end. */
void step_log(struct step *step, const struct sw_event *event);
void step_log_end(struct step *step);
/* The item that the event, a progress, tells of, brought up to date; NULL without memory. */
struct step_item *step_progress(struct step *step, const struct sw_event *event);

/* Whether a display shows the item of the step, or its downloads: they are under way. The step has work. */
bool step_item_shows(const struct step *step, const struct step_item *item);
bool step_downloads(const struct step *step);

int64_t step_elapsed(const struct step *step, int64_t now_ns);

/* "transferring context 340 MB / 1.0 GB, 45 MB/s". */
void step_item_text(char out[256], const struct step_item *item);

#endif
