/* The machines of the GPUs, and the C library of the base: SW220. */
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

/* Return true if a part of an image's name or tag begins with the word: "python:3.11-alpine3.20". */
static bool names(const char *reference, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = reference; *at != '\0'; at++) {
        bool begins = at == reference || strchr("/:-", at[-1]) != NULL;
        if (begins && strncmp(at, word, n) == 0 && !sw_is_alpha((unsigned char)at[n]))
            return true;
    }
    return false;
}

/* The driver and all CUDA wheels are programs for glibc. */
static void check_libc(struct sw_stack *stack)
{
    const char *reference = sw_node_text(sw_node_at(stack->input->plan->root, "base.reference"), "");
    const struct sw_node *row = sw_node_at(stack->catalog->images, "musl"),
                         *words = sw_node_get(row, "words");
    for (size_t i = 0; i < sw_node_count(words); i++) {
        const char *word = sw_node_text(sw_node_item(words, i), "");
        if (!names(reference, word) || (stack->target_count == 0 && stack->torch.version == NULL))
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW220", SW_ERROR, sw_stack_get(stack, "base_image"),
                          "the base image '%s' has musl, and %s needs glibc", reference,
                          stack->torch.version == NULL ? "NVIDIA's driver" : "torch");
        sw_stack_evidence(stack, finding, row, "%s: musl", word);
        sw_finding_hint(stack->findings, finding, "base_image: auto, or an image of Debian or Ubuntu");
        sw_stack_cover(stack, SW_ASPECT_PLATFORM, reference, SW_WRONG, NULL);
        return;
    }
}

void sw_check_platform(struct sw_stack *stack)
{
    check_machines(stack);
    check_libc(stack);
}
