/* A stack that is asked something else than its faults: read with memory of its own, and without findings. */
#ifndef SLIPWAY_CHECK_ASKED_STACK_H
#define SLIPWAY_CHECK_ASKED_STACK_H

#include "check/candidates.h"

struct sw_asked_stack {
    const struct sw_check_input *input;
    struct sw_arena scratch;
    struct sw_findings unused;
    struct sw_stack stack;
    /* Only if the input has an index. */
    struct sw_candidates candidates;
};

/* Read the stack, and look up its candidates if there is an index. sw_asked_stack_close() follows, also after a failure. */
int sw_asked_stack_open(struct sw_asked_stack *asked, const struct sw_check_input *input,
                        struct sw_error *error) SW_NODISCARD;
/* End the questions, of which the last ended with `code`: the index forgets the pins that the profile has. Returns `code`, or the code of
 * a failure to forget them. */
int sw_asked_stack_close(struct sw_asked_stack *asked, int code, struct sw_error *error) SW_NODISCARD;

#endif
