/* The releases that specifiers allow, as sets. A project's releases are sorted, and those that a clause allows are neighbours: two
 * searches find them, whatever the number of releases. */
#include "resolve/project_internal.h"

#include "base/limits.h"

#include <stdlib.h>

enum side { NEWER, WITHIN, OLDER };

/* Return the side of the releases that a clause allows on which a version stands. "!=" counts as "==" here. */
static enum side side_of(const struct sw_specifier *clause, const struct sw_version *version)
{
    struct sw_specifier own = *clause;
    if (own.comparison == SW_SPECIFIER_NOT_EQUAL)
        own.comparison = SW_SPECIFIER_EQUAL;
    if (sw_specifier_holds(&own, version))
        return WITHIN;
    switch (own.comparison) {
    case SW_SPECIFIER_LESS:
    case SW_SPECIFIER_LESS_EQUAL:
        return NEWER;
    case SW_SPECIFIER_GREATER:
    case SW_SPECIFIER_GREATER_EQUAL:
        return OLDER;
    case SW_SPECIFIER_ARBITRARY:
    case SW_SPECIFIER_COMPATIBLE:
    case SW_SPECIFIER_EQUAL:
    case SW_SPECIFIER_NOT_EQUAL:
        break;
    }
    return sw_version_compare(version, &own.version) < 0 ? OLDER : NEWER;
}

/* The first release that is not newer than those allowed (`past` false), or the first that is older. */
static size_t find_edge(const struct sw_index_project *page, const struct sw_specifier *clause, bool past)
{
    size_t low = 0, high = page->release_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        enum side side = side_of(clause, &page->releases[middle].version);
        if (side == NEWER || (past && side == WITHIN))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Add the releases whose text is that of the clause. */
static void add_same_text(uint64_t *set, const struct sw_index_project *page,
                          const struct sw_specifier *clause)
{
    for (size_t i = 0; i < page->release_count; i++) {
        if (sw_specifier_holds(clause, &page->releases[i].version))
            sw_set_add(set, i);
    }
}

static void add_clause(uint64_t *set, const struct sw_index_project *page, const struct sw_specifier *clause)
{
    if (clause->comparison == SW_SPECIFIER_ARBITRARY) {
        add_same_text(set, page, clause);
        return;
    }
    size_t from = find_edge(page, clause, false), to = find_edge(page, clause, true);
    if (clause->comparison == SW_SPECIFIER_NOT_EQUAL) {
        sw_set_add_range(set, 0, from);
        from = to;
        to = page->release_count;
    }
    sw_set_add_range(set, from, to);
}

static const uint64_t *make_set(struct sw_problem *problem, struct sw_package *project,
                                const struct sw_specifier_set *specifiers)
{
    size_t words = sw_set_words(project->releases);
    uint64_t *set = sw_solver_set(problem->solver, project->package);
    uint64_t *one = calloc(words, sizeof *one);
    if (set == NULL || one == NULL) {
        free(one);
        return NULL;
    }
    sw_set_add_range(set, 0, project->releases);
    for (size_t i = 0; project->page != NULL && i < specifiers->count; i++) {
        memset(one, 0, words * sizeof *one);
        add_clause(one, project->page, &specifiers->items[i]);
        sw_set_and(set, set, one, words);
    }
    free(one);
    return set;
}

const uint64_t *sw_problem_set(struct sw_problem *problem, struct sw_package *project,
                               const struct sw_specifier_set *specifiers)
{
    project = project->base;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    sw_specifier_set_write(&text, specifiers);
    for (size_t i = 0; i < project->set_count; i++) {
        if (strcmp(project->sets[i].text, text.p) == 0)
            return project->sets[i].set;
    }
    struct sw_known_set *sets =
        sw_arena_grow(problem->arena, project->sets, project->set_count, sizeof *sets);
    const char *own = sw_arena_text(problem->arena, text.p);
    const uint64_t *set = make_set(problem, project, specifiers);
    if (sets == NULL || own == NULL || set == NULL || text.state != SW_BUFFER_OK)
        return NULL;
    sets[project->set_count++] = (struct sw_known_set){own, set};
    project->sets = sets;
    return set;
}
