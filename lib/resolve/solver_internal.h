/* PubGrub (Natalie Weizenbaum, "PubGrub: Next-Generation Version Solving", 2018): a version for every package that is required, or a
 * proof that there is no such choice.
 *
 * The solver knows packages by number and versions by their places, newest first. A host tells it, when it is needed and not before,
 * which version to try next and the requirements of a version. Sets are those of resolve/set_internal.h.
 *
 * An incompatibility is a list of terms that must not hold all at once. "a 1.0 requires b>=2" is: a is 1.0, and b is absent or older.
 * An incompatibility that the solver learned names the two that it follows from, so that a proof is a graph whose ends are facts of the
 * host. */
#ifndef SLIPWAY_RESOLVE_SOLVER_INTERNAL_H
#define SLIPWAY_RESOLVE_SOLVER_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"
#include "resolve/set_internal.h"

struct sw_solver;

struct sw_term {
    size_t package;
    const uint64_t *set;
};

struct sw_incompatibility {
    const struct sw_term *terms; /* sorted by package, each once */
    size_t term_count;
    /* Both NULL for a fact of the host. */
    const struct sw_incompatibility *left, *right;
    const void *fact;
    /* The solver's own: a wider fact stands in the place of this one; the level at which it could not hold, and that level's stamp. */
    bool replaced;
    size_t idle_level;
    uint64_t idle_stamp;
};

struct sw_solver_host {
    void *self;
    /* The open package with the least rank is decided first, of equal ranks the package with the smaller number. */
    uint64_t (*rank)(void *self, size_t package);
    /* Set `version` to a version in `allowed`, or to SIZE_MAX after a call of sw_solver_forbid() that says why none can be had. */
    int (*choose)(size_t *version, void *self, size_t package, const uint64_t *allowed,
                  struct sw_error *error);
    /* Tell all that the version requires by sw_solver_require() and sw_solver_forbid(). Called once for each version. */
    int (*expand)(void *self, size_t package, size_t version, struct sw_error *error);
    /* Hear of a version that could not stand beside the decided versions; may be NULL. */
    void (*refused)(void *self, const struct sw_incompatibility *why, size_t package);
};

enum sw_solver_outcome { SW_SOLVER_SOLVED, SW_SOLVER_CONTRADICTION, SW_SOLVER_GAVE_UP };

/* Everything lies in `arena` but the present decisions. The limit of work is SW_MAX_RESOLVE_WORK. */
int sw_solver_new(struct sw_solver **out, struct sw_arena *arena, const struct sw_solver_host *host,
                  struct sw_error *error) SW_NODISCARD;
void sw_solver_free(struct sw_solver *solver); /* takes NULL */

/* The first package is the root: it has one version, which is decided at once. */
int sw_solver_package(size_t *package, struct sw_solver *solver, size_t versions,
                      struct sw_error *error) SW_NODISCARD;
size_t sw_solver_versions(const struct sw_solver *solver, size_t package);
/* A new empty set for the package in the arena, or NULL. */
uint64_t *sw_solver_set(struct sw_solver *solver, size_t package) SW_NODISCARD;

/* The terms must not hold all at once. They may name a package twice, and their sets must outlive the solver. */
int sw_solver_forbid(struct sw_solver *solver, const struct sw_term *terms, size_t count, const void *fact,
                     struct sw_error *error) SW_NODISCARD;
/* The version requires that `required` is in `set`, of which equal sets should be the same pointer: versions with the same requirement
 * become one incompatibility, which keeps the first fact. */
int sw_solver_require(struct sw_solver *solver, size_t package, size_t version, size_t required,
                      const uint64_t *set, const void *fact, struct sw_error *error) SW_NODISCARD;

/* The choices that the decisions so far leave for a package. */
const uint64_t *sw_solver_allowed(const struct sw_solver *solver, size_t package);
/* The decided version of a package, or SIZE_MAX. */
size_t sw_solver_decided(const struct sw_solver *solver, size_t package);
/* Take back the decision for this package, and all later decisions, once the present step is done: the host has other ranks now. */
void sw_solver_reconsider(struct sw_solver *solver, size_t package);

/* Solve. `proof` is set for a contradiction: the incompatibility from which it follows that the root cannot be. */
int sw_solver_run(enum sw_solver_outcome *outcome, const struct sw_incompatibility **proof,
                  struct sw_solver *solver, struct sw_error *error) SW_NODISCARD;

/* -- for the solver's own files ---------------------------------------------------------------------------------- */

/* No assignment, no version. */
#define SW_SOLVER_NONE SIZE_MAX

struct sw_solver_package {
    size_t versions, words;
    /* All choices. */
    const uint64_t *all;
    /* The place of its last assignment. */
    size_t last;
    size_t decided;
    bool queued;
    /* The versions whose requirements were told. */
    uint64_t *expanded;
    struct sw_incompatibility **watched;
    size_t watched_count;
};

/* A step of the partial solution, with the choices that it leaves for the package. */
struct sw_assignment {
    size_t package, level;
    /* The place of the package's assignment before this. */
    size_t previous;
    uint64_t *left;
    /* NULL for a decision. */
    const struct sw_incompatibility *cause;
};

struct sw_known_requirement {
    struct sw_known_requirement *next;
    const uint64_t *set;
    size_t package, required;
    struct sw_incompatibility *incompatibility;
};

/* SW_SOLVER_STEP: the work of looking at anything, in words of sets. */
enum { SW_SOLVER_BUCKETS = 4096, SW_SOLVER_STEP = 8 };

struct sw_solver {
    struct sw_arena *arena;
    struct sw_solver_host host;
    struct sw_solver_package *packages;
    size_t package_count;
    struct sw_assignment *assignments;
    size_t assignment_count, assignment_room;
    size_t level, reconsider;
    /* A stamp for each level, new with each decision. */
    uint64_t *stamps;
    size_t stamp_room;
    uint64_t stamp;
    size_t *queue;
    size_t queue_count, queue_room;
    /* The work done, in words of sets that were looked at. */
    uint64_t work;
    struct sw_known_requirement *known[SW_SOLVER_BUCKETS];
};

/* Let an incompatibility of the arena count. */
int sw_solver_watch(struct sw_solver *solver, struct sw_incompatibility *incompatibility,
                    struct sw_error *error) SW_NODISCARD;
/* Add an assignment that leaves the package the choices of `keep`. */
int sw_solver_assign(struct sw_solver *solver, size_t package, const uint64_t *keep,
                     const struct sw_incompatibility *cause, struct sw_error *error) SW_NODISCARD;
/* Decide for a version, on a level of its own. */
int sw_solver_decide(struct sw_solver *solver, size_t package, size_t version,
                     struct sw_error *error) SW_NODISCARD;
/* Look at the incompatibilities of a package again. */
int sw_solver_queue(struct sw_solver *solver, size_t package, struct sw_error *error) SW_NODISCARD;
void sw_solver_backtrack(struct sw_solver *solver, size_t level);
/* The term of a package that the incompatibility names. */
const struct sw_term *sw_solver_term(const struct sw_incompatibility *incompatibility, size_t package);
/* Learn from an incompatibility that holds wholly, and go back to the level at which that helps. `learned` is NULL if it proves a contradiction;
 * `conflict` then is the proof. */
int sw_solver_learn(const struct sw_incompatibility **learned, const struct sw_incompatibility **conflict,
                    struct sw_solver *solver, struct sw_error *error) SW_NODISCARD;

#endif
