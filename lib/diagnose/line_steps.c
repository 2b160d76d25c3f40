#include "diagnose/line_steps_internal.h"

int sw_steps_init(struct sw_steps *steps, struct sw_error *error)
{
    *steps = (struct sw_steps){.items = calloc(SW_MAX_LOG_STEPS, sizeof *steps->items)};
    return steps->items == NULL ? sw_fail_memory(error) : 0;
}

void sw_steps_release(struct sw_steps *steps)
{
    if (steps == NULL)
        return;
    free(steps->items);
    *steps = (struct sw_steps){0};
}

/* The part of a key that is kept: digests and numbers are far shorter. */
static struct sw_str cut(struct sw_str key)
{
    return (struct sw_str){key.p, key.n < SW_STEP_KEY ? key.n : SW_STEP_KEY};
}

static bool has_keys(const struct sw_step *step, struct sw_str outer, struct sw_str inner)
{
    return step->serial != 0 && sw_str_equal((struct sw_str){step->inner, step->inner_n}, inner) &&
           sw_str_equal((struct sw_str){step->outer, step->outer_n}, outer);
}

static struct sw_step *free_place(struct sw_steps *steps)
{
    struct sw_step *oldest = &steps->items[0];
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        if (steps->items[i].serial == 0)
            return &steps->items[i];
        if (steps->items[i].used < oldest->used)
            oldest = &steps->items[i];
    }
    return oldest;
}

static struct sw_step *begin(struct sw_steps *steps, struct sw_str outer, struct sw_str inner)
{
    struct sw_step *step = free_place(steps);
    step->serial = ++steps->serials;
    step->state = SW_STEP_RUNNING;
    step->dockerfile_line = 0;
    step->name_n = step->lines = 0;
    step->margins = (struct sw_margins){0};
    step->inside.number = 0;
    step->inside_speaks = false;
    step->fact_open = false;
    step->traced_n = 0;
    step->succeeded = 0;
    step->outer_n = outer.n;
    step->inner_n = inner.n;
    if (outer.n > 0)
        memcpy(step->outer, outer.p, outer.n);
    if (inner.n > 0)
        memcpy(step->inner, inner.p, inner.n);
    return step;
}

struct sw_step *sw_steps_get(struct sw_steps *steps, struct sw_str outer, struct sw_str inner)
{
    outer = cut(outer);
    inner = cut(inner);
    struct sw_step *step = steps->last;
    if (step == NULL || !has_keys(step, outer, inner)) {
        step = NULL;
        for (size_t i = 0; i < SW_MAX_LOG_STEPS && step == NULL; i++)
            step = has_keys(&steps->items[i], outer, inner) ? &steps->items[i] : NULL;
        if (step == NULL)
            step = begin(steps, outer, inner);
    }
    step->used = ++steps->clock;
    steps->last = step;
    return step;
}

struct sw_step *sw_steps_find(const struct sw_steps *steps, uint64_t serial)
{
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        if (serial != 0 && steps->items[i].serial == serial)
            return &steps->items[i];
    }
    return NULL;
}

bool sw_steps_failed(const struct sw_steps *steps, struct sw_str name)
{
    name.n -= sw_str_ends(name, ":");
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        const struct sw_step *step = &steps->items[i];
        size_t kept = name.n < sizeof step->name ? name.n : sizeof step->name;
        if (step->serial != 0 && step->state == SW_STEP_FAILED && step->lines > 0 &&
            !sw_step_is_summary(step) &&
            sw_str_equal((struct sw_str){step->name, step->name_n}, (struct sw_str){name.p, kept}))
            return true;
    }
    return false;
}

bool sw_step_trace(struct sw_step *step, struct sw_str command)
{
    uint64_t hash = 14695981039346656037ULL; /* FNV-1a */
    for (size_t i = 0; i < command.n; i++)
        hash = (hash ^ (unsigned char)command.p[i]) * 1099511628211ULL;
    bool again = false;
    for (size_t i = 0; i < SW_LOG_TRACED && i < step->traced_n; i++)
        again = again || step->traced[i] == hash;
    step->traced[step->traced_n++ % SW_LOG_TRACED] = hash;
    return again;
}

void sw_step_rename(struct sw_step *step, struct sw_str name)
{
    step->name_n = name.n < sizeof step->name ? name.n : sizeof step->name;
    if (step->name_n > 0)
        memcpy(step->name, name.p, step->name_n);
}

void sw_step_keep(struct sw_step *step, struct sw_str line, uint64_t number)
{
    struct sw_kept_line *kept = &step->tail[step->lines++ % SW_MAX_LOG_TAIL];
    kept->number = number;
    kept->n = line.n < sizeof kept->text ? line.n : sizeof kept->text;
    if (kept->n > 0)
        memcpy(kept->text, line.p, kept->n);
}

const struct sw_kept_line *sw_step_line(const struct sw_step *step, size_t back)
{
    if (back == 0 || back > step->lines || back > SW_MAX_LOG_TAIL)
        return NULL;
    return &step->tail[(step->lines - back) % SW_MAX_LOG_TAIL];
}

bool sw_step_is_summary(const struct sw_step *step)
{
    return step->inner_n > 1 && step->inner[0] == ' ' && step->inner[1] == '>';
}

bool sw_step_is_build(const struct sw_step *step)
{
    static const char *const forms[] = {"#", "=== #", "Step ", "STEP ", "["};
    struct sw_str inner = {step->inner, step->inner_n};
    bool build = step->dockerfile_line > 0 || sw_step_is_summary(step);
    for (size_t i = 0; i < SW_COUNT(forms) && !build; i++)
        build = sw_str_starts(inner, forms[i]);
    return build && step->name_n > 0;
}
