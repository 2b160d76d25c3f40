#include "check/check.h"

#include "base/limits.h"
#include "check/check_internal.h"
#include "check/closure_internal.h"
#include "check/wheel_set_internal.h"

/* Keep in the order of the codes. */
static void (*const checks[])(struct sw_stack *stack) = {
    sw_check_gpu,          sw_check_driver,    sw_check_published, sw_check_companions,
    sw_check_assertions,   sw_check_libraries, sw_check_code,      sw_check_imports,
    sw_check_requirements, sw_check_replaced,  sw_check_known_bad, sw_check_base,
    sw_check_platform,     sw_check_cpu,       sw_check_compile,   sw_check_programs,
};

/* A finding that the profile is silent about stays as a note that says why. */
static size_t silence(struct sw_findings *findings, size_t from, const char *code, const char *why)
{
    size_t silenced = 0;
    for (size_t i = from; i < findings->count; i++) {
        struct sw_finding *finding = findings->items[i];
        if (strcmp(finding->code, code) != 0 || finding->severity == SW_NOTE)
            continue;
        const char *message =
            sw_arena_format(&findings->arena, "ignored, since \"%s\": %s", why, finding->message);
        finding->message = message == NULL ? finding->message : message;
        finding->severity = SW_NOTE;
        finding->hint = NULL;
        finding->fix_count = 0;
        silenced++;
    }
    return silenced;
}

/* Entries about other codes are for other commands. */
static void apply_ignores(struct sw_stack *stack, size_t from)
{
    const struct sw_node *list = sw_stack_get(stack, "ignore");
    size_t end = stack->findings->count;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *row = sw_node_item(list, i);
        const char *code = sw_node_text(sw_node_get(row, "code"), "");
        if (strncmp(code, "SW2", 3) != 0 ||
            silence(stack->findings, from, code, sw_node_text(sw_node_get(row, "why"), "")) > 0)
            continue;
        bool again = false;
        for (size_t j = from; j < end; j++)
            again = again || strcmp(stack->findings->items[j]->code, code) == 0;
        if (!again)
            (void)sw_stack_find(stack, code, SW_NOTE, row, "there is nothing here to ignore about %s", code);
    }
}

void sw_check_catalog(struct sw_stack *stack)
{
    for (size_t i = 0; i < SW_COUNT(checks) && !sw_cancel_requested(stack->input->cancel); i++)
        checks[i](stack);
}

/* Look up the releases, and resolve the set that they make. */
static int look_up(struct sw_candidates *candidates, struct sw_stack *stack, struct sw_error *error)
{
    int code = sw_candidates_open(candidates, stack, stack->input->index, error);
    return code == 0 ? sw_closure_read(candidates, error) : code;
}

static int check_all(struct sw_stack *stack, struct sw_error *error)
{
    struct sw_candidates candidates;
    struct sw_wheel_set wheels;
    bool asked = stack->input->index != NULL && (stack->pin_count > 0 || stack->torch.version != NULL);
    int code = asked ? look_up(&candidates, stack, error) : 0;
    if (code != 0)
        return code;
    if (asked) {
        sw_wheel_set_read(&wheels, &candidates);
        candidates.wheels = &wheels;
    }
    sw_check_catalog(stack);
    sw_check_gpus_used(stack);
    if (sw_cancel_requested(stack->input->cancel))
        return sw_fail_canceled(error);
    return sw_check_index(stack, asked ? &candidates : NULL, error);
}

int sw_check(const struct sw_check_input *input, struct sw_findings *findings, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_stack stack;
    size_t from = findings->count;
    int code = sw_stack_read(&stack, input, findings, &arena, error);
    if (code == 0)
        code = check_all(&stack, error);
    /* The index pins that the profile has die with it. */
    int reset = input->index == NULL ? 0 : sw_index_pin(input->index, NULL, 0, code == 0 ? error : NULL);
    if (code == 0)
        code = reset;
    if (code != 0)
        return code;
    apply_ignores(&stack, from);
    return stack.b.failed ? sw_fail_memory(error) : 0;
}
