#include "check/imported_internal.h"

#include "base/limits.h"
#include "check/bringers_internal.h"
#include "check/closure_internal.h"
#include "check/wheel_set_internal.h"
#include "python/name.h"

/* ---- modules that are there ---- */

/* Take the next name of a file out of a listing. */
static struct sw_str next_file(struct sw_str *listing)
{
    struct sw_str name = sw_str_cut(listing, '\n');
    (void)sw_str_cut(&name, '\t');
    (void)sw_str_cut(&name, '\t');
    return name;
}

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

static int add_name(struct sw_imported *a, const struct sw_imported_name *name, struct sw_error *error)
{
    a->names = sw_arena_grow(a->candidates->stack->b.arena, a->names, a->name_count, sizeof *a->names);
    if (a->names == NULL)
        return sw_fail_memory(error);
    a->names[a->name_count++] = *name;
    return 0;
}

/* Return true for a folder for the copies of other projects, which packages put on Python's path. */
static bool is_for_copies(struct sw_str folder)
{
    static const char *const words[] = {"vendor", "third", "extern"};
    bool copies = folder.n > 0 && folder.p[0] == '_';
    for (size_t i = 0; i < SW_COUNT(words) && !copies; i++)
        copies = sw_str_find(folder, sw_str_from(words[i])) < folder.n;
    return copies;
}

/* The folders of the path that is read, which the next path of a listing shares as a rule. */
struct folders {
    struct sw_str path; /* with its last slash */
    bool inner, copies;
};

/* Add the folders of a path, and note whether the names in them are inner names or copies. */
static int add_folders(struct folders *folders, struct sw_imported *a, const struct sw_index_wheel *wheel,
                       struct sw_str path, bool package, struct sw_error *error)
{
    int code = 0;
    *folders = (struct folders){.path = path};
    for (struct sw_str rest = path; rest.n > 0 && code == 0; folders->inner = package) {
        struct sw_str part = sw_str_cut(&rest, '/'), stem = part;
        code = add_name(a,
                        &(struct sw_imported_name){sw_str_cut(&stem, '.'), wheel,
                                                   folders->inner && !folders->copies, folders->copies, 0},
                        error);
        folders->copies = folders->copies || is_for_copies(part);
    }
    return code;
}

/* Return true if the first folder of the path is a package; the rest of the listing follows the path. */
static bool is_in_package(struct sw_str path, struct sw_str rest)
{
    SW_BUFFER_AUTO file;
    struct sw_str top = path;
    top = sw_str_cut(&top, '/');
    sw_buffer_init(&file, SW_MAX_PATH_SIZE);
    sw_buffer_addf(&file, "%.*s/__init__.py", SW_STR_FORMAT(top));
    const struct sw_str wanted = sw_buffer_str(&file);
    struct sw_str name = path;
    while (name.n > top.n && memcmp(name.p, top.p, top.n) == 0 && name.p[top.n] == '/') {
        if (sw_str_equal(name, wanted))
            return true;
        if (rest.n == 0)
            return false;
        name = next_file(&rest);
    }
    return false;
}

static int read_listing(struct sw_imported *a, const struct sw_index_wheel *wheel, struct sw_error *error)
{
    struct sw_str rest = wheel->listing, top = SW_STR("");
    struct folders folders = {.path = SW_STR("")};
    bool package = false;
    int code = 0;
    while (rest.n > 0 && code == 0) {
        struct sw_str name = next_file(&rest), first = name;
        size_t folder = name.n;
        first = sw_str_cut(&first, '/');
        if (!sw_str_equal(first, top))
            package = is_in_package(name, rest);
        top = first;
        while (folder > 0 && name.p[folder - 1] != '/')
            folder--;
        const struct sw_str path = {name.p, folder};
        if (!sw_str_equal(path, folders.path))
            code = add_folders(&folders, a, wheel, path, package, error);
        struct sw_str file = sw_str_drop(name, folder);
        const struct sw_imported_name stem = {sw_str_cut(&file, '.'), wheel, folders.inner && !folders.copies,
                                              folders.copies, 0};
        if (code == 0)
            code = add_name(a, &stem, error);
    }
    return code;
}

/* ---- names by their texts ---- */

static size_t hash_of(struct sw_str text)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001B3);
    return (size_t)(hash ^ hash >> 32);
}

/* Chain the names whose texts have the same hash; 0 ends a chain, and the places are counted from 1. */
static int chain_names(struct sw_imported *a, struct sw_error *error)
{
    a->chain_count = 1;
    while (a->chain_count < a->name_count)
        a->chain_count *= 2;
    a->chains = sw_arena_array(a->candidates->stack->b.arena, a->chain_count, sizeof *a->chains);
    if (a->chains == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < a->name_count; i++) {
        size_t *chain = &a->chains[hash_of(a->names[i].text) & (a->chain_count - 1)];
        a->names[i].next = *chain;
        *chain = i + 1;
    }
    return 0;
}

/* The next name of that text behind `name`, or the first for NULL; NULL if there is no more. */
static const struct sw_imported_name *next_name(const struct sw_imported *a, struct sw_str text,
                                                const struct sw_imported_name *name)
{
    size_t at = name != NULL ? name->next : a->chains[hash_of(text) & (a->chain_count - 1)];
    while (at != 0 && !sw_str_equal(a->names[at - 1].text, text))
        at = a->names[at - 1].next;
    return at == 0 ? NULL : &a->names[at - 1];
}

static int read_names(struct sw_imported *a, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < a->count && code == 0; i++)
        code = read_listing(a, &a->wheels[i], error);
    return code == 0 ? chain_names(a, error) : code;
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

/* Return true if the name may be the module for the importer. A module of the importer's own that has the name of a known project is
 * no copy of that project. A copy of a known project is for the wheel that has it; only setuptools gives its copies to all, once somebody
 * imports it. */
static bool is_for(const struct sw_imported *a, const struct sw_imported_name *name,
                   const struct sw_index_wheel *importer, bool known)
{
    bool own = name->wheel == importer;
    if (name->copy && strcmp(name->wheel->project, "setuptools") == 0)
        return own || a->loads_setuptools;
    if (name->copy)
        return own || !known;
    return !name->inner || (own && !known);
}

/* Return true if a file of the set may be the module for the importer, or a project of its name is a member. */
static bool is_brought(const struct sw_imported *a, const struct sw_index_wheel *importer,
                       struct sw_str module)
{
    const struct sw_node *projects = a->candidates->stack->catalog->module_projects;
    bool known = false;
    for (size_t i = 0; i < sw_node_count(projects) && !known; i++)
        known = sw_str_is(module, sw_node_text(sw_node_get(sw_node_item(projects, i), "module"), ""));
    for (size_t i = 0; i < a->count; i++) {
        if (sw_name_equal(module, sw_str_from(a->wheels[i].project)))
            return true;
    }
    const struct sw_imported_name *name = NULL;
    while ((name = next_name(a, module, name)) != NULL) {
        if (is_for(a, name, importer, known))
            return true;
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

int sw_imported_read(struct sw_imported *imported, struct sw_error *error)
{
    imported->closed = is_closed(imported);
    imported->loads_setuptools = loads_setuptools(imported);
    imported->names = NULL;
    imported->name_count = 0;
    return imported->closed ? read_names(imported, error) : 0;
}

bool sw_imported_lacks(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                       struct sw_str module)
{
    const struct sw_str top = top_of(module);
    return imported->closed && !is_standard(imported->candidates, top) &&
           !is_brought(imported, importer, top);
}

/* Return true if the wheel installs the module, or the package that the module is in. */
static bool installs(const struct sw_index_wheel *wheel, struct sw_str top)
{
    struct sw_str rest = wheel->listing;
    while (rest.n > 0) {
        struct sw_str name = next_file(&rest), first = sw_str_cut(&name, '/');
        if (name.p == NULL && sw_str_ends(first, ".py"))
            first.n -= strlen(".py");
        if (sw_str_equal(first, top))
            return true;
    }
    return false;
}

bool sw_imported_installed(const struct sw_imported *imported, struct sw_str module)
{
    const struct sw_str top = top_of(module);
    for (size_t i = 0; i < imported->count; i++) {
        if (installs(&imported->wheels[i], top))
            return true;
    }
    return false;
}

bool sw_imported_has_module_in(const struct sw_imported *imported, const struct sw_index_wheel *wheel,
                               struct sw_str folder)
{
    struct sw_str rest = wheel->listing;
    while (rest.n > 0) {
        struct sw_str name = next_file(&rest);
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
                installs(wheel, top_of(sw_str_from(import->module)));
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
