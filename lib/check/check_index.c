/* What the package index knows against the pins: SW204, SW205, SW206, SW210, SW211, SW213; and what could not be asked: SW403. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "python/name.h"

enum { SHOWN = 5 };

static const char *version_text(const struct sw_market *market, const struct sw_index_release *release)
{
    struct sw_version version = release->version;
    const char *text = sw_version_normalized(market->stack->b.arena, &version);
    return text == NULL ? "" : text;
}

/* The newest releases of a project, "2.8.3, 2.8.2, ...". */
static const char *newest(const struct sw_market *market, const struct sw_offer *offer)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    size_t shown = 0;
    for (size_t i = 0; i < offer->page->release_count && shown < SHOWN; i++) {
        struct sw_version version = offer->page->releases[i].version;
        if (!sw_version_is_prerelease(&version))
            sw_buffer_addf(&text, "%s%s", shown++ == 0 ? "" : ", ",
                           version_text(market, &offer->page->releases[i]));
    }
    const char *copy = sw_arena_copy(market->stack->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

static void evidence_newest(struct sw_market *market, struct sw_finding *finding,
                            const struct sw_offer *offer)
{
    const char *text = sw_arena_format(market->stack->b.arena, "%s: %zu releases, the newest are %s",
                                       offer->project, offer->page->release_count, newest(market, offer));
    if (text != NULL)
        sw_finding_evidence(market->stack->findings, finding, sw_str_from(text), offer->page->index);
}

/* What somebody asks for, with the wheel or the line that says so. */
static void evidence_ask(struct sw_market *market, struct sw_finding *finding, const struct sw_ask *ask)
{
    if (ask->by == NULL) {
        sw_stack_evidence_pin(market->stack, finding, ask->pin);
        return;
    }
    const char *text = sw_arena_format(market->stack->b.arena, "%s requires %.*s", ask->file,
                                       SW_STR_FORMAT(ask->requirement.text));
    if (text != NULL)
        sw_finding_evidence(market->stack->findings, finding, sw_str_from(text), ask->index);
}

/* -- single projects --------------------------------------------------------------------------------------------- */

static size_t count_allowed(const struct sw_offer *offer, const struct sw_ask *ask)
{
    size_t count = 0;
    for (size_t i = 0; i < offer->page->release_count; i++)
        count += sw_market_allows(ask, &offer->page->releases[i]);
    return count;
}

/* torch and what comes from its index may have builds there that the default index lacks. */
static bool is_elsewhere(const struct sw_market *market, const struct sw_ask *ask)
{
    static const char *const own[] = {"torch", "torchvision", "torchaudio"};
    bool beside = false;
    for (size_t i = 0; i < SW_COUNT(own); i++)
        beside = beside || strcmp(ask->pin->project, own[i]) == 0;
    return beside && market->stack->torch.cuda_path != NULL &&
           !sw_market_has_own_index(market, ask->pin->project);
}

static void report_no_release(struct sw_market *market, const struct sw_offer *offer,
                              const struct sw_ask *ask)
{
    struct sw_finding *finding =
        sw_stack_find(market->stack, "SW204", SW_ERROR, ask->pin->at, "no release of %s is '%s'",
                      offer->project, sw_node_text(ask->pin->at, ""));
    evidence_newest(market, finding, offer);
    sw_finding_hint(market->stack->findings, finding, "the newest are %s", newest(market, offer));
}

/* Why none of the allowed releases can be used: their Python, or no file for the target. */
static void report_unusable(struct sw_market *market, const struct sw_offer *offer)
{
    const struct sw_index_release *allowed = NULL;
    const struct sw_index_file *excluding = NULL;
    for (size_t i = offer->page->release_count; i-- > 0;) {
        const struct sw_index_release *release = &offer->page->releases[i];
        bool all = true;
        for (size_t j = 0; j < offer->ask_count; j++)
            all = all && (offer->asks[j].by != NULL || sw_market_allows(&offer->asks[j], release));
        if (!all)
            continue;
        allowed = release;
        for (size_t j = 0; j < release->file_count; j++) {
            if (!sw_index_allows_python(&release->files[j], &market->python))
                excluding = &release->files[j];
        }
    }
    if (allowed == NULL)
        return; /* the pins contradict each other, which is said elsewhere */
    const struct sw_pin *pin = offer->asks[0].pin;
    if (allowed->yanked && excluding == NULL) {
        struct sw_finding *finding = sw_stack_find(market->stack, "SW213", SW_ERROR, pin->at,
                                                   "every release of %s that '%s' allows was withdrawn",
                                                   offer->project, sw_node_text(pin->at, ""));
        evidence_newest(market, finding, offer);
    } else if (excluding != NULL) {
        struct sw_finding *finding =
            sw_stack_find(market->stack, "SW211", SW_ERROR, pin->at, "'%s' has no release for Python %s",
                          sw_node_text(pin->at, ""), market->stack->python);
        const char *text = sw_arena_format(market->stack->b.arena, "%s: Python %s", excluding->name,
                                           excluding->requires_python);
        if (text != NULL)
            sw_finding_evidence(market->stack->findings, finding, sw_str_from(text), offer->page->index);
        sw_finding_hint(market->stack->findings, finding,
                        "set python_version to one that it supports (%s), or pin another release",
                        excluding->requires_python);
    } else {
        struct sw_finding *finding = sw_stack_find(
            market->stack, "SW204", SW_ERROR, pin->at, "%s %s has no file for Python %s on Linux %s",
            offer->project, version_text(market, allowed), market->stack->python,
            market->environment.platform_machine);
        for (size_t i = 0; allowed->files != NULL && i < allowed->file_count && i < SHOWN; i++)
            sw_finding_evidence(market->stack->findings, finding, sw_str_from(allowed->files[i].name),
                                offer->page->index);
        sw_finding_hint(market->stack->findings, finding,
                        "choose a release or a Python for which there is a file");
    }
}

static void check_yanked(struct sw_market *market, const struct sw_offer *offer, const struct sw_ask *ask)
{
    for (size_t i = 0; ask->pin->version != NULL && i < offer->candidate_count; i++) {
        const struct sw_index_release *release = offer->candidates[i].release;
        if (!release->yanked)
            continue;
        const char *why = release->files[0].yanked_reason;
        struct sw_finding *finding =
            sw_stack_find(market->stack, "SW213", SW_WARNING, ask->pin->at, "%s %s was withdrawn%s%s",
                          offer->project, version_text(market, release), why[0] == '\0' ? "" : ": ", why);
        sw_finding_evidence(market->stack->findings, finding, sw_str_from(release->files[0].name),
                            offer->page->index);
    }
}

/* Why there is no such project, or no wheel at the URL; NULL where there may be. */
static const struct sw_error *missing(const struct sw_offer *offer)
{
    const struct sw_error *problem = offer->page == NULL ? &offer->problem : NULL;
    if (offer->direct && offer->candidate_count == 1)
        problem = offer->candidates[0].problem;
    return problem != NULL && problem->code == SW_ENOTFOUND ? problem : NULL;
}

static void check_named(struct sw_market *market, const struct sw_offer *offer)
{
    bool found = true;
    for (size_t i = 0; i < offer->ask_count; i++) {
        const struct sw_ask *ask = &offer->asks[i];
        if (ask->by != NULL)
            continue;
        const struct sw_error *problem = missing(offer);
        if (problem != NULL) {
            struct sw_finding *finding =
                sw_stack_find(market->stack, "SW204", SW_ERROR, ask->pin->at, "%s", problem->text);
            sw_stack_evidence_pin(market->stack, finding, ask->pin);
            if (problem->hint[0] != '\0')
                sw_finding_hint(market->stack->findings, finding, "%s", problem->hint);
            return;
        }
        if (count_allowed(offer, ask) == 0) {
            found = false;
            if (!is_elsewhere(market, ask))
                report_no_release(market, offer, ask);
        }
        check_yanked(market, offer, ask);
    }
    if (found && offer->page != NULL && offer->candidate_count == 0 && offer->ask_count > 0 &&
        !is_elsewhere(market, &offer->asks[0]))
        report_unusable(market, offer);
}

/* -- who asks for what ------------------------------------------------------------------------------------------- */

/* Between torch and what is built against it the finding has a code of its own. */
static const char *code_for(const char *project, const struct sw_ask *by)
{
    static const char *const companions[] = {"torchvision", "torchaudio", "triton", "xformers"};
    const char *asker = by->by == NULL ? "" : by->by;
    for (size_t i = 0; i < SW_COUNT(companions); i++) {
        size_t length = strlen(companions[i]);
        bool asks = strncmp(asker, companions[i], length) == 0 && asker[length] == ' ';
        bool asked = strcmp(project, companions[i]) == 0 && strncmp(asker, "torch ", 6) == 0;
        if ((asks && strcmp(project, "torch") == 0) || asked)
            return "SW205";
    }
    return "SW210";
}

/* Whether this pin has been found to contradict something already. */
static bool is_known(const struct sw_market *market, const char *code, const struct sw_pin *pin)
{
    return sw_stack_about(market->stack, code, pin->project, pin->at) != NULL;
}

/* The pin, loosened to what is asked of it. */
static void offer_fix(struct sw_market *market, struct sw_finding *finding, const struct sw_pin *pin,
                      const struct sw_ask *wish)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    struct sw_requirement fixed = pin->requirement;
    fixed.specifiers = wish->requirement.specifiers;
    sw_requirement_write(&text, &fixed);
    if (pin->version != NULL && !pin->is_constraint && strchr(pin->path, '[') != NULL)
        sw_finding_fix(market->stack->findings, finding, SW_EDIT_SET, pin->path, text.p);
}

static const char *specifiers_text(const struct sw_market *market, const struct sw_ask *ask)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    sw_specifier_set_write(&text, &ask->requirement.specifiers);
    const char *copy = sw_arena_copy(market->stack->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

static void report_pair(struct sw_market *market, const struct sw_offer *offer, const struct sw_ask *a,
                        const struct sw_ask *b)
{
    if (a->by != NULL && b->by == NULL) {
        const struct sw_ask *swap = a;
        a = b;
        b = swap;
    }
    const char *code = code_for(offer->project, b);
    if (is_known(market, code, a->pin) || is_known(market, code, b->pin))
        return;
    struct sw_finding *finding =
        a->by == NULL
            ? sw_stack_find(market->stack, code, SW_ERROR, a->pin->at, "'%s' cannot hold: %s asks for %s%s",
                            sw_node_text(a->pin->at, ""), b->by, offer->project, specifiers_text(market, b))
            : sw_stack_find(market->stack, code, SW_ERROR, a->pin->at,
                            "%s asks for %s%s, and %s for %s%s: no release is both", a->by, offer->project,
                            specifiers_text(market, a), b->by, offer->project, specifiers_text(market, b));
    sw_finding_subject(market->stack->findings, finding, a->pin->project);
    evidence_ask(market, finding, a);
    evidence_ask(market, finding, b);
    if (a->by == NULL)
        offer_fix(market, finding, a->pin, b);
}

static bool meet(const struct sw_offer *offer, const struct sw_ask *a, const struct sw_ask *b)
{
    for (size_t i = 0; i < offer->page->release_count; i++) {
        if (sw_market_allows(a, &offer->page->releases[i]) && sw_market_allows(b, &offer->page->releases[i]))
            return true;
    }
    return false;
}

static void check_pairs(struct sw_market *market, const struct sw_offer *offer)
{
    for (size_t i = 0; i < offer->ask_count; i++) {
        for (size_t j = i + 1; j < offer->ask_count; j++) {
            const struct sw_ask *a = &offer->asks[i], *b = &offer->asks[j];
            bool said =
                a->by == NULL && b->by == NULL && (a->pin->version != NULL || b->pin->version != NULL);
            bool possible = offer->direct || (count_allowed(offer, a) > 0 && count_allowed(offer, b) > 0);
            if (said || !possible || meet(offer, a, b))
                continue;
            if (a->by != NULL || b->by != NULL) {
                report_pair(market, offer, a, b);
                continue;
            }
            struct sw_finding *finding =
                sw_stack_find(market->stack, "SW210", SW_ERROR, b->pin->at,
                              "'%s' and '%s' cannot both hold: no release is both",
                              sw_node_text(a->pin->at, ""), sw_node_text(b->pin->at, ""));
            sw_finding_subject(market->stack->findings, finding, b->pin->project);
            evidence_ask(market, finding, a);
            evidence_ask(market, finding, b);
        }
    }
}

/* Of several releases that may come each contradicts a pin. */
static void check_choice(struct sw_market *market, const struct sw_offer *offer)
{
    const struct sw_ask *against = offer->against;
    if (offer->chosen < offer->candidate_count || against == NULL)
        return;
    const char *code = code_for(against->pin->project, &offer->wish);
    if (is_known(market, code, against->pin))
        return;
    bool all = offer->looked_at == offer->candidate_count;
    struct sw_finding *finding = sw_stack_find(
        market->stack, code, all ? SW_ERROR : SW_WARNING, against->pin->at,
        "'%s' cannot hold: %s %zu releases of %s that may come ask for others, the newest, %s, for %s%s",
        sw_node_text(against->pin->at, ""), all ? "all" : "the newest", offer->looked_at, offer->project,
        offer->wish.by, against->pin->project, specifiers_text(market, &offer->wish));
    sw_finding_subject(market->stack->findings, finding, against->pin->project);
    evidence_ask(market, finding, against);
    evidence_ask(market, finding, &offer->wish);
    if (offer->pin != against->pin)
        sw_stack_evidence_pin(market->stack, finding, offer->pin);
    offer_fix(market, finding, against->pin, &offer->wish);
}

/* -- assertions -------------------------------------------------------------------------------------------------- */

/* An assertion about a project whose release is open, against all that it may be. */
static void check_assertion(struct sw_market *market, const struct sw_node *row)
{
    const struct sw_node *that = sw_node_get(row, "that"), *is = sw_node_get(row, "is");
    const struct sw_offer *offer =
        that == NULL || is == NULL ? NULL : sw_market_offer(market, sw_node_text(that, ""));
    struct sw_specifier_set set;
    if (offer == NULL || offer->candidate_count == 0 ||
        sw_stack_release(market->stack, offer->project) != NULL || sw_node_str(is).n == 0 ||
        strchr("<>=!~", sw_node_text(is, "")[0]) == NULL ||
        sw_specifier_set_parse(&set, market->stack->b.arena, sw_node_str(is), NULL) != 0)
        return;
    for (size_t i = 0; i < offer->candidate_count; i++) {
        struct sw_version version = offer->candidates[i].release->version;
        if (sw_specifier_set_contains(&set, &version, SW_PRERELEASES_ALLOW))
            return;
    }
    struct sw_finding *finding =
        sw_stack_find(market->stack, "SW206", SW_ERROR, is, "no release of %s that the pins allow is '%s'",
                      offer->project, sw_node_text(is, ""));
    sw_stack_evidence_pin(market->stack, finding, offer->pin);
    evidence_newest(market, finding, offer);
}

/* -- what is not known ------------------------------------------------------------------------------------------- */

/* Whether what is certain to come says only when it is built what it requires. */
static bool is_built(const struct sw_offer *offer)
{
    bool source = offer->candidate_count == 1 && offer->candidates[0].file->kind == SW_INDEX_SDIST;
    return offer->wanted &&
           (source || (offer->direct && offer->page == NULL && offer->problem.code == SW_ENOTFOUND));
}

static void report_built(struct sw_market *market)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    size_t count = 0;
    for (size_t i = 0; i < market->count; i++) {
        if (is_built(market->offers[i]))
            sw_buffer_addf(&names, "%s%s", count++ == 0 ? "" : ", ", market->offers[i]->project);
    }
    if (count > 0)
        (void)sw_stack_find(market->stack, "SW403", SW_NOTE, NULL,
                            "what these require is known only when they are built: %s", names.p);
}

/* Why an offer, or what it requires, could not be asked about; NULL where it could. */
static const struct sw_error *unasked(const struct sw_offer *offer)
{
    const struct sw_error *problem = offer->page == NULL ? &offer->problem : NULL;
    if (offer->candidate_count == 1)
        problem = offer->candidates[0].problem;
    return !offer->wanted || (problem != NULL && problem->code == SW_ENOTFOUND) ? NULL : problem;
}

/* One finding for all that could not be asked. */
static void report_unasked(struct sw_stack *stack, const struct sw_market *market, const char *why)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    size_t count = 0;
    for (size_t i = 0; market != NULL && i < market->count; i++) {
        const struct sw_offer *offer = market->offers[i];
        const struct sw_error *problem = unasked(offer);
        if (problem == NULL)
            continue;
        why = why == NULL ? problem->text : why;
        sw_buffer_addf(&names, "%s%s", count++ == 0 ? "" : ", ", offer->project);
    }
    if (why == NULL)
        return;
    bool offline = stack->input->offline;
    (void)sw_stack_find(stack, "SW403", offline ? SW_NOTE : SW_WARNING, NULL,
                        "releases, what they require and their Pythons are not checked%s%s: %s",
                        count == 0 ? "" : " for ", names.p,
                        offline ? "--offline, and the cache has nothing of them" : why);
}

static int check_market(struct sw_market *market, struct sw_error *error)
{
    struct sw_stack *stack = market->stack;
    for (size_t i = 0; i < market->count; i++) {
        const struct sw_offer *offer = market->offers[i];
        if (offer->page != NULL || (offer->problem.code == SW_ENOTFOUND && !offer->direct))
            check_named(market, offer);
        if (offer->page == NULL)
            continue;
        check_pairs(market, offer);
        check_choice(market, offer);
    }
    const struct sw_node *assertions = sw_stack_get(stack, "assertions");
    for (size_t i = 0; i < sw_node_count(assertions); i++)
        check_assertion(market, sw_node_item(assertions, i));
    sw_check_numpy(stack, market);
    report_unasked(stack, market, NULL);
    report_built(market);
    return sw_check_modules(market, error);
}

int sw_check_index(struct sw_stack *stack, struct sw_error *error)
{
    if (stack->pin_count == 0 && stack->torch.version == NULL)
        return 0;
    if (stack->input->index == NULL) {
        sw_check_numpy(stack, NULL);
        if (stack->input->no_index != NULL)
            report_unasked(stack, NULL, stack->input->no_index);
        return 0;
    }
    struct sw_market market;
    int code = sw_market_open(&market, stack, stack->input->index, error);
    if (code == 0)
        code = check_market(&market, error);
    int reset = sw_index_pin(stack->input->index, NULL, 0, error); /* the profile's own die with it */
    return code != 0 ? code : reset;
}
