/* Any bytes are the requirements between a few releases: the solver finds a set that satisfies all of them if and only if there is one. */
#include "base/limits.h"
#include "resolve/solver_internal.h"

#include "fuzz.h"

/* The root, and packages with so many versions. With the absence each has four choices: 1,024 sets can be tried. */
enum { PACKAGES = 6, VERSIONS = 3, ABSENT = VERSIONS, MOST_RULES = 48 };

/* The choices `wanted`, as bits, of a package must be had by whoever takes one of the choices `of` of `package`. */
struct rule {
    size_t package, required;
    unsigned of, wanted;
    /* A fact that is told at once, and not when a version is expanded. */
    bool early;
};

struct puzzle {
    struct sw_arena arena;
    struct sw_solver *solver;
    struct rule rules[MOST_RULES];
    size_t count;
    unsigned ranks[PACKAGES];
    unsigned expanded[PACKAGES];
};

static size_t versions_of(size_t package)
{
    return package == 0 ? 1 : VERSIONS;
}

static uint64_t *make_set(struct puzzle *puzzle, size_t package, unsigned bits)
{
    uint64_t *set = sw_solver_set(puzzle->solver, package);
    if (set == NULL)
        abort();
    for (size_t i = 0; i <= versions_of(package); i++) {
        if ((bits >> i & 1) != 0)
            sw_set_add(set, i);
    }
    return set;
}

/* Three bytes are a rule: who, of whom, and which choices. A rule is about versions and never about an absence, but for what is wanted by
 * an early rule. */
static void read_rules(struct puzzle *puzzle, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < PACKAGES && i < size; i++)
        puzzle->ranks[i] = data[i];
    for (size_t i = PACKAGES; i + 2 < size && puzzle->count < MOST_RULES; i += 3) {
        struct rule rule = {.package = data[i] % PACKAGES, .required = data[i + 1] % (PACKAGES - 1U) + 1U};
        rule.of = rule.package == 0 ? 1 : (data[i] / PACKAGES) % (1U << VERSIONS);
        rule.wanted = data[i + 2] % (1U << VERSIONS);
        rule.early = rule.package > 0 && data[i + 1] >= 128;
        if (rule.early && (data[i + 2] & 128) != 0)
            rule.wanted |= 1U << ABSENT;
        if (rule.package != rule.required && rule.of != 0)
            puzzle->rules[puzzle->count++] = rule;
    }
}

static uint64_t rank(void *self, size_t package)
{
    return ((struct puzzle *)self)->ranks[package];
}

static int choose(size_t *version, void *self, size_t package, const uint64_t *allowed,
                  struct sw_error *error)
{
    (void)self;
    (void)error;
    *version = sw_set_next(allowed, 0, sw_set_words(versions_of(package)));
    if (*version >= versions_of(package))
        abort(); /* a package without a version must have been given up before */
    return 0;
}

static int forbid(struct puzzle *puzzle, const struct rule *rule, struct sw_error *error)
{
    unsigned others = ((1U << (versions_of(rule->required) + 1)) - 1) & ~rule->wanted;
    const struct sw_term terms[] = {{rule->package, make_set(puzzle, rule->package, rule->of)},
                                    {rule->required, make_set(puzzle, rule->required, others)}};
    return sw_solver_forbid(puzzle->solver, terms, SW_COUNT(terms), rule, error);
}

static int expand(void *self, size_t package, size_t version, struct sw_error *error)
{
    struct puzzle *puzzle = self;
    int code = 0;
    if ((puzzle->expanded[package] >> version & 1) != 0)
        abort();
    puzzle->expanded[package] |= 1U << version;
    for (size_t i = 0; i < puzzle->count && code == 0; i++) {
        const struct rule *rule = &puzzle->rules[i];
        if (rule->package == package && (rule->of >> version & 1) != 0 && !rule->early)
            code = sw_solver_require(puzzle->solver, package, version, rule->required,
                                     make_set(puzzle, rule->required, rule->wanted), rule, error);
    }
    return code;
}

static bool holds(const struct puzzle *puzzle, const size_t *choices)
{
    for (size_t i = 0; i < puzzle->count; i++) {
        const struct rule *rule = &puzzle->rules[i];
        if ((rule->of >> choices[rule->package] & 1) != 0 &&
            (rule->wanted >> choices[rule->required] & 1) == 0)
            return false;
    }
    return true;
}

static bool has_solution(const struct puzzle *puzzle)
{
    size_t most = 1;
    for (size_t i = 1; i < PACKAGES; i++)
        most *= VERSIONS + 1;
    for (size_t number = 0; number < most; number++) {
        size_t choices[PACKAGES] = {0}, rest = number;
        for (size_t i = 1; i < PACKAGES; i++, rest /= VERSIONS + 1)
            choices[i] = rest % (VERSIONS + 1);
        if (holds(puzzle, choices))
            return true;
    }
    return false;
}

/* The ends of a proof are rules. */
static bool is_proof(const struct sw_incompatibility *item, unsigned depth)
{
    if (item == NULL || depth > 4096)
        return false;
    return item->left == NULL ? item->fact != NULL : is_proof(item->left, depth + 1) && item->right != NULL;
}

static void solve(struct puzzle *puzzle)
{
    enum sw_solver_outcome outcome;
    const struct sw_incompatibility *proof = NULL;
    if (sw_solver_run(&outcome, &proof, puzzle->solver, NULL) != 0)
        abort();
    if (outcome == SW_SOLVER_SOLVED) {
        size_t choices[PACKAGES];
        for (size_t i = 0; i < PACKAGES; i++) {
            choices[i] = sw_solver_decided(puzzle->solver, i);
            choices[i] = choices[i] == SIZE_MAX ? ABSENT : choices[i];
        }
        if (choices[0] != 0 || !holds(puzzle, choices))
            abort();
    } else if (outcome != SW_SOLVER_CONTRADICTION || has_solution(puzzle) || !is_proof(proof, 0)) {
        abort();
    }
}

int fuzz_solver(const uint8_t *data, size_t size)
{
    struct puzzle puzzle = {.count = 0};
    const struct sw_solver_host host = {&puzzle, rank, choose, expand, NULL};
    size_t package;
    sw_arena_init(&puzzle.arena, SW_MAX_ARENA);
    read_rules(&puzzle, data, size);
    if (sw_solver_new(&puzzle.solver, &puzzle.arena, &host, NULL) != 0)
        abort();
    for (size_t i = 0; i < PACKAGES; i++) {
        if (sw_solver_package(&package, puzzle.solver, versions_of(i), NULL) != 0 || package != i)
            abort();
    }
    for (size_t i = 0; i < puzzle.count; i++) {
        if (puzzle.rules[i].early && forbid(&puzzle, &puzzle.rules[i], NULL) != 0)
            abort();
    }
    solve(&puzzle);
    sw_solver_free(puzzle.solver);
    sw_arena_release(&puzzle.arena);
    return 0;
}
