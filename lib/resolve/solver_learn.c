/* Conflict resolution: from an incompatibility that holds to a new incompatibility, which would have kept the solver from getting there. */
#include "resolve/solver_internal.h"

#include <stdlib.h>

/* The first assignment with which the term holds. */
static size_t find_satisfier(struct sw_solver *solver, const struct sw_term *term)
{
    const struct sw_solver_package *package = &solver->packages[term->package];
    size_t found = package->last;
    for (size_t at = found; at != SW_SOLVER_NONE; at = solver->assignments[at].previous) {
        solver->work += SW_SOLVER_STEP + package->words;
        if (!sw_set_within(solver->assignments[at].left, term->set, package->words))
            break;
        found = at;
    }
    return found;
}

/* The first assignment before `satisfier` with which, and with the satisfier alone, the term holds; SW_SOLVER_NONE if the satisfier
 * needs none before it. */
static size_t find_helper(struct sw_solver *solver, const struct sw_term *term, size_t satisfier,
                          const uint64_t *own)
{
    size_t words = solver->packages[term->package].words, helper = SW_SOLVER_NONE;
    if (sw_set_within(own, term->set, words))
        return SW_SOLVER_NONE;
    for (size_t at = solver->assignments[satisfier].previous; at != SW_SOLVER_NONE;
         at = solver->assignments[at].previous) {
        solver->work += SW_SOLVER_STEP + words;
        if (!sw_set_both_within(solver->assignments[at].left, own, term->set, words))
            break;
        helper = at;
    }
    return helper;
}

static size_t later(size_t a, size_t b)
{
    if (a == SW_SOLVER_NONE || b == SW_SOLVER_NONE)
        return a == SW_SOLVER_NONE ? b : a;
    return a > b ? a : b;
}

struct satisfied {
    const struct sw_term *term;
    /* The assignment that made the incompatibility hold, and the last of those before it that it cannot do without. */
    size_t satisfier, before;
};

static int find_satisfied(struct satisfied *out, struct sw_solver *solver,
                          const struct sw_incompatibility *conflict, struct sw_error *error)
{
    struct satisfied found = {.satisfier = SW_SOLVER_NONE, .before = SW_SOLVER_NONE};
    for (size_t i = 0; i < conflict->term_count; i++) {
        size_t at = find_satisfier(solver, &conflict->terms[i]);
        if (found.term != NULL && at < found.satisfier) {
            found.before = later(found.before, at);
            continue;
        }
        found.before = later(found.before, found.satisfier);
        found.satisfier = at;
        found.term = &conflict->terms[i];
    }
    const struct sw_assignment *assignment = &solver->assignments[found.satisfier];
    const struct sw_solver_package *package = &solver->packages[assignment->package];
    if (assignment->cause != NULL) {
        uint64_t *own = calloc(package->words, sizeof *own);
        if (own == NULL)
            return sw_fail_memory(error);
        sw_set_not(own, sw_solver_term(assignment->cause, assignment->package)->set, package->versions);
        found.before = later(found.before, find_helper(solver, found.term, found.satisfier, own));
        free(own);
    }
    *out = found;
    return 0;
}

/* The set of a term that both incompatibilities have: for the package on which they are joined either set will do, for others both must
 * hold. NULL without memory. */
static const uint64_t *join_sets(struct sw_solver *solver, const struct sw_term *a, const struct sw_term *b,
                                 bool either)
{
    size_t words = solver->packages[a->package].words;
    solver->work += SW_SOLVER_STEP + words;
    if (sw_set_within(a->set, b->set, words))
        return either ? b->set : a->set;
    if (sw_set_within(b->set, a->set, words))
        return either ? a->set : b->set;
    uint64_t *set = sw_solver_set(solver, a->package);
    if (set == NULL)
        return NULL;
    if (either)
        sw_set_or(set, a->set, b->set, words);
    else
        sw_set_and(set, a->set, b->set, words);
    return set;
}

/* The incompatibility that follows from both: whatever `package` is, the other terms of one or of the other cannot hold. */
static int join(struct sw_incompatibility **out, struct sw_solver *solver, const struct sw_incompatibility *a,
                const struct sw_incompatibility *b, size_t package, struct sw_error *error)
{
    struct sw_incompatibility *made = sw_arena_alloc(solver->arena, sizeof *made);
    struct sw_term *terms = sw_arena_array(solver->arena, a->term_count + b->term_count, sizeof *terms);
    if (made == NULL || terms == NULL)
        return sw_fail_memory(error);
    size_t count = 0;
    for (size_t i = 0, j = 0; i < a->term_count || j < b->term_count;) {
        const struct sw_term *left = i < a->term_count ? &a->terms[i] : NULL;
        const struct sw_term *right = j < b->term_count ? &b->terms[j] : NULL;
        struct sw_term term;
        if (left != NULL && right != NULL && left->package == right->package) {
            term = (struct sw_term){left->package, join_sets(solver, left, right, left->package == package)};
            i++;
            j++;
        } else if (right == NULL || (left != NULL && left->package < right->package)) {
            term = a->terms[i++];
        } else {
            term = b->terms[j++];
        }
        if (term.set == NULL)
            return sw_fail_memory(error);
        const struct sw_solver_package *own = &solver->packages[term.package];
        solver->work += SW_SOLVER_STEP + own->words;
        if (!sw_set_within(own->all, term.set, own->words))
            terms[count++] = term;
    }
    *made = (struct sw_incompatibility){.terms = terms, .term_count = count, .left = a, .right = b};
    *out = made;
    return 0;
}

/* Return true if it follows that the root cannot be. */
static bool is_final(const struct sw_incompatibility *incompatibility)
{
    return incompatibility->term_count == 0 ||
           (incompatibility->term_count == 1 && incompatibility->terms[0].package == 0);
}

int sw_solver_learn(const struct sw_incompatibility **learned, const struct sw_incompatibility **conflict,
                    struct sw_solver *solver, struct sw_error *error)
{
    struct sw_incompatibility *made = NULL;
    *learned = NULL;
    while (!is_final(*conflict)) {
        struct satisfied found = {0};
        int code = find_satisfied(&found, solver, *conflict, error);
        if (code != 0)
            return code;
        const struct sw_assignment *satisfier = &solver->assignments[found.satisfier];
        size_t level = found.before == SW_SOLVER_NONE ? 1 : solver->assignments[found.before].level;
        if (satisfier->cause == NULL || level < satisfier->level) {
            sw_solver_backtrack(solver, level);
            *learned = *conflict;
            /* The incompatibility that the conflict began with is watched already. */
            return made == NULL ? 0 : sw_solver_watch(solver, made, error);
        }
        code = join(&made, solver, *conflict, satisfier->cause, satisfier->package, error);
        if (code != 0)
            return code;
        *conflict = made;
    }
    return 0;
}
