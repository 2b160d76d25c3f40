/* Imports of modules and names that the image's Python, or a pinned release, does not have: SW209. The facts are
 * rows of the catalog: no wheel shows the modules of Python itself. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/imported_internal.h"
#include "check/wheel_set_internal.h"

enum { MOST = 50 };

/* A row that speaks of the release that comes, by the first part of a module that it names. */
struct gone {
    struct sw_str top;
    size_t place; /* of the row in the catalog */
};

struct removed {
    struct sw_candidates *candidates;
    struct gone *gone; /* sorted by `top` and then by `place` */
    size_t gone_count;
    const struct sw_index_wheel *wheels;
    size_t count;
};

/* The release of Python, or of the project, as far as it is certain; NULL if it is open. */
static const char *release_of(const struct removed *r, const char *of)
{
    const struct sw_stack *stack = r->candidates->stack;
    return strcmp(of, "python") == 0 ? stack->python : sw_stack_comes(stack, of);
}

/* Return true if the import needs one of the row's modules or names; `gone` gets the words for it. */
static bool needs(const char **gone, const struct removed *r, const struct sw_node *row,
                  const struct sw_index_import *import)
{
    const char *module = sw_node_text(sw_node_get(row, "module"), NULL);
    const struct sw_node *names = sw_node_get(row, "names");
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const char *name = sw_node_text(sw_node_item(names, i), "");
        size_t length = strlen(name);
        bool inside = strncmp(import->module, name, length) == 0 &&
                      (import->module[length] == '\0' || import->module[length] == '.');
        bool named = module != NULL && strcmp(module, import->module) == 0 && strcmp(name, import->name) == 0;
        if (module == NULL ? !inside : !named)
            continue;
        *gone = module == NULL
                    ? name
                    : sw_arena_format(r->candidates->stack->b.arena, "%s of %s", name, import->module);
        return *gone != NULL;
    }
    return false;
}

/* Return true if a wheel of the set installs the module, or a project that does may come. */
static bool is_brought(const struct removed *r, const struct sw_node *row, const char *module)
{
    const struct sw_node *projects = sw_node_get(row, "brought_by");
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const char *project = sw_node_text(sw_node_item(projects, i), "");
        if (sw_candidates_list(r->candidates, project) != NULL ||
            sw_wheel_set_find(r->candidates->wheels, project) != NULL)
            return true;
    }
    const struct sw_str top = {module, strcspn(module, ".")};
    for (size_t i = 0; i < r->count; i++) {
        if (sw_wheel_files_has_module(r->wheels[i].files, top))
            return true;
    }
    return false;
}

static void report(const struct removed *r, const struct sw_node *row, const struct sw_index_wheel *wheel,
                   const struct sw_index_import *import, const char *gone)
{
    struct sw_stack *stack = r->candidates->stack;
    const char *of = sw_node_text(sw_node_get(row, "of"), ""), *release = release_of(r, of);
    const struct sw_set_wheel *place = sw_wheel_set_find(r->candidates->wheels, wheel->project);
    bool certain = sw_node_get(row, "anywhere") == NULL && (!import->lazy || import->share >= MOST);
    const char *from =
        sw_arena_format(stack->b.arena, "%s %s", strcmp(of, "python") == 0 ? "Python" : of, release);
    if (from == NULL || place == NULL || sw_stack_about(stack, "SW209", from, place->pin->at) != NULL)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW209", certain ? SW_ERROR : SW_WARNING, place->pin->at,
                      "%s %.*s imports %s, which %s does not have", wheel->project,
                      SW_STR_FORMAT(wheel->file->version.text), gone, from);
    sw_finding_subject(stack->findings, finding, from);
    const char *how =
        sw_arena_format(stack->b.arena, "%s: %s:%u", wheel->file->name, import->member, import->line);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how), place->index);
    sw_stack_evidence_way(stack, finding, place->project, place->version, place->by, place->pin->at);
    sw_stack_evidence(stack, finding, row, "%s: gone from %s %s", gone, of,
                      sw_node_text(sw_node_get(row, "gone"), ""));
    if (sw_node_count(sw_node_get(row, "brought_by")) > 0)
        sw_finding_hint(stack->findings, finding,
                        "pin another release of %s, or require a project that brings the module (%s)",
                        wheel->project, sw_stack_join(stack, sw_node_get(row, "brought_by")));
    else
        sw_finding_hint(stack->findings, finding, "pin another release of %s, or of %s", wheel->project, of);
}

static struct sw_str top_of(const char *module)
{
    return (struct sw_str){module, strcspn(module, ".")};
}

static int by_top(const void *a, const void *b)
{
    const struct gone *one = a, *other = b;
    int order = sw_str_compare(one->top, other->top);
    return order != 0 ? order : (one->place > other->place) - (one->place < other->place);
}

static int compare_top(const void *top, const void *gone)
{
    return sw_str_compare(*(const struct sw_str *)top, ((const struct gone *)gone)->top);
}

/* Add a row under the first part of a module, once. */
static void add_gone(struct removed *r, size_t place, const char *module)
{
    struct sw_stack *stack = r->candidates->stack;
    const struct sw_str top = top_of(module);
    if (r->gone_count > 0 && r->gone[r->gone_count - 1].place == place &&
        sw_str_equal(r->gone[r->gone_count - 1].top, top))
        return;
    struct gone *grown = sw_arena_grow(stack->b.arena, r->gone, r->gone_count, sizeof *grown);
    stack->b.failed = stack->b.failed || grown == NULL;
    if (grown == NULL)
        return;
    r->gone = grown;
    grown[r->gone_count++] = (struct gone){top, place};
}

/* Find the rows that speak of the releases that come. */
static void read_rows(struct removed *r)
{
    const struct sw_node *rows = r->candidates->stack->catalog->removed;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *row = sw_node_item(rows, i), *names = sw_node_get(row, "names");
        const char *module = sw_node_text(sw_node_get(row, "module"), NULL);
        const char *release = release_of(r, sw_node_text(sw_node_get(row, "of"), ""));
        if (release == NULL || !sw_catalog_covers(sw_node_text(sw_node_get(row, "gone"), ""), release))
            continue;
        for (size_t k = 0; module == NULL && k < sw_node_count(names); k++)
            add_gone(r, i, sw_node_text(sw_node_item(names, k), ""));
        if (module != NULL)
            add_gone(r, i, module);
    }
    if (r->gone_count > 1)
        qsort(r->gone, r->gone_count, sizeof *r->gone, by_top);
}

static void check_row(const struct removed *r, const struct sw_node *row, const struct sw_index_wheel *wheel,
                      const struct sw_index_import *import)
{
    const char *gone = NULL;
    if (needs(&gone, r, row, import) &&
        (sw_node_get(row, "module") != NULL || !is_brought(r, row, import->module)))
        report(r, row, wheel, import, gone);
}

static void check_import(const struct removed *r, const struct sw_index_wheel *wheel,
                         const struct sw_index_import *import)
{
    const struct sw_node *rows = r->candidates->stack->catalog->removed;
    const struct sw_str top = top_of(import->module);
    const struct gone *found =
        r->gone_count == 0 ? NULL : bsearch(&top, r->gone, r->gone_count, sizeof *r->gone, compare_top);
    while (found != NULL && found > r->gone && sw_str_equal(found[-1].top, top))
        found--;
    for (; found != NULL && found < r->gone + r->gone_count && sw_str_equal(found->top, top); found++) {
        /* a row stands there once for each of its names */
        if (found == r->gone || found[-1].place != found->place || !sw_str_equal(found[-1].top, top))
            check_row(r, sw_node_item(rows, found->place), wheel, import);
    }
}

void sw_check_removed(const struct sw_imported *imported)
{
    struct removed r = {
        .candidates = imported->candidates, .wheels = imported->wheels, .count = imported->count};
    read_rows(&r);
    for (size_t i = 0; i < r.count; i++) {
        const struct sw_index_wheel *wheel = &r.wheels[i];
        for (size_t k = 0; wheel->imports && wheel->code == 0 && k < wheel->found_count; k++) {
            const struct sw_index_import *import = &wheel->found[k];
            if (sw_imported_happens(imported, wheel, import->member, &import->terms))
                check_import(&r, wheel, import);
        }
    }
}
