/* Conditions of a module that can be judged without running it: on the release of a project or of Python, and on the presence
 * of a module. */
#ifndef SLIPWAY_WHEEL_MODULE_CONDITION_INTERNAL_H
#define SLIPWAY_WHEEL_MODULE_CONDITION_INTERNAL_H

#include "base/arena.h"
#include "wheel/statement_internal.h"

/* The value of an expression: a version, or the release of a module or project ("python" is Python's); both empty if the value
 * is not understood. */
struct sw_condition_value {
    struct sw_str version, of;
};

/* The names that an expression may use. */
struct sw_condition_scope {
    struct sw_arena *arena;
    void *self;
    /* The module that a name stands for; empty if the name stands for none. */
    struct sw_str (*module_of)(void *self, struct sw_str name);
    /* The value of a variable that is assigned once. */
    struct sw_condition_value (*value_of)(void *self, struct sw_str name);
};

/* torch.__version__, version.parse(torch.__version__), metadata.version("torch"), Version("2.1"), "2.1", sys.version_info, (3, 10), or
 * a variable with such a value. */
struct sw_condition_value sw_condition_value(const struct sw_condition_scope *scope, struct sw_tokens t);
/* The condition of a header, which is without its colon, as struct sw_module_import has it; empty if it is not understood, and
 * without memory. */
struct sw_str sw_condition_read(const struct sw_condition_scope *scope, struct sw_tokens t);
/* The condition that holds if another does not. */
struct sw_str sw_condition_negated(const struct sw_condition_scope *scope, struct sw_str condition);

#endif
