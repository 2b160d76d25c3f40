/* A package built for NumPy 1 beside NumPy 2: SW214. Known packages are rows of the catalog; of others that require NumPy and were
 * uploaded before NumPy 2 the extension modules are read. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "index/numpy_abi.h"

/* The day of NumPy 2.0.0: no wheel from before was compiled for it, as far as its headers are meant. */
#define NUMPY_2_RELEASED "2024-06-16"

/* Releases that are tried if no exact release is pinned. */
static const char *const releases[] = {"1.24.0", "1.26.4", "2.0.0", "2.0.2",
                                       "2.1.0",  "2.2.0",  "2.3.0", "2.4.0"};

static bool contains(const struct sw_requirement *requirement, const char *release)
{
    struct sw_version version;
    return sw_version_parse(&version, sw_str_from(release), NULL) != 0 ||
           sw_specifier_set_contains(&requirement->specifiers, &version, SW_PRERELEASES_ALLOW);
}

/* Return true if the pins allow the release, and so do the requirements of the other pins' wheels, as far as
 * they are known. */
static bool is_allowed(const struct sw_stack *stack, const struct sw_candidates *candidates,
                       const char *release)
{
    const struct sw_candidate_list *numpy =
        candidates == NULL ? NULL : sw_candidates_list(candidates, "numpy");
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        if (strcmp(pin->project, "numpy") == 0 && !contains(&pin->requirement, release))
            return false;
    }
    for (size_t i = 0; numpy != NULL && i < numpy->requirer_count; i++) {
        if (!contains(&numpy->requirers[i].requirement, release))
            return false;
    }
    return true;
}

/* Return true if they keep NumPy within `wanted`. */
static bool is_held(const struct sw_stack *stack, const struct sw_candidates *candidates, const char *wanted)
{
    const struct sw_pin *exact = sw_stack_pinned(stack, "numpy");
    if (exact != NULL)
        return sw_catalog_covers(wanted, exact->version);
    for (size_t i = 0; i < SW_COUNT(releases); i++) {
        if (!sw_catalog_covers(wanted, releases[i]) && is_allowed(stack, candidates, releases[i]))
            return false;
    }
    return true;
}

static void report(struct sw_stack *stack, const struct sw_node *row, const char *project,
                   const char *release, const struct sw_node *at)
{
    const struct sw_pin *numpy = sw_stack_pinned(stack, "numpy");
    const char *wanted = sw_node_text(sw_node_get(row, "numpy"), "");
    struct sw_finding *finding =
        numpy != NULL ? sw_stack_find(stack, "SW214", SW_ERROR, numpy->at,
                                      "%s %s is built for numpy%s, and numpy %s is pinned", project, release,
                                      wanted, numpy->version)
                      : sw_stack_find(stack, "SW214", SW_WARNING, at,
                                      "%s %s is built for numpy%s, and nothing holds numpy there", project,
                                      release, wanted);
    sw_stack_evidence(stack, finding, row, "%s %s: numpy%s", project,
                      sw_node_text(sw_node_get(row, "releases"), ""), wanted);
    if (numpy != NULL)
        return;
    const char *constraint = sw_arena_format(stack->b.arena, "numpy%s", wanted);
    sw_finding_hint(stack->findings, finding, "add the constraint numpy%s", wanted);
    if (constraint != NULL)
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "constraints", constraint);
}

void sw_check_numpy(struct sw_stack *stack, const struct sw_candidates *candidates)
{
    for (size_t i = 0; i < sw_node_count(stack->catalog->built_for_numpy); i++) {
        const struct sw_node *row = sw_node_item(stack->catalog->built_for_numpy, i);
        const char *project = sw_node_text(sw_node_get(row, "project"), "");
        const char *release = sw_stack_release(stack, project);
        const struct sw_pin *pin = sw_stack_pinned(stack, project);
        const struct sw_node *at = pin != NULL ? pin->at : stack->torch.at_version;
        if (release == NULL || !sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""), release) ||
            is_held(stack, candidates, sw_node_text(sw_node_get(row, "numpy"), "")))
            continue;
        report(stack, row, project, release, at);
    }
}

/* ---- wheels that no row knows ---- */

static bool has_row(const struct sw_stack *stack, const char *project)
{
    return sw_catalog_row(stack->catalog->built_for_numpy, "project", project) != NULL;
}

/* Return true if the metadata requires NumPy and lets it be NumPy 2. */
static bool lets_numpy_2(const struct sw_metadata *metadata)
{
    bool lets = false;
    for (size_t i = 0; metadata != NULL && i < metadata->requirement_count; i++) {
        const struct sw_metadata_requirement *row = &metadata->requirements[i];
        if (!row->valid || !sw_str_is(row->requirement.name, "numpy"))
            continue;
        if (!contains(&row->requirement, "2.0.2"))
            return false; /* a resolver refuses it */
        lets = true;
    }
    return lets;
}

/* Return true if the release is certain, a wheel with compiled code from before NumPy 2, and uses NumPy. */
static bool is_suspect(const struct sw_stack *stack, const struct sw_candidate_list *list)
{
    if (list->page == NULL || list->candidate_count != 1 || !list->named || has_row(stack, list->project))
        return false;
    const struct sw_index_file *file = list->candidates[0].file;
    bool old =
        file->uploaded[0] != '\0' && strncmp(file->uploaded, NUMPY_2_RELEASED, strlen(NUMPY_2_RELEASED)) < 0;
    return old && file->kind == SW_INDEX_WHEEL && strstr(file->name, "-any.whl") == NULL &&
           strcmp(list->project, "numpy") != 0 && lets_numpy_2(list->candidates[0].metadata);
}

static void report_wheel(struct sw_stack *stack, const struct sw_candidate_list *list,
                         const struct sw_index_abi *wheel)
{
    const struct sw_pin *numpy = sw_stack_pinned(stack, "numpy");
    const struct sw_version *version = &list->candidates[0].release->version;
    struct sw_finding *finding =
        numpy != NULL ? sw_stack_find(stack, "SW214", SW_ERROR, numpy->at,
                                      "%s %.*s is compiled for numpy<2, and numpy %s is pinned",
                                      list->project, SW_STR_FORMAT(version->text), numpy->version)
                      : sw_stack_find(stack, "SW214", SW_WARNING, list->pin->at,
                                      "%s %.*s is compiled for numpy<2, and nothing holds numpy there",
                                      list->project, SW_STR_FORMAT(version->text));
    const char *text =
        sw_arena_format(stack->b.arena, "%s: %s names numpy.core._multiarray_umath, and not numpy._core",
                        wheel->file->name, wheel->member);
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), list->page->index);
    sw_finding_hint(stack->findings, finding,
                    "add the constraint numpy<2, or pin a release of %s for NumPy 2", list->project);
    if (numpy == NULL)
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "constraints", "numpy<2");
}

int sw_check_numpy_wheels(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_stack *stack = candidates->stack;
    struct sw_index_abi *wheels = sw_arena_array(stack->b.arena, candidates->count + 1, sizeof *wheels);
    const struct sw_candidate_list **lists =
        sw_arena_array(stack->b.arena, candidates->count + 1, sizeof(const struct sw_candidate_list *));
    size_t count = 0;
    if (wheels == NULL || lists == NULL)
        return sw_fail_memory(error);
    bool held = is_held(stack, candidates, "<2");
    for (size_t i = 0; !held && i < candidates->count && count < SW_MAX_SCANNED_WHEELS; i++) {
        if (!is_suspect(stack, candidates->lists[i]))
            continue;
        lists[count] = candidates->lists[i];
        wheels[count++] = (struct sw_index_abi){.file = candidates->lists[i]->candidates[0].file};
    }
    int code = count == 0 ? 0 : sw_index_numpy_abi(wheels, candidates->index, count, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        if (wheels[i].code == 0 && wheels[i].abi == SW_NUMPY_1)
            report_wheel(stack, lists[i], &wheels[i]);
        else if (wheels[i].code != 0)
            (void)sw_stack_find(stack, "SW403", SW_NOTE, NULL,
                                "the NumPy that %s is compiled for is not known: %s", lists[i]->project,
                                wheels[i].error.text);
    }
    return code;
}
