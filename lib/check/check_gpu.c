/* The torch build's code against the target GPUs: SW201, and SW202 if an earlier build had code for them. */
#include "check/check_internal.h"

/* Find the newest build up to this build, in releases and CUDA, that has code for the GPU; of a release the default index's, if
 * that has. */
static bool find_earlier(struct sw_torch_build *out, const struct sw_stack *stack, const struct sw_node *gpu)
{
    bool found = false;
    for (size_t i = 0; i < sw_node_count(stack->catalog->torch); i++) {
        const struct sw_node *release = sw_node_item(stack->catalog->torch, i),
                             *variants = sw_node_get(release, "cuda");
        const char *version = sw_node_text(sw_node_get(release, "version"), "");
        const char *preset = sw_node_text(sw_node_get(release, "default"), "");
        bool is_preset = false;
        for (size_t j = 0; !is_preset && j < sw_node_count(variants); j++) {
            const char *cuda = sw_node_text(sw_node_item(variants, j), "");
            const struct sw_node *code =
                sw_catalog_code(stack->catalog->torch_code, version, cuda, sw_catalog_machine(gpu));
            if (sw_catalog_compare(version, stack->torch.version) <= 0 &&
                sw_catalog_compare(cuda, stack->torch.cuda) <= 0 &&
                sw_catalog_serves(code, gpu) != SW_NOT_SERVED) {
                *out = (struct sw_torch_build){version, cuda, code};
                found = true;
                is_preset = strcmp(cuda, preset) == 0;
            }
        }
    }
    return found;
}

static void report_dropped(struct sw_stack *stack, const struct sw_target *target, const struct sw_node *code,
                           const struct sw_torch_build *earlier)
{
    const struct sw_torch_choice *torch = &stack->torch;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW202", SW_ERROR, torch->at_cuda, "torch %s for CUDA %s no longer has code for the %s (%s)",
        torch->version, torch->cuda, target->title, target->capability);
    sw_stack_evidence(stack, finding, code, "torch %s for CUDA %s: code for %s", torch->version, torch->cuda,
                      sw_stack_code_text(stack, code));
    sw_stack_evidence(stack, finding, earlier->code, "torch %s for CUDA %s: code for %s", earlier->version,
                      earlier->cuda, sw_stack_code_text(stack, earlier->code));
    sw_finding_hint(stack->findings, finding, "torch %s for CUDA %s still serves it", earlier->version,
                    earlier->cuda);
    (void)sw_stack_offer_build(stack, finding);
}

static void report_not_served(struct sw_stack *stack, const struct sw_target *target,
                              const struct sw_node *code)
{
    const struct sw_torch_choice *torch = &stack->torch;
    struct sw_torch_build first;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW201", SW_ERROR, torch->at_version,
                      "torch %s for CUDA %s has no code that the %s (%s) can run", torch->version,
                      torch->cuda, target->title, target->capability);
    sw_stack_evidence(stack, finding, code, "torch %s for CUDA %s: code for %s", torch->version, torch->cuda,
                      sw_stack_code_text(stack, code));
    if (!sw_catalog_first_torch(&first, stack->catalog, target->row))
        return;
    sw_stack_evidence(stack, finding, first.code, "torch %s for CUDA %s: code for %s", first.version,
                      first.cuda, sw_stack_code_text(stack, first.code));
    const char *variant = sw_catalog_variant(stack->b.arena, first.cuda);
    sw_finding_hint(stack->findings, finding, "the first build that serves it is torch %s+%s", first.version,
                    variant == NULL ? "" : variant);
    (void)sw_stack_offer_build(stack, finding);
}

/* The reason why torch's code cannot be held against the targets; NULL if it can. */
static const char *unknown(const struct sw_stack *stack)
{
    const struct sw_torch_choice *torch = &stack->torch;
    if (torch->version == NULL)
        return "its release is open";
    if (torch->cuda == NULL)
        return "its CUDA is not known";
    return stack->target_count == 0 ? "the profile names no accelerators" : NULL;
}

void sw_check_gpus_used(struct sw_stack *stack)
{
    const struct sw_coverage *coverage = stack->input->coverage;
    if (coverage == NULL || stack->target_count == 0 || !stack->input->profile->is_found ||
        stack->pin_count == 0)
        return;
    for (size_t i = 0; i < coverage->count; i++) {
        if (coverage->items[i].aspect == SW_ASPECT_GPU)
            return;
    }
    sw_stack_cover(stack, SW_ASPECT_GPU, "the set", SW_NOT_JUDGED,
                   "no project in it is known to use a GPU, and what is not judged may bring one");
}

void sw_check_gpu(struct sw_stack *stack)
{
    const struct sw_torch_choice *torch = &stack->torch;
    const char *why = unknown(stack);
    if (torch->version == NULL && sw_stack_requirement(stack, "torch") == NULL)
        return;
    if (why != NULL) {
        sw_stack_cover(stack, SW_ASPECT_GPU, "torch", SW_NOT_JUDGED, why);
        return;
    }
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_target *target = &stack->targets[i];
        const struct sw_node *code = sw_catalog_code(stack->catalog->torch_code, torch->version, torch->cuda,
                                                     sw_catalog_machine(target->row));
        struct sw_torch_build earlier;
        bool served = sw_catalog_serves(code, target->row) != SW_NOT_SERVED;
        sw_stack_cover(stack, SW_ASPECT_GPU, "torch",
                       code == NULL ? SW_NOT_JUDGED
                       : served     ? SW_PROVEN
                                    : SW_WRONG,
                       code == NULL ? "the catalog does not know the code of this build" : NULL);
        if (code == NULL || served || torch->member != NULL)
            continue;
        if (find_earlier(&earlier, stack, target->row))
            report_dropped(stack, target, code, &earlier);
        else
            report_not_served(stack, target, code);
    }
}
