/* What could replace the torch that the profile pins, or leaves it open: SW212.
 *
 * Every pip and uv in the image is held to the constraints, so that an ordinary install in a step does no harm. */
#include "check/stack.h"

/* Whether `word` stands in the command with nothing of a name around it. */
static bool has_word(struct sw_str command, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= command.n; i++) {
        if (memcmp(command.p + i, word, length) != 0)
            continue;
        char before = i == 0 ? ' ' : command.p[i - 1],
             after = i + length == command.n ? ' ' : command.p[i + length];
        if (!sw_is_alnum((unsigned char)before) && strchr("-_./", before) == NULL &&
            !sw_is_alnum((unsigned char)after) && strchr("-_/", after) == NULL)
            return true;
    }
    return false;
}

static bool has(struct sw_str command, const char *text)
{
    return sw_str_find(command, sw_str_from(text)) < command.n;
}

/* What in one command could replace torch, in words; NULL where nothing can. */
static const char *danger(struct sw_str command)
{
    bool installs = (has_word(command, "pip") || has_word(command, "pip3") || has_word(command, "uv")) &&
                    has_word(command, "install");
    bool conda =
        (has_word(command, "conda") || has_word(command, "mamba") || has_word(command, "micromamba")) &&
        has_word(command, "install");
    if (conda)
        return "conda does not know what pip installed and follows no constraints";
    if (!installs)
        return NULL;
    if (has(command, "PIP_CONSTRAINT") || has(command, "UV_CONSTRAINT"))
        return "it lifts the constraints that hold torch";
    if (has_word(command, "--ignore-installed") || has_word(command, "-I"))
        return "--ignore-installed installs over what is there without removing it";
    if (has_word(command, "--force-reinstall") || has_word(command, "--reinstall"))
        return "it installs torch again, from the index of this command";
    if (has_word(command, "torch") || has_word(command, "torchvision") || has_word(command, "torchaudio"))
        return "it names torch or what belongs to it";
    return NULL;
}

static void check_steps(struct sw_stack *stack)
{
    const struct sw_node *steps = sw_stack_get(stack, "steps");
    for (size_t i = 0; steps != NULL && i < steps->count; i++) {
        const char *why = danger(steps->items[i]->text);
        if (why == NULL)
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW212", SW_WARNING, steps->items[i], "this step could replace torch %s: %s",
                          stack->torch.version, why);
        sw_finding_evidence(stack->findings, finding, steps->items[i]->text, "");
        sw_finding_hint(stack->findings, finding,
                        "put what it installs under 'requirements', where torch is held");
    }
}

/* torch from one index and what belongs to it from another. */
static void check_indexes(struct sw_stack *stack)
{
    static const char *const together[] = {"torchvision", "torchaudio"};
    const struct sw_node *indexes = sw_stack_get(stack, "indexes"), *own = NULL;
    for (size_t i = 0; indexes != NULL && i < indexes->count; i++) {
        if (sw_catalog_lists(sw_node_get(indexes->items[i], "for"), "torch"))
            own = indexes->items[i];
    }
    for (size_t i = 0; i < SW_COUNT(together); i++) {
        const struct sw_pin *pin = sw_stack_requirement(stack, together[i]);
        if (pin == NULL || pin->requirement.url.n > 0)
            continue;
        const struct sw_node *other = NULL;
        for (size_t j = 0; indexes != NULL && j < indexes->count; j++) {
            if (sw_catalog_lists(sw_node_get(indexes->items[j], "for"), together[i]))
                other = indexes->items[j];
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

/* No pin at all: whatever is newest on the day of the build. */
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
                                   pin->at->text.p)
                   : sw_stack_find(stack, "SW212", SW_WARNING, pin->at,
                                   "%s needs torch, which the profile leaves open", pin->project);
        sw_finding_hint(stack->findings, finding,
                        "pin it: torch: {version: ..., cuda: ...}; else each build takes the newest, with "
                        "the CUDA of that day");
        return;
    }
}

void sw_check_replaced(struct sw_stack *stack)
{
    if (stack->torch.version == NULL) {
        check_open(stack);
        return;
    }
    check_steps(stack);
    if (stack->torch.cuda_path != NULL)
        check_indexes(stack);
}
