/* Imports of modules that the release beside them no longer has: SW209. */
#include "check/check_internal.h"

/* Return true if the row is about the release that comes, and about the release of the other project that comes. */
static bool applies(const struct sw_stack *stack, const struct sw_node *row)
{
    const struct sw_pin *pin = sw_stack_installed(stack, sw_node_text(sw_node_get(row, "project"), ""));
    const char *release = sw_stack_comes(stack, sw_node_text(sw_node_get(row, "from"), ""));
    return pin != NULL && release != NULL &&
           sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""),
                             sw_stack_public(stack, pin->version)) &&
           sw_catalog_covers(sw_node_text(sw_node_get(row, "gone"), ""), release);
}

const struct sw_node *sw_imports_row(struct sw_stack *stack, const char *project, size_t *at)
{
    while (*at < sw_node_count(stack->catalog->imports)) {
        const struct sw_node *row = sw_node_item(stack->catalog->imports, (*at)++);
        bool wanted = project == NULL || strcmp(sw_node_text(sw_node_get(row, "project"), ""), project) == 0;
        if (wanted && applies(stack, row))
            return row;
    }
    return NULL;
}

void sw_check_imports(struct sw_stack *stack)
{
    size_t at = 0;
    for (const struct sw_node *row; (row = sw_imports_row(stack, NULL, &at)) != NULL;) {
        const char *project = sw_node_text(sw_node_get(row, "project"), ""),
                   *from = sw_node_text(sw_node_get(row, "from"), "");
        const char *module = sw_node_text(sw_node_get(row, "module"), ""),
                   *working = sw_node_text(sw_node_get(row, "working"), "");
        const struct sw_pin *pin = sw_stack_installed(stack, project);
        const char *release = sw_stack_comes(stack, from);
        struct sw_finding *finding =
            sw_stack_find(stack, "SW209", SW_ERROR, pin->at, "%s %s imports %s, which %s %s does not have",
                          project, sw_stack_public(stack, pin->version), module, from, release);
        const char *lacking = sw_arena_format(stack->b.arena, "%s %s", from, release);
        if (lacking != NULL)
            sw_finding_subject(stack->findings, finding, lacking);
        sw_stack_evidence(stack, finding, row, "%s %s: imports %s; gone from %s %s", project,
                          sw_node_text(sw_node_get(row, "releases"), ""), module, from,
                          sw_node_text(sw_node_get(row, "gone"), ""));
        if (sw_stack_companion(stack, from) != NULL)
            sw_stack_evidence(stack, finding, stack->torch.row, "torch %s: %s %s", stack->torch.version, from,
                              release);
        sw_stack_evidence_brought(stack, finding, pin);
        sw_finding_hint(stack->findings, finding, "%s%s does without", project, working);
        sw_stack_fix_pin(stack, finding, pin, working);
    }
}
