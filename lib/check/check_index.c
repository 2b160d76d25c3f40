/* The package index against the pins: SW204, SW205, SW206, SW210, SW211, SW213; and the projects that could
 * not be asked about, or are too many: SW403. */
#include "check/check_internal.h"
#include "check/closure_internal.h"

#include "base/limits.h"
#include "python/name.h"

enum { SHOWN = 5, SHOWN_PROJECTS = 20 };

static const char *version_text(const struct sw_candidates *candidates,
                                const struct sw_index_release *release)
{
    struct sw_version version = release->version;
    const char *text = sw_version_normalized(candidates->stack->b.arena, &version);
    return text == NULL ? "" : text;
}

/* The newest releases of a project, "2.8.3, 2.8.2, ...". */
static const char *newest(const struct sw_candidates *candidates, const struct sw_candidate_list *list)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    size_t shown = 0;
    for (size_t i = 0; i < list->page->release_count && shown < SHOWN; i++) {
        struct sw_version version = list->page->releases[i].version;
        if (!sw_version_is_prerelease(&version))
            sw_buffer_addf(&text, "%s%s", shown++ == 0 ? "" : ", ",
                           version_text(candidates, &list->page->releases[i]));
    }
    const char *copy = sw_arena_copy(candidates->stack->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

static void evidence_newest(struct sw_candidates *candidates, struct sw_finding *finding,
                            const struct sw_candidate_list *list)
{
    const char *text = sw_arena_format(candidates->stack->b.arena, "%s: %zu releases, the newest are %s",
                                       list->project, list->page->release_count, newest(candidates, list));
    if (text != NULL)
        sw_finding_evidence(candidates->stack->findings, finding, sw_str_from(text), list->page->index);
}

/* Add a requirement as evidence, with the wheel or the line that holds it. */
static void add_requirer(struct sw_candidates *candidates, struct sw_finding *finding,
                         const struct sw_requirer *requirer)
{
    if (requirer->by == NULL) {
        sw_stack_evidence_pin(candidates->stack, finding, requirer->pin);
        return;
    }
    const char *text = sw_arena_format(candidates->stack->b.arena, "%s requires %.*s", requirer->file,
                                       SW_STR_FORMAT(requirer->requirement.text));
    if (text != NULL)
        sw_finding_evidence(candidates->stack->findings, finding, sw_str_from(text), requirer->index);
}

/* -- single projects --------------------------------------------------------------------------------------------- */

static bool allows_any(const struct sw_requirer *requirer, const struct sw_candidate_list *list)
{
    bool found = false;
    for (size_t i = 0; i < list->page->release_count && !found; i++)
        found = sw_requirer_allows(requirer, &list->page->releases[i]);
    return found;
}

/* torch and the projects from its index may have builds there that the default index lacks. */
static bool is_elsewhere(const struct sw_candidates *candidates, const struct sw_requirer *requirer)
{
    static const char *const own[] = {"torch", "torchvision", "torchaudio"};
    bool beside = false;
    for (size_t i = 0; i < SW_COUNT(own); i++)
        beside = beside || strcmp(requirer->pin->project, own[i]) == 0;
    return beside && candidates->stack->torch.cuda_path != NULL &&
           !sw_candidates_have_own_index(candidates, requirer->pin->project);
}

static void report_no_release(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                              const struct sw_requirer *requirer)
{
    bool unread = candidates->stack->input->profile->has_unread_index;
    struct sw_finding *finding =
        sw_stack_find(candidates->stack, "SW204", unread ? SW_WARNING : SW_ERROR, requirer->pin->at,
                      "no release of %s is '%s'%s", list->project, sw_node_text(requirer->pin->at, ""),
                      unread ? " on the index that is read" : "");
    sw_finding_subject(candidates->stack->findings, finding, list->project);
    evidence_newest(candidates, finding, list);
    sw_finding_hint(candidates->stack->findings, finding, "the newest are %s", newest(candidates, list));
}

/* The oldest release that all pins of the profile allow, and in `excluding` a file of such releases for other Pythons; both may be NULL. */
static const struct sw_index_release *find_allowed(const struct sw_index_file **excluding,
                                                   const struct sw_candidates *candidates,
                                                   const struct sw_candidate_list *list)
{
    const struct sw_index_release *allowed = NULL;
    *excluding = NULL;
    for (size_t i = list->page->release_count; i-- > 0;) {
        const struct sw_index_release *release = &list->page->releases[i];
        bool all = true;
        for (size_t j = 0; j < list->requirer_count; j++)
            all = all && (list->requirers[j].by != NULL || sw_requirer_allows(&list->requirers[j], release));
        if (!all)
            continue;
        allowed = release;
        for (size_t j = 0; j < release->file_count; j++) {
            if (!sw_index_allows_python(&release->files[j], &candidates->python))
                *excluding = &release->files[j];
        }
    }
    return allowed;
}

static void report_withdrawn(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                             const struct sw_pin *pin)
{
    struct sw_finding *finding = sw_stack_find(candidates->stack, "SW213", SW_ERROR, pin->at,
                                               "every release of %s that '%s' allows was withdrawn",
                                               list->project, sw_node_text(pin->at, ""));
    evidence_newest(candidates, finding, list);
}

static void report_other_python(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                                const struct sw_pin *pin, const struct sw_index_file *excluding)
{
    bool guess = candidates->stack->input->profile->guesses_python;
    struct sw_finding *finding = sw_stack_find(candidates->stack, "SW211", guess ? SW_WARNING : SW_ERROR,
                                               pin->at, "'%s' has no release for Python %s",
                                               sw_node_text(pin->at, ""), candidates->stack->python);
    const char *text = sw_arena_format(candidates->stack->b.arena, "%s: Python %s", excluding->name,
                                       excluding->requires_python);
    if (text != NULL)
        sw_finding_evidence(candidates->stack->findings, finding, sw_str_from(text), list->page->index);
    sw_finding_hint(candidates->stack->findings, finding,
                    "set python_version to one that it supports (%s), or pin another release",
                    excluding->requires_python);
}

static void report_no_file(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                           const struct sw_pin *pin, const struct sw_index_release *allowed)
{
    bool guess = candidates->stack->input->profile->guesses_python;
    struct sw_finding *finding = sw_stack_find(
        candidates->stack, "SW204", guess ? SW_WARNING : SW_ERROR, pin->at,
        "%s %s has no file for Python %s on Linux %s", list->project, version_text(candidates, allowed),
        candidates->stack->python, candidates->environment.platform_machine);
    sw_finding_subject(candidates->stack->findings, finding, list->project);
    for (size_t i = 0; allowed->files != NULL && i < allowed->file_count && i < SHOWN; i++)
        sw_finding_evidence(candidates->stack->findings, finding, sw_str_from(allowed->files[i].name),
                            list->page->index);
    sw_finding_hint(candidates->stack->findings, finding,
                    guess ? "name with --python the Python that is meant"
                          : "choose a release or a Python for which there is a file");
}

/* Why none of the allowed releases can be used: their Python, or no file for the target. If the pins allow none, they contradict each
 * other, and another finding says so. */
static void report_unusable(struct sw_candidates *candidates, const struct sw_candidate_list *list)
{
    const struct sw_index_file *excluding;
    const struct sw_index_release *allowed = find_allowed(&excluding, candidates, list);
    const struct sw_pin *pin = list->requirers[0].pin;
    if (allowed == NULL)
        return;
    if (allowed->yanked && excluding == NULL)
        report_withdrawn(candidates, list, pin);
    else if (excluding != NULL)
        report_other_python(candidates, list, pin, excluding);
    else
        report_no_file(candidates, list, pin, allowed);
}

static void check_yanked(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                         const struct sw_requirer *requirer)
{
    for (size_t i = 0; requirer->pin->version != NULL && i < list->candidate_count; i++) {
        const struct sw_index_release *release = list->candidates[i].release;
        if (!release->yanked)
            continue;
        const char *why = release->files[0].yanked_reason;
        struct sw_finding *finding = sw_stack_find(
            candidates->stack, "SW213", SW_WARNING, requirer->pin->at, "%s %s was withdrawn%s%s",
            list->project, version_text(candidates, release), why[0] == '\0' ? "" : ": ", why);
        sw_finding_evidence(candidates->stack->findings, finding, sw_str_from(release->files[0].name),
                            list->page->index);
    }
}

/* The reason why there is no such project, or no wheel at the URL; NULL if there may be. */
static const struct sw_error *missing(const struct sw_candidate_list *list)
{
    const struct sw_error *problem = list->page == NULL ? &list->problem : NULL;
    if (list->direct && list->candidate_count == 1)
        problem = list->candidates[0].problem;
    return problem != NULL && problem->code == SW_ENOTFOUND ? problem : NULL;
}

static void check_named(struct sw_candidates *candidates, const struct sw_candidate_list *list)
{
    bool found = true;
    for (size_t i = 0; i < list->requirer_count; i++) {
        const struct sw_requirer *requirer = &list->requirers[i];
        if (requirer->by != NULL)
            continue;
        const struct sw_error *problem = missing(list);
        if (problem != NULL) {
            struct sw_finding *finding =
                sw_stack_find(candidates->stack, "SW204", SW_ERROR, requirer->pin->at, "%s", problem->text);
            sw_stack_evidence_pin(candidates->stack, finding, requirer->pin);
            if (problem->hint[0] != '\0')
                sw_finding_hint(candidates->stack->findings, finding, "%s", problem->hint);
            return;
        }
        if (!allows_any(requirer, list)) {
            found = false;
            if (!is_elsewhere(candidates, requirer))
                report_no_release(candidates, list, requirer);
        }
        check_yanked(candidates, list, requirer);
    }
    if (found && list->page != NULL && list->candidate_count == 0 && list->requirer_count > 0 &&
        !is_elsewhere(candidates, &list->requirers[0]))
        report_unusable(candidates, list);
}

/* -- requirements and who states them ------------------------------------------------------------------------------- */

/* Between torch and a project built against it the finding has a code of its own. */
static const char *code_for(const char *project, const struct sw_requirer *by)
{
    static const char *const companions[] = {"torchvision", "torchaudio", "triton", "xformers"};
    const char *asker = by->by == NULL ? "" : by->by;
    for (size_t i = 0; i < SW_COUNT(companions); i++) {
        size_t length = strlen(companions[i]);
        bool requirers = strncmp(asker, companions[i], length) == 0 && asker[length] == ' ';
        bool asked = strcmp(project, companions[i]) == 0 && strncmp(asker, "torch ", 6) == 0;
        if ((requirers && strcmp(project, "torch") == 0) || asked)
            return "SW205";
    }
    return "SW210";
}

/* Return true if a finding says already that this pin contradicts something. */
static bool is_known(const struct sw_candidates *candidates, const char *code, const struct sw_pin *pin)
{
    return sw_stack_about(candidates->stack, code, pin->project, pin->at) != NULL;
}

/* Offer to loosen the pin to the requirement. */
static void offer_fix(struct sw_candidates *candidates, struct sw_finding *finding, const struct sw_pin *pin,
                      const struct sw_requirer *required)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    struct sw_requirement fixed = pin->requirement;
    fixed.specifiers = required->requirement.specifiers;
    sw_requirement_write(&text, &fixed);
    if (pin->version != NULL && !pin->is_constraint && strchr(pin->path, '[') != NULL)
        sw_finding_fix(candidates->stack->findings, finding, SW_EDIT_SET, pin->path, text.p);
}

static const char *specifiers_text(const struct sw_candidates *candidates, const struct sw_requirer *requirer)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    sw_specifier_set_write(&text, &requirer->requirement.specifiers);
    const char *copy = sw_arena_copy(candidates->stack->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

/* Return true if no installer refuses the pin for the requirement: the pin comes with a later command, or from a lock. */
static bool is_installed_over(const struct sw_candidates *candidates, const struct sw_pin *pin,
                              const struct sw_requirer *required)
{
    bool in_turn = candidates->stack->input->profile->installs != NULL;
    return in_turn && required->by != NULL && !pin->is_constraint &&
           (pin->install > required->pin->install || (pin->install == 0 && required->pin->install == 0));
}

/* The severity of a contradiction: pip and uv only warn of a release that they install over the requirement of another. */
static enum sw_severity severity_of(struct sw_candidates *candidates, const char *code,
                                    const struct sw_pin *pin, const struct sw_requirer *required)
{
    bool is_over = strcmp(code, "SW210") == 0 && is_installed_over(candidates, pin, required);
    return is_over ? SW_WARNING : SW_ERROR;
}

static void hint_over(struct sw_candidates *candidates, struct sw_finding *finding, const struct sw_pin *pin,
                      const struct sw_requirer *required)
{
    if (finding->severity == SW_WARNING && is_installed_over(candidates, pin, required))
        sw_finding_hint(candidates->stack->findings, finding,
                        "%s: the image then holds a release that %s does not ask for",
                        pin->install == 0 ? "a lock is installed as it stands"
                                          : "a later command installs it all the same",
                        required->by);
}

static void report_pair(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                        const struct sw_requirer *a, const struct sw_requirer *b)
{
    if (a->by != NULL && b->by == NULL) {
        const struct sw_requirer *swap = a;
        a = b;
        b = swap;
    }
    const char *code = code_for(list->project, b);
    if (is_known(candidates, code, a->pin) || is_known(candidates, code, b->pin))
        return;
    struct sw_finding *finding =
        a->by == NULL
            ? sw_stack_find(candidates->stack, code, severity_of(candidates, code, a->pin, b), a->pin->at,
                            "conflict with '%s': %s requires %s%s", sw_node_text(a->pin->at, ""), b->by,
                            list->project, specifiers_text(candidates, b))
            : sw_stack_find(candidates->stack, code, SW_ERROR, a->pin->at,
                            "%s requires %s%s and %s requires %s%s; no release satisfies both", a->by,
                            list->project, specifiers_text(candidates, a), b->by, list->project,
                            specifiers_text(candidates, b));
    sw_finding_subject(candidates->stack->findings, finding, a->pin->project);
    add_requirer(candidates, finding, a);
    add_requirer(candidates, finding, b);
    if (a->by != NULL)
        return;
    offer_fix(candidates, finding, a->pin, b);
    hint_over(candidates, finding, a->pin, b);
}

static bool meet(const struct sw_candidate_list *list, const struct sw_requirer *a,
                 const struct sw_requirer *b)
{
    for (size_t i = 0; i < list->page->release_count; i++) {
        if (sw_requirer_allows(a, &list->page->releases[i]) &&
            sw_requirer_allows(b, &list->page->releases[i]))
            return true;
    }
    return false;
}

static void check_pairs(struct sw_candidates *candidates, const struct sw_candidate_list *list)
{
    for (size_t i = 0; i < list->requirer_count; i++) {
        for (size_t j = i + 1; j < list->requirer_count; j++) {
            const struct sw_requirer *a = &list->requirers[i], *b = &list->requirers[j];
            bool said =
                a->by == NULL && b->by == NULL && (a->pin->version != NULL || b->pin->version != NULL);
            bool possible = list->direct || (allows_any(a, list) && allows_any(b, list));
            if (said || !possible || meet(list, a, b))
                continue;
            if (a->by != NULL || b->by != NULL) {
                report_pair(candidates, list, a, b);
                continue;
            }
            struct sw_finding *finding =
                sw_stack_find(candidates->stack, "SW210", SW_ERROR, b->pin->at,
                              "conflict: no release satisfies both '%s' and '%s'",
                              sw_node_text(a->pin->at, ""), sw_node_text(b->pin->at, ""));
            sw_finding_subject(candidates->stack->findings, finding, b->pin->project);
            add_requirer(candidates, finding, a);
            add_requirer(candidates, finding, b);
        }
    }
}

/* Report a pin that all of a project's several candidates contradict. */
static void check_choice(struct sw_candidates *candidates, const struct sw_candidate_list *list)
{
    const struct sw_requirer *against = list->against;
    if (list->chosen < list->candidate_count || against == NULL)
        return;
    const char *code = code_for(against->pin->project, &list->required);
    if (is_known(candidates, code, against->pin))
        return;
    bool all = list->looked_at == list->candidate_count;
    struct sw_finding *finding = sw_stack_find(
        candidates->stack, code,
        all ? severity_of(candidates, code, against->pin, &list->required) : SW_WARNING, against->pin->at,
        "conflict with '%s': %s %zu allowed releases of %s require another %s; %s requires %s%s",
        sw_node_text(against->pin->at, ""), all ? "all" : "the newest", list->looked_at, list->project,
        against->pin->project, list->required.by, against->pin->project,
        specifiers_text(candidates, &list->required));
    sw_finding_subject(candidates->stack->findings, finding, against->pin->project);
    add_requirer(candidates, finding, against);
    add_requirer(candidates, finding, &list->required);
    if (list->pin != against->pin)
        sw_stack_evidence_pin(candidates->stack, finding, list->pin);
    offer_fix(candidates, finding, against->pin, &list->required);
    hint_over(candidates, finding, against->pin, &list->required);
}

/* -- assertions -------------------------------------------------------------------------------------------------- */

/* An assertion about a project whose release is open, against all that it may be. */
static void check_assertion(struct sw_candidates *candidates, const struct sw_node *row)
{
    const struct sw_node *that = sw_node_get(row, "that"), *is = sw_node_get(row, "is");
    const struct sw_candidate_list *list =
        that == NULL || is == NULL ? NULL : sw_candidates_list(candidates, sw_node_text(that, ""));
    struct sw_specifier_set set;
    if (list == NULL || list->candidate_count == 0 ||
        sw_stack_release(candidates->stack, list->project) != NULL || sw_node_str(is).n == 0 ||
        strchr("<>=!~", sw_node_text(is, "")[0]) == NULL ||
        sw_specifier_set_parse(&set, candidates->stack->b.arena, sw_node_str(is), NULL) != 0)
        return;
    for (size_t i = 0; i < list->candidate_count; i++) {
        struct sw_version version = list->candidates[i].release->version;
        if (sw_specifier_set_contains(&set, &version, SW_PRERELEASES_ALLOW))
            return;
    }
    struct sw_finding *finding =
        sw_stack_find(candidates->stack, "SW206", SW_ERROR, is,
                      "no release of %s that the pins allow is '%s'", list->project, sw_node_text(is, ""));
    sw_stack_evidence_pin(candidates->stack, finding, list->pin);
    evidence_newest(candidates, finding, list);
}

/* -- unknowns
 * ----------------------------------------------------------------------------------------------------- */

/* Return true if the release that is certain to come tells its requirements only when it is built. */
static bool is_built(const struct sw_candidate_list *list)
{
    bool source = list->candidate_count == 1 && list->candidates[0].file->kind == SW_INDEX_SDIST;
    return list->wanted &&
           (source || (list->direct && list->page == NULL && list->problem.code == SW_ENOTFOUND));
}

/* Append a project to the names in a message, which shows the first SHOWN_PROJECTS. */
static void add_project(struct sw_buffer *names, size_t *count, const char *project)
{
    if (*count < SHOWN_PROJECTS)
        sw_buffer_addf(names, "%s%s", *count == 0 ? "" : ", ", project);
    ++*count;
}

/* Append how many projects are not shown. */
static void add_others(struct sw_buffer *names, size_t count)
{
    if (count > SHOWN_PROJECTS)
        sw_buffer_addf(names, " and %zu others", count - SHOWN_PROJECTS);
}

/* The closed set names all such members, if there is a set. */
static void report_built(struct sw_candidates *candidates)
{
    if (candidates->closure != NULL && candidates->closure->fitting.found)
        return;
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    size_t count = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        if (is_built(candidates->lists[i]))
            add_project(&names, &count, candidates->lists[i]->project);
    }
    add_others(&names, count);
    if (count > 0)
        (void)sw_stack_find(candidates->stack, "SW403", SW_NOTE, NULL,
                            "what these require is known only when they are built: %s", names.p);
}

/* The reason why a project, or its requirements, could not be asked about; NULL if they could. */
static const struct sw_error *unasked(const struct sw_candidate_list *list)
{
    const struct sw_error *problem = list->page == NULL ? &list->problem : NULL;
    if (list->candidate_count == 1)
        problem = list->candidates[0].problem;
    return !list->wanted || (problem != NULL && problem->code == SW_ENOTFOUND) ? NULL : problem;
}

/* Report all that could not be asked about in one finding. */
static void report_unasked(struct sw_stack *stack, const struct sw_candidates *candidates, const char *why)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    size_t count = 0;
    for (size_t i = 0; candidates != NULL && i < candidates->count; i++) {
        const struct sw_candidate_list *list = candidates->lists[i];
        const struct sw_error *problem = unasked(list);
        if (problem == NULL)
            continue;
        why = why == NULL ? problem->text : why;
        add_project(&names, &count, list->project);
    }
    add_others(&names, count);
    if (why == NULL)
        return;
    bool offline = stack->input->offline;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW403", offline ? SW_NOTE : SW_WARNING, NULL,
        "releases, what they require and their Pythons are not checked%s%s: %s", count == 0 ? "" : " for ",
        names.p, offline ? "--offline, and the cache has nothing of them" : why);
    sw_finding_subject(stack->findings, finding, SW_CHECK_INDEX);
}

static void report_left_out(const struct sw_candidates *candidates)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    size_t count = 0;
    for (size_t i = 0; i < candidates->left_out_count; i++)
        add_project(&names, &count, candidates->left_out[i]);
    add_others(&names, count);
    for (size_t i = 0; i < candidates->left_out_count; i++)
        sw_stack_cover(candidates->stack, SW_ASPECT_RELEASES, candidates->left_out[i], SW_NOT_JUDGED,
                       "SW403");
    if (count > 0)
        (void)sw_stack_find(candidates->stack, "SW403", SW_WARNING, NULL,
                            "%s%zu projects are not checked, as a check looks up %d at most: %s",
                            count == SW_MAX_CHECK_LEFT_OUT ? "at least " : "", count, SW_MAX_CHECK_PROJECTS,
                            names.p);
}

/* Return true if the closed set has all that the project requires: a repository may state it. */
static bool is_resolved(const struct sw_candidates *candidates, const char *project)
{
    const struct sw_closure *closure = candidates->closure;
    const struct sw_resolved_package *package =
        closure == NULL || !closure->fitting.found
            ? NULL
            : sw_resolution_find(&closure->fitting.resolution, project);
    return package != NULL && package->known;
}

/* Record the judgement on a project. */
static void cover(const struct sw_candidates *candidates, const struct sw_candidate_list *list, bool wrong)
{
    struct sw_stack *stack = candidates->stack;
    const struct sw_error *problem = unasked(list);
    bool offline = stack->input->offline;
    if (wrong)
        sw_stack_cover(stack, SW_ASPECT_RELEASES, list->project, SW_WRONG, NULL);
    else if (problem != NULL)
        sw_stack_cover(stack, SW_ASPECT_RELEASES, list->project, SW_NOT_JUDGED,
                       offline ? "SW403, --offline" : "SW403");
    else if (is_built(list))
        sw_stack_cover(stack, SW_ASPECT_RELEASES, list->project, SW_NOT_JUDGED,
                       is_resolved(candidates, list->project)
                           ? "its requirements are known, but not whether it can be built"
                           : "SW403, its requirements are known only when it is built");
    else if (list->wanted && list->page != NULL)
        sw_stack_cover(stack, SW_ASPECT_RELEASES, list->project, SW_PROVEN, NULL);
}

static int check_candidates(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_stack *stack = candidates->stack;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct sw_candidate_list *list = candidates->lists[i];
        size_t errors = sw_findings_count(stack->findings, SW_ERROR);
        if (list->page != NULL || (list->problem.code == SW_ENOTFOUND && !list->direct))
            check_named(candidates, list);
        if (list->page != NULL) {
            check_pairs(candidates, list);
            check_choice(candidates, list);
        }
        cover(candidates, list, sw_findings_count(stack->findings, SW_ERROR) > errors);
    }
    const struct sw_node *assertions = sw_stack_get(stack, "assertions");
    for (size_t i = 0; i < sw_node_count(assertions); i++)
        check_assertion(candidates, sw_node_item(assertions, i));
    sw_check_numpy(stack, candidates);
    int numpy = sw_check_numpy_wheels(candidates, error);
    if (numpy != 0)
        return numpy;
    report_unasked(stack, candidates, NULL);
    report_left_out(candidates);
    report_built(candidates);
    int code = sw_check_modules(candidates, error);
    if (code == 0)
        sw_check_closed(candidates);
    if (code == 0)
        code = sw_check_sources(candidates, error);
    if (code == 0)
        code = sw_check_link(candidates, error);
    if (code == 0)
        sw_check_fixes(stack, candidates);
    return code;
}

int sw_check_index(struct sw_stack *stack, struct sw_candidates *candidates, struct sw_error *error)
{
    if (stack->pin_count == 0 && stack->torch.version == NULL)
        return 0;
    if (candidates != NULL)
        return check_candidates(candidates, error);
    sw_check_numpy(stack, NULL);
    sw_check_fixes(stack, NULL);
    for (size_t i = 0; i < stack->pin_count && stack->input->no_index != NULL; i++)
        sw_stack_cover(stack, SW_ASPECT_RELEASES, stack->pins[i].project, SW_NOT_JUDGED, "SW403");
    if (stack->input->no_index != NULL)
        report_unasked(stack, NULL, stack->input->no_index);
    return 0;
}
