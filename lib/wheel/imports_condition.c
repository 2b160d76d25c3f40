#include "wheel/imports_internal.h"

static struct sw_str top_of(struct sw_str module)
{
    return (struct sw_str){module.p, sw_walk_prefix(module, 1)};
}

/* The module whose presence a function of the package tells; empty if the function tells something else. */
static struct sw_str probed(struct sw_importing *w, const struct sw_visit *visit, struct sw_str function)
{
    const struct sw_module_name *own = sw_module_find(&visit->outline, function);
    if (own != NULL && own->kind == SW_MODULE_FUNCTION)
        return own->when == 0 ? own->value : SW_STR("");
    for (size_t i = 0; i < visit->outline.import_count; i++) {
        const struct sw_module_import *import = &visit->outline.imports[i];
        if (import->when != 0 || import->as.n > 0 || !sw_str_equal(import->name, function))
            continue;
        const struct sw_visit *source =
            sw_imports_visit(w, sw_walk_absolute(&w->walk, visit, import->module));
        own = source == NULL || !source->read ? NULL : sw_module_find(&source->outline, function);
        bool tells = own != NULL && own->kind == SW_MODULE_FUNCTION && own->when == 0;
        if (source != NULL)
            return tells ? own->value : SW_STR("");
    }
    return SW_STR("");
}

int sw_imports_probes(struct sw_importing *w)
{
    int code = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        const struct sw_visit *visit = &w->walk.visits[i];
        for (size_t k = 0; visit->read && k < visit->outline.import_count && code == 0; k++) {
            const struct sw_module_import *import = &visit->outline.imports[k];
            if (import->when == SW_WHEN_CONDITION && import->probe.n > 0 && import->module.p[0] != '.' &&
                sw_str_equal(probed(w, visit, import->probe), top_of(import->module)))
                code = sw_imports_add(w, (uint32_t)i, import->module, import);
        }
    }
    return code;
}

/* Return true if the import happens under conditions that are listed with it. */
static bool is_conditional(const struct sw_importing *w, const struct sw_module_import *import)
{
    bool listed = (import->when == SW_WHEN_CONDITION && import->condition.n > 0) ||
                  (import->when == SW_WHEN_GUARDED && import->attempt > 0) ||
                  (import->when == SW_WHEN_FALLBACK && import->instead > 0);
    return listed && import->module.p[0] != '.' && !sw_imports_own(w, import->module);
}

int sw_imports_conditions(struct sw_importing *w)
{
    int code = 0;
    for (size_t i = 0; i < w->walk.visit_count; i++) {
        const struct sw_visit *visit = &w->walk.visits[i];
        for (size_t k = 0; visit->read && k < visit->outline.import_count && code == 0; k++) {
            if (is_conditional(w, &visit->outline.imports[k]))
                code = sw_imports_add(w, (uint32_t)i, visit->outline.imports[k].module,
                                      &visit->outline.imports[k]);
        }
        for (size_t k = 0; visit->read && k < visit->outline.refusal_count && code == 0; k++) {
            const struct sw_module_import refusal = {.condition = visit->outline.refusals[k].condition,
                                                     .line = visit->outline.refusals[k].line};
            code = sw_imports_add(w, (uint32_t)i, SW_STR(""), &refusal);
        }
    }
    return code;
}
