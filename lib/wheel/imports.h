/* Imports between wheels: what importing a package imports of others for sure, and what a wheel lacks of that.
 *
 * Both are read from sources without running them, and both rather say too little: a module that is loaded lazily, a condition, a
 * guard against an ImportError, names that come by `import *` or at run time are left out, or count as there. Of conditions one is
 * understood: `if is_triton_available()`, where that function of the package returns whether triton is found and no more. */
#ifndef SLIPWAY_WHEEL_IMPORTS_H
#define SLIPWAY_WHEEL_IMPORTS_H

#include "wheel/wheel.h"

struct sw_wheel_import {
    struct sw_str module; /* "triton.ops.matmul_perf_model" */
    struct sw_str name;   /* of `from module import name`; empty where only the module counts */
    struct sw_str member; /* that imports it, "bitsandbytes/triton/matmul.py" */
    unsigned line;
};

struct sw_wheel_imports {
    struct sw_wheel_import *items; /* each module and name once, in the order in which they were come upon */
    size_t count;
};

/* What `import PROJECT` imports of other packages, the standard library's included; nothing for a wheel without a package of the
 * project's name and no other that could be meant. At most SW_MAX_SCANNED_MODULES modules are read. Of the wheel only `zip` is used;
 * all that is given out lies in `arena`. Fails where the wheel's reader does. */
int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error) SW_NODISCARD;

/* For each import the module that the wheel lacks, or that lacks the name, and in `name` whether it is that; an empty module where it
 * has what is imported, may have it, or has nothing to do with it. */
struct sw_wheel_loss {
    struct sw_str module;
    bool name;
};
int sw_wheel_losses(struct sw_wheel_loss *losses, struct sw_arena *arena, const struct sw_wheel *wheel,
                    const struct sw_wheel_import *imports, size_t count, struct sw_error *error) SW_NODISCARD;

#endif
