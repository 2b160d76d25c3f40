/* Releases that somebody excludes: SW213. */
#include "check/check_internal.h"

/* The first of the excluding projects that the profile asks for, or NULL. */
static const char *present(const struct sw_stack *stack, const struct sw_node *by)
{
    for (size_t i = 0; i < sw_node_count(by); i++) {
        const char *project = sw_node_text(sw_node_item(by, i), "");
        if (sw_stack_requirement(stack, project) != NULL || sw_stack_installed(stack, project) != NULL)
            return sw_node_text(sw_node_item(by, i), "");
    }
    return NULL;
}

void sw_check_known_bad(struct sw_stack *stack)
{
    const struct sw_pin *pin;
    for (size_t i = 0; (pin = sw_stack_item(stack, i)) != NULL; i++) {
        const struct sw_node *row;
        size_t at = 0;
        if (pin->version == NULL)
            continue;
        const char *version = sw_stack_public(stack, pin->version);
        while ((row = sw_catalog_next(stack->catalog->known_bad, &at, pin->project, version)) != NULL) {
            const struct sw_node *by = sw_node_get(row, "by");
            const char *here = present(stack, by);
            struct sw_finding *finding = sw_stack_find(
                stack, "SW213", here == NULL ? SW_NOTE : SW_ERROR, pin->at, "%s %s is excluded by %s",
                pin->project, version, here == NULL ? sw_stack_join(stack, by) : here);
            sw_stack_evidence(stack, finding, row, "%s %s: excluded by %s", pin->project,
                              sw_node_text(sw_node_get(row, "releases"), ""), sw_stack_join(stack, by));
            sw_stack_evidence_brought(stack, finding, pin);
        }
    }
}
