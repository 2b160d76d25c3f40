/* A package built for NumPy 1 beside NumPy 2: SW214. */
#include "check/check_internal.h"

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
