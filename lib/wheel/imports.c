#include "wheel/imports.h"

#include "base/limits.h"
#include "wheel/described_internal.h"
#include "wheel/package_internal.h"
#include "wheel/walk_internal.h"

/* Sources up to this size are announced as a whole; of larger packages only the modules that are reached. */
#define SMALL_PACKAGE SW_MIB
/* This many of 100 modules of the description stand for the package. */
enum { MOST = 50 };

/* Importing the visit's module, `from`, imports that of another, `to`. */
struct edge {
    uint32_t from, to;
};

/* `from module import name`, whose module is perhaps lazy. */
struct pending {
    uint32_t from;
    struct sw_str module, name;
};

struct importing {
    struct sw_walk walk;
    /* The package's name, with dots if it is in a namespace; empty if there is no package. */
    struct sw_str root;
    /* Visits whose imports were followed, visits that the package itself loads, and those that it exports. */
    size_t done, eager, expanded;
    bool *entries;
    /* The entries are modules that the description names. */
    bool described;
    struct edge *edges;
    size_t edge_count;
    struct pending *pending;
    size_t pending_count, pending_done;
    struct sw_wheel_imports found;
    /* The place of a hash among the imports found, from 1; 0: none. */
    uint32_t *found_slots;
};

enum { FOUND_SLOTS = 1 << 14 };
_Static_assert(FOUND_SLOTS > 2 * SW_MAX_SCANNED_IMPORTS, "a slot that is free is never far");

/* ---- the package ---- */

/* Return true if a module is the package or lies in it. */
static bool is_own(const struct importing *w, struct sw_str module)
{
    return module.n >= w->root.n && memcmp(module.p, w->root.p, w->root.n) == 0 &&
           (module.n == w->root.n || module.p[w->root.n] == '.');
}

/* The packed size of the package's sources; if it is small, all of them are announced at once: fewer requests
 * than one after the other. */
static int announce_package(struct importing *w, uint64_t *bytes)
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

/* ---- imports of others ---- */

/* FNV-1a. */
#define FIRST_HASH UINT32_C(2166136261)

static uint32_t hash(uint32_t value, struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++)
        value = (value ^ (unsigned char)text.p[i]) * UINT32_C(16777619);
    return value;
}

/* An import is known if the package itself has it, or if a lazily loaded module has it in the same member. */
static bool is_known(const struct sw_wheel_import *other, const struct sw_wheel_import *import)
{
    return sw_str_equal(other->module, import->module) && sw_str_equal(other->name, import->name) &&
           sw_str_equal(other->condition, import->condition) && other->attempt == 0 && import->attempt == 0 &&
           other->instead == 0 && import->instead == 0 && other->refuses == import->refuses &&
           (!other->lazy || other->member.p == import->member.p);
}

static int add_found(struct importing *w, uint32_t from, struct sw_str module,
                     const struct sw_module_import *import)
{
    const struct sw_wheel_import item = {
        .module = module,
        .name = sw_str_is(import->name, "*") ? SW_STR("") : import->name,
        .member = w->walk.visits[from].member->name,
        .line = import->line,
        .share = from, /* the visit, until the end */
        .lazy = w->eager > 0 && from >= w->eager,
        .certain = !import->used && import->probe.n == 0,
        .condition = import->condition,
        .attempt = import->when == SW_WHEN_GUARDED ? import->attempt : 0,
        .instead = import->when == SW_WHEN_FALLBACK ? import->instead : 0,
        .refuses = module.n == 0,
    };
    struct sw_wheel_imports *found = &w->found;
    size_t slot = hash(hash(FIRST_HASH, module) + 1, item.name) % FOUND_SLOTS;
    for (; w->found_slots[slot] != 0; slot = (slot + 1) % FOUND_SLOTS) {
        if (is_known(&found->items[w->found_slots[slot] - 1], &item))
            return 0;
    }
    if (found->count == SW_MAX_SCANNED_IMPORTS)
        return 0;
    found->items = sw_arena_grow(w->walk.arena, found->items, found->count, sizeof *found->items);
    if (found->items == NULL)
        return sw_fail_memory(w->walk.error);
    found->items[found->count++] = item;
    w->found_slots[slot] = (uint32_t)found->count;
    return 0;
}

/* ---- the package's own imports ---- */

static int add_edge(struct importing *w, uint32_t from, uint32_t to)
{
    if (w->edge_count == SW_MAX_SCANNED_EDGES || from == to)
        return 0;
    w->edges = sw_arena_grow(w->walk.arena, w->edges, w->edge_count, sizeof *w->edges);
    if (w->edges == NULL)
        return sw_fail_memory(w->walk.error);
    w->edges[w->edge_count++] = (struct edge){from, to};
    return 0;
}

/* The visit of a module of the package, or NULL. */
static struct sw_visit *find_visit(const struct importing *w, struct sw_str module)
{
    const struct sw_zip_member *member = NULL;
    return sw_wheel_module(&member, w->walk.wheel, module) == SW_MODULE_SOURCE
               ? sw_walk_visit(&w->walk, member)
               : NULL;
}

/* Importing the visit's module imports this module of the package, and the packages that it is in. */
static int link_module(struct importing *w, uint32_t from, struct sw_str module)
{
    int code = sw_walk_add(&w->walk, module);
    for (size_t parts = 1, n = 0; n < module.n && code == 0; parts++) {
        n = sw_walk_prefix(module, parts);
        const struct sw_visit *visit = find_visit(w, (struct sw_str){module.p, n});
        if (visit != NULL)
            code = add_edge(w, from, (uint32_t)(visit - w->walk.visits));
    }
    return code;
}

/* A module, and with it the module that the name may be. */
static int link_import(struct importing *w, uint32_t from, struct sw_str module, struct sw_str name)
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
    w->pending[w->pending_count++] = (struct pending){from, module, name};
    return 0;
}

/* The import happens whenever its module is imported. */
static int follow(struct importing *w, uint32_t from, const struct sw_module_import *import)
{
    struct sw_str module = sw_walk_absolute(&w->walk, &w->walk.visits[from], import->module);
    if (module.p == NULL)
        return sw_fail_memory(w->walk.error);
    if (module.n == 0)
        return 0;
    return is_own(w, module) ? link_import(w, from, module, import->name)
                             : add_found(w, from, module, import);
}

/* Return true if the package finds some of its names when it is asked for them. */
static bool is_lazy(const struct sw_visit *visit)
{
    return visit->read && visit->package && (visit->outline.dynamic || visit->outline.changes_names);
}

static bool is_export(const struct sw_module_import *import)
{
    return import->when == SW_WHEN_TYPING && import->module.p[0] == '.';
}

/* A name of a lazy package is asked for: its module is loaded then. */
static int follow_name(struct importing *w, const struct pending *pending)
{
    const struct sw_visit *visit = find_visit(w, pending->module);
    if (visit == NULL || !is_lazy(visit) || sw_module_find(&visit->outline, pending->name) != NULL)
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
        return module.n == 0 || !is_own(w, module) ? 0 : link_import(w, pending->from, module, import->name);
    }
    return 0;
}

/* Follow the imports of all modules on the way, until no module is left. */
static int follow_all(struct importing *w)
{
    int code = 0;
    while (code == 0 && (w->done < w->walk.visit_count || w->pending_done < w->pending_count)) {
        if (w->done == w->walk.visit_count) {
            const struct pending pending = w->pending[w->pending_done++];
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

/* Add the modules that a lazy package exports. */
static int expand(struct importing *w, size_t place)
{
    const struct sw_visit visit = w->walk.visits[place]; /* which may move */
    int code = 0;
    for (size_t i = 0; is_lazy(&visit) && i < visit.outline.import_count && code == 0; i++) {
        const struct sw_module_import *import = &visit.outline.imports[i];
        if (!is_export(import))
            continue;
        struct sw_str module = sw_walk_absolute(&w->walk, &visit, import->module);
        struct sw_str inner =
            module.n == 0 || import->name.n == 0 ? SW_STR("") : sw_walk_inner(&w->walk, module, import->name);
        if (module.p == NULL || inner.p == NULL)
            return sw_fail_memory(w->walk.error);
        if (module.n == 0 || !is_own(w, module))
            continue;
        code = sw_walk_add(&w->walk, module);
        if (code == 0 && sw_wheel_module(NULL, w->walk.wheel, inner) == SW_MODULE_SOURCE)
            code = sw_walk_add(&w->walk, inner);
        const struct sw_visit *entry = find_visit(w, module);
        if (entry != NULL)
            w->entries[entry - w->walk.visits] = true;
    }
    return code;
}

/* Follow the exports of lazy packages, also of those that they lead to. */
static int follow_exports(struct importing *w)
{
    int code = 0;
    w->eager = w->walk.visit_count;
    w->entries = sw_arena_array(w->walk.arena, SW_MAX_SCANNED_MODULES, sizeof *w->entries);
    if (w->entries == NULL)
        return sw_fail_memory(w->walk.error);
    for (; w->expanded < w->walk.visit_count && code == 0; w->expanded++) {
        code = w->expanded == w->done ? follow_all(w) : 0;
        if (code == 0)
            code = expand(w, w->expanded);
    }
    return code == 0 ? follow_all(w) : code;
}

/* ---- conditions that are understood ---- */

static struct sw_str top_of(struct sw_str module)
{
    return (struct sw_str){module.p, sw_walk_prefix(module, 1)};
}

/* The module whose presence a function of the package tells; empty if the function tells something else. */
static struct sw_str probed(struct importing *w, const struct sw_visit *visit, struct sw_str function)
{
    const struct sw_module_name *own = sw_module_find(&visit->outline, function);
    if (own != NULL && own->kind == SW_MODULE_FUNCTION)
        return own->when == 0 ? own->value : SW_STR("");
    for (size_t i = 0; i < visit->outline.import_count; i++) {
        const struct sw_module_import *import = &visit->outline.imports[i];
        if (import->when != 0 || import->as.n > 0 || !sw_str_equal(import->name, function))
            continue;
        const struct sw_visit *source = find_visit(w, sw_walk_absolute(&w->walk, visit, import->module));
        own = source == NULL || !source->read ? NULL : sw_module_find(&source->outline, function);
        bool tells = own != NULL && own->kind == SW_MODULE_FUNCTION && own->when == 0;
        if (source != NULL)
            return tells ? own->value : SW_STR("");
    }
    return SW_STR("");
}

/* Follow the imports that run if a function of the package finds its module. */
static int follow_probes(struct importing *w)
{
    int code = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        const struct sw_visit *visit = &w->walk.visits[i];
        for (size_t k = 0; visit->read && k < visit->outline.import_count && code == 0; k++) {
            const struct sw_module_import *import = &visit->outline.imports[k];
            if (import->when == SW_WHEN_CONDITION && import->probe.n > 0 && import->module.p[0] != '.' &&
                sw_str_equal(probed(w, visit, import->probe), top_of(import->module)))
                code = add_found(w, (uint32_t)i, import->module, import);
        }
    }
    return code;
}

/* Return true if the import happens under conditions that are listed with it. */
static bool is_conditional(const struct importing *w, const struct sw_module_import *import)
{
    bool listed = (import->when == SW_WHEN_CONDITION && import->condition.n > 0) ||
                  (import->when == SW_WHEN_GUARDED && import->attempt > 0) ||
                  (import->when == SW_WHEN_FALLBACK && import->instead > 0);
    return listed && import->module.p[0] != '.' && !is_own(w, import->module);
}

/* Add the imports of others that happen under a condition, and the exceptions that modules raise. */
static int follow_conditions(struct importing *w)
{
    int code = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        const struct sw_visit *visit = &w->walk.visits[i];
        for (size_t k = 0; visit->read && k < visit->outline.import_count && code == 0; k++) {
            if (is_conditional(w, &visit->outline.imports[k]))
                code =
                    add_found(w, (uint32_t)i, visit->outline.imports[k].module, &visit->outline.imports[k]);
        }
        for (size_t k = 0; visit->read && k < visit->outline.refusal_count && code == 0; k++) {
            const struct sw_module_import refusal = {.condition = visit->outline.refusals[k].condition,
                                                     .line = visit->outline.refusals[k].line};
            code = add_found(w, (uint32_t)i, SW_STR(""), &refusal);
        }
    }
    return code;
}

/* ---- modules that the description names ---- */

static bool has_lazy(const struct importing *w)
{
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        if (is_lazy(&w->walk.visits[i]))
            return true;
    }
    return false;
}

/* Follow the modules that the examples of the description import and that the package itself does not load. A lazy package shows its
 * modules by its exports. */
static int follow_described(struct importing *w)
{
    struct sw_str *modules = NULL;
    size_t count = 0;
    if (w->walk.visit_count == 0 || has_lazy(w))
        return 0;
    int code = sw_described_modules(&modules, &count, w->walk.arena, w->walk.wheel, w->root, w->walk.error);
    if (code != 0 || count == 0)
        return code;
    w->eager = w->walk.visit_count;
    w->described = true;
    w->entries = sw_arena_array(w->walk.arena, SW_MAX_SCANNED_MODULES, sizeof *w->entries);
    if (w->entries == NULL)
        return sw_fail_memory(w->walk.error);
    for (size_t i = 0; i < count && code == 0; i++) {
        code = sw_walk_add(&w->walk, modules[i]);
        const struct sw_visit *entry = find_visit(w, modules[i]);
        if (entry != NULL)
            w->entries[entry - w->walk.visits] = true;
    }
    return code == 0 ? follow_all(w) : code;
}

/* ---- how many lazily loaded modules load a member ---- */

/* Count how many of 100 entries load the visit's module: the entries among the modules that lead to it. */
static unsigned share_of(const struct importing *w, bool *reached, uint32_t visit, size_t entries)
{
    size_t hits = 0;
    memset(reached, 0, w->walk.visit_count);
    reached[visit] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = w->edge_count; i-- > 0;) {
            const struct edge *edge = &w->edges[i];
            if (reached[edge->to] && !reached[edge->from] && edge->from >= w->eager) {
                reached[edge->from] = true;
                more = true;
            }
        }
    }
    for (size_t i = 0; i < w->walk.visit_count; i++)
        hits += reached[i] && w->entries[i];
    return entries == 0 ? 0 : (unsigned)(hits * 100 / entries);
}

static int measure(struct importing *w)
{
    bool *reached = sw_arena_array(w->walk.arena, w->walk.visit_count + 1, sizeof *reached);
    unsigned *shares = sw_arena_array(w->walk.arena, w->walk.visit_count + 1, sizeof *shares);
    if (reached == NULL || shares == NULL)
        return sw_fail_memory(w->walk.error);
    size_t entries = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        bool counts = w->entries[i] && !is_lazy(&w->walk.visits[i]) && i >= w->eager;
        w->entries[i] = counts;
        entries += counts;
    }
    for (size_t i = 0; i < w->found.count; i++) {
        struct sw_wheel_import *import = &w->found.items[i];
        uint32_t visit = import->share;
        if (import->lazy && shares[visit] == 0)
            shares[visit] = 1 + share_of(w, reached, visit, entries);
        import->share = import->lazy ? shares[visit] - 1 : 100;
        import->lazy = import->lazy && !(w->described && import->share >= MOST);
    }
    return 0;
}

int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error)
{
    struct importing w = {.root = {NULL, 0}};
    int code = sw_walk_begin(&w.walk, arena, wheel, error);
    if (code != 0)
        return code;
    w.found_slots = sw_arena_array(arena, FOUND_SLOTS, sizeof *w.found_slots);
    if (w.found_slots == NULL)
        return sw_fail_memory(error);
    uint64_t bytes = 0;
    code = sw_package_find(&w.root, arena, wheel, project, error);
    if (code != 0 || w.root.n == 0)
        return code;
    code = announce_package(&w, &bytes);
    if (code == 0)
        code = sw_walk_add(&w.walk, w.root);
    if (code == 0)
        code = follow_all(&w);
    if (code == 0)
        code = follow_described(&w);
    if (code == 0 && !w.described)
        code = bytes <= SW_MAX_LAZY_SOURCES ? follow_exports(&w) : 0;
    if (code == 0)
        code = follow_probes(&w);
    if (code == 0)
        code = follow_conditions(&w);
    if (code == 0 && w.entries != NULL)
        code = measure(&w);
    else
        for (size_t i = 0; i < w.found.count; i++)
            w.found.items[i].share = 100;
    if (code == 0)
        *out = w.found;
    return code;
}
