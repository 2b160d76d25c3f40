/* The search: unit propagation, decisions, and learning from conflicts, in turn. */
#include "resolve/solver_internal.h"

#include "base/limits.h"

#include <stdlib.h>

/* -- unit propagation ------------------------------------------------------------------------------------------- */

enum relation { HOLDS, ALMOST, OPEN };

/* Return how much of the incompatibility holds; with ALMOST `open` is the one term that may yet fail to. */
static enum relation relate(const struct sw_term **open, struct sw_solver *solver,
                            struct sw_incompatibility *incompatibility)
{
    *open = NULL;
    for (size_t i = 0; i < incompatibility->term_count; i++) {
        const struct sw_term *term = &incompatibility->terms[i];
        const uint64_t *left = sw_solver_allowed(solver, term->package);
        size_t words = solver->packages[term->package].words;
        solver->work += SW_SOLVER_STEP + words;
        if (sw_set_within(left, term->set, words))
            continue;
        if (!sw_set_meets(left, term->set, words)) {
            incompatibility->idle_level = solver->level;
            incompatibility->idle_stamp = solver->level == 0 ? 0 : solver->stamps[solver->level];
            return OPEN;
        }
        if (*open != NULL)
            return OPEN;
        *open = term;
    }
    return *open == NULL ? HOLDS : ALMOST;
}

/* Return true if the incompatibility was seen not to hold at a level that still stands. */
static bool is_idle(const struct sw_solver *solver, const struct sw_incompatibility *incompatibility)
{
    size_t level = incompatibility->idle_level;
    return level > 0 && level <= solver->level && solver->stamps[level] == incompatibility->idle_stamp;
}

/* Derive that the open term does not hold. */
static int derive(struct sw_solver *solver, const struct sw_incompatibility *cause,
                  const struct sw_term *open, struct sw_error *error)
{
    const struct sw_solver_package *package = &solver->packages[open->package];
    uint64_t *keep = calloc(package->words, sizeof *keep);
    if (keep == NULL)
        return sw_fail_memory(error);
    sw_set_not(keep, open->set, package->versions);
    int code = sw_solver_assign(solver, open->package, keep, cause, error);
    free(keep);
    return code;
}

static void clear_queue(struct sw_solver *solver)
{
    while (solver->queue_count > 0)
        solver->packages[solver->queue[--solver->queue_count]].queued = false;
}

/* Look at the incompatibilities of a package, newest first. `conflict` is set to an incompatibility that holds. */
static int propagate_package(struct sw_incompatibility **conflict, struct sw_solver *solver, size_t package,
                             struct sw_error *error)
{
    for (size_t i = solver->packages[package].watched_count; i > 0; i--) {
        struct sw_incompatibility *incompatibility = solver->packages[package].watched[i - 1];
        const struct sw_term *open;
        solver->work += SW_SOLVER_STEP;
        if (incompatibility->replaced || is_idle(solver, incompatibility))
            continue;
        enum relation relation = relate(&open, solver, incompatibility);
        if (relation == HOLDS) {
            *conflict = incompatibility;
            return 0;
        }
        int code = relation == ALMOST ? derive(solver, incompatibility, open, error) : 0;
        if (code != 0)
            return code;
    }
    return 0;
}

/* Propagate until nothing changes. `proof` is set if that ends in a contradiction. */
static int propagate(const struct sw_incompatibility **proof, struct sw_solver *solver,
                     struct sw_error *error)
{
    while (solver->queue_count > 0 && solver->work < SW_MAX_RESOLVE_WORK) {
        size_t package = solver->queue[--solver->queue_count];
        solver->packages[package].queued = false;
        struct sw_incompatibility *conflict = NULL;
        int code = propagate_package(&conflict, solver, package, error);
        if (code != 0)
            return code;
        if (conflict == NULL)
            continue;
        const struct sw_incompatibility *learned = NULL, *root = conflict;
        if (solver->host.refused != NULL)
            solver->host.refused(solver->host.self, conflict, package);
        code = sw_solver_learn(&learned, &root, solver, error);
        if (code != 0)
            return code;
        if (learned == NULL) {
            *proof = root;
            return 0;
        }
        clear_queue(solver);
        for (size_t i = 0; code == 0 && i < learned->term_count; i++)
            code = sw_solver_queue(solver, learned->terms[i].package, error);
        if (code != 0)
            return code;
    }
    return 0;
}

/* -- decisions -------------------------------------------------------------------------------------------------- */

/* The package to decide next: it must be there, and its version is open. SW_SOLVER_NONE if all are decided. */
static size_t next_package(const struct sw_solver *solver)
{
    size_t best = SW_SOLVER_NONE;
    uint64_t best_rank = 0;
    for (size_t i = 0; i < solver->package_count; i++) {
        const struct sw_solver_package *package = &solver->packages[i];
        if (package->decided != SW_SOLVER_NONE || package->last == SW_SOLVER_NONE ||
            sw_set_has(solver->assignments[package->last].left, package->versions))
            continue;
        uint64_t rank = solver->host.rank(solver->host.self, i);
        if (best == SW_SOLVER_NONE || rank < best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

/* Return true if the version may stand beside the decisions: none of its incompatibilities would hold with it. */
static bool may_stand(struct sw_solver *solver, size_t package, size_t version)
{
    const struct sw_solver_package *own = &solver->packages[package];
    for (size_t i = 0; i < own->watched_count; i++) {
        const struct sw_incompatibility *incompatibility = own->watched[i];
        bool holds = !incompatibility->replaced && !is_idle(solver, incompatibility);
        solver->work += SW_SOLVER_STEP;
        for (size_t j = 0; holds && j < incompatibility->term_count; j++) {
            const struct sw_term *term = &incompatibility->terms[j];
            size_t words = solver->packages[term->package].words;
            solver->work += SW_SOLVER_STEP + words;
            holds = term->package == package
                        ? sw_set_has(term->set, version)
                        : sw_set_within(sw_solver_allowed(solver, term->package), term->set, words);
        }
        if (holds) {
            if (solver->host.refused != NULL)
                solver->host.refused(solver->host.self, incompatibility, package);
            return false;
        }
    }
    return true;
}

/* Try a version of the package. */
static int try_package(struct sw_solver *solver, size_t package, struct sw_error *error)
{
    size_t version = SW_SOLVER_NONE;
    int code =
        solver->host.choose(&version, solver->host.self, package, sw_solver_allowed(solver, package), error);
    if (code != 0 || version == SW_SOLVER_NONE)
        return code;
    if (!sw_set_has(solver->packages[package].expanded, version)) {
        sw_set_add(solver->packages[package].expanded, version);
        code = solver->host.expand(solver->host.self, package, version, error);
    }
    if (code == 0 && may_stand(solver, package, version))
        return sw_solver_decide(solver, package, version, error);
    return code != 0 ? code : sw_solver_queue(solver, package, error);
}

/* Take back the decision that the host wants to be reconsidered. */
static void reconsider(struct sw_solver *solver)
{
    size_t package = solver->reconsider;
    solver->reconsider = SW_SOLVER_NONE;
    if (package == SW_SOLVER_NONE || solver->packages[package].decided == SW_SOLVER_NONE)
        return;
    size_t level = solver->assignments[solver->packages[package].last].level;
    if (level > 1)
        sw_solver_backtrack(solver, level - 1);
}

int sw_solver_run(enum sw_solver_outcome *outcome, const struct sw_incompatibility **proof,
                  struct sw_solver *solver, struct sw_error *error)
{
    *proof = NULL;
    int code = sw_solver_decide(solver, 0, 0, error);
    if (code == 0)
        code = solver->host.expand(solver->host.self, 0, 0, error);
    while (code == 0) {
        code = propagate(proof, solver, error);
        if (code != 0)
            break;
        if (*proof != NULL || solver->work >= SW_MAX_RESOLVE_WORK) {
            *outcome = *proof != NULL ? SW_SOLVER_CONTRADICTION : SW_SOLVER_GAVE_UP;
            return 0;
        }
        reconsider(solver);
        size_t package = next_package(solver);
        solver->work += SW_SOLVER_STEP * solver->package_count;
        if (package == SW_SOLVER_NONE) {
            *outcome = SW_SOLVER_SOLVED;
            return 0;
        }
        code = try_package(solver, package, error);
    }
    return code;
}
