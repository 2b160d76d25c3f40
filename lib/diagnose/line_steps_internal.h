/* The steps of a build as a log tells of them, each with its last lines, in bounded memory. */
#ifndef SLIPWAY_DIAGNOSE_LINE_STEPS_INTERNAL_H
#define SLIPWAY_DIAGNOSE_LINE_STEPS_INTERNAL_H

#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"
#include "diagnose/fact_internal.h"
#include "diagnose/margin_internal.h"

/* A line that is kept: its beginning and its place. */
struct sw_kept_line {
    uint64_t number; /* in the log, from 1 */
    size_t n;
    char text[SW_MAX_LOG_TAIL_LINE];
};

enum { SW_STEP_KEY = 80, SW_LOG_TRACED = 8 };

enum sw_step_state { SW_STEP_RUNNING, SW_STEP_PASSED, SW_STEP_FAILED };

struct sw_step {
    /* 0: the place is free. A serial is never used again for another step. */
    uint64_t serial;
    uint64_t used; /* when it last had a line */
    enum sw_step_state state;
    unsigned dockerfile_line; /* 0 if unknown */
    char outer[SW_STEP_KEY], inner[SW_STEP_KEY];
    size_t outer_n, inner_n;
    char name[512];
    size_t name_n;
    /* The count of lines so far; the last SW_MAX_LOG_TAIL lines are kept. */
    size_t lines;
    struct sw_kept_line tail[SW_MAX_LOG_TAIL];
    struct sw_margins margins;
    /* The last line of an output within the step's output (margin_internal.h) that speaks of a failure, or else the last line; its
     * number is 0 if there was none. */
    struct sw_kept_line inside;
    bool inside_speaks;
    /* The fact that the step's last line belongs to. */
    struct sw_fact fact;
    bool fact_open;
    /* The hashes of the last commands that a shell traced ("+ curl ..."), and their count. */
    uint64_t traced[SW_LOG_TRACED];
    size_t traced_n;
    /* The line of the last success in the step; 0 if there is none. */
    uint64_t succeeded;
};

struct sw_steps {
    struct sw_step *items; /* SW_MAX_LOG_STEPS */
    struct sw_step *last;  /* most logs stay with one step for long */
    uint64_t serials, clock;
};

int sw_steps_init(struct sw_steps *steps, struct sw_error *error) SW_NODISCARD;
void sw_steps_release(struct sw_steps *steps); /* takes NULL and a zeroed structure */

/* Return the step `inner` of the stream `outer`; a new step takes the place of the step that was silent
 * longest. A step is new if its first line comes after the step of that name ended. */
struct sw_step *sw_steps_get(struct sw_steps *steps, struct sw_str outer, struct sw_str inner);
/* NULL if the step is no longer known. */
struct sw_step *sw_steps_find(const struct sw_steps *steps, uint64_t serial);
/* Did a step of this name fail whose lines are known? buildx puts a colon behind the name. */
bool sw_steps_failed(const struct sw_steps *steps, struct sw_str name);

/* Keep a command that a shell traced; true if it is one of the last few, so that it runs again. */
bool sw_step_trace(struct sw_step *step, struct sw_str command);
void sw_step_rename(struct sw_step *step, struct sw_str name);
void sw_step_keep(struct sw_step *step, struct sw_str line, uint64_t number);
/* The kept line `back` lines ago, 1 being the last; NULL if there is none. */
const struct sw_kept_line *sw_step_line(const struct sw_step *step, size_t back);

/* Is it a step of an image's build, rather than a command that somebody runs in a container or a shell? */
bool sw_step_is_build(const struct sw_step *step);
/* Is it the part of a failed step's output that buildx repeats at the end? */
bool sw_step_is_summary(const struct sw_step *step);

#endif
