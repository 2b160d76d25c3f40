#include "trim/gpu_code.h"

#include <stdio.h>
#include <string.h>

int sw_device_code_compare(const struct sw_device_code *a, const struct sw_device_code *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->architecture != b->architecture)
        return a->architecture < b->architecture ? -1 : 1;
    return a->variant - b->variant;
}

bool sw_device_codes_add(struct sw_device_codes *codes, const struct sw_device_code *code, uint64_t bytes)
{
    size_t at = 0;
    while (at < codes->count && sw_device_code_compare(&codes->items[at], code) < 0)
        at++;
    if (at == codes->count || sw_device_code_compare(&codes->items[at], code) != 0) {
        if (codes->count == SW_MOST_DEVICE_CODES)
            return false;
        memmove(codes->items + at + 1, codes->items + at, (codes->count - at) * sizeof *code);
        memmove(codes->bytes + at + 1, codes->bytes + at, (codes->count - at) * sizeof bytes);
        codes->items[at] = *code;
        codes->bytes[at] = 0;
        codes->count++;
    }
    codes->bytes[at] += bytes;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Read "12.0" as 120; NULL if the text is no compute capability, else the text behind it. */
static const char *take_target(unsigned *out, const char *text)
{
    unsigned major = 0;
    const char *at = text;
    while (is_digit(*at) && at - text < 2)
        major = major * 10 + (unsigned)(*at++ - '0');
    if (at == text || at[0] != '.' || !is_digit(at[1]))
        return NULL;
    *out = major * 10 + (unsigned)(at[1] - '0');
    return at + 2;
}

static bool add_target(struct sw_device_targets *targets, unsigned target)
{
    size_t at = 0;
    while (at < targets->count && targets->items[at] < target)
        at++;
    if (at < targets->count && targets->items[at] == target)
        return true;
    if (targets->count == SW_MOST_DEVICE_TARGETS)
        return false;
    memmove(targets->items + at + 1, targets->items + at, (targets->count - at) * sizeof target);
    targets->items[at] = target;
    targets->count++;
    return true;
}

bool sw_device_targets_parse(struct sw_device_targets *targets, const char *text)
{
    for (;;) {
        unsigned target;
        text = take_target(&target, text);
        if (text == NULL || !add_target(targets, target))
            return false;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

/* Jetson's architectures: their machine code and that of other GPUs do not run on each other, although the numbers suggest it. */
static bool is_jetson(unsigned architecture)
{
    static const unsigned jetsons[] = {53, 62, 72, 87, 88, 101};
    for (size_t i = 0; i < sizeof jetsons / sizeof jetsons[0]; i++) {
        if (jetsons[i] == architecture)
            return true;
    }
    return false;
}

bool sw_device_code_fits(const struct sw_device_code *code, unsigned target)
{
    bool same_major = code->architecture / 10 == target / 10;
    if (code->architecture == target)
        return true;
    if (code->variant == 'a' || code->architecture > target)
        return false;
    if (code->kind == SW_DEVICE_PTX && code->variant == 0)
        return true;
    return same_major && !is_jetson(code->architecture);
}

/* Keep the newest code of one kind and variant that fits the target. Return false if there is none. */
static bool keep_newest(bool *keep, const struct sw_device_code *codes, size_t count,
                        struct sw_device_code wanted, unsigned target)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (codes[i].kind == wanted.kind && codes[i].variant == wanted.variant &&
            sw_device_code_fits(&codes[i], target) &&
            (!found || codes[i].architecture > wanted.architecture)) {
            wanted.architecture = codes[i].architecture;
            found = true;
        }
    }
    for (size_t i = 0; found && i < count; i++)
        keep[i] |= sw_device_code_compare(&codes[i], &wanted) == 0;
    return found;
}

void sw_device_codes_choose(bool *keep, const struct sw_device_code *codes, size_t count,
                            const struct sw_device_targets *targets)
{
    static const enum sw_device_code_kind kinds[] = {SW_DEVICE_MACHINE, SW_DEVICE_PTX};
    static const char variants[] = {0, 'f', 'a'};
    for (size_t i = 0; i < count; i++)
        keep[i] = codes[i].kind == SW_DEVICE_LTO;
    for (size_t i = 0; i < targets->count; i++) {
        bool served = false;
        for (size_t kind = 0; !served && kind < sizeof kinds / sizeof kinds[0]; kind++) {
            for (size_t variant = 0; variant < sizeof variants; variant++) {
                const struct sw_device_code wanted = {.kind = kinds[kind], .variant = variants[variant]};
                served |= keep_newest(keep, codes, count, wanted, targets->items[i]);
            }
        }
    }
}

void sw_device_code_text(char out[SW_DEVICE_CODE_TEXT_SIZE], const struct sw_device_code *code)
{
    const char *word = code->kind == SW_DEVICE_PTX       ? "compute"
                       : code->kind == SW_DEVICE_MACHINE ? "sm"
                                                         : "lto";
    (void)snprintf(out, SW_DEVICE_CODE_TEXT_SIZE, "%s_%u%.1s", word, code->architecture, &code->variant);
}
