/* Imports of modules that nothing in the closed set brings: SW209. The check speaks only if all that is installed is known:
 * a set with a file that was not listed, or an image with packages of its own, may have any module. */
#include "check/check_internal.h"

#include "check/bringers_internal.h"
#include "check/closure_internal.h"
#include "index/missing_imports.h"
#include "python/name.h"

struct absent {
    struct sw_candidates *candidates;
    const struct sw_index_wheel *wheels;
    size_t count;
    /* The folders of all paths in the wheels, and their files as modules: sorted, with repetitions. */
    struct sw_str *names;
    size_t name_count;
};

/* ---- modules that are there ---- */

/* Take the next name of a file out of a listing. */
static struct sw_str next_file(struct sw_str *listing)
{
    struct sw_str name = sw_str_cut(listing, '\n');
    (void)sw_str_cut(&name, '\t');
    (void)sw_str_cut(&name, '\t');
    return name;
}

/* Return true if a wheel changes Python's search for modules at each start. Of setuptools it is known that this
 * concerns distutils alone. */
static bool changes_search(const struct sw_index_wheel *wheel)
{
    struct sw_str rest = wheel->listing;
    bool changes = false;
    while (rest.n > 0 && !changes)
        changes = sw_str_ends(next_file(&rest), ".pth");
    return changes && strcmp(wheel->project, "setuptools") != 0;
}

/* Return true if each member of the set was listed and read, and nothing else is installed. */
static bool is_closed(const struct absent *a)
{
    const struct sw_stack *stack = a->candidates->stack;
    const struct sw_wheel_set *set = a->candidates->wheels;
    bool closed = set->open == NULL && set->count == a->count && a->count > 0;
    for (size_t i = 0; closed && i < a->count; i++)
        closed = a->wheels[i].code == 0 && a->wheels[i].file->kind == SW_INDEX_WHEEL &&
                 !changes_search(&a->wheels[i]);
    return closed && sw_bringers_knows_base(stack) &&
           sw_node_count(sw_stack_get(stack, "system_packages")) == 0 && sw_stack_step(stack, 0) == NULL &&
           sw_node_count(sw_stack_get(stack, "context.copy")) == 0;
}

static int by_text(const void *a, const void *b)
{
    return sw_str_compare(*(const struct sw_str *)a, *(const struct sw_str *)b);
}

static int add_name(struct absent *a, struct sw_str name, struct sw_error *error)
{
    a->names = sw_arena_grow(a->candidates->stack->b.arena, a->names, a->name_count, sizeof *a->names);
    if (a->names == NULL)
        return sw_fail_memory(error);
    a->names[a->name_count++] = name;
    return 0;
}

/* A module may lie below any folder that a package adds to Python's path, so each part of each path counts. */
static int read_names(struct absent *a, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < a->count; i++) {
        struct sw_str rest = a->wheels[i].listing, last = SW_STR("");
        while (rest.n > 0 && code == 0) {
            struct sw_str name = next_file(&rest), folder = name;
            while (folder.n > 0 && folder.p[folder.n - 1] != '/')
                folder.n--;
            /* the files of one folder follow each other */
            bool again = sw_str_equal(folder, last);
            last = folder;
            if (again)
                name = (struct sw_str){name.p + folder.n, name.n - folder.n};
            while (name.n > 0 && code == 0) {
                struct sw_str part = sw_str_cut(&name, '/');
                code = add_name(a, sw_str_cut(&part, '.'), error);
            }
        }
    }
    if (a->name_count > 1)
        qsort(a->names, a->name_count, sizeof *a->names, by_text);
    return code;
}

static bool is_listed(const struct sw_node *names, struct sw_str module)
{
    for (size_t i = 0; i < sw_node_count(names); i++) {
        if (sw_str_is(module, sw_node_text(sw_node_item(names, i), "")))
            return true;
    }
    return false;
}

/* Return true if Python has the module, in any release (check_removed.c knows the ends), or the installer may. */
static bool is_standard(const struct sw_catalog *catalog, struct sw_str module)
{
    static const char *const installers[] = {"pip", "setuptools", "pkg_resources", "wheel"};
    bool found = module.n == 0 || module.p[0] == '_';
    for (size_t i = 0; i < SW_COUNT(installers); i++)
        found = found || sw_str_is(module, installers[i]);
    for (size_t i = 0; i < sw_node_count(catalog->standard) && !found; i++)
        found = is_listed(sw_node_get(sw_node_item(catalog->standard, i), "names"), module);
    return found;
}

/* Return true if a file of the set may be the module, or a project of its name is a member. */
static bool is_brought(const struct absent *a, struct sw_str module)
{
    for (size_t i = 0; i < a->count; i++) {
        if (sw_name_equal(module, sw_str_from(a->wheels[i].project)))
            return true;
    }
    return a->name_count > 0 && bsearch(&module, a->names, a->name_count, sizeof *a->names, by_text) != NULL;
}

/* Return true if no member requires the project: the program itself imports it. Another member may import a
 * project in part, or only in some cases, as ipython does with matplotlib-inline. */
static bool is_imported(const struct absent *a, const char *project)
{
    const struct sw_resolution *set = &a->candidates->closure->taken.resolution;
    for (size_t i = 0; i < set->package_count; i++) {
        const struct sw_resolved_package *package = &set->packages[i];
        for (size_t k = 0; k < package->dependency_count; k++) {
            if (strcmp(set->packages[package->dependencies[k].package].name, project) == 0)
                return false;
        }
    }
    return true;
}

/* ---- findings ---- */

static void report(const struct absent *a, const struct sw_index_wheel *wheel,
                   const struct sw_index_import *import, const char *module)
{
    struct sw_stack *stack = a->candidates->stack;
    const struct sw_set_wheel *place = sw_wheel_set_find(a->candidates->wheels, wheel->project);
    if (place == NULL || sw_stack_about(stack, "SW209", module, place->pin->at) != NULL)
        return;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW209", SW_ERROR, place->pin->at, "%s %.*s imports %s, which no requirement brings",
        wheel->project, SW_STR_FORMAT(wheel->file->version.text), module);
    sw_finding_subject(stack->findings, finding, module);
    bool from = import->name[0] != '\0';
    const char *how = sw_arena_format(stack->b.arena, "%s: %s:%u: %s %s%s%s", wheel->file->name,
                                      import->member, import->line, from ? "from" : "import", import->module,
                                      from ? " import " : "", import->name);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how), place->index);
    const struct sw_node *row = sw_catalog_row(stack->catalog->module_projects, "module", module);
    if (row != NULL)
        sw_finding_hint(stack->findings, finding, "add %s to the requirements, or pin another release of %s",
                        sw_node_text(sw_node_get(row, "project"), ""), wheel->project);
    else
        sw_finding_hint(stack->findings, finding,
                        "require the project that brings the module %s, or pin another release of %s", module,
                        wheel->project);
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project, SW_WRONG, NULL);
}

/* Report the first module that importing the package fails for; no later import is reached. */
static void check_wheel(const struct absent *a, const struct sw_index_wheel *wheel)
{
    struct sw_stack *stack = a->candidates->stack;
    for (size_t i = 0; i < wheel->found_count; i++) {
        const struct sw_index_import *import = &wheel->found[i];
        const struct sw_str top = {import->module, strcspn(import->module, ".")};
        if (import->lazy || !import->certain || is_standard(stack->catalog, top) || is_brought(a, top))
            continue;
        const char *module = sw_arena_copy(stack->b.arena, top);
        stack->b.failed = stack->b.failed || module == NULL;
        if (module != NULL)
            report(a, wheel, import, module);
        return;
    }
}

int sw_check_absent(struct sw_candidates *candidates, const struct sw_index_wheel *wheels, size_t count,
                    struct sw_error *error)
{
    struct absent a = {.candidates = candidates, .wheels = wheels, .count = count};
    if (!is_closed(&a))
        return 0;
    int code = read_names(&a, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        if (wheels[i].imports && is_imported(&a, wheels[i].project))
            check_wheel(&a, &wheels[i]);
    }
    return code;
}
