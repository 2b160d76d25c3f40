/* The ways in which the pinned torch could be replaced, or is left open: SW212. check_steps.c looks at the
 * steps. */
#include "check/check_internal.h"
#include "check/install_internal.h"

/* A row of the profile's own for torch that names the index of another build. */
static void check_own_index(struct sw_stack *stack, const struct sw_node *row)
{
    const struct sw_node *url = sw_node_get(row, "url");
    const char *other = url == NULL ? NULL : sw_install_other_variant(stack, sw_node_text(url, ""));
    if (other == NULL)
        return;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW212", SW_ERROR, url, "torch is to come from the index of %s, and the profile pins torch %s",
        other, stack->torch.local == NULL ? stack->torch.version : stack->torch.local);
    sw_finding_hint(stack->findings, finding,
                    "leave the row out, or name the index of the build that is pinned");
}

/* Check for torch from one index and its companions from another. */
static void check_indexes(struct sw_stack *stack)
{
    static const char *const together[] = {"torchvision", "torchaudio"};
    const struct sw_node *indexes = sw_stack_get(stack, "indexes"), *own = NULL;
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        if (sw_catalog_lists(sw_node_get(sw_node_item(indexes, i), "for"), "torch"))
            own = sw_node_item(indexes, i);
    }
    check_own_index(stack, own);
    for (size_t i = 0; i < SW_COUNT(together); i++) {
        const struct sw_pin *pin = sw_stack_requirement(stack, together[i]);
        if (pin == NULL || pin->requirement.url.n > 0)
            continue;
        const struct sw_node *other = NULL;
        for (size_t j = 0; j < sw_node_count(indexes); j++) {
            if (sw_catalog_lists(sw_node_get(sw_node_item(indexes, j), "for"), together[i]))
                other = sw_node_item(indexes, j);
        }
        if (other == own)
            continue;
        struct sw_finding *finding = sw_stack_find(
            stack, "SW212", SW_WARNING, other == NULL ? pin->at : other,
            "%s comes from another index than torch, and may be built against another", together[i]);
        sw_finding_hint(stack->findings, finding,
                        "let both come from one: indexes: [{url: ..., for: [torch, %s]}]", together[i]);
    }
}

/* Neither a pin nor a pinned package holds torch to one release: whatever is newest on the day of the build. */
static void check_open(struct sw_stack *stack)
{
    static const char *const needs_torch[] = {"torch",        "torchvision", "torchaudio",
                                              "bitsandbytes", "xformers",    "flash-attn"};
    for (size_t i = 0; i < SW_COUNT(needs_torch); i++) {
        const struct sw_pin *pin = sw_stack_requirement(stack, needs_torch[i]);
        if (pin == NULL)
            continue;
        struct sw_finding *finding =
            i == 0 ? sw_stack_find(stack, "SW212", SW_WARNING, pin->at, "'%s' leaves torch and its CUDA open",
                                   sw_node_text(pin->at, ""))
                   : sw_stack_find(stack, "SW212", SW_WARNING, pin->at,
                                   "%s needs torch, which the profile leaves open", pin->project);
        sw_finding_hint(stack->findings, finding,
                        "pin it: %s; else each build takes the newest, with the CUDA of that day",
                        stack->input->profile->is_found ? "torch==..., from the index of its CUDA"
                                                        : "torch: {version: ..., cuda: ...}");
        return;
    }
}

void sw_check_replaced(struct sw_stack *stack)
{
    bool locked = stack->input->lock != NULL;
    const struct sw_pin *member = stack->torch.member;
    if (stack->torch.version == NULL || (member != NULL && !member->is_held && !locked))
        check_open(stack);
    sw_check_steps(stack);
    if (stack->torch.cuda_path != NULL)
        check_indexes(stack);
}
