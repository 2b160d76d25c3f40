#include "resolve/project_internal.h"

#include "base/limits.h"
#include "python/name.h"

size_t sw_problem_hash(const char *name, const char *extra)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *p = name; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001B3);
    for (const char *p = extra == NULL ? "" : extra; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001B5);
    return (size_t)(hash ^ hash >> 32);
}

static bool is_named(const struct sw_package *project, const char *name, const char *extra)
{
    return strcmp(project->name, name) == 0 && (project->extra == NULL) == (extra == NULL) &&
           (extra == NULL || strcmp(project->extra, extra) == 0);
}

/* The slot of the project, or the free slot for it. */
static struct sw_package **slot_of(const struct sw_problem *problem, const char *name, const char *extra)
{
    size_t at = sw_problem_hash(name, extra) & (problem->table_size - 1);
    while (problem->table[at] != NULL && !is_named(problem->table[at], name, extra))
        at = (at + 1) & (problem->table_size - 1);
    return &problem->table[at];
}

struct sw_package *sw_problem_find(const struct sw_problem *problem, const char *name, const char *extra)
{
    return problem->table_size == 0 ? NULL : *slot_of(problem, name, extra);
}

/* Keep at least half of the table free. */
static int make_table(struct sw_problem *problem, struct sw_error *error)
{
    if (problem->table_used * 2 < problem->table_size)
        return 0;
    struct sw_problem larger = *problem;
    larger.table_size = problem->table_size == 0 ? 256 : 2 * problem->table_size;
    larger.table = sw_arena_array(problem->arena, larger.table_size, sizeof *larger.table);
    if (larger.table == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < problem->table_size; i++) {
        if (problem->table[i] != NULL)
            *slot_of(&larger, problem->table[i]->name, problem->table[i]->extra) = problem->table[i];
    }
    *problem = larger;
    return 0;
}

/* Make the project a package of the solver. */
static int enter(struct sw_problem *problem, struct sw_package *project, struct sw_error *error)
{
    if (problem->count == SW_MAX_RESOLVE_PROJECTS)
        return sw_fail_memory(error);
    int code = make_table(problem, error);
    if (code == 0)
        code = sw_solver_package(&project->package, problem->solver, project->releases, error);
    if (code != 0)
        return code;
    struct sw_package **projects =
        sw_arena_grow(problem->arena, problem->projects, problem->count, sizeof(struct sw_package *));
    if (projects == NULL)
        return sw_fail_memory(error);
    problem->projects = projects;
    projects[problem->count++] = project;
    *slot_of(problem, project->name, project->extra) = project;
    problem->table_used++;
    return 0;
}

/* -- the caller's statements about a project -------------------------------------------------------------------------- */

/* The caller's requirements, constraints and overrides, one after the other. */
static const struct sw_requirement *own_statement(const struct sw_resolve_input *input, size_t i)
{
    if (i < input->root_count)
        return &input->roots[i];
    i -= input->root_count;
    if (i < input->constraint_count)
        return &input->constraints[i];
    i -= input->constraint_count;
    return i < input->override_count ? &input->overrides[i] : NULL;
}

/* The next statement about the project that holds on the target; NULL at the end. */
const struct sw_requirement *sw_problem_own(const struct sw_problem *problem, const char *name, size_t *at)
{
    const struct sw_requirement *found;
    while ((found = own_statement(problem->input, (*at)++)) != NULL) {
        if (sw_name_equal(found->name, sw_str_from(name)) && sw_problem_holds(problem, found, NULL))
            return found;
    }
    return NULL;
}

/* Any clause that names a pre-release asks for pre-releases, but "!=" (as uv has it; pip leaves out "<" and ">" too). */
static bool names_prerelease(const struct sw_problem *problem, const char *name)
{
    const struct sw_requirement *own;
    size_t at = 0;
    while ((own = sw_problem_own(problem, name, &at)) != NULL) {
        for (size_t i = 0; i < own->specifiers.count; i++) {
            const struct sw_specifier *clause = &own->specifiers.items[i];
            if (clause->is_version && clause->comparison != SW_SPECIFIER_NOT_EQUAL &&
                sw_version_is_prerelease(&clause->version))
                return true;
        }
    }
    return false;
}

static bool only_prereleases(const struct sw_index_project *page)
{
    for (size_t i = 0; i < page->release_count; i++) {
        if (!sw_version_is_prerelease(&page->releases[i].version))
            return false;
    }
    return true;
}

/* -- looking up ------------------------------------------------------------------------------------------------- */

/* Forbid the releases of `set`, or those outside of it. */
static int forbid(struct sw_problem *problem, struct sw_package *project, const uint64_t *set, bool outside,
                  const struct sw_fact *fact, struct sw_error *error)
{
    uint64_t *bad = sw_solver_set(problem->solver, project->package);
    const struct sw_fact *own = sw_problem_fact(problem, fact);
    if (bad == NULL || own == NULL || set == NULL)
        return sw_fail_memory(error);
    if (outside) {
        uint64_t *listed = sw_solver_set(problem->solver, project->package);
        if (listed == NULL)
            return sw_fail_memory(error);
        sw_set_add_range(listed, 0, project->releases);
        sw_set_not(bad, set, project->releases);
        sw_set_and(bad, bad, listed, sw_set_words(project->releases));
    } else {
        sw_set_or(bad, bad, set, sw_set_words(project->releases));
    }
    const struct sw_term term = {project->package, bad};
    return sw_solver_forbid(problem->solver, &term, 1, own, error);
}

static int apply_constraints(struct sw_problem *problem, struct sw_package *project, struct sw_error *error)
{
    const struct sw_resolve_input *input = problem->input;
    for (size_t i = 0; i < input->constraint_count; i++) {
        const struct sw_requirement *constraint = &input->constraints[i];
        if (!sw_name_equal(constraint->name, sw_str_from(project->name)) || constraint->url.n > 0 ||
            !sw_problem_holds(problem, constraint, NULL))
            continue;
        const struct sw_fact fact = {.kind = SW_FACT_CONSTRAINT,
                                     .about = project,
                                     .origin = SW_RESOLVE_CONSTRAINT,
                                     .place = i,
                                     .text = constraint->text.p};
        int code = forbid(problem, project, sw_problem_set(problem, project, &constraint->specifiers), true,
                          &fact, error);
        if (code != 0)
            return code;
    }
    return 0;
}

static struct sw_fact fact_of_bar(const struct sw_problem *problem, const struct sw_package *project,
                                  size_t place)
{
    const struct sw_resolve_bar *bar = &problem->input->bars[place];
    return (struct sw_fact){.kind = SW_FACT_BAR,
                            .about = project,
                            .origin = SW_RESOLVE_BAR,
                            .place = place,
                            .text = bar->reason,
                            .plural = bar->reason_plural,
                            .source = bar->source};
}

/* Forbid the releases of a bar beside those of the other project, as soon as both projects are known. */
static int apply_pair(struct sw_problem *problem, size_t place, struct sw_error *error)
{
    const struct sw_resolve_bar *bar = &problem->input->bars[place];
    struct sw_package *project = sw_problem_find(problem, bar->project, NULL);
    struct sw_package *beside = sw_problem_find(problem, bar->beside, NULL);
    if (project == NULL || beside == NULL || project->opaque || beside->opaque)
        return 0;
    const uint64_t *set = sw_problem_set(problem, project, &bar->releases);
    const uint64_t *others = sw_problem_set(problem, beside, &bar->beside_releases);
    const struct sw_fact fact = fact_of_bar(problem, project, place), *own = sw_problem_fact(problem, &fact);
    if (set == NULL || others == NULL || own == NULL)
        return sw_fail_memory(error);
    const struct sw_term terms[] = {{project->package, set}, {beside->package, others}};
    return sw_solver_forbid(problem->solver, terms, SW_COUNT(terms), own, error);
}

static int apply_bars(struct sw_problem *problem, struct sw_package *project, struct sw_error *error)
{
    const struct sw_resolve_input *input = problem->input;
    int code = 0;
    for (size_t i = 0; code == 0 && i < input->bar_count; i++) {
        const struct sw_resolve_bar *bar = &input->bars[i];
        bool own = strcmp(bar->project, project->name) == 0;
        if (bar->beside != NULL && (own || strcmp(bar->beside, project->name) == 0)) {
            code = apply_pair(problem, i, error);
        } else if (own && bar->beside == NULL && !project->opaque) {
            const uint64_t *set = sw_problem_set(problem, project, &bar->releases);
            const struct sw_fact fact = fact_of_bar(problem, project, i);
            bool useless = set != NULL && sw_set_is_empty(set, sw_set_words(project->releases));
            code = useless ? 0 : forbid(problem, project, set, false, &fact, error);
        }
    }
    return code;
}

/* The URL that the caller names for a project; else `url`. */
static struct sw_str url_of(const struct sw_problem *problem, const struct sw_wanted_project *wanted)
{
    const struct sw_requirement *own;
    size_t at = 0;
    while ((own = sw_problem_own(problem, wanted->name, &at)) != NULL) {
        if (own->url.n > 0)
            return own->url;
    }
    return wanted->url;
}

static struct sw_package *new_project(struct sw_problem *problem, const char *name)
{
    struct sw_package *project = sw_arena_alloc(problem->arena, sizeof *project);
    const char *own = sw_arena_text(problem->arena, name);
    if (project == NULL || own == NULL)
        return NULL;
    *project = (struct sw_package){.name = own, .base = project};
    return project;
}

/* A project that is named by its URL: a wheel is a page of its own, and of all else nothing is known before it is built. */
static int open_url(struct sw_problem *problem, struct sw_package *project, struct sw_str url,
                    struct sw_error *error)
{
    struct sw_error problem_error;
    project->url = url;
    int code = sw_index_direct(&project->page, problem->input->index, project->name, url, &problem_error);
    if (code == SW_ENOTFOUND) {
        project->opaque = true;
        project->releases = 1;
        return 0;
    }
    if (code == SW_EINPUT) {
        project->missing = sw_arena_text(problem->arena, problem_error.text);
        return project->missing == NULL ? sw_fail_memory(error) : 0;
    }
    if (code != 0 && error != NULL)
        *error = problem_error;
    return code;
}

/* Take a project's page and let all that is known of the project count. */
static int take(struct sw_problem *problem, struct sw_package *project, struct sw_error *error)
{
    if (project->page != NULL)
        project->releases = project->page->release_count;
    project->states = sw_arena_array(problem->arena, project->releases, sizeof *project->states);
    if (project->states == NULL)
        return sw_fail_memory(error);
    if (project->page != NULL)
        project->prereleases = problem->input->prereleases || project->url.n > 0 ||
                               names_prerelease(problem, project->name) || only_prereleases(project->page);
    int code = enter(problem, project, error);
    if (code == 0)
        code = apply_constraints(problem, project, error);
    return code == 0 ? apply_bars(problem, project, error) : code;
}

/* The answer of the index: no such project is a fact, an index out of reach an error. */
static int take_answer(struct sw_problem *problem, struct sw_package *project,
                       const struct sw_index_answer *answer, struct sw_error *error)
{
    if (answer->code == SW_EENV || answer->code == SW_ECANCELED) {
        if (error != NULL)
            *error = answer->error;
        return answer->code;
    }
    project->page = answer->project;
    if (answer->code != 0)
        project->missing = sw_arena_text(problem->arena, answer->error.text);
    else if (project->page->release_count == 0)
        project->missing = sw_arena_format(problem->arena, "the index has no release of %s", project->name);
    if (project->page == NULL && project->missing == NULL)
        return sw_fail_memory(error);
    return take(problem, project, error);
}

static int look_up_pages(struct sw_problem *problem, struct sw_package **projects, size_t count,
                         struct sw_error *error)
{
    const char **names = calloc(count + 1, sizeof *names);
    struct sw_index_answer *answers = calloc(count + 1, sizeof *answers);
    int code = names == NULL || answers == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        names[i] = projects[i]->name;
    if (code == 0)
        code = sw_index_projects(answers, problem->input->index, names, count, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = take_answer(problem, projects[i], &answers[i], error);
    free((void *)names);
    free(answers);
    return code;
}

static bool is_listed(struct sw_package *const *projects, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(projects[i]->name, name) == 0)
            return true;
    }
    return false;
}

int sw_problem_look_up(struct sw_problem *problem, const struct sw_wanted_project *wanted, size_t count,
                       struct sw_error *error)
{
    struct sw_package **pages = calloc(count + 1, sizeof(struct sw_package *));
    size_t page_count = 0;
    int code = pages == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (sw_problem_find(problem, wanted[i].name, NULL) != NULL ||
            is_listed(pages, page_count, wanted[i].name))
            continue;
        struct sw_package *project = new_project(problem, wanted[i].name);
        struct sw_str url = url_of(problem, &wanted[i]);
        if (project == NULL)
            code = sw_fail_memory(error);
        else if (url.n == 0)
            pages[page_count++] = project;
        else
            code = open_url(problem, project, url, error);
        if (code == 0 && url.n > 0)
            code = take(problem, project, error);
    }
    if (code == 0 && page_count > 0)
        code = look_up_pages(problem, pages, page_count, error);
    free((void *)pages);
    return code;
}

int sw_problem_extra(struct sw_package **out, struct sw_problem *problem, struct sw_package *base,
                     const char *extra, struct sw_error *error)
{
    struct sw_package *project = sw_problem_find(problem, base->name, extra);
    if (project == NULL) {
        project = sw_arena_alloc(problem->arena, sizeof *project);
        const char *own = sw_arena_text(problem->arena, extra);
        if (project == NULL || own == NULL)
            return sw_fail_memory(error);
        *project = (struct sw_package){.name = base->name,
                                       .extra = own,
                                       .base = base,
                                       .next_extra = base->next_extra,
                                       .page = base->page,
                                       .releases = base->releases,
                                       .states = base->states,
                                       .missing = base->missing,
                                       .opaque = base->opaque};
        int code = enter(problem, project, error);
        if (code != 0)
            return code;
        base->next_extra = project;
    }
    *out = project;
    return 0;
}
