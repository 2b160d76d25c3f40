#include "check/coverage.h"

#include "base/limits.h"

/* The names of a line that text shows; JSON has all of them. */
enum { SHOWN = 8 };

static const char *const aspects[] = {
    [SW_ASPECT_GPU] = "GPU libraries", [SW_ASPECT_DRIVER] = "driver",
    [SW_ASPECT_PLATFORM] = "platform", [SW_ASPECT_RELEASES] = "releases",
    [SW_ASPECT_IMPORTS] = "imports",   [SW_ASPECT_LIBRARIES] = "shared libraries",
};
static const char *const judgements[] = {
    [SW_PROVEN] = "proven", [SW_NOT_JUDGED] = "not judged", [SW_WRONG] = "wrong"};

void sw_coverage_init(struct sw_coverage *coverage)
{
    *coverage = (struct sw_coverage){0};
    sw_arena_init(&coverage->arena, SW_MAX_ARENA);
}

void sw_coverage_release(struct sw_coverage *coverage)
{
    sw_arena_release(&coverage->arena);
    *coverage = (struct sw_coverage){0};
}

static struct sw_covered *find(const struct sw_coverage *coverage, enum sw_aspect aspect, const char *subject)
{
    for (size_t i = 0; i < coverage->count; i++) {
        if (coverage->items[i].aspect == aspect && strcmp(coverage->items[i].subject, subject) == 0)
            return &coverage->items[i];
    }
    return NULL;
}

void sw_coverage_add(struct sw_coverage *coverage, enum sw_aspect aspect, const char *subject,
                     enum sw_judgement judgement, const char *why)
{
    if (coverage == NULL || coverage->failed)
        return;
    const char *reason = why == NULL ? NULL : sw_arena_text(&coverage->arena, why);
    struct sw_covered *known = find(coverage, aspect, subject);
    if (known != NULL) {
        if (judgement > known->judgement)
            *known = (struct sw_covered){aspect, judgement, known->subject, reason};
        return;
    }
    struct sw_covered *grown =
        sw_arena_grow(&coverage->arena, coverage->items, coverage->count, sizeof *grown);
    const char *copy = sw_arena_text(&coverage->arena, subject);
    coverage->failed = grown == NULL || copy == NULL || (why != NULL && reason == NULL);
    if (coverage->failed)
        return;
    coverage->items = grown;
    grown[coverage->count++] = (struct sw_covered){aspect, judgement, copy, reason};
}

bool sw_coverage_judged(const struct sw_coverage *coverage)
{
    for (size_t i = 0; i < coverage->count; i++) {
        const struct sw_covered *item = &coverage->items[i];
        bool package = item->aspect != SW_ASPECT_DRIVER && item->aspect != SW_ASPECT_PLATFORM;
        if (item->judgement == SW_WRONG || (package && item->judgement == SW_PROVEN))
            return true;
    }
    return false;
}

static size_t count_of(const struct sw_coverage *coverage, enum sw_aspect aspect, enum sw_judgement judgement)
{
    size_t count = 0;
    for (size_t i = 0; i < coverage->count; i++)
        count += coverage->items[i].aspect == aspect && coverage->items[i].judgement == judgement;
    return count;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_among(const struct sw_covered *item, enum sw_aspect aspect, enum sw_judgement judgement)
{
    return item->aspect == aspect && item->judgement == judgement;
}

/* Write the names that have one reason, from `from` on, and the reason behind them. */
static void write_group(struct sw_buffer *out, const struct sw_coverage *coverage, size_t from, size_t *shown)
{
    const struct sw_covered *first = &coverage->items[from];
    const char *before = "";
    for (size_t i = from; i < coverage->count && *shown < SHOWN; i++) {
        const struct sw_covered *item = &coverage->items[i];
        if (!is_among(item, first->aspect, first->judgement) || !same_text(item->why, first->why))
            continue;
        sw_buffer_addf(out, "%s%s", before, item->subject);
        before = ", ";
        ++*shown;
    }
    if (first->why != NULL)
        sw_buffer_addf(out, ": %s", first->why);
}

/* Write the names, grouped by their reasons. */
static void write_names(struct sw_buffer *out, const struct sw_coverage *coverage, enum sw_aspect aspect,
                        enum sw_judgement judgement)
{
    size_t shown = 0, count = count_of(coverage, aspect, judgement);
    for (size_t i = 0; i < coverage->count && shown < SHOWN; i++) {
        const struct sw_covered *item = &coverage->items[i];
        bool again = !is_among(item, aspect, judgement);
        for (size_t j = 0; j < i && !again; j++)
            again = is_among(&coverage->items[j], aspect, judgement) &&
                    same_text(coverage->items[j].why, item->why);
        if (again)
            continue;
        if (shown > 0)
            sw_buffer_add_text(out, "; ");
        write_group(out, coverage, i, &shown);
    }
    if (count > shown)
        sw_buffer_addf(out, " and %zu more", count - shown);
}

void sw_coverage_write(struct sw_buffer *out, const struct sw_coverage *coverage)
{
    static const enum sw_judgement order[] = {SW_PROVEN, SW_WRONG, SW_NOT_JUDGED};
    for (size_t aspect = 0; aspect < SW_COUNT(aspects); aspect++) {
        const char *before = ": ";
        for (size_t i = 0; i < SW_COUNT(order); i++) {
            size_t count = count_of(coverage, (enum sw_aspect)aspect, order[i]);
            if (count == 0)
                continue;
            if (before[0] == ':')
                sw_buffer_add_text(out, aspects[aspect]);
            sw_buffer_addf(out, "%s%zu %s (", before, count, judgements[order[i]]);
            write_names(out, coverage, (enum sw_aspect)aspect, order[i]);
            sw_buffer_add_text(out, ")");
            before = ", ";
        }
        if (before[0] == ',')
            sw_buffer_add_char(out, '\n');
    }
}

struct sw_node *sw_coverage_node(struct sw_builder *b, const struct sw_coverage *coverage)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < coverage->count; i++) {
        const struct sw_covered *item = &coverage->items[i];
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "aspect", sw_build_text(b, aspects[item->aspect]));
        sw_build_set(b, row, "subject", sw_build_text(b, item->subject));
        sw_build_set(b, row, "judgement", sw_build_text(b, judgements[item->judgement]));
        sw_build_set(b, row, "why", sw_build_text(b, item->why));
        sw_build_append(b, list, row);
    }
    return list;
}
