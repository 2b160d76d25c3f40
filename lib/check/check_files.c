/* Files that two wheels install at the same place with other contents: SW219. The wheel that is installed last
 * wins, and nobody knows which that is. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/wheel_set_internal.h"
#include "index/missing_imports.h"

enum { SHOWN = 3 };

/* A file of a wheel, read from its listing. */
struct installed {
    struct sw_str crc, size, name;
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
    struct sw_str name;
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

/* Take the next file out of a listing. */
static struct installed next_file(struct sw_str *listing, size_t wheel)
{
    struct sw_str line = sw_str_cut(listing, '\n');
    struct installed item = {.wheel = wheel};
    item.crc = sw_str_cut(&line, '\t');
    item.size = line.p == NULL ? SW_STR("") : sw_str_cut(&line, '\t');
    item.name = line.p == NULL ? SW_STR("") : line;
    return item;
}

static struct sw_str top_of(struct sw_str name)
{
    return sw_str_cut(&name, '/');
}

/* Note the tops of a wheel; the files of a top follow each other. */
static int add_tops(struct files *files, size_t wheel, struct sw_error *error)
{
    struct sw_arena *arena = files->candidates->stack->b.arena;
    struct sw_str rest = files->wheels[wheel].listing, last = {NULL, 0};
    while (rest.n > 0) {
        struct sw_str top = top_of(next_file(&rest, wheel).name);
        if (last.p != NULL && sw_str_equal(top, last))
            continue;
        last = top;
        files->tops = sw_arena_grow(arena, files->tops, files->top_count, sizeof *files->tops);
        if (files->tops == NULL)
            return sw_fail_memory(error);
        files->tops[files->top_count++] = (struct top){top, wheel, false};
    }
    return 0;
}

static int by_top(const void *a, const void *b)
{
    const struct top *one = a, *other = b;
    int order = sw_str_compare(one->name, other->name);
    return order != 0 ? order : (one->wheel > other->wheel) - (one->wheel < other->wheel);
}

static void share_tops(struct files *files)
{
    if (files->top_count > 1)
        qsort(files->tops, files->top_count, sizeof *files->tops, by_top);
    for (size_t i = 1; i < files->top_count; i++) {
        struct top *one = &files->tops[i - 1], *other = &files->tops[i];
        if (one->wheel != other->wheel && sw_str_equal(one->name, other->name))
            one->shared = other->shared = true;
    }
}

static bool is_shared(const struct files *files, struct sw_str name, size_t wheel)
{
    const struct top wanted = {.name = name, .wheel = wheel};
    const struct top *top = bsearch(&wanted, files->tops, files->top_count, sizeof wanted, by_top);
    return top != NULL && top->shared;
}

/* Add the files of a wheel that lie in a top which another wheel has, too. */
static int add_listing(struct files *files, size_t wheel, struct sw_error *error)
{
    struct sw_arena *arena = files->candidates->stack->b.arena;
    struct sw_str rest = files->wheels[wheel].listing, last = {NULL, 0};
    bool shared = false;
    while (rest.n > 0) {
        const struct installed item = next_file(&rest, wheel);
        struct sw_str top = top_of(item.name);
        if (last.p == NULL || !sw_str_equal(top, last))
            shared = is_shared(files, top, wheel);
        last = top;
        if (!shared || !is_subject(item.name))
            continue;
        files->items = sw_arena_grow(arena, files->items, files->count, sizeof *files->items);
        if (files->items == NULL)
            return sw_fail_memory(error);
        files->items[files->count++] = item;
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct installed *one = a, *other = b;
    int order = sw_str_compare(one->name, other->name);
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
        bool equal = sw_str_equal(one->crc, other->crc) && sw_str_equal(one->size, other->size);
        if (one->wheel == other->wheel || equal || !sw_str_equal(one->name, other->name))
            continue;
        struct overlap *overlap = overlap_of(files, one->wheel, other->wheel);
        if (overlap == NULL)
            return sw_fail_memory(error);
        if (overlap->count < SHOWN)
            overlap->names[overlap->count] = sw_arena_copy(files->candidates->stack->b.arena, other->name);
        overlap->library = overlap->library || is_library(other->name);
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
    struct sw_str rest = wheel->listing;
    while (rest.n > 0) {
        if (sw_str_ends(sw_str_cut(&rest, '\n'), "_cuda.so"))
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
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_listing(&files, i, error);
    if (code == 0 && files.count > 1)
        qsort(files.items, files.count, sizeof *files.items, by_name);
    if (code == 0)
        code = find_overlaps(&files, error);
    for (size_t i = 0; i < files.overlap_count && code == 0; i++)
        report(&files, &files.overlaps[i]);
    return code;
}
