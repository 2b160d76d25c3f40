/* The machines of the GPUs, and the C library of the base: SW220. */
#include "catalog/base_libc.h"
#include "check/check_internal.h"

#include "data/path.h"

static void check_machines(struct sw_stack *stack)
{
    for (size_t i = 1; i < stack->target_count; i++) {
        const struct sw_target *first = &stack->targets[0], *other = &stack->targets[i];
        const char *machine = sw_catalog_machine(first->row), *second = sw_catalog_machine(other->row);
        if (strcmp(machine, second) == 0)
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW220", SW_ERROR, other->at,
                          "no image can be for both: hosts of the %s are %s, those of the %s are %s",
                          first->title, machine, other->title, second);
        sw_stack_evidence(stack, finding, first->row, "%s: %s", first->title, machine);
        sw_stack_evidence(stack, finding, other->row, "%s: %s", other->title, second);
        sw_finding_hint(stack->findings, finding, "make a profile for each machine, with a common parent");
        sw_stack_cover(stack, SW_ASPECT_PLATFORM, "machine", SW_WRONG, NULL);
        return;
    }
    if (stack->target_count > 0)
        sw_stack_cover(stack, SW_ASPECT_PLATFORM, sw_catalog_machine(stack->targets[0].row), SW_PROVEN, NULL);
}

/* The driver and all CUDA wheels are programs for glibc. */
static void report_musl(struct sw_stack *stack, const char *reference, const struct sw_base_libc *libc)
{
    struct sw_finding *finding = sw_stack_find(stack, "SW220", SW_ERROR, sw_stack_get(stack, "base_image"),
                                               "the base image '%s' has musl, and %s needs glibc", reference,
                                               stack->torch.version == NULL ? "NVIDIA's driver" : "torch");
    sw_stack_evidence(stack, finding, libc->row, "%s: musl", libc->word);
    sw_finding_hint(stack->findings, finding, "base_image: auto, or an image of Debian or Ubuntu");
    sw_stack_cover(stack, SW_ASPECT_PLATFORM, reference, SW_WRONG, NULL);
}

/* Wheels are taken for the C library of the base image. */
static void check_libc(struct sw_stack *stack)
{
    const struct sw_node *base = stack->input->plan->parts.base.node;
    const char *reference =
        sw_node_text(sw_node_get(base, "bootstrap"), sw_node_text(sw_node_get(base, "reference"), ""));
    const struct sw_base_libc libc = sw_catalog_base_libc(stack->catalog, reference);
    bool named = sw_stack_get(stack, "base_image") != NULL;
    bool is_empty =
        stack->input->profile->is_found && stack->pin_count == 0; /* an image without Python's packages */
    if (libc.musl && ((stack->target_count > 0 && !is_empty) || stack->torch.version != NULL))
        report_musl(stack, reference, &libc);
    else if (libc.row == NULL && named)
        sw_stack_cover(stack, SW_ASPECT_PLATFORM, reference, SW_NOT_JUDGED,
                       sw_arena_format(stack->b.arena, "its C library is not known, and taken for glibc 2.%u",
                                       libc.minor));
}

void sw_check_platform(struct sw_stack *stack)
{
    check_machines(stack);
    check_libc(stack);
}
