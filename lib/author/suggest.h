/* The newest stack that fits: builds of torch are put into a draft, newest first, and checked, until nothing is wrong. */
#ifndef SLIPWAY_AUTHOR_SUGGEST_H
#define SLIPWAY_AUTHOR_SUGGEST_H

#include "author/draft.h"
#include "check/check.h"

/* A newer build, and the first thing that is wrong with it. */
struct sw_passed {
    const char *version, *cuda;
    const char *code; /* "SW207" */
    const char *why;
};

struct sw_suggestion {
    struct sw_arena arena;
    bool sought; /* torch was to be chosen */
    /* torch's release and CUDA; NULL if nothing fits, or if torch was not to be chosen. */
    const char *version, *cuda;
    struct sw_passed *passed; /* newest first, in the arena */
    size_t passed_count;
    /* Findings about the suggested stack: unknowns and warnings only. */
    struct sw_findings findings;
};

/* Choose torch's build for a draft that leaves it open, and pin the draft's requirements to the newest
 * releases that go with it, as far as the catalog and the index know them. A stack with a warning is only
 * taken if there is none without. `input` has the catalog and the index; profile and plan are made here, for
 * each build that is tried. `text` gets the output of sw_draft_write() for the result. */
int sw_suggest(struct sw_suggestion *out, struct sw_buffer *text, struct sw_draft *draft,
               const struct sw_check_input *input, const struct sw_draft_form *form,
               struct sw_error *error) SW_NODISCARD;
void sw_suggestion_release(struct sw_suggestion *suggestion); /* takes NULL and a zeroed structure */
#define SW_SUGGESTION_AUTO SW_CLEANUP(sw_suggestion_release) struct sw_suggestion

#endif
