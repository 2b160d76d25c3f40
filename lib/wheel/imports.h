/* Imports between wheels: the imports of other packages that importing a package runs, and those of them that
 * a wheel lacks.
 *
 * Both are read from sources without running them, and both rather say too little. An import for type checkers or within a
 * function is left out; names that come by `import *` from another package or from a compiled module count as present.
 * Under a condition, an import is listed if the condition is understood (wheel/module.h), and then says the condition; so
 * does an import in a try whose handler goes on, and one in such a handler. `if is_triton_available()` is understood if that
 * function of the package returns true exactly when triton is found.
 *
 * The modules that the examples of the wheel's description import are read too, unless the package loads modules lazily: if half
 * of them import a thing, the package counts as importing it. Modules for one framework of many each are alternatives.
 *
 * A package that loads its modules lazily repeats its exports for type checkers, `if TYPE_CHECKING: from .a
 * import b`. These modules are read too, and each import in them says how many of them need it. */
#ifndef SLIPWAY_WHEEL_IMPORTS_H
#define SLIPWAY_WHEEL_IMPORTS_H

#include "wheel/wheel.h"
#include "wheel/words.h"

struct sw_wheel_import {
    struct sw_str module; /* "triton.ops.matmul_perf_model" */
    /* The name of `from module import name`; empty for `import module`. */
    struct sw_str name;
    /* The importing member, "bitsandbytes/triton/matmul.py". */
    struct sw_str member;
    unsigned line;
    /* The lazily loaded modules that load this member, of 100; 100 if the package itself loads it. */
    unsigned share;
    bool lazy;
    /* The member is loaded by examples of the wheel's description, and not by the package itself. */
    bool described;
    /* An import statement: no use of a name, no answer to a question. */
    bool certain;
    /* No import: the member raises an exception, and `module` is empty. */
    bool refuses;
    /* The condition for the import or the exception to happen, as struct sw_module_refusal has it; empty: none. */
    struct sw_str condition;
    /* The number of the try in the member that goes on if this import fails; of the try that must have failed for this import to
     * happen. 0: none. */
    unsigned attempt, instead;
};

struct sw_wheel_imports {
    /* In the order in which they were found: each module and name once that the package itself imports, and
     * once a member if it is loaded lazily. */
    struct sw_wheel_import *items;
    size_t count;
};

/* List the modules of other packages that `import PROJECT` and its lazily loaded modules import, the standard
 * library's included. A wheel gives none if it has no package of the project's name and no other that could be
 * meant. At most SW_MAX_SCANNED_MODULES modules are read, and lazily loaded modules only if the packed sources
 * of the package have at most SW_MAX_LAZY_SOURCES bytes. Of the wheel `zip` and `texts` are used; all that is
 * given out lies in `arena`. Fails if the wheel's reader fails. */
int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error) SW_NODISCARD;

/* For each import, the module that the wheel lacks, or the module that lacks the name, and in `name` the
 * missing name. The module is empty if the wheel has the imported module or name, may have it, or has nothing
 * to do with it.
 *
 * A module that makes names at run time lacks a name that is no word of the wheel's sources. If `words` is
 * empty then, all sources of the wheel are read, and the set is given out. */
struct sw_wheel_loss {
    struct sw_str module;
    bool name;
};
int sw_wheel_losses(struct sw_wheel_loss *losses, struct sw_words *words, struct sw_arena *arena,
                    const struct sw_wheel *wheel, const struct sw_wheel_import *imports, size_t count,
                    struct sw_error *error) SW_NODISCARD;

#endif
