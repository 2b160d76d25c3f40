/* A rule that matched: what it caught, and the lines that show it. Private to this layer. */
#ifndef SLIPWAY_DIAGNOSE_HIT_INTERNAL_H
#define SLIPWAY_DIAGNOSE_HIT_INTERNAL_H

#include "diagnose/line_steps_internal.h"
#include "diagnose/rule_internal.h"

struct sw_hit_line {
    struct sw_str text;
    uint64_t number;
};

struct sw_hit {
    const struct sw_rule *rule;
    uint64_t step; /* its serial */
    uint64_t number;
    struct sw_arena arena; /* of the values and lines */
    struct sw_values values;
    struct sw_hit_line *lines; /* evidence, as found: before, the line itself, after */
    size_t line_count;
    bool passed;    /* the step ended well all the same */
    bool explained; /* another hit is its cause */

    /* While lines behind it are still awaited. */
    unsigned awaited;
    struct sw_buffer window;
    uint64_t window_numbers[SW_MAX_LOG_TAIL]; /* of the window's lines */
    size_t window_count;
};

/* A hit where the rule matches `line`, all that it wants before the line being there; NULL where it does not,
 * or without memory. */
struct sw_hit *sw_hit_new(const struct sw_rule *rule, struct sw_matcher *matcher, const struct sw_step *step,
                          struct sw_str line, uint64_t number) SW_NODISCARD;
void sw_hit_free(struct sw_hit *hit); /* takes NULL */

/* One of the lines behind it; true where no more are awaited. */
bool sw_hit_follow(struct sw_hit *hit, struct sw_str line, uint64_t number);
/* All that will come has come: false where something that the rule wants is missing. */
bool sw_hit_complete(struct sw_hit *hit, struct sw_matcher *matcher);

/* The same rule caught the same. */
bool sw_hit_equal(const struct sw_hit *a, const struct sw_hit *b);

#endif
