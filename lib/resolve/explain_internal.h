/* A proof of the solver as facts in plain English. */
#ifndef SLIPWAY_RESOLVE_EXPLAIN_INTERNAL_H
#define SLIPWAY_RESOLVE_EXPLAIN_INTERNAL_H

#include "resolve/project_internal.h"

/* List the facts that the proof rests on in `answer`; the texts lie in `arena`. */
int sw_explain_proof(struct sw_resolve_answer *answer, struct sw_arena *arena,
                     const struct sw_incompatibility *proof, struct sw_error *error) SW_NODISCARD;
/* If nothing was proved, list the projects of which most releases were tried. */
int sw_explain_surrender(struct sw_resolve_answer *answer, struct sw_arena *arena,
                         const struct sw_problem *problem, struct sw_error *error) SW_NODISCARD;

#endif
