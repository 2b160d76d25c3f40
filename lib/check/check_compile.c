/* The projects that are compiled with nvcc, and the needs of that: SW230. */
#include "check/check_internal.h"

#include "data/path.h"
#include "python/name.h"

const struct sw_node *sw_check_compiled(const struct sw_stack *stack, const char *project)
{
    const struct sw_node *projects = stack->input->plan->parts.compile.projects;
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *entry = sw_node_item(projects, i);
        if (sw_name_equal(sw_node_str(sw_node_get(entry, "project")), sw_str_from(project)))
            return entry;
    }
    return NULL;
}

/* The origin of nvcc, for a sentence. */
static const char *origin_of(const struct sw_stack *stack)
{
    const struct sw_node *nvcc = stack->input->plan->parts.compile.nvcc;
    const char *image = sw_node_text(sw_node_get(nvcc, "image"), NULL);
    if (image != NULL)
        return image;
    return sw_node_count(sw_node_get(nvcc, "wheels")) > 0 ? "NVIDIA's wheels on the package index"
                                                          : "the base image";
}

/* Say that a project will be compiled, for which GPUs and with which nvcc. */
static void tell(struct sw_stack *stack, const char *project, const struct sw_node *at)
{
    const struct sw_node *compile = stack->input->plan->parts.compile.node;
    const char *architectures = sw_node_text(sw_node_get(compile, "architectures"), "");
    if (architectures[0] == '\0') {
        struct sw_finding *unknown = sw_stack_find(
            stack, "SW230", SW_ERROR, at,
            "%s must be compiled, and neither the profile nor the catalog tells for which GPUs", project);
        sw_finding_subject(stack->findings, unknown, project);
        sw_stack_evidence(stack, unknown, sw_stack_get(stack, "torch.version"), "torch %s for CUDA %s",
                          stack->torch.version, stack->torch.cuda);
        sw_finding_hint(stack->findings, unknown, "name the GPUs in 'accelerators'");
        return;
    }
    const char *cache = sw_node_text(sw_stack_get(stack, "wheels.cache"), NULL);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW230", SW_NOTE, at,
                      "%s is compiled for %s in a stage of its own, unless the index has a wheel that fits: "
                      "nvcc %s comes from %s, and the "
                      "wheel is kept in the builder's cache%s%s%s",
                      project, architectures, stack->torch.cuda, origin_of(stack),
                      cache == NULL ? "" : " and in '", cache == NULL ? "" : cache, cache == NULL ? "" : "'");
    sw_finding_subject(stack->findings, finding, project);
    if (sw_node_count(stack->input->plan->parts.accelerators) == 0)
        sw_finding_hint(stack->findings, finding,
                        "name the GPUs in 'accelerators': each further architecture takes its time");
}

/* Report a requirement that must be compiled and for which the plan has no torch to compile it against. */
static void refuse(struct sw_stack *stack, const struct sw_pin *pin)
{
    struct sw_finding *finding = sw_stack_find(
        stack, "SW230", SW_ERROR, pin->at,
        "%s must be compiled with the nvcc of torch's CUDA, and the profile has no key 'torch' that names it",
        pin->project);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence_pin(stack, finding, pin);
    if (stack->torch.version != NULL && stack->torch.cuda != NULL)
        sw_finding_hint(stack->findings, finding, "add torch: {version: \"%s\", cuda: \"%s\"}",
                        stack->torch.version, stack->torch.cuda);
    else
        sw_finding_hint(stack->findings, finding,
                        "add for example torch: {version: \"2.8.0\", cuda: \"12.8\"}");
}

/* Say the same of the dependencies that the key `compile` names. */
static void check_key(struct sw_stack *stack)
{
    const struct sw_node *list = sw_stack_get(stack, "compile");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *at = sw_node_item(list, i);
        const char *project = sw_name_normalized(stack->b.arena, sw_node_str(at));
        if (project == NULL || sw_stack_requirement(stack, project) != NULL)
            continue;
        if (sw_check_compiled(stack, project) != NULL)
            tell(stack, project, at);
    }
}

void sw_check_compile(struct sw_stack *stack)
{
    if (stack->input->profile->is_found)
        return;
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        bool needed = !pin->is_constraint &&
                      sw_plan_compiler(stack->input->profile, stack->catalog, sw_node_str(pin->at)) != NULL;
        if (!needed)
            continue;
        if (sw_check_compiled(stack, pin->project) == NULL)
            refuse(stack, pin);
        else
            tell(stack, pin->project, pin->at);
    }
    check_key(stack);
}
