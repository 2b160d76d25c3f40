/* Every fault of a stack that can be known before it is built: the findings SW201 to SW218.
 *
 * A check is a function in one table. It looks at a plan, at the profile that the plan was made from (for
 * places) and at the known facts: the catalog, and the package index if it can be asked. `slipway help SWnnn`
 * prints a page about each, profiles/pages/SWnnn.txt. */
#ifndef SLIPWAY_CHECK_CHECK_H
#define SLIPWAY_CHECK_CHECK_H

#include "check/stack.h"

/* Add the faults to `findings`. A finding that the profile's `ignore` names becomes a note with the reason;
 * an entry of `ignore` that silenced nothing becomes a note too. Fails only without memory and on a
 * cancellation. */
int sw_check(const struct sw_check_input *input, struct sw_findings *findings,
             struct sw_error *error) SW_NODISCARD;

#endif
