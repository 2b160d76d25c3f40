#include "wheel/imports_internal.h"

#include "base/limits.h"

enum { FOUND_SLOTS = 1 << 14 };
_Static_assert(FOUND_SLOTS > 2 * SW_MAX_SCANNED_IMPORTS, "a slot that is free is never far");

/* FNV-1a. */
#define FIRST_HASH UINT32_C(2166136261)

static uint32_t hash(uint32_t value, struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++)
        value = (value ^ (unsigned char)text.p[i]) * UINT32_C(16777619);
    return value;
}

int sw_imports_begin(struct sw_importing *w)
{
    w->found_slots = sw_arena_array(w->walk.arena, FOUND_SLOTS, sizeof *w->found_slots);
    return w->found_slots == NULL ? sw_fail_memory(w->walk.error) : 0;
}

/* An import is known if the package itself has it, or if a lazily loaded module has it in the same member. */
static bool is_known(const struct sw_wheel_import *other, const struct sw_wheel_import *import)
{
    return sw_str_equal(other->module, import->module) && sw_str_equal(other->name, import->name) &&
           sw_str_equal(other->condition, import->condition) && other->attempt == 0 && import->attempt == 0 &&
           other->instead == 0 && import->instead == 0 && other->refuses == import->refuses &&
           (!other->lazy || other->member.p == import->member.p);
}

int sw_imports_add(struct sw_importing *w, uint32_t from, struct sw_str module,
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
