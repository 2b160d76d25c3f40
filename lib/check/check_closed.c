/* The closed set: SW226 if no set of releases satisfies the requirements on the target. If the newest set, which the installer takes, has
 * members that the target cannot use, but another set has not, the members are findings of their own: SW201, SW203, SW205. */
#include "check/check_internal.h"
#include "check/closure_internal.h"

#include "base/limits.h"

enum { SHOWN_FACTS = 4 };

struct closed {
    struct sw_candidates *candidates;
    const struct sw_closed_set *set;
    const struct sw_resolve_answer *answer;
};

/* The pin behind a fact; NULL if the fact is not the profile's. */
static const struct sw_pin *pin_of(const struct closed *closed, const struct sw_resolve_fact *fact)
{
    switch (fact->origin) {
    case SW_RESOLVE_ROOT:
        return closed->set->roots[fact->place];
    case SW_RESOLVE_CONSTRAINT:
        return closed->set->constraints[fact->place];
    case SW_RESOLVE_OVERRIDE:
        return closed->set->overrides[fact->place];
    case SW_RESOLVE_OTHERS:
    case SW_RESOLVE_BAR:
        break;
    }
    return NULL;
}

/* Return true if a finding with this code may be about the same contradiction: it is about releases that do not fit, or the contradiction
 * rests on a bar with its code. An import or a library that fails for the same requirement is another fault. */
static bool may_explain(const struct closed *closed, const char *code)
{
    static const char *const releases[] = {"SW202", "SW204", "SW205", "SW210", "SW211", "SW213", "SW220"};
    bool may = false;
    for (size_t i = 0; i < SW_COUNT(releases); i++)
        may = may || strcmp(code, releases[i]) == 0;
    for (size_t i = 0; !may && i < closed->answer->fact_count; i++) {
        const struct sw_resolve_fact *fact = &closed->answer->facts[i];
        may = fact->origin == SW_RESOLVE_BAR && strcmp(closed->set->bars[fact->place].code, code) == 0;
    }
    return may;
}

/* Return true if an error at the pin tells of the contradiction already. */
static bool is_reported(const struct closed *closed, const struct sw_pin *pin)
{
    const struct sw_findings *findings = closed->candidates->stack->findings;
    const char *file = sw_node_file(pin->at);
    for (size_t i = 0; i < findings->count; i++) {
        const struct sw_finding *finding = findings->items[i];
        if (finding->severity == SW_ERROR && finding->line == sw_node_line(pin->at) &&
            (file == NULL || (finding->file != NULL && strcmp(finding->file, file) == 0)) &&
            may_explain(closed, finding->code))
            return true;
    }
    return false;
}

/* The pin at which the contradiction is reported: the last requirement that it rests on, or a constraint. NULL if it was reported. */
static const struct sw_pin *find_place(const struct closed *closed)
{
    const struct sw_pin *place = NULL;
    for (size_t i = 0; i < closed->answer->fact_count; i++) {
        const struct sw_pin *pin = pin_of(closed, &closed->answer->facts[i]);
        if (pin == NULL)
            continue;
        if (is_reported(closed, pin))
            return NULL;
        place = place == NULL || !pin->is_constraint ? pin : place;
    }
    return place;
}

/* Return true if the message tells the fact: those of the profile have lines, and are told only if there are no others. */
static bool is_told(const struct closed *closed, size_t fact, bool others)
{
    return !others || pin_of(closed, &closed->answer->facts[fact]) == NULL;
}

/* Append the facts, in their order. If there are more than a message has room for, those about hardware stay. */
static void add_facts(struct sw_buffer *text, const struct closed *closed)
{
    const struct sw_resolve_answer *answer = closed->answer;
    size_t others = 0, bars = 0, shown = 0, count = answer->more_facts;
    for (size_t i = 0; i < answer->fact_count; i++) {
        others += pin_of(closed, &answer->facts[i]) == NULL;
        bars += answer->facts[i].origin == SW_RESOLVE_BAR;
    }
    size_t room = bars >= SHOWN_FACTS ? 0 : SHOWN_FACTS - bars;
    for (size_t i = 0; i < answer->fact_count; i++) {
        bool bar = answer->facts[i].origin == SW_RESOLVE_BAR;
        if (!is_told(closed, i, others > 0))
            continue;
        count++;
        if (shown == SHOWN_FACTS || (!bar && room == 0))
            continue;
        sw_buffer_addf(text, "%s%s", shown == 0 ? "" : "; ", answer->facts[i].text);
        shown++;
        room -= !bar;
    }
    if (count > shown)
        sw_buffer_addf(text, "; and %zu more", count - shown);
}

static void add_evidence(struct closed *closed, struct sw_finding *finding)
{
    struct sw_stack *stack = closed->candidates->stack;
    for (size_t i = 0; i < closed->answer->fact_count; i++) {
        const struct sw_resolve_fact *fact = &closed->answer->facts[i];
        const struct sw_pin *pin = pin_of(closed, fact);
        if (pin != NULL)
            sw_stack_evidence_pin(stack, finding, pin);
        else if (fact->origin == SW_RESOLVE_BAR)
            sw_stack_evidence(stack, finding, closed->set->bars[fact->place].row, "%s", fact->text);
        else
            sw_finding_evidence(stack->findings, finding, sw_str_from(fact->text), fact->source);
    }
}

/* Return true if torch is ruled out for the code or the CUDA of its build. */
static bool rests_on_build(const struct closed *closed)
{
    for (size_t i = 0; i < closed->answer->fact_count; i++) {
        const struct sw_resolve_fact *fact = &closed->answer->facts[i];
        const struct sw_resolve_bar *bar =
            fact->origin == SW_RESOLVE_BAR ? &closed->set->question.bars[fact->place] : NULL;
        if (bar != NULL && bar->beside == NULL && strcmp(bar->project, "torch") == 0)
            return true;
    }
    return false;
}

static void report_contradiction(struct closed *closed)
{
    struct sw_stack *stack = closed->candidates->stack;
    const struct sw_pin *place = find_place(closed);
    /* Another finding says already that the index has no such release. */
    if (place == NULL || sw_stack_about(stack, "SW204", place->project, place->at) != NULL)
        return;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    add_facts(&text, closed);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW226", SW_ERROR, place->at, "no set of releases satisfies '%s': %s",
                      sw_node_text(place->at, ""), text.p);
    sw_finding_subject(stack->findings, finding, place->project);
    add_evidence(closed, finding);
    if (!rests_on_build(closed) || !sw_stack_offer_build(stack, finding))
        sw_finding_hint(stack->findings, finding, "change one of the requirements that the evidence names");
}

static void report_unresolved(const struct closed *closed, const char *why)
{
    struct sw_stack *stack = closed->candidates->stack;
    /* A single finding about an index out of reach is enough. */
    for (size_t i = 0; i < stack->findings->count; i++) {
        const char *subject = stack->findings->items[i]->subject;
        if (subject != NULL && strcmp(subject, SW_CHECK_INDEX) == 0)
            return;
    }
    bool offline = stack->input->offline;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW403", offline ? SW_NOTE : SW_WARNING, NULL,
        "what else comes with the requirements is not checked, as they could not be resolved: %s", why);
    sw_finding_subject(stack->findings, finding, SW_CHECK_INDEX);
}

static void report_surrender(const struct closed *closed)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    add_facts(&text, closed);
    (void)sw_stack_find(
        closed->candidates->stack, "SW403", SW_WARNING, NULL,
        "what else comes with the requirements is not checked, as resolving them was given up: %s", text.p);
}

/* -- members ---------------------------------------------------------------------------------------------------- */

/* Report a member of the set that the installer takes, and the release that a set without it has. */
static void report_member(struct closed *closed, const struct sw_closure *closure,
                          const struct sw_resolved_package *member, size_t bar)
{
    struct sw_stack *stack = closed->candidates->stack;
    const struct sw_resolve_bar *broken = &closed->set->question.bars[bar];
    const size_t place = (size_t)(member - closure->taken.resolution.packages);
    const char *code = closed->set->bars[bar].code, *by = closure->by[place];
    const struct sw_pin *pin = closure->pins[place];
    if (pin == NULL || sw_stack_about(stack, code, member->name, pin->at) != NULL)
        return;
    struct sw_finding *finding =
        by == NULL
            ? sw_stack_find(stack, code, SW_ERROR, pin->at, "the installer takes %s %s, which %s",
                            member->name, member->version, broken->reason)
            : sw_stack_find(stack, code, SW_ERROR, pin->at, "the installer takes %s %s for %s, which %s",
                            member->name, member->version, by, broken->reason);
    sw_finding_subject(stack->findings, finding, member->name);
    sw_stack_evidence_pin(stack, finding, pin);
    sw_stack_evidence(stack, finding, closed->set->bars[bar].row, "%s %s %s", member->name, member->version,
                      broken->reason);
    const struct sw_resolved_package *other = sw_resolution_find(&closed->answer->resolution, member->name);
    if (other == NULL || strcmp(other->version, member->version) == 0)
        return;
    bool is_known = strcmp(other->name, "torch") != 0 ||
                    sw_catalog_version(stack->catalog->torch, sw_stack_public(stack, other->version)) != NULL;
    if (!is_known)
        return; /* nobody knows whether it fits */
    sw_finding_hint(stack->findings, finding, "require %s==%s, the newest that fits; 'slipway lock' takes it",
                    other->name, other->version);
    const char *exact = sw_arena_format(stack->b.arena, "%s==%s", other->name, other->version);
    if (exact != NULL && by != NULL)
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "requirements", exact);
}

/* Judge the set that the installer takes, which knows nothing of GPUs. */
static void check_members(struct closed *closed, const struct sw_closure *closure)
{
    const struct sw_resolved_package *member;
    for (size_t i = 0; closure->taken.found && i < closed->set->question.bar_count; i++) {
        if (sw_closure_breaks(&member, &closure->taken.resolution, &closed->set->question.bars[i]))
            report_member(closed, closure, member, i);
    }
}

/* Name the members whose requirements are not known. */
static void report_unknown(const struct closed *closed)
{
    const struct sw_resolution *set = &closed->answer->resolution;
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    for (size_t i = 0; i < set->unknown_count; i++) {
        const struct sw_resolved_package *package = sw_resolution_find(set, set->unknowns[i].project);
        if (package != NULL && !package->known)
            sw_buffer_addf(&names, "%s%s%s%s", names.n == 0 ? "" : ", ", package->name,
                           package->version[0] == '\0' ? "" : " ", package->version);
    }
    if (names.n > 0)
        (void)sw_stack_find(closed->candidates->stack, "SW403", SW_NOTE, NULL,
                            "what these require is known only when they are built: %s", names.p);
}

/* If the requirements contradict each other, there is no set whose other members could be judged. */
static void cover_no_set(const struct sw_stack *stack)
{
    static const enum sw_aspect aspects[] = {SW_ASPECT_GPU, SW_ASPECT_RELEASES};
    for (size_t i = 0; i < SW_COUNT(aspects); i++)
        sw_stack_cover(stack, aspects[i], "what else the requirements bring", SW_NOT_JUDGED,
                       "no set of releases satisfies all of them");
}

void sw_check_contradiction(struct sw_candidates *candidates, const struct sw_closed_set *set,
                            const struct sw_resolve_answer *answer)
{
    struct closed closed = {candidates, set, answer};
    report_contradiction(&closed);
}

void sw_check_closed(struct sw_candidates *candidates)
{
    const struct sw_closure *closure = candidates->closure;
    struct closed closed = {candidates, &closure->asked, &closure->fitting};
    if (closure->code != 0) {
        report_unresolved(&closed, closure->problem.text);
    } else if (closed.answer->found) {
        report_unknown(&closed);
        check_members(&closed, closure);
    } else if (closed.answer->gave_up) {
        report_surrender(&closed);
    } else {
        report_contradiction(&closed);
        if (!closure->taken.found)
            cover_no_set(candidates->stack);
    }
}
