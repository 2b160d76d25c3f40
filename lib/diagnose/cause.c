/* The cause is the fact that the failure hangs on. The search finds the end of the failure first. From there
 * it goes back over facts that only say that something failed, over errors that follow from an earlier error,
 * and over errors that another rule explains. Within a fact the rank of the rules decides. */
#include "diagnose/cause_internal.h"

enum {
    /* If a log does not say that anything failed, an error counts if at most so many lines follow it, for a
     * program ends with it. */
    NEAR_END = 30,
    NEAR_END_TRACEBACK = 60,
    NEAR_END_REMARK = 6,
    NEAR_END_RETRIED = 2,
    /* A program went on after an error if so many plain lines follow; a shell says that soon. */
    WORK_BEHIND = 3,
    WORK_BEHIND_REMARK = 2,
};

static bool is_better(const struct sw_hit *hit, const struct sw_hit *best)
{
    if (best == NULL)
        return true;
    if (hit->rule->consequence != best->rule->consequence)
        return best->rule->consequence;
    bool error = hit->rule->severity == SW_ERROR, best_error = best->rule->severity == SW_ERROR;
    if (error != best_error)
        return error;
    return hit->rule->rank > best->rule->rank;
}

static bool lies_in(const struct sw_hit *hit, const struct sw_fact *fact)
{
    return hit->step == fact->step && hit->number >= fact->first && hit->number <= fact->last;
}

static void add_facts(struct sw_cause_search *search)
{
    struct sw_facts *facts = &search->diagnosis->facts;
    for (size_t i = 0; i < sw_facts_kept(facts); i++) {
        const struct sw_fact *fact = sw_facts_at(facts, i);
        if (!fact->overcome && fact->words_n > 0)
            search->items[search->count++] = (struct sw_cause_candidate){
                .fact = fact, .step = fact->step, .first = fact->first, .last = fact->last};
    }
}

/* Put a hit into its fact, or beside the facts. A symptom marks its fact. */
static void add_hit(struct sw_cause_search *search, struct sw_hit *hit, size_t facts)
{
    struct sw_cause_candidate *home = NULL;
    for (size_t i = 0; i < facts && home == NULL; i++)
        home = lies_in(hit, search->items[i].fact) ? &search->items[i] : NULL;
    if (hit->rule->symptom) {
        if (home != NULL)
            home->consequence = true;
        return;
    }
    if (home == NULL) {
        home = &search->items[search->count++];
        *home = (struct sw_cause_candidate){
            .step = hit->step, .first = hit->number, .last = hit->number, .warned = hit->warned};
    }
    if (is_better(hit, home->hit))
        home->hit = hit;
}

static void gather(struct sw_cause_search *search, bool (*counts)(const void *self, const struct sw_hit *hit),
                   const void *self)
{
    struct sw_diagnosis *d = search->diagnosis;
    add_facts(search);
    size_t facts = search->count;
    for (size_t i = 0; i < d->hit_count; i++) {
        const struct sw_rule *rule = d->hits[i]->rule;
        if (rule->symptom ? !d->hits[i]->passed : counts(self, d->hits[i]))
            add_hit(search, d->hits[i], facts);
    }
    for (size_t i = 0; i < search->count; i++) {
        struct sw_cause_candidate *item = &search->items[i];
        if (item->hit != NULL)
            item->consequence = item->hit->rule->consequence;
        else if (item->fact->consequence)
            item->consequence = true;
    }
}

/* The step whose failure ended the log, and buildx's repetition of it, which has its name. */
static void find_failed(struct sw_cause_search *search)
{
    struct sw_diagnosis *d = search->diagnosis;
    search->failed = d->failed_step;
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        const struct sw_step *step = &d->steps.items[i];
        if (step->serial != 0 && step->state == SW_STEP_FAILED && step->lines > 0 &&
            !sw_step_is_summary(step))
            search->failed = step->serial;
        if (step->serial != 0 && sw_step_is_summary(step))
            search->summary = step->serial;
    }
}

static bool in_failed(const struct sw_cause_search *search, const struct sw_cause_candidate *item)
{
    return search->failed == 0 || item->step == search->failed || item->step == search->summary;
}

/* Is `a` told nearer to the failure than `b`? */
static bool is_nearer(const struct sw_cause_search *search, const struct sw_cause_candidate *a,
                      const struct sw_cause_candidate *b)
{
    bool a_failed = in_failed(search, a), b_failed = in_failed(search, b);
    return a_failed != b_failed ? a_failed : a->last > b->last;
}

/* May this candidate be the end of the failure? An error after which the tool tried again is none, unless the log ends there. */
static bool may_end(const struct sw_cause_search *search, const struct sw_cause_candidate *item)
{
    bool background = item->hit != NULL && item->hit->rule->background;
    bool retried = (item->fact != NULL && item->fact->retried) || (item->hit != NULL && item->hit->retried);
    if (retried && !search->known && search->diagnosis->lines > item->last + NEAR_END_RETRIED)
        return false;
    return !item->warned && !background && (item->hit == NULL || item->hit->rule->severity == SW_ERROR);
}

/* The candidate nearest to the failure of those that are further from it than `from`, which may be NULL. */
static struct sw_cause_candidate *next_back(struct sw_cause_search *search,
                                            const struct sw_cause_candidate *from, bool consequences)
{
    struct sw_cause_candidate *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct sw_cause_candidate *item = &search->items[i];
        if (item == from || !may_end(search, item) || (!consequences && item->consequence) ||
            (from != NULL && !is_nearer(search, from, item)))
            continue;
        if (best == NULL || is_nearer(search, item, best))
            best = item;
    }
    return best;
}

/* The warning of the greatest rank, for a failure of which nothing else is told: one of an error, or any. */
static struct sw_cause_candidate *best_warning(struct sw_cause_search *search, bool any)
{
    struct sw_cause_candidate *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct sw_cause_candidate *item = &search->items[i];
        if (item->hit == NULL || item->hit->rule->background || !in_failed(search, item) ||
            (!any && item->hit->rule->severity != SW_ERROR))
            continue;
        if (best == NULL || item->hit->rule->rank > best->hit->rule->rank)
            best = item;
    }
    return best;
}

/* In a log that does not say so itself, is this candidate so near to the end that the program must have ended with it? */
static bool ends_log(const struct sw_cause_search *search, const struct sw_cause_candidate *item)
{
    /* A compiler quotes lines of source, which look like any output. An exception whose cause a rule knows ended something, whoever
     * went on. */
    bool known = item->hit != NULL && !item->consequence && item->fact != NULL;
    bool lasts = (item->hit != NULL && item->hit->rule->survives) ||
                 (known && item->fact->kind == SW_FACT_TRACEBACK) ||
                 (item->fact != NULL && item->fact->kind == SW_FACT_COMPILER);
    uint64_t last = item->fact != NULL ? item->fact->certain : item->last;
    bool remark = item->fact == NULL || item->fact->kind == SW_FACT_REMARK;
    if (!lasts && sw_step_works_on(sw_steps_find(&search->diagnosis->steps, item->step), last,
                                   remark ? WORK_BEHIND_REMARK : WORK_BEHIND))
        return false;
    if (item->hit != NULL && !item->consequence)
        return true;
    if (item->fact == NULL)
        return search->diagnosis->lines - item->last <= NEAR_END;
    uint64_t behind = sw_lines_behind(search->diagnosis, item->fact);
    if (item->fact->kind == SW_FACT_TRACEBACK)
        return behind <= NEAR_END_TRACEBACK;
    if (item->fact->kind != SW_FACT_REMARK || item->hit != NULL)
        return behind <= NEAR_END;
    return behind <= NEAR_END_REMARK &&
           !sw_step_goes_on(sw_steps_find(&search->diagnosis->steps, item->step));
}

static bool is_consequence(const struct sw_cause_search *search, uint64_t number)
{
    for (size_t i = 0; i < search->count; i++) {
        const struct sw_cause_candidate *item = &search->items[i];
        if (item->consequence && item->first <= number && number <= item->last)
            return true;
    }
    return false;
}

/* Find the words before a candidate that only says that something failed. The words of others of that kind do not count. */
static bool words_before(struct sw_cause_search *search, const struct sw_cause_candidate *item)
{
    struct sw_diagnosis *d = search->diagnosis;
    const struct sw_step *failed = sw_steps_find(&d->steps, search->failed);
    bool repeated = item->step == search->summary && failed != NULL && sw_step_line(failed, 1) != NULL;
    uint64_t step = repeated ? search->failed : item->step;
    uint64_t number = repeated ? sw_step_line(failed, 1)->number + 1 : item->first;
    for (int hop = 0; hop < SW_MOST_HOPS && sw_words_before(&d->last_words, d, step, number); hop++) {
        if (d->last_words.said >= number || !is_consequence(search, d->last_words.said))
            return true;
        number = d->last_words.said;
    }
    return false;
}

/* The candidate that the failure ends with, or NULL. */
static struct sw_cause_candidate *find_end(struct sw_cause_search *search)
{
    struct sw_cause_candidate *end = next_back(search, NULL, true);
    while (!search->known && end != NULL && !ends_log(search, end))
        end = next_back(search, end, true);
    return end;
}

/* Take the last reason of uv's chain "error: ... cause: ... cause: ..." unless it only tells an exit status. */
static bool last_of_chain(struct sw_fact *out, const struct sw_fact *fact)
{
    static const struct sw_str mark = {" cause: ", 8};
    struct sw_str words = fact == NULL ? SW_STR("") : sw_fact_words(fact), last = words;
    for (size_t at = sw_str_find(last, mark); at < last.n; at = sw_str_find(last, mark))
        last = sw_str_drop(last, at + mark.n);
    if (last.n == words.n || sw_str_find(last, SW_STR("(exit ")) < last.n ||
        sw_str_find(last, SW_STR("returned an error")) < last.n)
        return false;
    struct sw_fact told = *fact;
    sw_fact_say(&told, last, fact->last);
    *out = told;
    return true;
}

/* The cause that a candidate tells; `end` is the end of the failure. */
static struct sw_cause cause_of(struct sw_cause_search *search, const struct sw_cause_candidate *end,
                                const struct sw_cause_candidate *found)
{
    struct sw_diagnosis *d = search->diagnosis;
    struct sw_cause cause = {found->fact, found->hit, true};
    if (found->consequence && cause.hit != NULL && strcmp(cause.hit->rule->code, "SW399") == 0)
        cause.hit = NULL;
    bool said = found->consequence && (last_of_chain(&d->last_words, found->fact) ||
                                       (end != NULL && end->consequence && words_before(search, end)) ||
                                       words_before(search, found));
    if (!said && cause.hit == NULL && cause.fact == NULL)
        said = sw_last_words(&d->last_words, d, true);
    if (said)
        cause.fact = &d->last_words;
    return cause;
}

static struct sw_cause search_cause(struct sw_cause_search *search)
{
    struct sw_diagnosis *d = search->diagnosis;
    struct sw_cause_candidate *end = find_end(search);
    struct sw_cause_candidate *found = end == NULL || !end->consequence ? end : next_back(search, end, false);
    if (found == NULL)
        found = end;
    if (found == NULL && search->known)
        found = best_warning(search, false);
    if (found == NULL && sw_last_words(&d->last_words, d, search->known))
        return (struct sw_cause){&d->last_words, NULL, true};
    if (found == NULL && search->known)
        found = best_warning(search, true);
    if (found == NULL && !search->known && sw_last_status(&d->last_words, d))
        return (struct sw_cause){&d->last_words, NULL, true};
    if (found == NULL)
        return (struct sw_cause){.failed = search->known};
    return cause_of(search, end, sw_cause_deepest(search, found));
}

static void keep_unjudged(struct sw_unjudged *unjudged, struct sw_str words, uint64_t line)
{
    unjudged->any = true;
    unjudged->line = line;
    (void)snprintf(unjudged->words, sizeof unjudged->words, "%.*s", SW_STR_FORMAT(words));
}

/* Remember the errors that are not the cause of anything since the log goes on after them; without any, the last words of a log that
 * does not say that it ended well. */
static void pass_over(struct sw_cause_search *search)
{
    struct sw_diagnosis *d = search->diagnosis;
    struct sw_unjudged *unjudged = &d->unjudged;
    for (size_t i = 0; i < search->count; i++) {
        const struct sw_cause_candidate *item = &search->items[i];
        if (item->fact == NULL || item->consequence || !may_end(search, item))
            continue;
        unjudged->errors++;
        if (item->fact->said >= unjudged->line)
            keep_unjudged(unjudged, sw_fact_words(item->fact), item->fact->said);
    }
    const struct sw_step *last = sw_steps_find(&d->steps, d->last_step);
    bool well = d->ends_well || (last != NULL && (last->state == SW_STEP_PASSED || last->succeeded > 0));
    if (well || unjudged->errors > 0)
        return;
    const struct sw_kept_line *line = sw_last_line(d);
    keep_unjudged(unjudged, line == NULL ? SW_STR("") : (struct sw_str){line->text, line->n},
                  line == NULL ? 0 : line->number);
}

struct sw_cause sw_diagnosis_cause(struct sw_diagnosis *d, enum sw_log_outcome outcome,
                                   bool (*counts)(const void *self, const struct sw_hit *hit),
                                   const void *self)
{
    bool known = outcome == SW_OUTCOME_FAILED || d->failed_step != 0;
    struct sw_cause_search *search = outcome == SW_OUTCOME_PASSED ? NULL : calloc(1, sizeof *search);
    if (search == NULL)
        return (struct sw_cause){0};
    search->diagnosis = d;
    search->known = known;
    find_failed(search);
    gather(search, counts, self);
    struct sw_cause cause = search_cause(search);
    if (cause.fact == NULL && cause.hit == NULL && !cause.failed)
        pass_over(search);
    free(search);
    return cause;
}
