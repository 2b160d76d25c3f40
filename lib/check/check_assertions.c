/* Assertions that the pinned wheels already contradict: SW206. */
#include "check/check_internal.h"

/* The value that `that` will have in the image; NULL if it is open. `row` gets the catalog's row that says
 * so, or NULL. */
static const char *value_of(const struct sw_stack *stack, const char *that, const struct sw_node **row)
{
    static const char *const versions[] = {"torch.version.__version__", "torch.__version__"};
    *row = stack->torch.row;
    if (strcmp(that, "torch.version.cuda") == 0)
        return stack->torch.cuda;
    for (size_t i = 0; i < SW_COUNT(versions); i++) {
        if (strcmp(that, versions[i]) == 0)
            return stack->torch.local;
    }
    if (strcmp(that, "python") == 0 || strchr(that, '.') != NULL)
        /* The image's Python is checked with the base; attributes of other modules are not known. */
        return NULL;
    if (sw_stack_pinned(stack, that) != NULL)
        *row = NULL;
    return sw_stack_release(stack, that);
}

/* False if `is` is not a specifier but a text, and differs from the value. */
static bool holds(const struct sw_stack *stack, const char *value, const char *is)
{
    struct sw_specifier_set set;
    struct sw_version version;
    if (strchr("<>=!~", is[0]) == NULL || is[0] == '\0')
        return strcmp(value, is) == 0 ||
               (strchr(is, '+') == NULL && strcmp(sw_stack_public(stack, value), is) == 0);
    if (sw_specifier_set_parse(&set, stack->b.arena, sw_str_from(is), NULL) != 0 ||
        sw_version_parse(&version, sw_str_from(value), NULL) != 0)
        return true; /* not for us to judge */
    return sw_specifier_set_contains(&set, &version, SW_PRERELEASES_ALLOW);
}

void sw_check_assertions(struct sw_stack *stack)
{
    const struct sw_node *list = sw_stack_get(stack, "assertions");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *that = sw_node_get(sw_node_item(list, i), "that"),
                             *is = sw_node_get(sw_node_item(list, i), "is"), *row = NULL;
        const char *value = that == NULL || is == NULL ? NULL : value_of(stack, sw_node_text(that, ""), &row);
        if (value == NULL || holds(stack, value, sw_node_text(is, "")))
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW206", SW_ERROR, is, "%s will be %s, and '%s' is asserted",
                          sw_node_text(that, ""), value, sw_node_text(is, ""));
        const struct sw_pin *pin = row == NULL ? sw_stack_pinned(stack, sw_node_text(that, "")) : NULL;
        if (pin != NULL)
            sw_stack_evidence_pin(stack, finding, pin);
        if (row != NULL)
            sw_stack_evidence(stack, finding, row, "torch %s for CUDA %s: %s %s", stack->torch.version,
                              stack->torch.cuda == NULL ? "?" : stack->torch.cuda, sw_node_text(that, ""),
                              value);
        sw_finding_hint(stack->findings, finding, "assert what the pins give, or pin what is asserted");
        const char *path = sw_arena_format(stack->b.arena, "assertions[%zu].is", i);
        const char *fixed = sw_arena_format(stack->b.arena, "==%s", value);
        /* The edit is safe: the pins stand together, the assertion alone does not. */
        if (path != NULL && fixed != NULL)
            sw_finding_fix(stack->findings, finding, SW_EDIT_SET, path, fixed);
    }
}
