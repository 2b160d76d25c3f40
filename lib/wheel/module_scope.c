#include "wheel/module_internal.h"

struct sw_outline_block *sw_outline_top(struct sw_outline *o)
{
    return &o->blocks[o->depth - 1];
}

struct sw_str sw_outline_module(const struct sw_outline *o, struct sw_str name)
{
    for (size_t i = 0; i < o->import_count; i++) {
        const struct sw_module_import *import = &o->imports[i];
        struct sw_str rest = import->module, first = sw_str_cut(&rest, '.');
        if (import->name.n > 0 || import->when != 0 || import->used || first.n == 0)
            continue;
        if (sw_str_equal(import->as.n > 0 ? import->as : first, name))
            return import->as.n > 0 ? import->module : first;
    }
    return SW_STR("");
}

static struct sw_str scope_module(void *self, struct sw_str name)
{
    return sw_outline_module(self, name);
}

static struct sw_condition_value scope_value(void *self, struct sw_str name)
{
    const struct sw_outline *o = self;
    struct sw_condition_value value = {{NULL, 0}, {NULL, 0}};
    size_t places = 0;
    for (size_t i = 0; i < o->variable_count; i++)
        value = sw_str_equal(o->variables[i].name, name) ? o->variables[i].value : value;
    for (size_t i = 0; i < o->name_count && (value.of.n > 0 || value.version.n > 0); i++)
        places += sw_str_equal(o->names[i].name, name);
    return places == 1 ? value : (struct sw_condition_value){{NULL, 0}, {NULL, 0}};
}

struct sw_condition_scope sw_outline_scope(struct sw_outline *o)
{
    return (struct sw_condition_scope){
        .arena = o->arena, .self = o, .module_of = scope_module, .value_of = scope_value};
}
