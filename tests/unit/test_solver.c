/* The solver against a search through all choices, on small made-up problems. */
#include "unit.h"

#include "base/limits.h"
#include "resolve/solver_internal.h"

enum { PACKAGES = 6, VERSIONS = 4, REQUIREMENTS = 3, PROBLEMS = 3000 };

/* A version requires of `package` the versions that are bits of `set`; a set of 0 is no requirement. */
struct need {
    size_t package;
    uint64_t set;
};

struct problem {
    struct need needs[PACKAGES][VERSIONS][REQUIREMENTS];
    struct sw_solver *solver;
    uint64_t sets[PACKAGES][1 << VERSIONS];
    uint64_t seed;
};

static uint64_t draw(struct problem *problem, uint64_t below)
{
    problem->seed = problem->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (problem->seed >> 33) % below;
}

static size_t versions_of(size_t package)
{
    return package == 0 ? 1 : VERSIONS;
}

static void make(struct problem *problem, uint64_t seed)
{
    *problem = (struct problem){.seed = seed};
    for (size_t p = 0; p < PACKAGES; p++) {
        for (size_t v = 0; v < versions_of(p); v++) {
            for (size_t i = 0; i < REQUIREMENTS; i++) {
                if (p > 0 && draw(problem, 2) == 0)
                    continue;
                problem->needs[p][v][i] =
                    (struct need){1 + draw(problem, PACKAGES - 1), 1 + draw(problem, (1 << VERSIONS) - 1)};
            }
        }
        for (uint64_t set = 0; set < 1 << VERSIONS; set++)
            problem->sets[p][set] = set;
    }
}

static uint64_t rank(void *self, size_t package)
{
    (void)self;
    return package;
}

static int choose(size_t *version, void *self, size_t package, const uint64_t *allowed,
                  struct sw_error *error)
{
    (void)self;
    (void)error;
    *version = sw_set_next(allowed, 0, sw_set_words(versions_of(package)));
    return 0;
}

static int expand(void *self, size_t package, size_t version, struct sw_error *error)
{
    struct problem *problem = self;
    for (size_t i = 0; i < REQUIREMENTS; i++) {
        const struct need *need = &problem->needs[package][version][i];
        int code = need->set == 0 ? 0
                                  : sw_solver_require(problem->solver, package, version, need->package,
                                                      &problem->sets[need->package][need->set], need, error);
        if (code != 0)
            return code;
    }
    return 0;
}

/* Return true if the versions (VERSIONS: absent) satisfy each other. */
static bool fits(const struct problem *problem, const size_t *versions)
{
    for (size_t p = 0; p < PACKAGES; p++) {
        for (size_t i = 0; versions[p] < versions_of(p) && i < REQUIREMENTS; i++) {
            const struct need *need = &problem->needs[p][versions[p]][i];
            if (need->set != 0 &&
                (versions[need->package] >= VERSIONS || (need->set >> versions[need->package] & 1) == 0))
                return false;
        }
    }
    return true;
}

static bool search(const struct problem *problem)
{
    size_t versions[PACKAGES] = {0}, total = 1;
    for (size_t p = 1; p < PACKAGES; p++)
        total *= VERSIONS + 1;
    for (size_t n = 0; n < total; n++) {
        size_t rest = n;
        for (size_t p = 1; p < PACKAGES; p++) {
            versions[p] = rest % (VERSIONS + 1);
            rest /= VERSIONS + 1;
        }
        if (fits(problem, versions))
            return true;
    }
    return false;
}

/* Count the facts at the ends of a proof. */
static size_t count_ends(const struct sw_incompatibility *item)
{
    return item->left == NULL ? 1 : count_ends(item->left) + count_ends(item->right);
}

static void check(struct problem *problem)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 16 * SW_MIB);
    const struct sw_solver_host host = {problem, rank, choose, expand, NULL};
    assert_int_equal(sw_solver_new(&problem->solver, &arena, &host, NULL), 0);
    for (size_t p = 0; p < PACKAGES; p++) {
        size_t package;
        assert_int_equal(sw_solver_package(&package, problem->solver, versions_of(p), NULL), 0);
    }
    enum sw_solver_outcome outcome;
    const struct sw_incompatibility *proof;
    assert_int_equal(sw_solver_run(&outcome, &proof, problem->solver, NULL), 0);
    assert_int_not_equal(outcome, SW_SOLVER_GAVE_UP);
    size_t versions[PACKAGES];
    for (size_t p = 0; p < PACKAGES; p++) {
        size_t decided = sw_solver_decided(problem->solver, p);
        versions[p] = decided == SIZE_MAX ? VERSIONS : decided;
    }
    if (outcome == SW_SOLVER_SOLVED)
        assert_true(fits(problem, versions));
    else
        assert_true(count_ends(proof) > 0);
    assert_int_equal(outcome == SW_SOLVER_SOLVED, search(problem));
    sw_solver_free(problem->solver);
}

static void agrees_with_a_search(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < PROBLEMS; seed++) {
        struct problem problem;
        make(&problem, seed);
        check(&problem);
    }
}

static void sets_have_an_absence(void **state)
{
    (void)state;
    for (size_t versions = 0; versions < 200; versions++) {
        uint64_t set[4] = {0}, other[4] = {0};
        size_t words = sw_set_words(versions);
        assert_true(words <= SW_COUNT(set));
        sw_set_add_range(set, 0, versions);
        sw_set_not(other, set, versions);
        assert_int_equal(sw_set_count(other, words), 1);
        assert_int_equal(sw_set_next(other, 0, words), versions);
        assert_false(sw_set_meets(set, other, words));
        sw_set_or(set, set, other, words);
        sw_set_not(other, set, versions);
        assert_true(sw_set_is_empty(other, words));
        assert_int_equal(sw_set_count(set, words), versions + 1);
    }
}

int suite_solver(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_a_search),
                                       cmocka_unit_test(sets_have_an_absence)};
    return cmocka_run_group_tests_name("solver", tests, NULL, NULL);
}
