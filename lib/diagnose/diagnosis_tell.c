/* The words of findings: a rule's message and advice, its place and fix in the profile, and the lines that show it. */
#include "diagnose/diagnosis_internal.h"

#include "base/text.h"
#include "data/path.h"

enum { LONGEST_TEXT = 2000 };

/* A phrase as a text of the findings' arena; NULL without memory. */
static const char *write_phrase(const struct sw_decision *decision, const struct sw_phrase *phrase,
                                const struct sw_hit *hit)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, LONGEST_TEXT);
    sw_phrase_write(&text, phrase, &hit->values);
    return sw_arena_copy(&decision->out->arena, sw_str_trim(sw_buffer_str(&text)));
}

static const struct sw_node *profile_at(const struct sw_decision *decision, const char *path)
{
    return decision->profile == NULL || path == NULL ? NULL : sw_node_at(decision->profile, path);
}

static bool condition_holds(const struct sw_decision *decision, const struct sw_rule_condition *condition,
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

bool sw_decision_conditions_hold(const struct sw_decision *decision, const struct sw_rule_conditions *when,
                                 const struct sw_hit *hit)
{
    for (size_t i = 0; i < when->count; i++) {
        if (!condition_holds(decision, &when->items[i], hit))
            return false;
    }
    return true;
}

static bool place_in_profile(const struct sw_decision *decision, struct sw_finding *finding,
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

/* The step's own line: in the profile's `steps`, else in the Dockerfile. */
static void place_at_step(const struct sw_decision *decision, struct sw_finding *finding, uint64_t serial)
{
    const struct sw_diagnosis *d = decision->diagnosis;
    const struct sw_step *step = sw_steps_find(&d->steps, serial);
    const struct sw_node *command = sw_step_command(decision->profile, step);
    if (command != NULL) {
        sw_finding_place(decision->out, finding, sw_node_file(command), sw_node_line(command),
                         sw_node_column(command));
        return;
    }
    if (step != NULL && step->dockerfile_line > 0)
        sw_finding_place(decision->out, finding, "Dockerfile", step->dockerfile_line, 1);
    else if (d->place.line > 0)
        sw_finding_place(decision->out, finding, d->place.file, d->place.line, 1);
}

/* An edit can be made if its place is there; a key of a map may be new. */
static bool edit_fits(const struct sw_decision *decision, const struct sw_rule_edit *edit, const char *path)
{
    if (path == NULL)
        return false;
    bool item = strchr(path, '[') != NULL;
    return (edit->op != SW_EDIT_REMOVE && !item) || profile_at(decision, path) != NULL;
}

/* All edits that the profile's state asks for, or none: half a fix is none. */
static void add_fix(const struct sw_decision *decision, struct sw_finding *finding, const struct sw_hit *hit)
{
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < hit->rule->fix_count; i++) {
            const struct sw_rule_edit *edit = &hit->rule->fix[i];
            if (decision->profile == NULL || !sw_decision_conditions_hold(decision, &edit->when, hit))
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
static void add_hint(const struct sw_decision *decision, struct sw_finding *finding, const struct sw_hit *hit)
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

static void add_evidence(const struct sw_decision *decision, struct sw_finding *finding, struct sw_str text,
                         uint64_t number)
{
    char source[48];
    (void)snprintf(source, sizeof source, "log, line %llu", (unsigned long long)number);
    size_t before = finding->evidence_count;
    sw_finding_evidence(decision->out, finding, text, source);
    if (finding->evidence_count > before)
        finding->evidence[before].line = number;
}

static bool told_already(const struct sw_decision *decision, size_t first, const struct sw_finding *finding)
{
    for (size_t i = first; i < decision->out->count; i++) {
        if (sw_finding_same_moved(decision->out->items[i], finding))
            return true;
    }
    return false;
}

/* The message of a rule. A value that is not known leaves nothing dangling at its end. */
static const char *write_message(const struct sw_decision *decision, const struct sw_hit *hit)
{
    const char *text = write_phrase(decision, &hit->rule->message, hit);
    struct sw_str message = sw_str_from(text);
    while (message.n > 0 && (message.p[message.n - 1] == ':' || message.p[message.n - 1] == ' '))
        message.n--;
    return text == NULL ? NULL : sw_arena_copy(&decision->out->arena, message);
}

/* A rule that only says that something failed is told with the words of the program that did, if these are known. */
static const char *write_words(const struct sw_decision *decision, const char *message,
                               const struct sw_fact *words)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 16 * SW_MAX_LOG_FACT_WORDS);
    sw_text_add_clean(&clean, sw_fact_words(words));
    return sw_arena_format(&decision->out->arena, "%s: %s", message, clean.p == NULL ? "" : clean.p);
}

/* Set how sure the finding is. `lines` is the span in the log: the hit's own, and the words that it lacks. */
static void add_certainty(const struct sw_decision *decision, struct sw_finding *finding,
                          const struct sw_hit *hit, const struct sw_fact *words)
{
    const struct sw_rule *rule = hit->rule;
    finding->first_line = finding->last_line = hit->number;
    for (size_t i = 0; i < hit->line_count; i++) {
        uint64_t number = hit->lines[i].number;
        finding->first_line = number < finding->first_line ? number : finding->first_line;
        finding->last_line = number > finding->last_line ? number : finding->last_line;
    }
    if (words != NULL && words->said < finding->first_line)
        finding->first_line = words->said;
    if (rule->proof.count > 0)
        finding->proof = write_phrase(decision, &rule->proof, hit);
    else if (rule->consequence || hit->warned)
        finding->proof = sw_arena_format(&decision->out->arena,
                                         "the reason, which the log tells before line %llu if at all",
                                         (unsigned long long)finding->first_line);
    bool weak = hit->warned || (rule->consequence && words == NULL);
    finding->confidence = weak ? "low" : finding->proof != NULL ? "medium" : "high";
}

/* Set how sure a finding is that no rule knows: a reader's fact tells more than a line that only speaks of a failure. */
static void add_uncertainty(const struct sw_decision *decision, struct sw_finding *finding,
                            const struct sw_fact *fact)
{
    bool read = fact != NULL && fact->reader != NULL && !fact->consequence;
    finding->confidence = read ? "medium" : "low";
    finding->first_line = fact == NULL ? 0 : fact->first;
    finding->last_line = fact == NULL ? 0 : fact->last;
    finding->proof =
        fact == NULL
            ? "a line that says why the command failed: the log has none"
            : sw_arena_format(
                  &decision->out->arena,
                  "the reason for these words: no rule knows them, and what led to them stands before "
                  "line %llu if at all",
                  (unsigned long long)fact->first);
}

/* Add the finding of a hit. `words` are the words that the hit itself lacks, or NULL. */
void sw_decision_add_hit(const struct sw_decision *decision, const struct sw_hit *hit, size_t first,
                         const struct sw_fact *words)
{
    const struct sw_rule *rule = hit->rule;
    const char *message = write_message(decision, hit);
    if (message != NULL && words != NULL)
        message = write_words(decision, message, words);
    const struct sw_finding told = {.code = rule->code, .message = message};
    if (message == NULL || told_already(decision, first, &told))
        return;
    struct sw_finding *finding = sw_findings_add(decision->out, rule->code, rule->severity, "%s", message);
    finding->url = rule->url == NULL ? NULL : sw_arena_text(&decision->out->arena, rule->url);
    if (!place_in_profile(decision, finding, hit))
        place_at_step(decision, finding, hit->step);
    if (words != NULL)
        add_evidence(decision, finding, sw_fact_words(words), words->said);
    for (size_t i = 0; i < hit->line_count; i++)
        add_evidence(decision, finding, hit->lines[i].text, hit->lines[i].number);
    add_hint(decision, finding, hit);
    add_fix(decision, finding, hit);
    add_certainty(decision, finding, hit, words);
}

/* Add the step's last lines, but for the line `told`. */
static void add_last_lines(const struct sw_decision *decision, struct sw_finding *finding,
                           const struct sw_step *step, uint64_t told)
{
    for (size_t back = SW_MAX_LOG_TAIL; back > 0; back--) {
        const struct sw_kept_line *line = sw_step_line(step, back);
        if (line != NULL && line->number != told)
            add_evidence(decision, finding, (struct sw_str){line->text, line->n}, line->number);
    }
}

/* Return the step that failed, else the step of the last line; NULL if none is known. A failed step without
 * lines has the lines that buildx repeats, or the reverse. */
static const struct sw_step *failed_step(const struct sw_diagnosis *d, const struct sw_cause *cause)
{
    const struct sw_step *step = cause->fact != NULL ? sw_steps_find(&d->steps, cause->fact->step) : NULL;
    if (step == NULL)
        step = sw_steps_find(&d->steps, d->failed_step);
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        const struct sw_step *other = &d->steps.items[i];
        if (other->serial != 0 && other->state == SW_STEP_FAILED && other->lines > 1 &&
            (step == NULL || step->name_n == 0 || sw_step_is_summary(step)))
            step = other;
    }
    return step != NULL && step->lines > 0 ? step : sw_steps_find(&d->steps, d->last_step);
}

/* SW399: no rule knows why, so the log speaks: in the words of the fact that the failure hangs on, or by its last lines. */
void sw_decision_add_unexplained(const struct sw_decision *decision, const struct sw_cause *cause)
{
    const struct sw_diagnosis *d = decision->diagnosis;
    const struct sw_step *step = failed_step(d, cause);
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
    add_uncertainty(decision, finding, cause->fact);
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
