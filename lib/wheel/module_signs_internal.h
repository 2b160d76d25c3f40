/* The signs that single statements give about their module, read from their tokens. */
#ifndef SLIPWAY_WHEEL_MODULE_SIGNS_INTERNAL_H
#define SLIPWAY_WHEEL_MODULE_SIGNS_INTERNAL_H

#include "wheel/statement_internal.h"

/* Return true if the statement may give the module names that no statement binds: by globals(), setattr() and
 * the like. Within a function or class (`inner`), locals and attributes of an object are not the module's. */
bool sw_signs_change_names(struct sw_tokens t, bool inner);
/* Return true if the statement may put modules without a file into sys.modules. */
bool sw_signs_change_modules(struct sw_tokens t);
/* Return true if the statement may let modules be found elsewhere: by a path or a finder of its own. */
bool sw_signs_change_path(struct sw_tokens t);
/* Return true if the statement adds a finder behind all others: it finds modules that have no file. */
bool sw_signs_add_finder(struct sw_tokens t);

/* Return true if the statement touches __all__; `*plain` if it is `__all__ = [...]` of plain strings alone. */
bool sw_signs_exports(bool *plain, struct sw_tokens t);
/* The text of a plain string without its quotes; no text if the token is none. */
struct sw_str sw_signs_text(const struct sw_token *token);

/* The function of a condition that only calls it, `if is_triton_available()`, or only negates the call; empty
 * for another condition. The header is without its colon. */
struct sw_str sw_signs_condition(bool *negated, struct sw_tokens t);
/* The module of `return importlib.util.find_spec("triton") is not None`; empty for another statement. */
struct sw_str sw_signs_probe(struct sw_tokens t);

#endif
