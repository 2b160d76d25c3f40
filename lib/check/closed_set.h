/* The closed set of a stack: the profile's requirements as the question to a resolution, with the releases that its hardware rules out.
 *
 * The bars come from the catalog: builds of torch without code for a target GPU or for newer drivers than the hosts', and projects that are
 * built against another torch. Each bar has the code of the finding that it is if a set breaks it. */
#ifndef SLIPWAY_CHECK_CLOSED_SET_H
#define SLIPWAY_CHECK_CLOSED_SET_H

#include "check/candidates.h"
#include "resolve/resolve.h"

struct sw_closed_bar {
    const char *code; /* "SW201" */
    /* The row of the catalog. */
    const struct sw_node *row;
};

struct sw_closed_set {
    struct sw_resolve_input question;
    /* The profile's statement behind each root, constraint and override of the question. */
    const struct sw_pin *const *roots, *const *constraints, *const *overrides;
    const struct sw_closed_bar *bars; /* one for each of the question */
};

/* Make the question. `candidates` is open, for the target and the indexes. All lies in the stack's arena. */
int sw_closed_set_ask(struct sw_closed_set *out, struct sw_candidates *candidates,
                      struct sw_error *error) SW_NODISCARD;

/* The number of the last command that installs some of the roots; see struct sw_profile. */
unsigned sw_closed_set_last_install(const struct sw_closed_set *set);
/* Let `question`, a copy of the set's, have the roots of one command alone. False without memory. */
bool sw_closed_set_take_install(struct sw_resolve_input *question, const struct sw_closed_set *set,
                                struct sw_arena *arena, unsigned install);

/* Return true if a row of companions.yaml is a bar of the question: it names one torch, and the wheels do not compile for another. */
bool sw_closed_set_bars(const struct sw_node *row);

/* Report that the facts of the answer contradict each other, at the profile's statement that they rest on: SW226. */
void sw_check_contradiction(struct sw_candidates *candidates, const struct sw_closed_set *set,
                            const struct sw_resolve_answer *answer);

#endif
