/* The outline of a Python module: the names that it has once imported, and what it imports, read from its source without
 * running it.
 *
 * This reads statements, not expressions: of what a module does to itself by globals(), setattr() or exec() it is only said
 * that it does so.
 * All text points into the source or lies in the arena. */
#ifndef SLIPWAY_WHEEL_MODULE_H
#define SLIPWAY_WHEEL_MODULE_H

#include "base/arena.h"
#include "base/error.h"

/* What has to happen for a statement to run; several may hold. */
enum sw_module_when {
    SW_WHEN_GUARDED = 1,   /* in a try (or suppress) that goes on after an ImportError */
    SW_WHEN_FALLBACK = 2,  /* only after another import failed */
    SW_WHEN_TYPING = 4,    /* under `if TYPE_CHECKING`: never when the program runs */
    SW_WHEN_CONDITION = 8, /* under an if, elif, else, for, while or case */
    SW_WHEN_CALLED = 16,   /* within a function */
};

enum sw_module_kind {
    SW_MODULE_FUNCTION,
    SW_MODULE_CLASS,
    SW_MODULE_VARIABLE, /* assigned, or bound by for, with and the like */
    SW_MODULE_IMPORTED,
};

struct sw_module_name {
    struct sw_str name;
    enum sw_module_kind kind;
    unsigned when, line; /* of the first place */
    struct sw_str
        value; /* of a variable that is a plain string, a number, None, True or False: as written, a string
                            without its quotes and with its escapes; of a function that returns whether a module is found and does
                            no more: that module; empty otherwise */
};

struct sw_module_import {
    struct sw_str module; /* "torch.nn"; with leading dots where it is relative */
    struct sw_str name;   /* of `from module import name`, "*" included; empty for `import module` */
    struct sw_str as;     /* the name it gets, or empty */
    struct sw_str
        probe; /* the function that decides alone, where it happens under `if function():` or in the else of `if not
                             function():` at the module's own level; else empty */
    unsigned when, line;
};

struct sw_module {
    const struct sw_module_name *names; /* each once, sorted; bound at the module's own level */
    size_t name_count;
    const struct sw_module_import *imports; /* in source order, also those in functions and classes */
    size_t import_count;
    bool star;    /* there is an `import *`, so that it may have other names too */
    bool dynamic; /* it has __getattr__, so that it may answer for any name */
    bool
        changes_names; /* it names globals(), setattr() or the like, so that it may have names that no statement binds */
    bool
        changes_modules; /* it touches sys.modules, its path or the finders, so that it may have modules that no file is */
};

/* SW_EINPUT, naming `file` and a line, where SW_MAX_MODULE_NAMES or SW_MAX_MODULE_DEPTH is passed. */
int sw_module_read(struct sw_module *out, struct sw_arena *arena, struct sw_str source, const char *file,
                   struct sw_error *error) SW_NODISCARD;
/* A name that it has when the program runs; NULL where it has not, or only for type checkers. */
const struct sw_module_name *sw_module_find(const struct sw_module *module, struct sw_str name);

const char *sw_module_kind_text(enum sw_module_kind kind); /* "function", "class", "variable", "import" */

#endif
