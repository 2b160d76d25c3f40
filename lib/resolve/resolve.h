/* The closed set of releases for a target, found by PubGrub over package indexes, or the facts that rule out every set.
 *
 * A resolution is for one target: one Python, one list of tags, one marker environment. The rules are those of PEP 440 and 508 and of the
 * usual installers:
 * - A project comes from one index (see index/index.h), or from the URL by which a requirement names it.
 * - The newest release that can be used and that fits is taken, but a preferred release (of an earlier lock) before it. A release that has
 *   only a source distribution is the last choice.
 * - A pre-release is taken if a requirement, constraint or override of the caller's names one of the project, or if the project has
 *   nothing else.
 * - A yanked release is taken if the caller names it with ==, or prefers it.
 * - An override replaces whatever anybody requires of its project; a constraint limits its project and brings nothing in.
 * - Releases that the hardware rules out come from the caller, as bars. */
#ifndef SLIPWAY_RESOLVE_RESOLVE_H
#define SLIPWAY_RESOLVE_RESOLVE_H

#include "resolve/question.h"

/* 0 for either answer, which lies in `arena`. SW_EENV if an index cannot be asked, or may not be: `error` names the page. */
int sw_resolve(struct sw_resolve_answer *out, struct sw_arena *arena, const struct sw_resolve_input *input,
               struct sw_error *error) SW_NODISCARD;

#endif
