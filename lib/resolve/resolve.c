#include "resolve/resolve.h"

#include "base/limits.h"
#include "resolve/explain_internal.h"
#include "resolve/project_internal.h"
#include "resolve/result_internal.h"

#include <stdlib.h>

/* The counts of refusals after which projects are decided in another order, and after which that order has proven to be no better. */
enum { REFUSALS = 5, MANY_REFUSALS = 20 };

/* A release of the project that is decided early has others refused again and again: python-dateutil 4, which every release of botocore
 * refuses, and so with it every release of boto3. */
static bool comes_last(const struct sw_package *project)
{
    return project->culprit >= MANY_REFUSALS && project->culprit > project->refusals;
}

/* A project with a single choice comes first, then projects that were refused and those that refused them, then the others in the order in
 * which they became known; projects that refuse all the others come last. An extra comes right behind its project. */
static uint64_t rank(void *self, size_t package)
{
    const struct sw_problem *problem = self;
    const struct sw_package *project = problem->projects[package], *base = project->base;
    const uint64_t *allowed = sw_solver_allowed(problem->solver, base->package);
    uint64_t class = 3;
    if (base->opaque || base->url.n > 0 || sw_set_count(allowed, sw_set_words(base->releases)) == 1)
        class = 0;
    else if (comes_last(base))
        class = 4;
    else if (base->affected)
        class = 1;
    else if (base->culprit >= REFUSALS)
        class = 2;
    return class << 40 | (uint64_t)base->package << 1 | (project->extra != NULL);
}

/* After some refusals decide the projects that were refused, and those that refused them, before others (as uv does). */
static void refused(void *self, const struct sw_incompatibility *why, size_t package)
{
    struct sw_problem *problem = self;
    struct sw_package *project = problem->projects[package]->base;
    project->refusals++;
    project->affected = project->refusals >= REFUSALS;
    for (size_t i = 0; i < why->term_count; i++) {
        struct sw_package *other = problem->projects[why->terms[i].package]->base;
        if (other == project || other->package == 0)
            continue;
        other->culprit++;
        if (other->culprit == REFUSALS || other->culprit == MANY_REFUSALS)
            sw_solver_reconsider(problem->solver, other->package);
    }
}

/* Forbid all of `allowed`, whose releases are of no use for the target, with a fact for each reason. */
static int forbid_useless(struct sw_problem *problem, struct sw_package *project, const uint64_t *allowed,
                          struct sw_error *error)
{
    for (enum sw_verdict verdict = SW_VERDICT_PRERELEASE; verdict < SW_VERDICT_KINDS; verdict++) {
        uint64_t *set = sw_solver_set(problem->solver, project->package);
        if (set == NULL)
            return sw_fail_memory(error);
        size_t count = 0;
        for (size_t i = 0; i < project->releases; i++) {
            if (!sw_set_has(allowed, i) || project->base->states[i].verdict != verdict)
                continue;
            sw_set_add(set, i);
            count++;
        }
        if (count == 0)
            continue;
        const struct sw_fact *fact = sw_problem_fact(
            problem, &(struct sw_fact){.kind = SW_FACT_VERDICT, .verdict = verdict, .about = project->base});
        const struct sw_term term = {project->package, set};
        int code =
            fact == NULL ? sw_fail_memory(error) : sw_solver_forbid(problem->solver, &term, 1, fact, error);
        if (code != 0)
            return code;
    }
    return 0;
}

/* An extra takes the release of its project. If that is not allowed, no release of `allowed` is. */
static int choose_extra(size_t *version, struct sw_problem *problem, struct sw_package *project,
                        const uint64_t *allowed, struct sw_error *error)
{
    size_t words = sw_set_words(project->releases);
    const uint64_t *base = sw_solver_allowed(problem->solver, project->base->package);
    size_t decided = sw_solver_decided(problem->solver, project->base->package);
    if (decided != SIZE_MAX && sw_set_has(allowed, decided)) {
        *version = decided;
        return 0;
    }
    uint64_t *own = sw_solver_set(problem->solver, project->package),
             *others = sw_solver_set(problem->solver, project->package);
    const struct sw_fact *fact = sw_problem_fact(
        problem, &(struct sw_fact){.kind = SW_FACT_SAME, .about = project, .other = project->base});
    if (own == NULL || others == NULL || fact == NULL)
        return sw_fail_memory(error);
    *version = SIZE_MAX;
    if (sw_set_meets(allowed, base, words) && decided == SIZE_MAX) {
        for (size_t i = 0; i < project->releases && *version == SIZE_MAX; i++) {
            if (sw_set_has(allowed, i) && sw_set_has(base, i))
                *version = i;
        }
        return 0;
    }
    sw_set_or(own, own, allowed, words);
    sw_set_not(others, allowed, project->releases);
    const struct sw_term terms[] = {{project->package, own}, {project->base->package, others}};
    return sw_solver_forbid(problem->solver, terms, SW_COUNT(terms), fact, error);
}

/* If one release after the other is tried, read the metadata of many at once. */
static int read_next(struct sw_problem *problem, struct sw_package *project, const uint64_t *allowed)
{
    struct sw_wanted_release wanted[SW_MAX_RESOLVE_AHEAD];
    size_t count = 0, most = (size_t)project->tries * REFUSALS;
    most = most > SW_COUNT(wanted) ? SW_COUNT(wanted) : most;
    size_t words = sw_set_words(project->releases);
    for (size_t i = sw_set_next(allowed, 0, words); i < project->releases && count < most;
         i = sw_set_next(allowed, i + 1, words)) {
        if (sw_problem_judge(problem, project, i) == SW_VERDICT_WHEEL && !project->states[i].asked)
            wanted[count++] = (struct sw_wanted_release){project, i};
    }
    int code = sw_problem_read(problem, wanted, count, NULL);
    return code == SW_ECANCELED ? code : 0;
}

static int choose(size_t *version, void *self, size_t package, const uint64_t *allowed,
                  struct sw_error *error)
{
    struct sw_problem *problem = self;
    struct sw_package *project = problem->projects[package];
    if (project->extra != NULL)
        return choose_extra(version, problem, project, allowed, error);
    size_t picked = sw_problem_pick(problem, project, allowed);
    if (picked == SIZE_MAX)
        return forbid_useless(problem, project, allowed, error);
    if (++project->tries > 2 && !project->states[picked].asked && read_next(problem, project, allowed) != 0)
        return sw_fail(error, SW_ECANCELED, "interrupted");
    *version = picked;
    return 0;
}

static int expand(void *self, size_t package, size_t version, struct sw_error *error)
{
    struct sw_problem *problem = self;
    return package == 0 ? sw_problem_expand_root(problem, error)
                        : sw_problem_expand(problem, problem->projects[package], version, error);
}

static int add_root(struct sw_problem *problem, struct sw_error *error)
{
    struct sw_package *root = sw_arena_alloc(problem->arena, sizeof *root);
    problem->projects = sw_arena_array(problem->arena, 4, sizeof(struct sw_package *));
    if (root == NULL || problem->projects == NULL)
        return sw_fail_memory(error);
    *root = (struct sw_package){.name = "", .base = root, .releases = 1};
    problem->projects[problem->count++] = root;
    return sw_solver_package(&root->package, problem->solver, 1, error);
}

/* Turn a lack of the memory that a resolution may have into an answer; a lack of the host's memory stays an error. */
static bool is_exhausted(const struct sw_problem *problem, int code)
{
    return code == SW_EENV && problem->count > 0 &&
           problem->arena->max - problem->arena->used < problem->arena->max / 8;
}

static int solve(struct sw_resolve_answer *answer, struct sw_arena *arena, struct sw_problem *problem,
                 struct sw_error *error)
{
    enum sw_solver_outcome outcome = SW_SOLVER_GAVE_UP;
    const struct sw_incompatibility *proof = NULL;
    int code = add_root(problem, error);
    if (code == 0)
        code = sw_solver_run(&outcome, &proof, problem->solver, error);
    if (is_exhausted(problem, code)) {
        outcome = SW_SOLVER_GAVE_UP;
        code = 0;
    }
    if (code != 0)
        return code;
    answer->found = outcome == SW_SOLVER_SOLVED;
    answer->gave_up = outcome == SW_SOLVER_GAVE_UP;
    if (answer->found)
        return sw_result_make(&answer->resolution, arena, problem, error);
    return answer->gave_up ? sw_explain_surrender(answer, arena, problem, error)
                           : sw_explain_proof(answer, arena, proof, error);
}

int sw_resolve(struct sw_resolve_answer *out, struct sw_arena *arena, const struct sw_resolve_input *input,
               struct sw_error *error)
{
    SW_ARENA_AUTO own;
    sw_arena_init(&own, SW_MAX_RESOLVE_MEMORY);
    struct sw_problem problem = {.input = input, .arena = &own};
    const struct sw_solver_host host = {&problem, rank, choose, expand, refused};
    struct sw_resolve_answer answer = {0};
    int code = sw_solver_new(&problem.solver, &own, &host, error);
    if (code == 0)
        code = solve(&answer, arena, &problem, error);
    sw_solver_free(problem.solver);
    if (code == 0)
        *out = answer;
    return code;
}
