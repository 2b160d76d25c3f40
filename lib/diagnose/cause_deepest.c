/* From the end of a failure back to its cause: over errors that follow from an earlier error, and over errors that another rule
 * explains. */
#include "diagnose/cause_internal.h"

#include "diagnose/reader_internal.h"

enum {
    /* Lines between two errors of one burst. */
    BURST = 12,
    /* An error that no rule knows follows from an error that a rule knows if so few lines lie between; more
     * lines if the earlier error lasts. */
    FOLLOWS = 20,
    FOLLOWS_LASTING = 80,
};

static bool says_the_same(const struct sw_cause_candidate *a, const struct sw_cause_candidate *b)
{
    if (a->hit != NULL && b->hit != NULL)
        return sw_hit_equal(a->hit, b->hit);
    return a->hit == NULL && b->hit == NULL && a->fact != NULL && b->fact != NULL &&
           sw_str_equal(sw_fact_words(a->fact), sw_fact_words(b->fact));
}

/* Did a program that says nothing unless something is wrong tell both? */
static bool same_program(const struct sw_fact *a, const struct sw_fact *b)
{
    struct sw_str one = sw_fact_words(a), other = sw_fact_words(b);
    return sw_reader_is_terse(one) && sw_reader_is_terse(other) &&
           sw_str_equal(sw_str_cut(&one, ':'), sw_str_cut(&other, ':'));
}

/* Did a signal end a program that had told an exception? */
static bool ends_after_traceback(const struct sw_cause_candidate *item,
                                 const struct sw_cause_candidate *earlier, uint64_t gap)
{
    enum { FOLLOWS_SIGNAL = 6 };
    return gap <= FOLLOWS_SIGNAL && item->fact != NULL && item->fact->reader == &sw_reader_shell &&
           sw_reader_is_signal(sw_fact_words(item->fact)) && earlier->fact != NULL &&
           earlier->fact->kind == SW_FACT_TRACEBACK;
}

/* An earlier candidate from whose error this one follows: of one burst, or told again; of compilers, however far back. */
static bool follows(const struct sw_cause_candidate *item, const struct sw_cause_candidate *earlier)
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

static struct sw_cause_candidate *earliest_of_burst(struct sw_cause_search *search,
                                                    struct sw_cause_candidate *item)
{
    for (int hop = 0; hop < SW_MOST_HOPS; hop++) {
        struct sw_cause_candidate *best = NULL;
        for (size_t i = 0; i < search->count; i++) {
            struct sw_cause_candidate *other = &search->items[i];
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
static struct sw_cause_candidate *explained_by(struct sw_cause_search *search,
                                               const struct sw_cause_candidate *item)
{
    struct sw_cause_candidate *best = NULL;
    for (size_t i = 0; item->hit != NULL && i < search->count; i++) {
        struct sw_cause_candidate *other = &search->items[i];
        if (other == item || other->hit == NULL ||
            !explains(search->diagnosis->rules, other->hit->rule, item->hit->rule))
            continue;
        if (best == NULL || other->hit->rule->rank > best->hit->rule->rank)
            best = other;
    }
    return best;
}

/* Rules with `each` tell several failures: return the first candidate of the greatest rank among these. */
static struct sw_cause_candidate *first_of_each(struct sw_cause_search *search,
                                                struct sw_cause_candidate *item)
{
    for (size_t i = 0; item->hit != NULL && item->hit->rule->each && i < search->count; i++) {
        struct sw_cause_candidate *other = &search->items[i];
        if (other->hit == NULL || !other->hit->rule->each)
            continue;
        int64_t rank = other->hit->rule->rank, best = item->hit->rule->rank;
        if (rank > best || (rank == best && other->first < item->first))
            item = other;
    }
    return item;
}

/* The candidate that begins right behind a message that ends with a colon. */
static struct sw_cause_candidate *announced_by(struct sw_cause_search *search,
                                               const struct sw_cause_candidate *item)
{
    struct sw_str words = item->fact == NULL || item->hit != NULL ? SW_STR("") : sw_fact_words(item->fact);
    for (size_t i = 0; sw_str_ends(words, ":") && i < search->count; i++) {
        struct sw_cause_candidate *other = &search->items[i];
        if (other->fact != NULL && other->step == item->step && other->first > item->last &&
            other->first <= item->last + 1)
            return other;
    }
    return NULL;
}

struct sw_cause_candidate *sw_cause_deepest(struct sw_cause_search *search, struct sw_cause_candidate *item)
{
    for (int hop = 0; hop < SW_MOST_HOPS; hop++) {
        struct sw_cause_candidate *before = item, *deeper = explained_by(search, item);
        item = deeper != NULL ? deeper : earliest_of_burst(search, item);
        deeper = announced_by(search, item);
        item = deeper != NULL ? deeper : item;
        if (item == before)
            break;
    }
    return first_of_each(search, item);
}
