/* Imports between wheels: the imports of other packages that importing a package surely runs, and those of
 * them that a wheel lacks.
 *
 * Both are read from sources without running them, and both rather say too little: a module that is loaded
 * lazily, a condition, a guard against an ImportError, names that come by `import *` or at run time are left
 * out, or count as present. One condition is understood: `if is_triton_available()`, if that function of the
 * package returns true exactly when triton is found. */
#ifndef SLIPWAY_WHEEL_IMPORTS_H
#define SLIPWAY_WHEEL_IMPORTS_H

#include "wheel/wheel.h"

struct sw_wheel_import {
    struct sw_str module; /* "triton.ops.matmul_perf_model" */
    /* The name of `from module import name`; empty for `import module`. */
    struct sw_str name;
    /* The importing member, "bitsandbytes/triton/matmul.py". */
    struct sw_str member;
    unsigned line;
};

struct sw_wheel_imports {
    /* Each module and name once, in the order in which they were found. */
    struct sw_wheel_import *items;
    size_t count;
};

/* List the modules of other packages that `import PROJECT` imports, the standard library's included. A wheel
 * gives none if it has no package of the project's name and no other that could be meant. At most
 * SW_MAX_SCANNED_MODULES modules are read. Of the wheel only `zip` is used; all that is given out lies in
 * `arena`. Fails if the wheel's reader fails. */
int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error) SW_NODISCARD;

/* For each import, the module that the wheel lacks, or the module that lacks the name, and in `name` the
 * missing name. The module is empty if the wheel has the imported module or name, may have it, or has nothing
 * to do with it. */
struct sw_wheel_loss {
    struct sw_str module;
    bool name;
};
int sw_wheel_losses(struct sw_wheel_loss *losses, struct sw_arena *arena, const struct sw_wheel *wheel,
                    const struct sw_wheel_import *imports, size_t count, struct sw_error *error) SW_NODISCARD;

#endif
