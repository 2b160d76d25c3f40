/* What single statements tell about their module, read from their tokens. Not for use outside this layer. */
#ifndef SLIPWAY_WHEEL_MODULE_SIGNS_INTERNAL_H
#define SLIPWAY_WHEEL_MODULE_SIGNS_INTERNAL_H

#include "wheel/statement_internal.h"

/* Whether the statement may give the module names that no statement binds: by globals(), setattr() and the like, or because
 * a function has some of its names. */
bool sw_signs_change_names(const struct sw_token *tokens, size_t count);
/* Whether it may stand for modules that no file has: by sys.modules, or by a path or finder of its own. */
bool sw_signs_change_modules(const struct sw_token *tokens, size_t count);

/* The function of a condition that is a call of it and nothing else, `if is_triton_available()`, or of its negation; empty where it is
 * another. The header is without its colon. */
struct sw_str sw_signs_condition(bool *negated, const struct sw_token *tokens, size_t count);
/* The module of `return importlib.util.find_spec("triton") is not None`; empty where it is another statement. */
struct sw_str sw_signs_probe(const struct sw_token *tokens, size_t count);

#endif
