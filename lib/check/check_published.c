/* The torch release, its CUDA variant and its wheels for this Python and machine: SW204 if they were never
 * published. */
#include "check/check_internal.h"

static const char *newest(const struct sw_stack *stack)
{
    const struct sw_node *rows = stack->catalog->torch;
    return sw_node_count(rows) == 0
               ? "0"
               : sw_node_text(sw_node_get(sw_node_item(rows, sw_node_count(rows) - 1), "version"), "0");
}

static const char *oldest(const struct sw_stack *stack)
{
    return sw_node_text(sw_node_get(sw_node_item(stack->catalog->torch, 0), "version"), "0");
}

/* The newest release that is older than the one asked for, or NULL. */
static const struct sw_node *release_before(const struct sw_stack *stack)
{
    const struct sw_node *rows = stack->catalog->torch, *best = NULL;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        if (sw_catalog_compare(sw_node_text(sw_node_get(sw_node_item(rows, i), "version"), ""),
                               stack->torch.version) < 0)
            best = sw_node_item(rows, i);
    }
    return best;
}

/* The catalog is complete from its oldest release to its newest; it knows nothing of others. */
static void report_unknown(struct sw_stack *stack)
{
    const struct sw_torch_choice *torch = &stack->torch;
    if (sw_catalog_compare(torch->version, newest(stack)) > 0) {
        (void)sw_stack_find(stack, "SW204", SW_WARNING, torch->at_version,
                            "torch %s is newer than all that the catalog knows (up to %s): GPUs, driver and "
                            "companions are not checked",
                            torch->version, newest(stack));
        return;
    }
    if (sw_catalog_compare(torch->version, oldest(stack)) < 0) {
        (void)sw_stack_find(stack, "SW204", SW_WARNING, torch->at_version,
                            "torch %s is older than all that the catalog knows (from %s): GPUs, driver and "
                            "companions are not checked",
                            torch->version, oldest(stack));
        return;
    }
    struct sw_finding *finding = sw_stack_find(stack, "SW204", SW_ERROR, torch->at_version,
                                               "torch %s was never published", torch->version);
    const struct sw_node *before = release_before(stack);
    if (before == NULL)
        return;
    const char *version = sw_node_text(sw_node_get(before, "version"), "");
    sw_stack_evidence(stack, finding, before, "torch %s: CUDA %s", version,
                      sw_stack_join(stack, sw_node_get(before, "cuda")));
    sw_finding_hint(stack->findings, finding, "the release before it is %s", version);
    if (torch->cuda != NULL && sw_catalog_lists(sw_node_get(before, "cuda"), torch->cuda) &&
        torch->cuda_path != NULL)
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, torch->version_path, version);
}

static void check_variant(struct sw_stack *stack)
{
    const struct sw_torch_choice *torch = &stack->torch;
    const struct sw_node *variants = sw_node_get(torch->row, "cuda");
    const char *preset = sw_node_text(sw_node_get(torch->row, "default"), "");
    const struct sw_node *planned = stack->input->plan->parts.torch.node;
    bool from_default = sw_node_text(sw_node_get(planned, "index"), NULL) == NULL;
    if (from_default && torch->cuda_path != NULL && strcmp(preset, torch->cuda) != 0) {
        struct sw_finding *finding =
            sw_stack_find(stack, "SW204", SW_ERROR, torch->at_cuda,
                          "torch %s on the default index is built for CUDA %s, not %s", torch->version,
                          preset, torch->cuda);
        sw_stack_evidence(stack, finding, torch->row, "torch %s: CUDA %s by default", torch->version, preset);
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, torch->cuda_path, preset);
    } else if (!sw_catalog_lists(variants, torch->cuda)) {
        struct sw_finding *finding =
            sw_stack_find(stack, "SW204", SW_ERROR, torch->at_cuda, "torch %s was not published for CUDA %s",
                          torch->version, torch->cuda);
        const char *list = sw_stack_join(stack, variants);
        sw_stack_evidence(stack, finding, torch->row, "torch %s: CUDA %s", torch->version, list);
        sw_finding_hint(stack->findings, finding, "it is there for CUDA %s", list);
    }
}

/* Return true if the profile takes torch from an index that it names. */
static bool has_own_index(const struct sw_stack *stack)
{
    const struct sw_node *rows = sw_stack_get(stack, "indexes");
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        if (sw_catalog_lists(sw_node_get(sw_node_item(rows, i), "for"), "torch"))
            return true;
    }
    return false;
}

/* A local version such as +cu121 is on torch's own index and not on the default index, from which
 * requirements come. */
static void check_local(struct sw_stack *stack)
{
    const struct sw_torch_choice *torch = &stack->torch;
    const struct sw_pin *pin = torch->cuda_path == NULL ? sw_stack_pinned(stack, "torch") : NULL;
    if (pin == NULL || strchr(pin->version, '+') == NULL || has_own_index(stack))
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW204", SW_ERROR, pin->at,
                      "torch %s is not on the default index, which has no local versions", pin->version);
    sw_stack_evidence(stack, finding, torch->row == NULL ? pin->at : torch->row,
                      "torch %s: CUDA %s by default", torch->version,
                      sw_node_text(sw_node_get(torch->row, "default"), "unknown"));
    sw_finding_hint(stack->findings, finding,
                    "use the key 'torch' instead: torch: {version: \"%s\", cuda: \"%s\"}", torch->version,
                    torch->cuda == NULL ? "?" : torch->cuda);
}

static void check_python(struct sw_stack *stack)
{
    const struct sw_node *range = sw_node_get(stack->torch.row, "python");
    if (sw_node_count(range) != 2)
        return;
    const char *first = sw_node_text(sw_node_item(range, 0), ""),
               *last = sw_node_text(sw_node_item(range, 1), "");
    if (sw_catalog_compare(stack->python, first) >= 0 && sw_catalog_compare(stack->python, last) <= 0)
        return;
    const struct sw_node *at = sw_stack_get(stack, "python_version");
    struct sw_finding *finding =
        sw_stack_find(stack, "SW204", SW_ERROR, at == NULL ? stack->torch.at_version : at,
                      "torch %s has no wheel for Python %s", stack->torch.version, stack->python);
    sw_stack_evidence(stack, finding, stack->torch.row, "torch %s: CPython %s to %s", stack->torch.version,
                      first, last);
    sw_finding_hint(stack->findings, finding, "it has them for Python %s to %s", first, last);
}

void sw_check_published(struct sw_stack *stack)
{
    if (stack->torch.version == NULL)
        return;
    if (stack->torch.row == NULL) {
        report_unknown(stack);
        return;
    }
    if (stack->torch.cuda != NULL)
        check_variant(stack);
    check_local(stack);
    check_python(stack);
}
