/* Pins that cannot all hold: SW210. */
#include "check/check_internal.h"

static bool allows(const struct sw_pin *pin, const char *version)
{
    struct sw_version parsed;
    return pin->requirement.url.n > 0 || sw_version_parse(&parsed, sw_str_from(version), NULL) != 0 ||
           sw_specifier_set_contains(&pin->requirement.specifiers, &parsed, SW_PRERELEASES_ALLOW);
}

/* A requirement of torch itself beside the key `torch` must agree with it. */
static void check_torch(struct sw_stack *stack, const struct sw_pin *pin)
{
    if (stack->torch.cuda_path == NULL || strcmp(pin->project, "torch") != 0 ||
        allows(pin, stack->torch.version) || allows(pin, stack->torch.local))
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW210", SW_ERROR, pin->at, "'%s' excludes torch %s, which the profile pins",
                      sw_node_text(pin->at, ""), stack->torch.version);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_finding_hint(stack->findings, finding, "remove it: the key 'torch' installs torch and holds it");
}

/* Check a pin against an earlier or later pin of the same project. */
static void check_pair(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_pin *other)
{
    if (pin == other || strcmp(pin->project, other->project) != 0 || allows(other, pin->version) ||
        allows(other, sw_stack_public(stack, pin->version)))
        return;
    if (other->version != NULL && other < pin) /* said from the other side */
        return;
    struct sw_finding *finding = sw_stack_find(stack, "SW210", SW_ERROR, other->at,
                                               "conflict: no release satisfies both '%s' and '%s'",
                                               sw_node_text(other->at, ""), sw_node_text(pin->at, ""));
    sw_finding_subject(stack->findings, finding, other->project);
    sw_stack_evidence_pin(stack, finding, pin);
}

void sw_check_requirements(struct sw_stack *stack)
{
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        check_torch(stack, pin);
        for (size_t j = 0; pin->version != NULL && j < stack->pin_count; j++)
            check_pair(stack, pin, &stack->pins[j]);
    }
}
