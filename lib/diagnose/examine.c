/* A line held against the readers and the rules: facts and matches. */
#include "diagnose/diagnosis_internal.h"

#include "diagnose/level_internal.h"
#include "diagnose/reader_internal.h"

/* The step is the last that failed. Behind buildx's summary of a step, the failure is that of the step itself. */
static void blame(struct sw_diagnosis *d, uint64_t serial, const struct sw_step *step)
{
    if (d->failed_step == 0 || step == NULL || !sw_step_is_summary(step))
        d->failed_step = serial;
}

/* Keep a hit that is complete. The latest few of a rule are kept. */
static void keep_hit(struct sw_diagnosis *d, struct sw_hit *hit)
{
    size_t same_rule = 0, first = SW_MAX_LOG_HITS;
    struct sw_step *step = sw_steps_find(&d->steps, hit->step);
    d->matches[hit->rule - d->rules->items]++;
    if (hit->rule->symptom)
        blame(d, hit->step, step);
    if (hit->rule->consequence && step != NULL && step->fact_open && step->fact.first <= hit->number)
        step->fact.consequence = true;
    for (size_t i = 0; i < d->hit_count; i++) {
        if (d->hits[i]->rule != hit->rule)
            continue;
        first = same_rule++ == 0 ? i : first;
    }
    if (same_rule == SW_MAX_LOG_HITS_PER_RULE || d->hit_count == SW_COUNT(d->hits)) {
        size_t gone = same_rule == SW_MAX_LOG_HITS_PER_RULE ? first : 0;
        sw_hit_free(d->hits[gone]);
        memmove(&d->hits[gone], &d->hits[gone + 1], (d->hit_count - gone - 1) * sizeof(struct sw_hit *));
        d->hit_count--;
    }
    d->hits[d->hit_count++] = hit;
}

/* Nothing more comes for the pending hit number `i`. */
static void complete(struct sw_diagnosis *d, size_t i)
{
    struct sw_hit *hit = d->pending[i];
    d->pending[i] = d->pending[--d->pending_count];
    if (sw_hit_complete(hit, d->matcher))
        keep_hit(d, hit);
    else
        sw_hit_free(hit);
}

/* Keep the step's fact, as no more lines are its own. */
static void end_fact(struct sw_diagnosis *d, struct sw_step *step)
{
    if (!step->fact_open)
        return;
    step->fact_open = false;
    step->fact.lines = step->lines;
    sw_facts_add(&d->facts, &step->fact);
}

void sw_diagnosis_complete(struct sw_diagnosis *d, struct sw_step *step)
{
    for (size_t i = d->pending_count; i > 0; i--) {
        if (d->pending[i - 1]->step == step->serial)
            complete(d, i - 1);
    }
    end_fact(d, step);
}

void sw_diagnosis_drop_pending(struct sw_diagnosis *d)
{
    while (d->pending_count > 0)
        complete(d, d->pending_count - 1);
}

static void follow_hits(struct sw_diagnosis *d, const struct sw_step *step, struct sw_str text)
{
    for (size_t i = d->pending_count; i > 0; i--) {
        if (d->pending[i - 1]->step == step->serial && sw_hit_follow(d->pending[i - 1], text, d->lines))
            complete(d, i - 1);
    }
}

static bool belongs(const struct sw_rule *rule, const struct sw_step *step)
{
    return rule->place == SW_RULE_ANYWHERE || (rule->place == SW_RULE_IN_BUILD) == sw_step_is_build(step);
}

static struct sw_hit *try_rule(struct sw_diagnosis *d, const struct sw_rule *rule, const struct sw_step *step,
                               struct sw_str text)
{
    struct sw_hit *hit = belongs(rule, step) ? sw_hit_new(rule, d->matcher, step, text, d->lines) : NULL;
    if (hit == NULL)
        return NULL;
    bool in_traceback = step->fact_open && step->fact.kind == SW_FACT_TRACEBACK && step->fact.importer_n > 0;
    sw_hit_set(hit, rule->importer,
               in_traceback ? (struct sw_str){step->fact.importer, step->fact.importer_n}
                            : SW_STR("a package"));
    enum sw_log_level level = sw_log_level(text);
    if (level == SW_LEVEL_INFO && !rule->transient && !rule->success) {
        sw_hit_free(hit);
        return NULL;
    }
    hit->warned = level == SW_LEVEL_WARNING;
    if (d->pending_count == SW_COUNT(d->pending))
        complete(d, 0);
    d->pending[d->pending_count++] = hit;
    return hit;
}

void sw_diagnosis_overcome(struct sw_diagnosis *d, struct sw_step *step)
{
    sw_diagnosis_complete(d, step);
    sw_facts_overcome(&d->facts, step->serial, d->lines + 1);
    step->succeeded = d->lines;
    for (size_t i = 0; i < d->hit_count; i++) {
        if (d->hits[i]->step == step->serial)
            d->hits[i]->passed = true;
    }
}

void sw_diagnosis_pass_step(struct sw_diagnosis *d, struct sw_step *step)
{
    sw_diagnosis_overcome(d, step);
    step->state = SW_STEP_PASSED;
    if (d->failed_step == step->serial)
        d->failed_step = 0;
}

void sw_diagnosis_fail_step(struct sw_diagnosis *d, struct sw_step *step)
{
    step->state = SW_STEP_FAILED;
    blame(d, step->serial, step);
}

/* Return true if the line says that a command failed; the command is then taken out of the line. */
static bool tells_failure(struct sw_diagnosis *d, struct sw_str *text)
{
    uint64_t bit = 1ULL << (d->rules->count % 64), *word = &d->owners[d->rules->count / 64];
    bool told = (*word & bit) != 0 && sw_log_failure_read(text);
    *word &= ~bit;
    return told;
}

/* Offer the line to the readers whose words it has, and clear the readers' bits. */
static void open_fact(struct sw_diagnosis *d, struct sw_step *step, struct sw_str text, bool may)
{
    for (size_t i = 0; i < SW_READERS; i++) {
        size_t owner = d->rules->count + 1 + i;
        uint64_t bit = 1ULL << (owner % 64), *word = &d->owners[owner / 64];
        bool has = (*word & bit) != 0;
        *word &= ~bit;
        has = has || (sw_readers[i] == &sw_reader_message && sw_reader_is_brief(text)) ||
              (sw_readers[i] == &sw_reader_shell && sw_reader_is_terse(text));
        if (!may || !has)
            continue;
        struct sw_fact fact = {.reader = sw_readers[i],
                               .step = step->serial,
                               .depth = step->margins.count + step->margins.flat,
                               .first = d->lines,
                               .last = d->lines,
                               .certain = d->lines,
                               .said = d->lines};
        if (!sw_readers[i]->open(&fact, text) || sw_log_level(text) != SW_LEVEL_NONE)
            continue;
        end_fact(d, step);
        step->fact = fact;
        step->fact_open = true;
        may = false;
    }
}

/* Give the line to the fact that is open in its step. */
static enum sw_follow follow_fact(struct sw_diagnosis *d, struct sw_step *step, struct sw_str text)
{
    if (!step->fact_open)
        return SW_FOLLOW_PERHAPS;
    enum sw_follow follow = step->fact.reader->follow(&step->fact, text, d->lines);
    if (follow == SW_FOLLOW_NO)
        end_fact(d, step);
    if (follow == SW_FOLLOW_YES || follow == SW_FOLLOW_QUOTE)
        step->fact.last = step->fact.certain = d->lines;
    return follow;
}

/* Hold the rules of one sort against the line; true if one matches. */
static bool try_rules(struct sw_diagnosis *d, const struct sw_step *step, struct sw_str text, bool course)
{
    bool any = false;
    for (size_t word = 0; word < sw_scan_words(d->rules->scan); word++) {
        uint64_t owners = d->owners[word] & (course ? d->course[word] : ~d->course[word]);
        while (owners != 0) {
            size_t bit = (size_t)__builtin_ctzll(owners);
            owners &= owners - 1;
            const struct sw_rule *rule = &d->rules->items[word * 64 + bit];
            any = try_rule(d, rule, step, text) != NULL || any;
        }
    }
    return any;
}

void sw_diagnosis_retry(struct sw_diagnosis *d, struct sw_step *step)
{
    enum { LINES_BEFORE = 3 };
    if (step->fact_open && step->fact.kind != SW_FACT_TRACEBACK)
        end_fact(d, step);
    for (size_t i = 0; i < sw_facts_kept(&d->facts); i++) {
        struct sw_fact *fact = sw_facts_at(&d->facts, i);
        if (fact->step == step->serial && fact->kind != SW_FACT_TRACEBACK &&
            fact->last + LINES_BEFORE >= d->lines)
            fact->retried = true;
    }
    for (size_t i = 0; i < d->hit_count; i++) {
        if (d->hits[i]->step == step->serial && d->hits[i]->number + LINES_BEFORE >= d->lines)
            d->hits[i]->retried = true;
    }
}

static void complete_ready(struct sw_diagnosis *d, struct sw_step *step)
{
    bool success = false, again = false;
    for (size_t i = d->pending_count; i > 0; i--) {
        if (d->pending[i - 1]->step == step->serial && d->pending[i - 1]->awaited == 0) {
            success = success || d->pending[i - 1]->rule->success;
            again = again || d->pending[i - 1]->rule->again;
            complete(d, i - 1);
        }
    }
    if (again)
        sw_diagnosis_retry(d, step);
    if (success)
        sw_diagnosis_overcome(d, step);
}

/* The line is none of a reader's and of no rule's words: give it to the fact that is open. */
static void pass_over(struct sw_diagnosis *d, struct sw_step *step, struct sw_str text)
{
    if (follow_fact(d, step, text) == SW_FOLLOW_PERHAPS && step->fact_open)
        step->fact.last = d->lines;
}

/* Give the line to the readers, and to the rules. */
static void read_scanned(struct sw_diagnosis *d, struct sw_step *step, struct sw_str text, bool whole)
{
    if (tells_failure(d, &text)) {
        end_fact(d, step);
        sw_diagnosis_fail_step(d, step);
        whole = false;
    }
    uint64_t first = step->fact_open ? step->fact.first : 0;
    enum sw_follow follow = whole ? follow_fact(d, step, text) : SW_FOLLOW_PERHAPS;
    bool may = whole && (follow == SW_FOLLOW_NO || follow == SW_FOLLOW_PERHAPS);
    open_fact(d, step, text, may);
    if (whole && follow == SW_FOLLOW_PERHAPS && step->fact_open && step->fact.first == first)
        step->fact.last = d->lines;
    if (follow != SW_FOLLOW_QUOTE)
        (void)try_rules(d, step, text, false);
}

void sw_diagnosis_examine(struct sw_diagnosis *d, struct sw_step *step, struct sw_str text,
                          enum sw_line_end end)
{
    bool whole = end == SW_LINE_ENDED;
    bool found = sw_scan_line(d->rules->scan, text, d->owners);
    bool course = found && try_rules(d, step, text, true);
    /* A fault that a tool gets over may be told between the lines of another message. */
    if (d->pending_count > 0 && whole && !course)
        follow_hits(d, step, text);
    if (!found && !sw_reader_is_brief(text) && !sw_reader_is_terse(text)) {
        if (whole)
            pass_over(d, step, text);
        return;
    }
    if (!course)
        read_scanned(d, step, text, whole);
    complete_ready(d, step);
    memset(d->owners, 0, sw_scan_words(d->rules->scan) * sizeof *d->owners);
}
