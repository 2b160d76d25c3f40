/* The builds of torch that serve the GPUs and run on the hosts' driver. */
#include "catalog/base_stack.h"
#include "catalog/driver.h"
#include "check/stack.h"

bool sw_stack_is_bridged(const struct sw_stack *stack)
{
    const char *base = sw_node_text(stack->input->plan->parts.base.reference, "");
    for (size_t i = 0; i < stack->target_count; i++) {
        if (!sw_node_boolean(sw_node_get(stack->targets[i].row, "datacenter"), false))
            return false;
    }
    return stack->target_count > 0 && strncmp(sw_catalog_base_name(base), "nvidia/cuda:", 12) == 0;
}

bool sw_stack_serves_all(const struct sw_stack *stack, const char *version, const char *cuda, bool *by_ptx)
{
    bool only_ptx = false;
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_node *gpu = stack->targets[i].row;
        const struct sw_node *code =
            sw_catalog_code(stack->catalog->torch_code, version, cuda, sw_catalog_machine(gpu));
        enum sw_served served = sw_catalog_serves(code, gpu);
        if (served == SW_NOT_SERVED)
            return false;
        only_ptx = only_ptx || served == SW_SERVED_BY_PTX;
    }
    if (by_ptx != NULL)
        *by_ptx = only_ptx;
    return true;
}

const char *sw_stack_other_cuda(const struct sw_stack *stack)
{
    const struct sw_node *variants = sw_node_get(stack->torch.row, "cuda");
    const char *driver = stack->driver == NULL ? NULL : sw_driver_lowest(stack->b.arena, stack->driver);
    const char *preset = sw_node_text(sw_node_get(stack->torch.row, "default"), ""), *best = NULL;
    for (size_t i = 0; stack->torch.cuda != NULL && i < sw_node_count(variants); i++) {
        const char *cuda = sw_node_text(sw_node_item(variants, i), "");
        const struct sw_node *toolkit = sw_catalog_row(stack->catalog->toolkits, "version", cuda);
        bool only_ptx = false;
        if (strcmp(cuda, stack->torch.cuda) == 0 || toolkit == NULL ||
            !sw_stack_serves_all(stack, stack->torch.version, cuda, &only_ptx) || only_ptx)
            continue;
        bool runs =
            driver == NULL || !sw_driver_is_older(driver, sw_node_text(sw_node_get(toolkit, "floor"), ""));
        bool is_newer = best == NULL || (strcmp(best, preset) != 0 && sw_catalog_compare(cuda, best) > 0);
        if (runs && (is_newer || strcmp(cuda, preset) == 0))
            best = cuda;
    }
    return best;
}

bool sw_stack_offer_build(struct sw_stack *stack, struct sw_finding *finding)
{
    const char *other = sw_stack_other_cuda(stack);
    if (other == NULL || sw_stack_get(stack, "indexes") != NULL)
        return false;
    if (stack->torch.cuda_path != NULL) {
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, stack->torch.cuda_path, other);
        return true;
    }
    sw_finding_hint(stack->findings, finding,
                    "torch %s also comes for CUDA %s, from its own index: write torch: {version: \"%s\"}",
                    stack->torch.version, other, stack->torch.version);
    sw_finding_fix(stack->findings, finding, SW_EDIT_SET, "torch.version", stack->torch.version);
    return true;
}
