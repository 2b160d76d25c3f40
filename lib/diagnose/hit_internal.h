/* A match of a rule: the values that it caught, and the lines that show it. */
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
    /* The evidence, as found: lines before, the line itself, lines after. */
    struct sw_hit_line *lines;
    size_t line_count;
    bool passed; /* the step ended well all the same */
    /* True if the line itself is no more than a warning. */
    bool warned;
    /* The tool tries again, as it says right after. */
    bool retried;
    bool explained; /* another hit is its cause */

    /* While lines behind it are still awaited. */
    unsigned awaited;
    struct sw_buffer window;
    uint64_t window_numbers[SW_MAX_LOG_TAIL]; /* of the window's lines */
    size_t window_count;
};

/* Make a hit if the rule matches `line` and the lines before it match too; NULL if not, or without memory. */
struct sw_hit *sw_hit_new(const struct sw_rule *rule, struct sw_matcher *matcher, const struct sw_step *step,
                          struct sw_str line, uint64_t number) SW_NODISCARD;
void sw_hit_free(struct sw_hit *hit); /* takes NULL */

/* Set a value that no pattern caught. */
void sw_hit_set(struct sw_hit *hit, int name, struct sw_str value);
/* Take a line behind the match; true if no more lines are awaited. */
bool sw_hit_follow(struct sw_hit *hit, struct sw_str line, uint64_t number);
/* Complete the hit, as no more lines come: false if a line that the rule requires is missing. */
bool sw_hit_complete(struct sw_hit *hit, struct sw_matcher *matcher);

/* Return true if the same rule caught the same values. */
bool sw_hit_equal(const struct sw_hit *a, const struct sw_hit *b);

#endif
