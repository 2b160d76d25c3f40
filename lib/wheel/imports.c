#include "wheel/imports_internal.h"

#include "base/limits.h"
#include "wheel/package_internal.h"

/* Sources up to this size are announced as a whole; of larger packages only the modules that are reached. */
#define SMALL_PACKAGE SW_MIB

bool sw_imports_own(const struct sw_importing *w, struct sw_str module)
{
    return module.n >= w->root.n && memcmp(module.p, w->root.p, w->root.n) == 0 &&
           (module.n == w->root.n || module.p[w->root.n] == '.');
}

/* The packed size of the package's sources; if it is small, all of them are announced at once: fewer requests
 * than one after the other. */
static int announce_package(struct sw_importing *w, uint64_t *bytes)
{
    const struct sw_zip *zip = &w->walk.wheel->zip;
    struct sw_range *ranges = sw_arena_array(w->walk.arena, zip->count + 1, sizeof *ranges);
    size_t count = 0, top = sw_walk_prefix(w->root, 1);
    *bytes = 0;
    if (ranges == NULL)
        return sw_fail_memory(w->walk.error);
    for (size_t i = 0; i < zip->count; i++) {
        struct sw_str rest = zip->members[i].name;
        if (!sw_str_equal(sw_str_cut(&rest, '/'), (struct sw_str){w->root.p, top}) || rest.p == NULL ||
            !sw_str_ends(rest, ".py"))
            continue;
        ranges[count++] = sw_zip_range(&zip->members[i]);
        *bytes += zip->members[i].compressed;
    }
    return *bytes > SMALL_PACKAGE ? 0 : sw_walk_expect(&w->walk, ranges, count);
}

static int add_edge(struct sw_importing *w, uint32_t from, uint32_t to)
{
    if (w->edge_count == SW_MAX_SCANNED_EDGES || from == to)
        return 0;
    w->edges = sw_arena_grow(w->walk.arena, w->edges, w->edge_count, sizeof *w->edges);
    if (w->edges == NULL)
        return sw_fail_memory(w->walk.error);
    w->edges[w->edge_count++] = (struct sw_import_edge){from, to};
    return 0;
}

struct sw_visit *sw_imports_visit(const struct sw_importing *w, struct sw_str module)
{
    const struct sw_zip_member *member = NULL;
    return sw_wheel_module(&member, w->walk.wheel, module) == SW_MODULE_SOURCE
               ? sw_walk_visit(&w->walk, member)
               : NULL;
}

/* Importing the visit's module imports this module of the package, and the packages that it is in. */
static int link_module(struct sw_importing *w, uint32_t from, struct sw_str module)
{
    int code = sw_walk_add(&w->walk, module);
    for (size_t parts = 1, n = 0; n < module.n && code == 0; parts++) {
        n = sw_walk_prefix(module, parts);
        const struct sw_visit *visit = sw_imports_visit(w, (struct sw_str){module.p, n});
        if (visit != NULL)
            code = add_edge(w, from, (uint32_t)(visit - w->walk.visits));
    }
    return code;
}

/* A module, and with it the module that the name may be. */
static int link_import(struct sw_importing *w, uint32_t from, struct sw_str module, struct sw_str name)
{
    int code = link_module(w, from, module);
    if (code != 0 || name.n == 0 || sw_str_is(name, "*"))
        return code;
    struct sw_str inner = sw_walk_inner(&w->walk, module, name);
    if (inner.p == NULL)
        return sw_fail_memory(w->walk.error);
    if (sw_wheel_module(NULL, w->walk.wheel, inner) != SW_MODULE_ABSENT)
        return link_module(w, from, inner);
    if (w->pending_count == SW_MAX_SCANNED_EDGES)
        return 0;
    w->pending = sw_arena_grow(w->walk.arena, w->pending, w->pending_count, sizeof *w->pending);
    if (w->pending == NULL)
        return sw_fail_memory(w->walk.error);
    w->pending[w->pending_count++] = (struct sw_import_pending){from, module, name};
    return 0;
}

/* The import happens whenever its module is imported. */
static int follow(struct sw_importing *w, uint32_t from, const struct sw_module_import *import)
{
    struct sw_str module = sw_walk_absolute(&w->walk, &w->walk.visits[from], import->module);
    if (module.p == NULL)
        return sw_fail_memory(w->walk.error);
    if (module.n == 0)
        return 0;
    return sw_imports_own(w, module) ? link_import(w, from, module, import->name)
                                     : sw_imports_add(w, from, module, import);
}

bool sw_imports_lazy(const struct sw_visit *visit)
{
    return visit->read && visit->package && (visit->outline.dynamic || visit->outline.changes_names);
}

/* A name of a lazy package is asked for: its module is loaded then. */
static int follow_name(struct sw_importing *w, const struct sw_import_pending *pending)
{
    const struct sw_visit *visit = sw_imports_visit(w, pending->module);
    if (visit == NULL || !sw_imports_lazy(visit) || sw_module_find(&visit->outline, pending->name) != NULL)
        return 0;
    const struct sw_module outline = visit->outline; /* visits may move */
    size_t place = (size_t)(visit - w->walk.visits);
    for (size_t i = 0; i < outline.import_count; i++) {
        const struct sw_module_import *import = &outline.imports[i];
        struct sw_str bound = import->as.n > 0 ? import->as : import->name;
        if ((import->when & SW_WHEN_TYPING) == 0 || import->module.p[0] != '.' ||
            !sw_str_equal(bound, pending->name))
            continue;
        struct sw_str module = sw_walk_absolute(&w->walk, &w->walk.visits[place], import->module);
        return module.n == 0 || !sw_imports_own(w, module)
                   ? 0
                   : link_import(w, pending->from, module, import->name);
    }
    return 0;
}

int sw_imports_follow(struct sw_importing *w)
{
    int code = 0;
    while (code == 0 && (w->done < w->walk.visit_count || w->pending_done < w->pending_count)) {
        if (w->done == w->walk.visit_count) {
            const struct sw_import_pending pending = w->pending[w->pending_done++];
            code = follow_name(w, &pending);
            continue;
        }
        if (w->done == w->walk.read_count)
            code = sw_walk_read(&w->walk);
        const struct sw_module outline = w->walk.visits[w->done].outline;
        bool read = w->walk.visits[w->done].read;
        for (size_t i = 0; code == 0 && read && i < outline.import_count; i++)
            code = outline.imports[i].when == 0 ? follow(w, (uint32_t)w->done, &outline.imports[i]) : 0;
        w->done++;
    }
    return code;
}

int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error)
{
    struct sw_importing w = {.root = {NULL, 0}};
    int code = sw_walk_begin(&w.walk, arena, wheel, error);
    if (code != 0)
        return code;
    uint64_t bytes = 0;
    code = sw_imports_begin(&w);
    if (code == 0)
        code = sw_package_find(&w.root, arena, wheel, project, error);
    if (code != 0 || w.root.n == 0)
        return code;
    code = announce_package(&w, &bytes);
    if (code == 0)
        code = sw_walk_add(&w.walk, w.root);
    if (code == 0)
        code = sw_imports_follow(&w);
    if (code == 0)
        code = sw_imports_described(&w);
    if (code == 0 && !w.described)
        code = bytes <= SW_MAX_LAZY_SOURCES ? sw_imports_exports(&w) : 0;
    if (code == 0)
        code = sw_imports_probes(&w);
    if (code == 0)
        code = sw_imports_conditions(&w);
    if (code == 0 && w.entries != NULL)
        code = sw_imports_measure(&w);
    else
        for (size_t i = 0; i < w.found.count; i++)
            w.found.items[i].share = 100;
    if (code == 0)
        *out = w.found;
    return code;
}
