/* The matches that count, the matches that others explain, and their order. */
#include "diagnose/diagnosis_internal.h"

/* May this hit become a finding, as far as it alone can tell? */
static bool counts(const struct sw_decision *decision, const struct sw_hit *hit)
{
    bool overcome = hit->passed || decision->outcome == SW_OUTCOME_PASSED;
    const struct sw_rule *rule = hit->rule;
    return !rule->symptom && !rule->transient && !rule->success &&
           (!overcome || rule->survives || rule->background) &&
           sw_decision_conditions_hold(decision, &hit->rule->when, hit);
}

static bool hit_counts(const void *self, const struct sw_hit *hit)
{
    return counts(self, hit);
}

/* Compare: the greater rank comes first, then the failed step's lines, then the order of the log. */
static int order(const struct sw_decision *decision, const struct sw_hit *a, const struct sw_hit *b)
{
    if (a->rule->rank != b->rule->rank)
        return a->rule->rank > b->rule->rank ? -1 : 1;
    bool a_failed = a->step == decision->diagnosis->failed_step,
         b_failed = b->step == decision->diagnosis->failed_step;
    if (a_failed != b_failed)
        return a_failed ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* The hits that count, in order; returns how many. */
static size_t select_hits(const struct sw_decision *decision, struct sw_hit *chosen[SW_MAX_LOG_HITS])
{
    size_t count = 0;
    for (size_t i = 0; i < decision->diagnosis->hit_count; i++) {
        struct sw_hit *hit = decision->diagnosis->hits[i];
        if (!counts(decision, hit))
            continue;
        size_t at = count++;
        for (; at > 0 && order(decision, hit, chosen[at - 1]) < 0; at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = hit;
    }
    return count;
}

/* The rules that a hit makes superfluous, and those that they would: a walk without recursion. */
static void explain_from(const struct sw_rules *rules, const struct sw_rule *cause, bool *explained,
                         unsigned *stack)
{
    size_t depth = 0;
    stack[depth++] = (unsigned)(cause - rules->items);
    while (depth > 0) {
        const struct sw_rule *rule = &rules->items[stack[--depth]];
        for (size_t i = 0; i < rule->explains_count; i++) {
            unsigned other = rule->explains[i];
            if (explained[other] || &rules->items[other] == cause)
                continue;
            explained[other] = true;
            stack[depth++] = other;
        }
    }
}

/* Is a hit told beside the cause? Warnings are, unless the log tells of no failure and goes on after them. A note that lasts is always
 * told: it names a part that the log lacks. */
static bool is_told(const struct sw_decision *decision, const struct sw_hit *hit,
                    const struct sw_cause *cause)
{
    enum { NEAR_END = 6 };
    const struct sw_rule *rule = hit->rule;
    bool found = cause->fact != NULL || cause->hit != NULL;
    if (rule->background)
        return false;
    if (rule->each && cause->hit != NULL && cause->hit->rule->each)
        return true;
    if (found || (rule->severity == SW_ERROR && !hit->warned))
        return rule->survives;
    if (rule->severity == SW_NOTE && rule->survives)
        return true;
    return decision->outcome == SW_OUTCOME_UNKNOWN
               ? !hit->passed && decision->diagnosis->lines - hit->number <= NEAR_END
               : rule->survives || decision->outcome == SW_OUTCOME_FAILED;
}

/* Mark the hits that another hit, or the cause, makes superfluous, and the hits that follow from the cause:
 * all that do not last. */
static int mark_explained(const struct sw_decision *decision, struct sw_hit *const *hits, size_t count,
                          const struct sw_cause *cause, struct sw_error *error)
{
    const struct sw_rules *rules = decision->diagnosis->rules;
    bool *explained = calloc(rules->count + 1, sizeof *explained);
    unsigned *stack = calloc(rules->count + 1, sizeof *stack);
    if (explained == NULL || stack == NULL) {
        free(explained);
        free(stack);
        return sw_fail_memory(error);
    }
    if (cause->hit != NULL)
        explain_from(rules, cause->hit->rule, explained, stack);
    for (size_t i = 0; i < count; i++) {
        if (!explained[hits[i]->rule - rules->items])
            explain_from(rules, hits[i]->rule, explained, stack);
    }
    for (size_t i = 0; i < count; i++)
        hits[i]->explained = explained[hits[i]->rule - rules->items] || !is_told(decision, hits[i], cause);
    free(explained);
    free(stack);
    return 0;
}

int sw_diagnosis_judge(struct sw_diagnosis *diagnosis, const struct sw_node *profile,
                       enum sw_log_outcome outcome, struct sw_findings *out, struct sw_error *error)
{
    struct sw_decision decision = {diagnosis, profile, outcome, out};
    struct sw_hit *hits[SW_MAX_LOG_HITS];
    size_t first = out->count;
    size_t count = select_hits(&decision, hits);
    struct sw_cause cause = sw_diagnosis_cause(diagnosis, outcome, hit_counts, &decision);
    int code = mark_explained(&decision, hits, count, &cause, error);
    if (code != 0)
        return code;
    if (cause.hit != NULL)
        sw_decision_add_hit(&decision, cause.hit, first,
                            cause.fact == &diagnosis->last_words ? &diagnosis->last_words : NULL);
    for (size_t i = 0; i < count && cause.fact == NULL && cause.hit == NULL; i++) {
        if (!hits[i]->explained && hits[i]->rule->severity == SW_ERROR)
            cause.hit = hits[i];
    }
    if (cause.failed && cause.hit == NULL)
        sw_decision_add_unexplained(&decision, &cause);
    for (size_t i = 0; i < count; i++) {
        if (!hits[i]->explained)
            sw_decision_add_hit(&decision, hits[i], first, NULL);
    }
    return 0;
}
