#include "wheel/imports_internal.h"

#include "base/limits.h"
#include "wheel/described_internal.h"

/* This many of 100 modules of the description stand for the package. */
enum { MOST = 50 };

static bool is_export(const struct sw_module_import *import)
{
    return import->when == SW_WHEN_TYPING && import->module.p[0] == '.';
}

/* Add the modules that a lazy package exports. */
static int expand(struct sw_importing *w, size_t place)
{
    const struct sw_visit visit = w->walk.visits[place]; /* which may move */
    int code = 0;
    for (size_t i = 0; sw_imports_lazy(&visit) && i < visit.outline.import_count && code == 0; i++) {
        const struct sw_module_import *import = &visit.outline.imports[i];
        if (!is_export(import))
            continue;
        struct sw_str module = sw_walk_absolute(&w->walk, &visit, import->module);
        struct sw_str inner =
            module.n == 0 || import->name.n == 0 ? SW_STR("") : sw_walk_inner(&w->walk, module, import->name);
        if (module.p == NULL || inner.p == NULL)
            return sw_fail_memory(w->walk.error);
        if (module.n == 0 || !sw_imports_own(w, module))
            continue;
        code = sw_walk_add(&w->walk, module);
        if (code == 0 && sw_wheel_module(NULL, w->walk.wheel, inner) == SW_MODULE_SOURCE)
            code = sw_walk_add(&w->walk, inner);
        const struct sw_visit *entry = sw_imports_visit(w, module);
        if (entry != NULL)
            w->entries[entry - w->walk.visits] = true;
    }
    return code;
}

int sw_imports_exports(struct sw_importing *w)
{
    int code = 0;
    w->eager = w->walk.visit_count;
    w->entries = sw_arena_array(w->walk.arena, SW_MAX_SCANNED_MODULES, sizeof *w->entries);
    if (w->entries == NULL)
        return sw_fail_memory(w->walk.error);
    for (; w->expanded < w->walk.visit_count && code == 0; w->expanded++) {
        code = w->expanded == w->done ? sw_imports_follow(w) : 0;
        if (code == 0)
            code = expand(w, w->expanded);
    }
    return code == 0 ? sw_imports_follow(w) : code;
}

static bool has_lazy(const struct sw_importing *w)
{
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        if (sw_imports_lazy(&w->walk.visits[i]))
            return true;
    }
    return false;
}

int sw_imports_described(struct sw_importing *w)
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
        const struct sw_visit *entry = sw_imports_visit(w, modules[i]);
        if (entry != NULL)
            w->entries[entry - w->walk.visits] = true;
    }
    return code == 0 ? sw_imports_follow(w) : code;
}

/* Count how many of 100 entries load the visit's module: the entries among the modules that lead to it. */
static unsigned share_of(const struct sw_importing *w, bool *reached, uint32_t visit, size_t entries)
{
    size_t hits = 0;
    memset(reached, 0, w->walk.visit_count);
    reached[visit] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = w->edge_count; i-- > 0;) {
            const struct sw_import_edge *edge = &w->edges[i];
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

int sw_imports_measure(struct sw_importing *w)
{
    bool *reached = sw_arena_array(w->walk.arena, w->walk.visit_count + 1, sizeof *reached);
    unsigned *shares = sw_arena_array(w->walk.arena, w->walk.visit_count + 1, sizeof *shares);
    if (reached == NULL || shares == NULL)
        return sw_fail_memory(w->walk.error);
    size_t entries = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        bool counts = w->entries[i] && !sw_imports_lazy(&w->walk.visits[i]) && i >= w->eager;
        w->entries[i] = counts;
        entries += counts;
    }
    for (size_t i = 0; i < w->found.count; i++) {
        struct sw_wheel_import *import = &w->found.items[i];
        uint32_t visit = import->share;
        if (import->lazy && shares[visit] == 0)
            shares[visit] = 1 + share_of(w, reached, visit, entries);
        import->share = import->lazy ? shares[visit] - 1 : 100;
        import->described = import->lazy && w->described;
        import->lazy = import->lazy && !(w->described && import->share >= MOST);
    }
    return 0;
}
