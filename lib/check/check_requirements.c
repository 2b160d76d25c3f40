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
    if (stack->torch.cuda_path == NULL || strcmp(pin->project, "torch") != 0 || pin->is_override ||
        allows(pin, stack->torch.version) || allows(pin, stack->torch.local))
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW210", SW_ERROR, pin->at, "'%s' excludes torch %s, which the profile pins",
                      sw_node_text(pin->at, ""), stack->torch.version);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_finding_hint(stack->findings, finding, "remove it: the key 'torch' installs torch and holds it");
}

/* Check a pin against an earlier or later pin of the same project. An override replaces all but constraints. */
static void check_pair(struct sw_stack *stack, const struct sw_pin *pin, bool overridden,
                       const struct sw_pin *other)
{
    bool replaced = overridden && !(pin->is_constraint && other->is_constraint);
    if (pin == other || replaced || strcmp(pin->project, other->project) != 0 ||
        allows(other, pin->version) || allows(other, sw_stack_public(stack, pin->version)))
        return;
    if (other->version != NULL && other < pin) /* said from the other side */
        return;
    struct sw_finding *finding = sw_stack_find(stack, "SW210", SW_ERROR, other->at,
                                               "conflict: no release satisfies both '%s' and '%s'",
                                               sw_node_text(other->at, ""), sw_node_text(pin->at, ""));
    sw_finding_subject(stack->findings, finding, other->project);
    sw_stack_evidence_pin(stack, finding, pin);
}

/* A lock has the set that the overrides give; without a lock the installer must know them. */
static void check_overrides(struct sw_stack *stack)
{
    const struct sw_node *overrides = sw_stack_get(stack, "overrides");
    const char *installer = sw_node_text(stack->input->plan->parts.installer, "");
    if (sw_node_count(overrides) == 0 || stack->input->lock != NULL || strcmp(installer, "pip") != 0)
        return;
    struct sw_finding *finding = sw_stack_find(stack, "SW102", SW_ERROR, overrides,
                                               "pip knows no overrides, and the profile has no lock");
    sw_finding_hint(stack->findings, finding, "installer: uv, or 'slipway lock %s'",
                    sw_node_text(stack->input->plan->parts.name, ""));
}

void sw_check_requirements(struct sw_stack *stack)
{
    check_overrides(stack);
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        check_torch(stack, pin);
        bool overridden = pin->version != NULL && sw_stack_override(stack, pin->project) != NULL;
        for (size_t j = 0; pin->version != NULL && j < stack->pin_count; j++)
            check_pair(stack, pin, overridden, &stack->pins[j]);
    }
}
