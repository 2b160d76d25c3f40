/* The outline of a Python module: the names that the module has once it is imported, and its imports, read
 * from its source without running it.
 *
 * The reader understands statements, not expressions: if a module changes itself by globals(), setattr() or
 * exec(), the outline only says that it does. All text points into the source or lies in the arena. */
#ifndef SLIPWAY_WHEEL_MODULE_H
#define SLIPWAY_WHEEL_MODULE_H

#include "base/arena.h"
#include "base/error.h"

/* The conditions for a statement to run; several may hold. */
enum sw_module_when {
    /* The statement is in a try (or suppress) that continues after an ImportError. */
    SW_WHEN_GUARDED = 1,
    SW_WHEN_FALLBACK = 2, /* only after another import failed */
    /* Under `if TYPE_CHECKING`: it never runs when the program runs. */
    SW_WHEN_TYPING = 4,
    /* Under an if, elif, else, for, while or case. */
    SW_WHEN_CONDITION = 8,
    SW_WHEN_CALLED = 16, /* within a function */
};

enum sw_module_kind {
    SW_MODULE_FUNCTION,
    SW_MODULE_CLASS,
    /* Assigned, or bound by for, with and the like. */
    SW_MODULE_VARIABLE,
    SW_MODULE_IMPORTED,
};

struct sw_module_name {
    struct sw_str name;
    enum sw_module_kind kind;
    unsigned when, line; /* of the first place */
    /* For a variable that is a plain string, a number, None, True or False: the value as written, a string
     * without its quotes and with its escapes. For a function that only returns whether a module is found:
     * that module. Else empty. */
    struct sw_str value;
};

struct sw_module_import {
    /* "torch.nn"; a relative import has leading dots. */
    struct sw_str module;
    /* The name of `from module import name`, "*" included; empty for `import module`. */
    struct sw_str name;
    struct sw_str as; /* the name it gets, or empty */
    /* The function that alone decides if the import happens: the import stands under `if function():`, or in
     * the else of `if not function():`, at the module's own level. Else empty. */
    struct sw_str probe;
    /* With SW_WHEN_CONDITION alone: the condition, as struct sw_module_refusal has it. Empty if it is not understood. */
    struct sw_str condition;
    /* The number of the try, from 1, whose handler goes on if this import fails; of the try in whose handler the import stands. 0:
     * none. */
    unsigned attempt, instead;
    unsigned when, line;
    /* No import statement: a name that the module uses of an imported module when it is loaded (np.NaN, as the default of a
     * parameter), or a module that a call of __import__() names. */
    bool used;
};

/* A statement at the module's own level, or under one condition there, that raises an exception. */
struct sw_module_refusal {
    /* "torch<2.1" for a release of a project, by its own name or that of its module; "python<3.10"; "unsloth" if a module is found,
     * "!unsloth" if it is not. Empty: always. */
    struct sw_str condition;
    unsigned line;
};

struct sw_module {
    /* Names bound at the module's own level, each once, sorted. */
    const struct sw_module_name *names;
    size_t name_count;
    /* Imports in source order, also those in functions and classes; and uses, which count as imports. */
    const struct sw_module_import *imports;
    size_t import_count;
    const struct sw_module_refusal *refusals;
    size_t refusal_count;
    /* The names of a plain `__all__ = ["a", "b"]`, which `import *` takes; known if no other statement touches
     * __all__. */
    const struct sw_str *exports;
    size_t export_count;
    bool exports_known;
    /* The module has an `import *`, so it may have other names too. */
    bool star;
    /* The module has __getattr__, so it may answer for any name. */
    bool dynamic;
    /* The module uses globals(), setattr() or the like, so it may have names that no statement binds. */
    bool changes_names;
    /* The module touches sys.modules, so it may have modules without a file, by names that its wheel's sources
     * have. */
    bool changes_modules;
    /* The module touches its path or the finders, so its modules may come from anywhere. */
    bool changes_path;
    /* The module adds a finder behind all others: modules without a file may be found, and files are as they are. */
    bool adds_finder;
};

/* SW_EINPUT, naming `file` and a line, if the source exceeds SW_MAX_MODULE_NAMES or SW_MAX_MODULE_DEPTH. */
int sw_module_read(struct sw_module *out, struct sw_arena *arena, struct sw_str source, const char *file,
                   struct sw_error *error) SW_NODISCARD;
/* Find a name that the module has when the program runs; NULL if it has none, or only for type checkers. */
const struct sw_module_name *sw_module_find(const struct sw_module *module, struct sw_str name);

/* "function", "class", "variable" or "import". */
const char *sw_module_kind_text(enum sw_module_kind kind);

#endif
