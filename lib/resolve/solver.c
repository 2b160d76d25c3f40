#include "resolve/solver_internal.h"

#include "base/limits.h"

#include <stdlib.h>

int sw_solver_new(struct sw_solver **out, struct sw_arena *arena, const struct sw_solver_host *host,
                  struct sw_error *error)
{
    struct sw_solver *solver = calloc(1, sizeof *solver);
    if (solver == NULL)
        return sw_fail_memory(error);
    solver->arena = arena;
    solver->host = *host;
    solver->reconsider = SW_SOLVER_NONE;
    *out = solver;
    return 0;
}

void sw_solver_free(struct sw_solver *solver)
{
    if (solver == NULL)
        return;
    for (size_t i = 0; i < solver->assignment_count; i++)
        free(solver->assignments[i].left);
    free(solver->assignments);
    free(solver->stamps);
    free(solver->queue);
    free(solver);
}

/* Enlarge an array on the heap until it has room for one more element. */
static int make_room(void **items, size_t *room, size_t count, size_t size, struct sw_error *error)
{
    if (count < *room)
        return 0;
    size_t more = *room == 0 ? 64 : 2 * *room;
    void *larger = reallocarray(*items, more, size);
    if (larger == NULL)
        return sw_fail_memory(error);
    *items = larger;
    *room = more;
    return 0;
}

int sw_solver_package(size_t *package, struct sw_solver *solver, size_t versions, struct sw_error *error)
{
    struct sw_solver_package *packages =
        sw_arena_grow(solver->arena, solver->packages, solver->package_count, sizeof *packages);
    size_t words = sw_set_words(versions);
    uint64_t *all = sw_arena_array(solver->arena, words, sizeof *all);
    uint64_t *expanded = sw_arena_array(solver->arena, words, sizeof *expanded);
    if (packages == NULL || all == NULL || expanded == NULL)
        return sw_fail_memory(error);
    sw_set_add_range(all, 0, versions + 1);
    solver->packages = packages;
    packages[solver->package_count] = (struct sw_solver_package){.versions = versions,
                                                                 .words = words,
                                                                 .all = all,
                                                                 .last = SW_SOLVER_NONE,
                                                                 .decided = SW_SOLVER_NONE,
                                                                 .expanded = expanded};
    *package = solver->package_count++;
    return 0;
}

size_t sw_solver_versions(const struct sw_solver *solver, size_t package)
{
    return solver->packages[package].versions;
}

uint64_t *sw_solver_set(struct sw_solver *solver, size_t package)
{
    return sw_arena_array(solver->arena, solver->packages[package].words, sizeof(uint64_t));
}

const uint64_t *sw_solver_allowed(const struct sw_solver *solver, size_t package)
{
    const struct sw_solver_package *own = &solver->packages[package];
    return own->last == SW_SOLVER_NONE ? own->all : solver->assignments[own->last].left;
}

size_t sw_solver_decided(const struct sw_solver *solver, size_t package)
{
    return solver->packages[package].decided;
}

void sw_solver_reconsider(struct sw_solver *solver, size_t package)
{
    solver->reconsider = package;
}

const struct sw_term *sw_solver_term(const struct sw_incompatibility *incompatibility, size_t package)
{
    size_t low = 0, high = incompatibility->term_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (incompatibility->terms[middle].package <= package)
            low = middle;
        else
            high = middle;
    }
    return &incompatibility->terms[low];
}

/* -- incompatibilities ------------------------------------------------------------------------------------------ */

int sw_solver_watch(struct sw_solver *solver, struct sw_incompatibility *incompatibility,
                    struct sw_error *error)
{
    for (size_t i = 0; i < incompatibility->term_count; i++) {
        struct sw_solver_package *package = &solver->packages[incompatibility->terms[i].package];
        struct sw_incompatibility **watched = sw_arena_grow(
            solver->arena, package->watched, package->watched_count, sizeof(struct sw_incompatibility *));
        if (watched == NULL)
            return sw_fail_memory(error);
        watched[package->watched_count++] = incompatibility;
        package->watched = watched;
    }
    return 0;
}

int sw_solver_queue(struct sw_solver *solver, size_t package, struct sw_error *error)
{
    if (solver->packages[package].queued)
        return 0;
    int code = make_room((void **)&solver->queue, &solver->queue_room, solver->queue_count,
                         sizeof *solver->queue, error);
    if (code != 0)
        return code;
    solver->queue[solver->queue_count++] = package;
    solver->packages[package].queued = true;
    return 0;
}

/* Put the terms in order by package, two of one package as their intersection. False if a term cannot hold. */
static bool tidy(struct sw_term *terms, size_t *count, struct sw_solver *solver, uint64_t *shared)
{
    for (size_t i = 1; i < *count; i++) {
        for (size_t j = i; j > 0 && terms[j - 1].package > terms[j].package; j--) {
            struct sw_term swap = terms[j];
            terms[j] = terms[j - 1];
            terms[j - 1] = swap;
        }
    }
    if (*count == 2 && terms[0].package == terms[1].package) {
        sw_set_and(shared, terms[0].set, terms[1].set, solver->packages[terms[0].package].words);
        terms[0].set = shared;
        *count = 1;
    }
    for (size_t i = 0; i < *count; i++) {
        if (sw_set_is_empty(terms[i].set, solver->packages[terms[i].package].words))
            return false;
    }
    return true;
}

/* Drop the terms that always hold. */
static size_t drop_certain(struct sw_term *terms, size_t count, const struct sw_solver *solver)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sw_solver_package *package = &solver->packages[terms[i].package];
        if (!sw_set_within(package->all, terms[i].set, package->words))
            terms[kept++] = terms[i];
    }
    return kept;
}

static int add(struct sw_incompatibility **out, struct sw_solver *solver, const struct sw_term *terms,
               size_t count, const void *fact, struct sw_error *error)
{
    struct sw_incompatibility *made = sw_arena_alloc(solver->arena, sizeof *made);
    struct sw_term *own = sw_arena_array(solver->arena, count, sizeof *own);
    uint64_t *shared =
        count == 2 && terms[0].package == terms[1].package ? sw_solver_set(solver, terms[0].package) : NULL;
    if (made == NULL || own == NULL || (shared == NULL && count == 2 && terms[0].package == terms[1].package))
        return sw_fail_memory(error);
    memcpy(own, terms, count * sizeof *own);
    *out = NULL;
    if (!tidy(own, &count, solver, shared))
        return 0;
    count = drop_certain(own, count, solver);
    *made = (struct sw_incompatibility){.terms = own, .term_count = count, .fact = fact};
    int code = sw_solver_watch(solver, made, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = sw_solver_queue(solver, own[i].package, error);
    *out = made;
    return code;
}

int sw_solver_forbid(struct sw_solver *solver, const struct sw_term *terms, size_t count, const void *fact,
                     struct sw_error *error)
{
    struct sw_incompatibility *made;
    return add(&made, solver, terms, count, fact, error);
}

static struct sw_known_requirement **find_known(struct sw_solver *solver, size_t package, size_t required,
                                                const uint64_t *set)
{
    uint64_t hash = (uint64_t)(uintptr_t)set ^ (package * UINT64_C(0x9E3779B97F4A7C15)) ^
                    (required * UINT64_C(0xC2B2AE3D27D4EB4F));
    hash ^= hash >> 29;
    struct sw_known_requirement **at = &solver->known[hash * UINT64_C(0xBF58476D1CE4E5B9) >> 52];
    while (*at != NULL && ((*at)->package != package || (*at)->required != required || (*at)->set != set))
        at = &(*at)->next;
    return at;
}

int sw_solver_require(struct sw_solver *solver, size_t package, size_t version, size_t required,
                      const uint64_t *set, const void *fact, struct sw_error *error)
{
    struct sw_known_requirement **known = find_known(solver, package, required, set);
    uint64_t *who = sw_solver_set(solver, package), *others = sw_solver_set(solver, required);
    if (who == NULL || others == NULL)
        return sw_fail_memory(error);
    if (*known == NULL) {
        *known = sw_arena_alloc(solver->arena, sizeof **known);
        if (*known == NULL)
            return sw_fail_memory(error);
        **known = (struct sw_known_requirement){.set = set, .package = package, .required = required};
    }
    struct sw_incompatibility *earlier = (*known)->incompatibility;
    const struct sw_term *wide = earlier == NULL ? NULL : sw_solver_term(earlier, package);
    if (wide != NULL && wide->package == package && required != package) {
        memcpy(who, wide->set, solver->packages[package].words * sizeof *who);
        earlier->replaced = true;
    }
    sw_set_add(who, version);
    sw_set_not(others, set, solver->packages[required].versions);
    const struct sw_term terms[] = {{package, who}, {required, others}};
    return add(&(*known)->incompatibility, solver, terms, SW_COUNT(terms), fact, error);
}

/* -- the partial solution --------------------------------------------------------------------------------------- */

int sw_solver_assign(struct sw_solver *solver, size_t package, const uint64_t *keep,
                     const struct sw_incompatibility *cause, struct sw_error *error)
{
    struct sw_solver_package *own = &solver->packages[package];
    int code = make_room((void **)&solver->assignments, &solver->assignment_room, solver->assignment_count,
                         sizeof *solver->assignments, error);
    uint64_t *left = code == 0 ? malloc(own->words * sizeof *left) : NULL;
    if (left == NULL)
        return sw_fail_memory(error);
    sw_set_and(left, sw_solver_allowed(solver, package), keep, own->words);
    solver->assignments[solver->assignment_count] = (struct sw_assignment){
        .package = package, .level = solver->level, .previous = own->last, .left = left, .cause = cause};
    own->last = solver->assignment_count++;
    return sw_solver_queue(solver, package, error);
}

void sw_solver_backtrack(struct sw_solver *solver, size_t level)
{
    while (solver->assignment_count > 0) {
        struct sw_assignment *last = &solver->assignments[solver->assignment_count - 1];
        if (last->level <= level)
            break;
        struct sw_solver_package *package = &solver->packages[last->package];
        package->last = last->previous;
        if (last->cause == NULL)
            package->decided = SW_SOLVER_NONE;
        free(last->left);
        solver->assignment_count--;
    }
    solver->level = level;
}

int sw_solver_decide(struct sw_solver *solver, size_t package, size_t version, struct sw_error *error)
{
    uint64_t *only = calloc(solver->packages[package].words, sizeof *only);
    solver->level++;
    int code = only == NULL ? sw_fail_memory(error)
                            : make_room((void **)&solver->stamps, &solver->stamp_room, solver->level,
                                        sizeof *solver->stamps, error);
    if (code == 0) {
        solver->stamps[solver->level] = ++solver->stamp;
        sw_set_add(only, version);
        code = sw_solver_assign(solver, package, only, NULL, error);
        solver->packages[package].decided = version;
    }
    free(only);
    return code;
}
