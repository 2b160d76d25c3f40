/* The questions that the probe is asked, and the check of its answer (internal to this layer).
 *
 * The answer comes out of an image that nobody trusts yet. The questions follow from the plan: an answer counts only if it has exactly
 * one row for each question, no other row, and the number that only this run was given. */
#ifndef SLIPWAY_VERIFY_ANSWER_INTERNAL_H
#define SLIPWAY_VERIFY_ANSWER_INTERNAL_H

#include "base/arena.h"
#include "profile/plan.h"

struct sw_question {
    /* A row answers the question if it has these values; NULL stands for any value. */
    const char *check, *at, *what;
    /* The question may have several rows, each different. */
    bool several;
    /* The question may have no row, since only the image knows whether there is anything to try. */
    bool optional;
    /* The number of rows that answered the question. */
    size_t rows;
};

struct sw_questions {
    struct sw_question *items;
    size_t count;
};

/* The facts that decide which questions there are. */
struct sw_asked {
    const struct sw_plan_parts *plan; /* may be NULL */
    /* There is no plan, and the probe reads the image's own stack.json. */
    bool own_stack;
    bool gpus; /* kernels are to be run */
    /* The user asked for GPUs and the engine has none. */
    bool no_gpus;
};
int sw_questions_make(struct sw_questions *out, struct sw_arena *arena, const struct sw_asked *asked,
                      struct sw_error *error) SW_NODISCARD;

/* A row of the answer. `fault` and `untried` may be NULL. */
struct sw_answer_row {
    const char *check, *at, *what, *code, *fault, *untried;
};

struct sw_answer {
    /* Moot rows, which had nothing to be tried on, are left out. */
    struct sw_answer_row *rows;
    size_t count;
    const struct sw_node *root;
};

/* Read an answer into `arena`. The result is SW_EINPUT if the text is no answer to the questions. A question without a row is no error:
 * its `rows` is 0. */
int sw_answer_read(struct sw_answer *out, struct sw_arena *arena, struct sw_questions *questions,
                   struct sw_str text, const char *nonce, struct sw_error *error) SW_NODISCARD;

#endif
