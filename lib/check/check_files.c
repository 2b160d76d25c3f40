/* Files that two wheels install at the same place with other contents: SW219. The wheel that is installed last
 * wins, and nobody knows which that is. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/wheel_set_internal.h"
#include "index/missing_imports.h"

enum { SHOWN = 3 };

/* A file of a wheel. */
struct installed {
    const struct sw_wheel_file *file;
    size_t wheel;
};

/* Two wheels, and the files that both install. */
struct overlap {
    size_t first, second, count;
    const char *names[SHOWN];
    bool library; /* one of them is compiled */
};

/* The first part of the paths of a wheel. */
struct top {
    const struct sw_wheel_top *top;
    size_t wheel;
    bool shared; /* with another wheel */
};

struct files {
    struct sw_candidates *candidates;
    const struct sw_index_wheel *wheels;
    /* Sorted by their names, then by the wheels. */
    struct top *tops;
    size_t top_count;
    struct installed *items;
    size_t count;
    struct overlap *overlaps;
    size_t overlap_count;
};

/* Return true for a compiled library, also of a name with a version behind ".so". */
static bool is_library(struct sw_str name)
{
    return sw_str_ends(name, ".so") || sw_str_find(name, SW_STR(".so.")) < name.n;
}

/* Return true for a file that programs load. In some folders two projects may well have files of one name: nothing imports them. */
static bool is_subject(struct sw_str name)
{
    static const char *const beside[] = {
        "benchmarks", "docs", "examples", "scripts", "test", "tests", "tools",
        /* these build or test a project, and lie in its wheel by mistake */
        "build_backend.py", "conftest.py", "noxfile.py", "setup.py", "versioneer.py"};
    struct sw_str rest = name, top = sw_str_cut(&rest, '/');
    bool module = sw_str_ends(name, ".py") && !sw_str_ends(name, "/__init__.py");
    if ((!module && !is_library(name)) || sw_str_ends(top, ".data"))
        return false;
    for (size_t i = 0; i < SW_COUNT(beside); i++) {
        if (sw_str_is(top, beside[i]))
            return false;
    }
    return true;
}

static int add_tops(struct files *files, size_t wheel, struct sw_error *error)
{
    struct sw_arena *arena = files->candidates->stack->b.arena;
    const struct sw_wheel_files *own = files->wheels[wheel].files;
    for (size_t i = 0; i < own->top_count; i++) {
        files->tops = sw_arena_grow(arena, files->tops, files->top_count, sizeof *files->tops);
        if (files->tops == NULL)
            return sw_fail_memory(error);
        files->tops[files->top_count++] = (struct top){&own->tops[i], wheel, false};
    }
    return 0;
}

static int by_top(const void *a, const void *b)
{
    const struct top *one = a, *other = b;
    int order = sw_str_compare(one->top->name, other->top->name);
    return order != 0 ? order : (one->wheel > other->wheel) - (one->wheel < other->wheel);
}

static void share_tops(struct files *files)
{
    if (files->top_count > 1)
        qsort(files->tops, files->top_count, sizeof *files->tops, by_top);
    for (size_t i = 1; i < files->top_count; i++) {
        struct top *one = &files->tops[i - 1], *other = &files->tops[i];
        if (one->wheel != other->wheel && sw_str_equal(one->top->name, other->top->name))
            one->shared = other->shared = true;
    }
}

/* Add the files of a top that another wheel has, too. */
static int add_shared(struct files *files, const struct top *top, struct sw_error *error)
{
    struct sw_arena *arena = files->candidates->stack->b.arena;
    const struct sw_wheel_file *items = files->wheels[top->wheel].files->items;
    for (size_t i = top->top->first; top->shared && i < top->top->end; i++) {
        if (!is_subject(items[i].name))
            continue;
        files->items = sw_arena_grow(arena, files->items, files->count, sizeof *files->items);
        if (files->items == NULL)
            return sw_fail_memory(error);
        files->items[files->count++] = (struct installed){&items[i], top->wheel};
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct installed *one = a, *other = b;
    int order = sw_str_compare(one->file->name, other->file->name);
    return order != 0 ? order : (one->wheel > other->wheel) - (one->wheel < other->wheel);
}

static struct overlap *overlap_of(struct files *files, size_t first, size_t second)
{
    for (size_t i = 0; i < files->overlap_count; i++) {
        if (files->overlaps[i].first == first && files->overlaps[i].second == second)
            return &files->overlaps[i];
    }
    struct sw_arena *arena = files->candidates->stack->b.arena;
    files->overlaps = sw_arena_grow(arena, files->overlaps, files->overlap_count, sizeof *files->overlaps);
    if (files->overlaps == NULL)
        return NULL;
    files->overlaps[files->overlap_count] = (struct overlap){.first = first, .second = second};
    return &files->overlaps[files->overlap_count++];
}

static int find_overlaps(struct files *files, struct sw_error *error)
{
    for (size_t i = 1; i < files->count; i++) {
        const struct installed *one = &files->items[i - 1], *other = &files->items[i];
        bool equal = sw_str_equal(one->file->sum, other->file->sum);
        if (one->wheel == other->wheel || equal || !sw_str_equal(one->file->name, other->file->name))
            continue;
        struct overlap *overlap = overlap_of(files, one->wheel, other->wheel);
        if (overlap == NULL)
            return sw_fail_memory(error);
        if (overlap->count < SHOWN)
            overlap->names[overlap->count] =
                sw_arena_copy(files->candidates->stack->b.arena, other->file->name);
        overlap->library = overlap->library || is_library(other->file->name);
        overlap->count++;
    }
    return 0;
}

enum variant { FOR_CPU, FOR_ANY, FOR_GPU };

/* The variant of a project that the wheel is, by the project's name or by a library for CUDA. */
static enum variant variant_of(const struct sw_index_wheel *wheel)
{
    static const char *const signs[] = {"-gpu", "-cuda", "-cu11", "-cu12", "-cu13"};
    for (size_t i = 0; i < SW_COUNT(signs); i++) {
        if (strstr(wheel->project, signs[i]) != NULL)
            return FOR_GPU;
    }
    if (sw_str_ends(sw_str_from(wheel->project), "-cpu"))
        return FOR_CPU;
    for (size_t i = 0; i < wheel->files->count; i++) {
        if (sw_str_ends(wheel->files->items[i].name, "_cuda.so"))
            return FOR_GPU;
    }
    return FOR_ANY;
}

/* Name the member that brings a wheel in. */
static void add_ways(const struct files *files, struct sw_finding *finding,
                     const struct sw_index_wheel *wheel)
{
    const struct sw_set_wheel *place = sw_wheel_set_find(files->candidates->wheels, wheel->project);
    sw_stack_evidence_way(files->candidates->stack, finding, place->project, place->version, place->by,
                          place->pin->at);
}

/* Return true if a later command installs the variant for GPUs over the other, which is then out of use. */
static bool is_settled(const struct files *files, const struct sw_index_wheel *gpu,
                       const struct sw_index_wheel *other)
{
    const struct sw_set_wheel *last = sw_wheel_set_find(files->candidates->wheels, gpu->project),
                              *first = sw_wheel_set_find(files->candidates->wheels, other->project);
    return files->candidates->stack->input->profile->installs != NULL && first->pin->install > 0 &&
           last->pin->install > first->pin->install;
}

static void report(const struct files *files, const struct overlap *overlap)
{
    struct sw_stack *stack = files->candidates->stack;
    const struct sw_index_wheel *first = &files->wheels[overlap->first],
                                *second = &files->wheels[overlap->second];
    enum variant one = variant_of(first), other = variant_of(second);
    bool variants = overlap->library && one != other, gpu = one > other;
    bool settled = variants && is_settled(files, gpu ? first : second, gpu ? second : first);
    const struct sw_set_wheel *place = sw_wheel_set_find(files->candidates->wheels, second->project);
    struct sw_finding *finding = sw_stack_find(
        stack, "SW219", variants && !settled ? SW_ERROR : SW_WARNING, place->pin->at,
        "%s %.*s and %s %.*s install %zu of the same files with other contents: the last one installed wins",
        first->project, SW_STR_FORMAT(first->file->version.text), second->project,
        SW_STR_FORMAT(second->file->version.text), overlap->count);
    sw_finding_subject(stack->findings, finding, first->project);
    for (size_t i = 0; i < overlap->count && i < SHOWN; i++) {
        const char *text = sw_arena_format(stack->b.arena, "%s, %s: %s", first->file->name,
                                           second->file->name, overlap->names[i]);
        if (text != NULL)
            sw_finding_evidence(stack->findings, finding, sw_str_from(text), place->index);
    }
    add_ways(files, finding, first);
    add_ways(files, finding, second);
    if (variants)
        sw_finding_hint(stack->findings, finding, "leave out %s: %s is the variant for GPUs",
                        gpu ? second->project : first->project, gpu ? first->project : second->project);
    else
        sw_finding_hint(stack->findings, finding, "leave out %s or %s", first->project, second->project);
}

int sw_check_files(struct sw_candidates *candidates, const struct sw_index_wheel *wheels, size_t count,
                   struct sw_error *error)
{
    struct files files = {.candidates = candidates, .wheels = wheels};
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_tops(&files, i, error);
    share_tops(&files);
    for (size_t i = 0; i < files.top_count && code == 0; i++)
        code = add_shared(&files, &files.tops[i], error);
    if (code == 0 && files.count > 1)
        qsort(files.items, files.count, sizeof *files.items, by_name);
    if (code == 0)
        code = find_overlaps(&files, error);
    for (size_t i = 0; i < files.overlap_count && code == 0; i++)
        report(&files, &files.overlaps[i]);
    return code;
}
