/* The hosts' driver against the CUDA of the wheels and the GPUs: SW203. */
#include "catalog/driver.h"
#include "check/check_internal.h"

#include "data/path.h"

/* The most demanding reason for a driver. */
struct demand {
    const char *floor;
    const char *why; /* "CUDA 13.0" */
    const struct sw_node *row;
    bool by_toolkit; /* forward compatibility could help */
};

static void raise_to(struct demand *demand, const char *floor, const char *why, const struct sw_node *row,
                     bool by_toolkit)
{
    if (floor != NULL && (demand->floor == NULL || sw_catalog_compare(floor, demand->floor) > 0))
        *demand = (struct demand){floor, why, row, by_toolkit};
}

/* PTX is compiled by the driver, which must then be the toolkit's own or newer: minor version compatibility does not cover it. */
static void demand_of_torch(struct sw_stack *stack, struct demand *demand)
{
    const struct sw_torch_choice *torch = &stack->torch;
    const struct sw_node *toolkit =
        torch->cuda == NULL ? NULL : sw_catalog_row(stack->catalog->toolkits, "version", torch->cuda);
    if (toolkit == NULL)
        return;
    bool by_ptx = false;
    bool served = sw_stack_serves_all(stack, torch->version, torch->cuda, &by_ptx);
    const char *why =
        sw_arena_format(stack->b.arena, "CUDA %s%s", torch->cuda, served && by_ptx ? "'s PTX" : "");
    raise_to(demand, sw_node_text(sw_node_get(toolkit, served && by_ptx ? "driver" : "floor"), NULL),
             why == NULL ? "" : why, toolkit, true);
}

static void report(struct sw_stack *stack, const struct demand *demand, const char *lowest)
{
    bool compatible = demand->by_toolkit && sw_stack_is_bridged(stack);
    struct sw_finding *finding = sw_stack_find(
        stack, "SW203", compatible ? SW_WARNING : SW_ERROR, sw_stack_get(stack, "driver"),
        "%s needs driver %s or newer, the profile admits %s%s", demand->why, demand->floor, lowest,
        compatible ? "; only the base image's forward compatibility can bridge that" : "");
    sw_stack_evidence(stack, finding, demand->row, "%s: driver %s", demand->why, demand->floor);
    const char *other = demand->by_toolkit ? sw_stack_other_cuda(stack) : NULL;
    if (other != NULL && sw_catalog_compare(other, stack->torch.cuda) < 0) {
        sw_finding_hint(stack->findings, finding,
                        "torch %s for CUDA %s runs on it, or ask for newer drivers: driver: \">=%s\"",
                        stack->torch.version, other, demand->floor);
        if (sw_stack_get(stack, "indexes") == NULL && stack->torch.cuda_path != NULL)
            sw_finding_fix(stack->findings, finding, SW_EDIT_SET, stack->torch.cuda_path, other);
    } else {
        sw_finding_hint(stack->findings, finding, "ask for newer drivers: driver: \">=%s\"", demand->floor);
    }
}

void sw_check_driver(struct sw_stack *stack)
{
    if (stack->driver == NULL) {
        if (stack->torch.cuda != NULL || stack->target_count > 0)
            sw_stack_cover(stack, SW_ASPECT_DRIVER, "hosts", SW_NOT_JUDGED, "the profile names none");
        return;
    }
    struct demand demand = {0};
    demand_of_torch(stack, &demand);
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_target *target = &stack->targets[i];
        const char *why = sw_arena_format(stack->b.arena, "the %s", target->title);
        raise_to(&demand, sw_node_text(sw_node_get(target->row, "driver"), NULL), why == NULL ? "" : why,
                 target->row, false);
    }
    const char *lowest = sw_driver_lowest(stack->b.arena, stack->driver);
    bool older = demand.floor != NULL && sw_driver_is_older(lowest, demand.floor);
    bool is_open = stack->torch.version == NULL && sw_stack_requirement(stack, "torch") != NULL;
    if (is_open && !older)
        sw_stack_cover(stack, SW_ASPECT_DRIVER, stack->driver, SW_NOT_JUDGED, "torch's CUDA is not known");
    else if (demand.floor != NULL)
        sw_stack_cover(stack, SW_ASPECT_DRIVER, stack->driver, older ? SW_WRONG : SW_PROVEN, NULL);
    /* A torch that comes with the set is judged there, unless the image may bridge the gap. */
    if (older && (stack->torch.member == NULL || !demand.by_toolkit || sw_stack_is_bridged(stack)))
        report(stack, &demand, lowest);
}
