/* The modules and names of modules that a statement uses without an import statement: `__import__("a")`, and `np.NaN`. */
#ifndef SLIPWAY_WHEEL_MODULE_USES_INTERNAL_H
#define SLIPWAY_WHEEL_MODULE_USES_INTERNAL_H

#include "wheel/statement_internal.h"

struct sw_use {
    /* The module of a call that imports it, or a name in front of a dot: "np". */
    struct sw_str base;
    /* The name behind the dot, "NaN"; empty for a call. */
    struct sw_str name;
    unsigned line;
};

/* The next use from `*at` on, which becomes the place behind the use; false at the end. A statement that chooses (if, and, or,
 * lambda), or that asks for a name before it uses the name, gives none; nor does a name that is assigned to. */
bool sw_uses_next(struct sw_use *out, size_t *at, struct sw_tokens t);
/* The end of the default value of a parameter from `*at` on in the header of a function, whose begin `*at` becomes; 0 if there is
 * no further default value. */
size_t sw_uses_default(size_t *at, struct sw_tokens t);

#endif
