#include "check/imported_internal.h"

#include "base/limits.h"
#include "check/bringers_internal.h"
#include "check/closure_internal.h"
#include "check/wheel_set_internal.h"
#include "python/name.h"

/* Return true if each member of the set was listed and read, and nothing else is installed. A .pth file may change the places of
 * modules; their names are still those of files. */
static bool is_closed(const struct sw_imported *a)
{
    const struct sw_stack *stack = a->candidates->stack;
    const struct sw_wheel_set *set = a->candidates->wheels;
    bool closed = set->open == NULL && set->count == a->count && a->count > 0;
    for (size_t i = 0; closed && i < a->count; i++)
        closed = a->wheels[i].code == 0 && a->wheels[i].file->kind == SW_INDEX_WHEEL;
    return closed && sw_bringers_knows_base(stack) &&
           sw_node_count(sw_stack_get(stack, "system_packages")) == 0 &&
           sw_node_count(sw_stack_get(stack, "nvidia")) == 0 && sw_stack_step(stack, 0) == NULL &&
           sw_node_count(sw_stack_get(stack, "context.copy")) == 0;
}

static bool is_listed(const struct sw_node *names, struct sw_str module)
{
    for (size_t i = 0; i < sw_node_count(names); i++) {
        if (sw_str_is(module, sw_node_text(sw_node_item(names, i), "")))
            return true;
    }
    return false;
}

/* Return true if the virtual environment has the module from the start: pip, and up to Python 3.11 setuptools. Of a setuptools in
 * the set check_removed.c knows the modules. */
static bool is_in_environment(const struct sw_candidates *candidates, struct sw_str module)
{
    const char *python = candidates->stack->python;
    if (sw_str_is(module, "setuptools") || sw_str_is(module, "pkg_resources"))
        return python == NULL || sw_catalog_covers("<3.12", python) ||
               sw_wheel_set_find(candidates->wheels, "setuptools") != NULL;
    return sw_str_is(module, "pip") || sw_str_is(module, "wheel");
}

/* Return true if Python has the module, in any release (check_removed.c knows the ends), or the environment. */
static bool is_standard(const struct sw_candidates *candidates, struct sw_str module)
{
    const struct sw_catalog *catalog = candidates->stack->catalog;
    bool found = module.n == 0 || module.p[0] == '_' || is_in_environment(candidates, module);
    for (size_t i = 0; i < sw_node_count(catalog->standard) && !found; i++)
        found = is_listed(sw_node_get(sw_node_item(catalog->standard, i), "names"), module);
    return found;
}

/* Return true if the module has the name of a project that the catalog knows. */
static bool is_known(const struct sw_imported *a, struct sw_str module)
{
    const struct sw_node *projects = a->candidates->stack->catalog->module_projects;
    bool known = false;
    for (size_t i = 0; i < sw_node_count(projects) && !known; i++)
        known = sw_str_is(module, sw_node_text(sw_node_get(sw_node_item(projects, i), "module"), ""));
    return known;
}

/* Return true if the part of a path in the wheel may be the module for the importer. A module of the importer's own that has the name of a
 * known project is no copy of that project. A copy of a known project is for the wheel that has it; only setuptools gives its copies to all,
 * once somebody imports it. */
static bool is_for(const struct sw_imported *a, const struct sw_wheel_part *part,
                   const struct sw_index_wheel *wheel, const struct sw_index_wheel *importer)
{
    bool own = wheel == importer;
    if (part->copy && strcmp(wheel->project, "setuptools") == 0)
        return own || a->loads_setuptools;
    if (part->copy)
        return own || !is_known(a, part->text);
    return !part->inner || (own && !is_known(a, part->text));
}

/* Return true if a file of the set may be the module for the importer, or a project of its name is a member. */
static bool is_brought(const struct sw_imported *a, const struct sw_index_wheel *importer,
                       struct sw_str module)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct sw_wheel_part *part = NULL;
        if (sw_name_equal(module, sw_str_from(a->wheels[i].project)))
            return true;
        while ((part = sw_wheel_files_part(a->wheels[i].files, module, part)) != NULL) {
            if (is_for(a, part, &a->wheels[i], importer))
                return true;
        }
    }
    return false;
}

static struct sw_str top_of(struct sw_str module)
{
    return sw_str_cut(&module, '.');
}

/* Return true if a member may import setuptools, which puts its copies of other projects on Python's path. distutils is its own too. */
static bool loads_setuptools(const struct sw_imported *a)
{
    static const char *const modules[] = {"setuptools", "pkg_resources", "distutils"};
    for (size_t i = 0; i < a->count; i++) {
        const struct sw_index_wheel *wheel = &a->wheels[i];
        for (size_t k = 0; strcmp(wheel->project, "setuptools") != 0 && k < wheel->found_count; k++) {
            const struct sw_str top = top_of(sw_str_from(wheel->found[k].module));
            for (size_t m = 0; m < SW_COUNT(modules); m++) {
                if (sw_str_is(top, modules[m]))
                    return true;
            }
        }
    }
    return false;
}

void sw_imported_read(struct sw_imported *imported)
{
    imported->closed = is_closed(imported);
    imported->loads_setuptools = loads_setuptools(imported);
}

bool sw_imported_lacks(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                       struct sw_str module)
{
    const struct sw_str top = top_of(module);
    return imported->closed && !is_standard(imported->candidates, top) &&
           !is_brought(imported, importer, top);
}

bool sw_imported_installed(const struct sw_imported *imported, struct sw_str module)
{
    const struct sw_str top = top_of(module);
    for (size_t i = 0; i < imported->count; i++) {
        if (sw_wheel_files_has_module(imported->wheels[i].files, top))
            return true;
    }
    return false;
}

bool sw_imported_has_module_in(const struct sw_imported *imported, const struct sw_index_wheel *wheel,
                               struct sw_str folder)
{
    for (size_t i = 0; i < wheel->files->count; i++) {
        const struct sw_str name = wheel->files->items[i].name;
        if (!sw_str_ends(name, ".py") || name.n <= folder.n || memcmp(name.p, folder.p, folder.n) != 0)
            continue;
        const struct sw_str stem = {name.p + folder.n, name.n - folder.n - strlen(".py")};
        if (memchr(stem.p, '/', stem.n) == NULL && sw_imported_installed(imported, stem))
            return true;
    }
    return false;
}

bool sw_imported_directly(const struct sw_imported *imported, const char *project)
{
    const struct sw_resolution *set = &imported->candidates->closure->taken.resolution;
    for (size_t i = 0; i < set->package_count; i++) {
        const struct sw_resolved_package *package = &set->packages[i];
        for (size_t k = 0; k < package->dependency_count; k++) {
            if (strcmp(set->packages[package->dependencies[k].package].name, project) == 0)
                return false;
        }
    }
    return true;
}

static const struct sw_index_wheel *wheel_of(const struct sw_imported *imported, const char *project)
{
    for (size_t i = 0; i < imported->count; i++) {
        if (strcmp(imported->wheels[i].project, project) == 0 && imported->wheels[i].code == 0)
            return &imported->wheels[i];
    }
    return NULL;
}

/* Return true if the member may fail without a module of the wheel when it is imported; a member that was not read may. */
static bool may_need(const struct sw_imported *imported, const char *member,
                     const struct sw_index_wheel *wheel)
{
    const struct sw_index_wheel *importer = wheel_of(imported, member);
    bool needs = importer == NULL || !importer->imports;
    for (size_t i = 0; !needs && i < importer->found_count; i++) {
        const struct sw_index_import *import = &importer->found[i];
        needs = !import->refuses && import->terms.attempt == 0 &&
                sw_wheel_files_has_module(wheel->files, top_of(sw_str_from(import->module)));
    }
    return needs;
}

bool sw_imported_optionally(const struct sw_imported *imported, const char *project)
{
    const struct sw_resolution *set = &imported->candidates->closure->taken.resolution;
    const struct sw_set_wheel *place = sw_wheel_set_find(imported->candidates->wheels, project);
    const struct sw_index_wheel *wheel = wheel_of(imported, project);
    if (place == NULL || place->by == NULL || wheel == NULL)
        return false;
    for (size_t i = 0; i < set->package_count; i++) {
        const struct sw_resolved_package *package = &set->packages[i];
        for (size_t k = 0; k < package->dependency_count; k++) {
            if (strcmp(set->packages[package->dependencies[k].package].name, project) == 0 &&
                may_need(imported, package->name, wheel))
                return false;
        }
    }
    return true;
}

bool sw_imported_without(const struct sw_imported *imported, const char *project, const char *other)
{
    const struct sw_resolution *set = &imported->candidates->closure->taken.resolution;
    const struct sw_resolved_package *package = sw_resolution_find(set, project);
    const struct sw_index_wheel *wheel = wheel_of(imported, project);
    if (package == NULL || wheel == NULL || !wheel->imports || wheel->found_count == 0)
        return false;
    for (size_t i = 0; i < package->dependency_count; i++) {
        if (strcmp(set->packages[package->dependencies[i].package].name, other) == 0)
            return false;
    }
    for (size_t i = 0; i < wheel->found_count; i++) {
        if (sw_str_is(top_of(sw_str_from(wheel->found[i].module)), other))
            return false;
    }
    return true;
}
