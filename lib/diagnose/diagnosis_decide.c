/* From the rules' matches to findings: the matches that count, the matches that others explain, their order
 * and their words. */
#include "diagnose/diagnosis_internal.h"

#include "base/text.h"
#include "data/path.h"

enum { LONGEST_TEXT = 2000 };

/* The source and the destination of the findings. */
struct decision {
    const struct sw_diagnosis *diagnosis;
    const struct sw_node *profile;
    enum sw_log_outcome outcome;
    struct sw_findings *out;
};

/* A phrase as a text of the findings' arena; NULL without memory. */
static const char *write_phrase(const struct decision *decision, const struct sw_phrase *phrase,
                                const struct sw_hit *hit)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, LONGEST_TEXT);
    sw_phrase_write(&text, phrase, &hit->values);
    return sw_arena_copy(&decision->out->arena, sw_str_trim(sw_buffer_str(&text)));
}

static const struct sw_node *profile_at(const struct decision *decision, const char *path)
{
    return decision->profile == NULL || path == NULL ? NULL : sw_node_at(decision->profile, path);
}

static bool condition_holds(const struct decision *decision, const struct sw_rule_condition *condition,
                            const struct sw_hit *hit)
{
    if (decision->profile == NULL || !sw_phrase_complete(&condition->path, &hit->values) ||
        !sw_phrase_complete(&condition->value, &hit->values))
        return false;
    const struct sw_node *node = profile_at(decision, write_phrase(decision, &condition->path, hit));
    const char *text = sw_node_text(node, NULL), *value = write_phrase(decision, &condition->value, hit);
    switch (condition->test) {
    case SW_WHEN_EXISTS:
        return node != NULL;
    case SW_WHEN_ABSENT:
        return node == NULL;
    case SW_WHEN_IS:
        return text != NULL && value != NULL && strcmp(text, value) == 0;
    case SW_WHEN_IS_NOT:
        return text != NULL && value != NULL && strcmp(text, value) != 0;
    }
    return false;
}

static bool conditions_hold(const struct decision *decision, const struct sw_rule_conditions *when,
                            const struct sw_hit *hit)
{
    for (size_t i = 0; i < when->count; i++) {
        if (!condition_holds(decision, &when->items[i], hit))
            return false;
    }
    return true;
}

/* May this hit become a finding, as far as it alone can tell? */
static bool counts(const struct decision *decision, const struct sw_hit *hit)
{
    bool overcome = hit->passed || decision->outcome == SW_OUTCOME_PASSED;
    const struct sw_rule *rule = hit->rule;
    return !rule->symptom && !rule->transient && !rule->success &&
           (!overcome || rule->survives || rule->background) &&
           conditions_hold(decision, &hit->rule->when, hit);
}

static bool hit_counts(const void *self, const struct sw_hit *hit)
{
    return counts(self, hit);
}

/* Compare: the greater rank comes first, then the failed step's lines, then the order of the log. */
static int order(const struct decision *decision, const struct sw_hit *a, const struct sw_hit *b)
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
static size_t select_hits(const struct decision *decision, struct sw_hit *chosen[SW_MAX_LOG_HITS])
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
static bool is_told(const struct decision *decision, const struct sw_hit *hit, const struct sw_cause *cause)
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
static int mark_explained(const struct decision *decision, struct sw_hit *const *hits, size_t count,
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

static bool place_in_profile(const struct decision *decision, struct sw_finding *finding,
                             const struct sw_hit *hit)
{
    for (size_t i = 0; i < hit->rule->at_count; i++) {
        if (!sw_phrase_complete(&hit->rule->at[i], &hit->values))
            continue;
        const struct sw_node *node = profile_at(decision, write_phrase(decision, &hit->rule->at[i], hit));
        if (node != NULL) {
            sw_finding_place(decision->out, finding, sw_node_file(node), sw_node_line(node),
                             sw_node_column(node));
            return true;
        }
    }
    return false;
}

/* Is the profile's command the one in the step's name? The engine puts one blank for every run of them. */
static bool names_command(struct sw_str name, struct sw_str command)
{
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, SW_MAX_LOG_LINE);
    command = sw_str_trim(command);
    for (size_t i = 0; i < command.n; i++) {
        bool blank = sw_is_space((unsigned char)command.p[i]);
        if (!blank || line.p[line.n - 1] != ' ')
            sw_buffer_add_char(&line, blank ? ' ' : command.p[i]);
    }
    return line.n > 0 && line.state == SW_BUFFER_OK && sw_str_find(name, sw_buffer_str(&line)) < name.n;
}

/* The step's own line: in the profile's `steps`, else in the Dockerfile. */
static void place_at_step(const struct decision *decision, struct sw_finding *finding, uint64_t serial)
{
    const struct sw_diagnosis *d = decision->diagnosis;
    const struct sw_step *step = sw_steps_find(&d->steps, serial);
    const struct sw_node *steps = profile_at(decision, "steps");
    for (size_t i = 0; step != NULL && i < sw_node_count(steps); i++) {
        const struct sw_node *command = sw_node_item(steps, i);
        if (sw_node_type(command) == SW_NODE_TEXT &&
            names_command((struct sw_str){step->name, step->name_n}, sw_node_str(command))) {
            sw_finding_place(decision->out, finding, sw_node_file(command), sw_node_line(command),
                             sw_node_column(command));
            return;
        }
    }
    if (step != NULL && step->dockerfile_line > 0)
        sw_finding_place(decision->out, finding, "Dockerfile", step->dockerfile_line, 1);
    else if (d->place.line > 0)
        sw_finding_place(decision->out, finding, d->place.file, d->place.line, 1);
}

/* An edit can be made if its place is there; a key of a map may be new. */
static bool edit_fits(const struct decision *decision, const struct sw_rule_edit *edit, const char *path)
{
    if (path == NULL)
        return false;
    bool item = strchr(path, '[') != NULL;
    return (edit->op != SW_EDIT_REMOVE && !item) || profile_at(decision, path) != NULL;
}

/* All edits that the profile's state asks for, or none: half a fix is none. */
static void add_fix(const struct decision *decision, struct sw_finding *finding, const struct sw_hit *hit)
{
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < hit->rule->fix_count; i++) {
            const struct sw_rule_edit *edit = &hit->rule->fix[i];
            if (decision->profile == NULL || !conditions_hold(decision, &edit->when, hit))
                continue;
            const char *path = write_phrase(decision, &edit->path, hit);
            const char *value = edit->op == SW_EDIT_REMOVE ? NULL : write_phrase(decision, &edit->value, hit);
            if (!sw_phrase_complete(&edit->path, &hit->values) ||
                !sw_phrase_complete(&edit->value, &hit->values) || !edit_fits(decision, edit, path))
                return;
            if (pass == 1)
                sw_finding_fix(decision->out, finding, edit->op, path, value);
        }
    }
}

/* Add the cause, the advice and the command that would prove it, a line each. */
static void add_hint(const struct decision *decision, struct sw_finding *finding, const struct sw_hit *hit)
{
    const struct {
        const char *lead;
        const struct sw_phrase *phrase;
    } rows[] = {{"", &hit->rule->cause}, {"", &hit->rule->hint}, {"to prove it: ", &hit->rule->proof}};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, LONGEST_TEXT);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (rows[i].phrase->count == 0)
            continue;
        const char *line = write_phrase(decision, rows[i].phrase, hit);
        sw_buffer_addf(&text, "%s%s%s", text.n > 0 ? "\n" : "", rows[i].lead, line == NULL ? "" : line);
    }
    if (text.n > 0)
        sw_finding_hint(decision->out, finding, "%s", text.p);
}

static void add_evidence(const struct decision *decision, struct sw_finding *finding, struct sw_str text,
                         uint64_t number)
{
    char source[48];
    (void)snprintf(source, sizeof source, "log, line %llu", (unsigned long long)number);
    sw_finding_evidence(decision->out, finding, text, source);
}

static bool told_already(const struct decision *decision, size_t first, const struct sw_finding *finding)
{
    for (size_t i = first; i < decision->out->count; i++) {
        if (sw_finding_same_moved(decision->out->items[i], finding))
            return true;
    }
    return false;
}

/* The message of a rule. A value that is not known leaves nothing dangling at its end. */
static const char *write_message(const struct decision *decision, const struct sw_hit *hit)
{
    const char *text = write_phrase(decision, &hit->rule->message, hit);
    struct sw_str message = sw_str_from(text);
    while (message.n > 0 && (message.p[message.n - 1] == ':' || message.p[message.n - 1] == ' '))
        message.n--;
    return text == NULL ? NULL : sw_arena_copy(&decision->out->arena, message);
}

static void add_finding(const struct decision *decision, const struct sw_hit *hit, size_t first)
{
    const struct sw_rule *rule = hit->rule;
    const char *message = write_message(decision, hit);
    const struct sw_finding told = {.code = rule->code, .message = message};
    if (message == NULL || told_already(decision, first, &told))
        return;
    struct sw_finding *finding = sw_findings_add(decision->out, rule->code, rule->severity, "%s", message);
    finding->url = rule->url == NULL ? NULL : sw_arena_text(&decision->out->arena, rule->url);
    if (!place_in_profile(decision, finding, hit))
        place_at_step(decision, finding, hit->step);
    for (size_t i = 0; i < hit->line_count; i++)
        add_evidence(decision, finding, hit->lines[i].text, hit->lines[i].number);
    add_hint(decision, finding, hit);
    add_fix(decision, finding, hit);
}

/* Add the step's last lines, but for the line `told`. */
static void add_last_lines(const struct decision *decision, struct sw_finding *finding,
                           const struct sw_step *step, uint64_t told)
{
    for (size_t back = SW_MAX_LOG_TAIL; back > 0; back--) {
        const struct sw_kept_line *line = sw_step_line(step, back);
        if (line != NULL && line->number != told)
            add_evidence(decision, finding, (struct sw_str){line->text, line->n}, line->number);
    }
}

/* SW399: no rule knows why, so the log speaks: in the words of the fact that the failure hangs on, or by its last lines. */
static void add_unexplained(const struct decision *decision, const struct sw_cause *cause)
{
    const struct sw_diagnosis *d = decision->diagnosis;
    const struct sw_step *step = sw_diagnosis_failed_step(d, cause);
    struct sw_str name = step == NULL ? (struct sw_str){"", 0} : (struct sw_str){step->name, step->name_n};
    SW_BUFFER_AUTO words;
    sw_buffer_init(&words, 4 * SW_MAX_LOG_FACT_WORDS);
    if (cause->fact != NULL) {
        sw_buffer_add_str(&words, sw_fact_words(cause->fact));
        if (cause->fact->cause_n > 0)
            sw_buffer_addf(&words, " (raised from: %.*s)", (int)cause->fact->cause_n, cause->fact->cause);
    } else {
        sw_buffer_addf(&words, "the build failed, and no rule knows why%s%.*s", name.n > 0 ? ": " : "",
                       SW_STR_FORMAT(name));
    }
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 16 * SW_MAX_LOG_FACT_WORDS);
    sw_text_add_clean(&clean, sw_buffer_str(&words));
    struct sw_finding *finding =
        sw_findings_add(decision->out, "SW399", SW_ERROR, "%s", clean.p == NULL ? "" : clean.p);
    if (cause->fact != NULL && name.n > 0)
        sw_finding_hint(
            decision->out, finding,
            "no rule knows this failure of '%.*s': these are the words of the program that failed, and its "
            "last lines",
            SW_STR_FORMAT(name));
    else
        sw_finding_hint(
            decision->out, finding,
            "these are the last lines; a rule of your own in slipway/profiles/rules/ would explain them next "
            "time");
    if (step == NULL)
        return;
    place_at_step(decision, finding, step->serial);
    if (cause->fact != NULL)
        add_evidence(decision, finding, sw_fact_words(cause->fact), cause->fact->said);
    add_last_lines(decision, finding, step, cause->fact == NULL ? 0 : cause->fact->said);
}

int sw_diagnosis_judge(struct sw_diagnosis *diagnosis, const struct sw_node *profile,
                       enum sw_log_outcome outcome, struct sw_findings *out, struct sw_error *error)
{
    struct decision decision = {diagnosis, profile, outcome, out};
    struct sw_hit *hits[SW_MAX_LOG_HITS];
    size_t first = out->count;
    size_t count = select_hits(&decision, hits);
    struct sw_cause cause = sw_diagnosis_cause(diagnosis, outcome, hit_counts, &decision);
    int code = mark_explained(&decision, hits, count, &cause, error);
    if (code != 0)
        return code;
    if (cause.hit != NULL)
        add_finding(&decision, cause.hit, first);
    for (size_t i = 0; i < count && cause.fact == NULL && cause.hit == NULL; i++) {
        if (!hits[i]->explained && hits[i]->rule->severity == SW_ERROR)
            cause.hit = hits[i];
    }
    if (cause.failed && cause.hit == NULL)
        add_unexplained(&decision, &cause);
    for (size_t i = 0; i < count; i++) {
        if (!hits[i]->explained)
            add_finding(&decision, hits[i], first);
    }
    return 0;
}
