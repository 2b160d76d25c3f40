#include "verdict.h"

#include <stdio.h>
#include <string.h>

#define CUDA_FORMAT(version) (version) / 1000, (version) % 1000 / 10

/* Append to a text of VERDICT_SIZE bytes; a longer text is cut. */
#define ADD(text, ...) (void)snprintf((text) + strlen(text), VERDICT_SIZE - strlen(text), __VA_ARGS__)

static bool runs(const struct capability *code, const struct gpu *gpu)
{
    return code->major == gpu->major &&
           (code->suffix == 'a' ? code->minor == gpu->minor : code->minor <= gpu->minor);
}

static bool compiles(const struct capability *code, const struct gpu *gpu)
{
    return code->suffix != '\0' ? runs(code, gpu) : code->major < gpu->major || runs(code, gpu);
}

static bool any(const struct capabilities *codes, const struct gpu *gpu,
                bool (*serves)(const struct capability *, const struct gpu *))
{
    for (size_t i = 0; i < codes->count; i++) {
        if (serves(&codes->items[i], gpu))
            return true;
    }
    return false;
}

static void add_codes(char *text, const struct capabilities *codes, const char *mark)
{
    for (size_t i = 0; i < codes->count; i++)
        ADD(text, " %u.%u%.1s%s", codes->items[i].major, codes->items[i].minor, &codes->items[i].suffix,
            mark);
}

/* Name the other profiles that are meant for such a GPU. */
static void add_profiles(char *text, const struct stack *stack, const struct gpu *gpu)
{
    bool found = false;
    for (size_t i = 0; i < stack->profile_count; i++) {
        const struct neighbour *neighbour = &stack->profiles[i];
        for (size_t j = 0; j < neighbour->capabilities.count; j++) {
            const struct capability *own = &neighbour->capabilities.items[j];
            if (own->major == gpu->major && own->minor == gpu->minor) {
                ADD(text, "%s '%s'", found ? "," : "; for such a GPU there is profile", neighbour->name);
                found = true;
                break;
            }
        }
    }
    if (!found)
        ADD(text, "; no profile beside '%s' is meant for such a GPU", stack->name);
}

/* The driver's service for the stack's code on a GPU. */
enum service { NOTHING, RUNS, COMPILES };

static enum service service_of(const struct stack *stack, const struct gpu *gpu)
{
    bool unknown = stack->sass.count + stack->ptx.count == 0;
    if (unknown || any(&stack->sass, gpu, runs))
        return RUNS;
    return any(&stack->ptx, gpu, compiles) ? COMPILES : NOTHING;
}

/* Return true if the image holds no longer all code that a GPU would run: the code was trimmed to other GPUs. */
static bool is_trimmed_away(const struct stack *stack, const struct gpu *gpu)
{
    for (size_t i = 0; i < stack->trimmed.count; i++) {
        if (stack->trimmed.items[i].major == gpu->major && stack->trimmed.items[i].minor == gpu->minor)
            return false;
    }
    return stack->trimmed.count > 0;
}

static bool serve(char *reason, const struct stack *stack, const struct host *host, unsigned number)
{
    const struct gpu *gpu = &host->gpus[number];
    enum service service = service_of(stack, gpu);
    if (is_trimmed_away(stack, gpu)) {
        ADD(reason, "GPU %u (%s) has compute capability %u.%u, and the image was trimmed to the code for",
            number, gpu->name, gpu->major, gpu->minor);
        add_codes(reason, &stack->trimmed, "");
        add_profiles(reason, stack, gpu);
        return false;
    }
    if (service == NOTHING) {
        ADD(reason, "GPU %u (%s) has compute capability %u.%u, and torch %s has code for", number, gpu->name,
            gpu->major, gpu->minor, stack->torch);
        add_codes(reason, &stack->sass, "");
        add_codes(reason, &stack->ptx, "+PTX");
        add_profiles(reason, stack, gpu);
        return false;
    }
    if (host->cuda >= (service == RUNS ? stack->cuda / 1000 * 1000 : stack->cuda))
        return true;
    ADD(reason, "the host's driver serves CUDA up to %u.%u, and torch %s is built with CUDA %u.%u",
        CUDA_FORMAT(host->cuda), stack->torch, CUDA_FORMAT(stack->cuda));
    if (service == COMPILES)
        ADD(reason, ", whose code for GPU %u (%s) the driver has to compile", number, gpu->name);
    else if (stack->driver[0] != '\0')
        ADD(reason, ", which needs driver %s or newer", stack->driver);
    return false;
}

bool verdict(char reason[VERDICT_SIZE], const struct stack *stack, const struct host *host,
             const char *visible)
{
    reason[0] = '\0';
    switch (host->state) {
    case HOST_NO_DRIVER:
        ADD(reason, "no NVIDIA driver is to be seen (%s); a container gets it with --gpus all", host->text);
        return false;
    case HOST_NO_GPU:
        ADD(reason, "the driver sees no GPU");
        if (visible != NULL)
            ADD(reason, " with CUDA_VISIBLE_DEVICES='%s'", visible);
        return false;
    case HOST_BROKEN:
    case HOST_SILENT:
        ADD(reason, "the host's driver does not work: %s", host->text);
        return false;
    case HOST_READY:
        break;
    }
    for (unsigned i = 0; i < host->count; i++) {
        if (!serve(reason, stack, host, i))
            return false;
    }
    return true;
}

bool verdict_memory(char warning[VERDICT_SIZE], const struct stack *stack, const struct host *host)
{
    const uint64_t gigabyte = 1000ULL * 1000 * 1000;
    warning[0] = '\0';
    for (unsigned i = 0; host->state == HOST_READY && i < host->count; i++) {
        const struct gpu *gpu = &host->gpus[i];
        if (gpu->memory >= stack->memory * gigabyte / 16 * 15)
            continue;
        ADD(warning, "GPU %u (%s) has %.1f GB of memory, and the profile asks for %u GB", i, gpu->name,
            (double)gpu->memory / (double)gigabyte, stack->memory);
        return true;
    }
    return false;
}
