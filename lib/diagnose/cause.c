/* The cause is the fact that the failure hangs on. The search finds the end of the failure first. From there
 * it goes back over facts that only say that something failed, over errors that follow from an earlier error,
 * and over errors that another rule explains. Within a fact the rank of the rules decides. */
#include "diagnose/diagnosis_internal.h"
#include "diagnose/reader_internal.h"

enum {
    MOST = SW_MAX_LOG_FACTS + SW_MAX_LOG_HITS,
    /* Lines between two errors of one burst. */
    BURST = 12,
    /* An error that no rule knows follows from an error that a rule knows if so few lines lie between; more
     * lines if the earlier error lasts. */
    FOLLOWS = 20,
    FOLLOWS_LASTING = 80,
    /* If a log does not say that anything failed, an error counts if at most so many lines follow it, for a
     * program ends with it. */
    NEAR_END = 30,
    NEAR_END_TRACEBACK = 60,
    NEAR_END_REMARK = 6,
    NEAR_END_RETRIED = 2,
    MOST_HOPS = 16,
};

/* A fact with the best of the hits in it, or a hit alone. */
struct candidate {
    const struct sw_fact *fact;
    struct sw_hit *hit;
    uint64_t step, first, last;
    bool consequence; /* says that something failed and not why */
    bool warned;
};

struct search {
    struct sw_diagnosis *diagnosis;
    struct candidate items[MOST];
    size_t count;
    /* The step that failed, and the step of the lines that buildx repeats of it; 0 if unknown. */
    uint64_t failed, summary;
    bool known; /* that something failed */
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

static void add_facts(struct search *search)
{
    struct sw_facts *facts = &search->diagnosis->facts;
    for (size_t i = 0; i < sw_facts_kept(facts); i++) {
        const struct sw_fact *fact = sw_facts_at(facts, i);
        if (!fact->overcome && fact->words_n > 0)
            search->items[search->count++] = (struct candidate){
                .fact = fact, .step = fact->step, .first = fact->first, .last = fact->last};
    }
}

/* Put a hit into its fact, or beside the facts. A symptom marks its fact. */
static void add_hit(struct search *search, struct sw_hit *hit, size_t facts)
{
    struct candidate *home = NULL;
    for (size_t i = 0; i < facts && home == NULL; i++)
        home = lies_in(hit, search->items[i].fact) ? &search->items[i] : NULL;
    if (hit->rule->symptom) {
        if (home != NULL)
            home->consequence = true;
        return;
    }
    if (home == NULL) {
        home = &search->items[search->count++];
        *home = (struct candidate){
            .step = hit->step, .first = hit->number, .last = hit->number, .warned = hit->warned};
    }
    if (is_better(hit, home->hit))
        home->hit = hit;
}

static void gather(struct search *search, bool (*counts)(const void *self, const struct sw_hit *hit),
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
        struct candidate *item = &search->items[i];
        if (item->hit != NULL)
            item->consequence = item->hit->rule->consequence;
        else if (item->fact->consequence)
            item->consequence = true;
    }
}

/* The step whose failure ended the log, and buildx's repetition of it, which has its name. */
static void find_failed(struct search *search)
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

static bool in_failed(const struct search *search, const struct candidate *item)
{
    return search->failed == 0 || item->step == search->failed || item->step == search->summary;
}

/* Is `a` told nearer to the failure than `b`? */
static bool is_nearer(const struct search *search, const struct candidate *a, const struct candidate *b)
{
    bool a_failed = in_failed(search, a), b_failed = in_failed(search, b);
    return a_failed != b_failed ? a_failed : a->last > b->last;
}

/* May this candidate be the end of the failure? An error after which the tool tried again is none, unless the log ends there. */
static bool may_end(const struct search *search, const struct candidate *item)
{
    bool background = item->hit != NULL && item->hit->rule->background;
    bool retried = (item->fact != NULL && item->fact->retried) || (item->hit != NULL && item->hit->retried);
    if (retried && !search->known && search->diagnosis->lines > item->last + NEAR_END_RETRIED)
        return false;
    return !item->warned && !background && (item->hit == NULL || item->hit->rule->severity == SW_ERROR);
}

/* The candidate nearest to the failure of those that are further from it than `from`, which may be NULL. */
static struct candidate *next_back(struct search *search, const struct candidate *from, bool consequences)
{
    struct candidate *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct candidate *item = &search->items[i];
        if (item == from || !may_end(search, item) || (!consequences && item->consequence) ||
            (from != NULL && !is_nearer(search, from, item)))
            continue;
        if (best == NULL || is_nearer(search, item, best))
            best = item;
    }
    return best;
}

static bool says_the_same(const struct candidate *a, const struct candidate *b)
{
    if (a->hit != NULL && b->hit != NULL)
        return sw_hit_equal(a->hit, b->hit);
    return a->hit == NULL && b->hit == NULL && sw_str_equal(sw_fact_words(a->fact), sw_fact_words(b->fact));
}

/* Did a program that says nothing unless something is wrong tell both? */
static bool same_program(const struct sw_fact *a, const struct sw_fact *b)
{
    struct sw_str one = sw_fact_words(a), other = sw_fact_words(b);
    return sw_reader_is_terse(one) && sw_reader_is_terse(other) &&
           sw_str_equal(sw_str_cut(&one, ':'), sw_str_cut(&other, ':'));
}

/* Did a signal end a program that had told an exception? */
static bool ends_after_traceback(const struct candidate *item, const struct candidate *earlier, uint64_t gap)
{
    enum { FOLLOWS_SIGNAL = 6 };
    return gap <= FOLLOWS_SIGNAL && item->fact != NULL && item->fact->reader == &sw_reader_shell &&
           sw_reader_is_signal(sw_fact_words(item->fact)) && earlier->fact != NULL &&
           earlier->fact->kind == SW_FACT_TRACEBACK;
}

/* An earlier candidate from whose error this one follows: of one burst, or told again; of compilers, however far back. */
static bool follows(const struct candidate *item, const struct candidate *earlier)
{
    if (item->step != earlier->step || earlier->last >= item->first || earlier->consequence)
        return false;
    uint64_t gap = item->first - earlier->last;
    if (ends_after_traceback(item, earlier, gap))
        return true;
    /* An error in the output that another error quotes is the reason and not a consequence. */
    if (item->fact != NULL && earlier->fact != NULL && item->fact->depth > earlier->fact->depth)
        return false;
    if (item->hit == NULL && earlier->hit != NULL && earlier->hit->rule->severity == SW_ERROR)
        return gap <= (earlier->hit->rule->survives ? FOLLOWS_LASTING : FOLLOWS);
    if (earlier->warned)
        return false;
    if (says_the_same(item, earlier))
        return true;
    if (item->fact == NULL || earlier->fact == NULL || item->fact->kind != earlier->fact->kind)
        return false;
    if (gap <= 2 && same_program(item->fact, earlier->fact))
        return true;
    if (earlier->hit == NULL && item->hit != NULL)
        return false;
    /* A message that is indented more than another is the reason and not a consequence. */
    if (item->fact->margin > earlier->fact->margin)
        return false;
    return item->fact->kind == SW_FACT_COMPILER || (item->fact->kind == SW_FACT_MESSAGE && gap <= BURST);
}

static struct candidate *earliest_of_burst(struct search *search, struct candidate *item)
{
    for (int hop = 0; hop < MOST_HOPS; hop++) {
        struct candidate *best = NULL;
        for (size_t i = 0; i < search->count; i++) {
            struct candidate *other = &search->items[i];
            if (follows(item, other) && (best == NULL || other->last > best->last))
                best = other;
        }
        if (best == NULL)
            break;
        item = best;
    }
    return item;
}

static bool explains(const struct sw_rules *rules, const struct sw_rule *cause, const struct sw_rule *effect)
{
    unsigned number = (unsigned)(effect - rules->items);
    for (size_t i = 0; i < cause->explains_count; i++) {
        if (cause->explains[i] == number)
            return true;
    }
    return false;
}

/* The candidate of the greatest rank whose rule explains the rule of `item`. */
static struct candidate *explained_by(struct search *search, const struct candidate *item)
{
    struct candidate *best = NULL;
    for (size_t i = 0; item->hit != NULL && i < search->count; i++) {
        struct candidate *other = &search->items[i];
        if (other == item || other->hit == NULL ||
            !explains(search->diagnosis->rules, other->hit->rule, item->hit->rule))
            continue;
        if (best == NULL || other->hit->rule->rank > best->hit->rule->rank)
            best = other;
    }
    return best;
}

/* Rules with `each` tell several failures: return the first candidate of the greatest rank among these. */
static struct candidate *first_of_each(struct search *search, struct candidate *item)
{
    for (size_t i = 0; item->hit != NULL && item->hit->rule->each && i < search->count; i++) {
        struct candidate *other = &search->items[i];
        if (other->hit == NULL || !other->hit->rule->each)
            continue;
        int64_t rank = other->hit->rule->rank, best = item->hit->rule->rank;
        if (rank > best || (rank == best && other->first < item->first))
            item = other;
    }
    return item;
}

/* The candidate that begins right behind a message that ends with a colon. */
static struct candidate *announced_by(struct search *search, const struct candidate *item)
{
    struct sw_str words = item->fact == NULL || item->hit != NULL ? SW_STR("") : sw_fact_words(item->fact);
    for (size_t i = 0; sw_str_ends(words, ":") && i < search->count; i++) {
        struct candidate *other = &search->items[i];
        if (other->fact != NULL && other->step == item->step && other->first > item->last &&
            other->first <= item->last + 1)
            return other;
    }
    return NULL;
}

/* From a candidate back to the deepest. */
static struct candidate *deepest(struct search *search, struct candidate *item)
{
    for (int hop = 0; hop < MOST_HOPS; hop++) {
        struct candidate *before = item, *deeper = explained_by(search, item);
        item = deeper != NULL ? deeper : earliest_of_burst(search, item);
        deeper = announced_by(search, item);
        item = deeper != NULL ? deeper : item;
        if (item == before)
            break;
    }
    return first_of_each(search, item);
}

/* The warning of the greatest rank, for a failure of which nothing else is told: one of an error, or any. */
static struct candidate *best_warning(struct search *search, bool any)
{
    struct candidate *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct candidate *item = &search->items[i];
        if (item->hit == NULL || item->hit->rule->background || !in_failed(search, item) ||
            (!any && item->hit->rule->severity != SW_ERROR))
            continue;
        if (best == NULL || item->hit->rule->rank > best->hit->rule->rank)
            best = item;
    }
    return best;
}

/* In a log that does not say so itself, is this candidate so near to the end that the program must have ended with it? */
static bool ends_log(const struct search *search, const struct candidate *item)
{
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

static bool is_consequence(const struct search *search, uint64_t number)
{
    for (size_t i = 0; i < search->count; i++) {
        const struct candidate *item = &search->items[i];
        if (item->consequence && item->first <= number && number <= item->last)
            return true;
    }
    return false;
}

/* Find the words before a candidate that only says that something failed. The words of others of that kind do not count. */
static bool words_before(struct search *search, const struct candidate *item)
{
    struct sw_diagnosis *d = search->diagnosis;
    uint64_t number = item->first;
    for (int hop = 0; hop < MOST_HOPS && sw_words_before(&d->last_words, d, item->step, number); hop++) {
        if (d->last_words.said >= number || !is_consequence(search, d->last_words.said))
            return true;
        number = d->last_words.said;
    }
    return false;
}

/* The candidate that the failure ends with, or NULL. */
static struct candidate *find_end(struct search *search)
{
    struct candidate *end = next_back(search, NULL, true);
    while (!search->known && end != NULL && !ends_log(search, end))
        end = next_back(search, end, true);
    return end;
}

/* The cause that a candidate tells; `end` is the end of the failure. */
static struct sw_cause cause_of(struct search *search, const struct candidate *end,
                                const struct candidate *found)
{
    struct sw_diagnosis *d = search->diagnosis;
    struct sw_cause cause = {found->fact, found->hit, true};
    if (found->consequence && cause.hit != NULL && strcmp(cause.hit->rule->code, "SW399") == 0)
        cause.hit = NULL;
    bool said = found->consequence && ((end != NULL && end->consequence && words_before(search, end)) ||
                                       words_before(search, found));
    if (!said && cause.hit == NULL && cause.fact == NULL)
        said = sw_last_words(&d->last_words, d, true);
    if (said)
        cause.fact = &d->last_words;
    return cause;
}

static struct sw_cause search_cause(struct search *search)
{
    struct sw_diagnosis *d = search->diagnosis;
    struct candidate *end = find_end(search);
    struct candidate *found = end == NULL || !end->consequence ? end : next_back(search, end, false);
    if (found == NULL)
        found = end;
    if (found == NULL && search->known)
        found = best_warning(search, false);
    if (found == NULL && sw_last_words(&d->last_words, d, search->known))
        return (struct sw_cause){&d->last_words, NULL, true};
    if (found == NULL && search->known)
        found = best_warning(search, true);
    if (found == NULL)
        return (struct sw_cause){.failed = search->known};
    return cause_of(search, end, deepest(search, found));
}

struct sw_cause sw_diagnosis_cause(struct sw_diagnosis *d, enum sw_log_outcome outcome,
                                   bool (*counts)(const void *self, const struct sw_hit *hit),
                                   const void *self)
{
    bool known = outcome == SW_OUTCOME_FAILED || d->failed_step != 0;
    struct search *search = outcome == SW_OUTCOME_PASSED ? NULL : calloc(1, sizeof *search);
    if (search == NULL)
        return (struct sw_cause){0};
    search->diagnosis = d;
    search->known = known;
    find_failed(search);
    gather(search, counts, self);
    struct sw_cause cause = search_cause(search);
    free(search);
    return cause;
}
