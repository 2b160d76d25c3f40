/* Tell the solver the requirements of a release, or of the caller. */
#include "resolve/project_internal.h"

#include "base/limits.h"
#include "python/name.h"

#include <stdlib.h>

/* The requirements of one package that hold. */
struct needs {
    const struct sw_requirement **items;
    size_t *places;
    size_t count;
};

static int init_needs(struct needs *needs, size_t most, struct sw_error *error)
{
    *needs = (struct needs){.items = calloc(most + 1, sizeof *needs->items),
                            .places = calloc(most + 1, sizeof *needs->places)};
    return needs->items == NULL || needs->places == NULL ? sw_fail_memory(error) : 0;
}

static void release_needs(struct needs *needs)
{
    free((void *)needs->items);
    free(needs->places);
}

static const char *name_of(struct sw_problem *problem, const struct sw_requirement *requirement)
{
    return sw_name_normalized(problem->arena, requirement->name);
}

/* Make known all projects of the requirements and their extras, and read ahead from the new projects on. */
static int make_known(struct sw_problem *problem, const struct needs *needs, struct sw_error *error)
{
    struct sw_wanted_project *wanted = calloc(needs->count + 1, sizeof *wanted);
    struct sw_package **fresh = calloc(needs->count + 1, sizeof(struct sw_package *));
    size_t known = problem->count, fresh_count = 0;
    int code = wanted == NULL || fresh == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < needs->count; i++) {
        wanted[i] = (struct sw_wanted_project){name_of(problem, needs->items[i]), needs->items[i]->url};
        code = wanted[i].name == NULL ? sw_fail_memory(error) : 0;
    }
    if (code == 0)
        code = sw_problem_look_up(problem, wanted, needs->count, error);
    for (size_t i = 0; code == 0 && i < needs->count; i++) {
        struct sw_package *project = sw_problem_find(problem, wanted[i].name, NULL), *ignored;
        for (size_t j = 0; code == 0 && j < needs->items[i]->extra_count; j++) {
            const char *extra = sw_name_normalized(problem->arena, needs->items[i]->extras[j]);
            code = extra == NULL ? sw_fail_memory(error)
                                 : sw_problem_extra(&ignored, problem, project, extra, error);
        }
        if (project->package < known || project->hint != NULL)
            continue;
        project->hint = sw_problem_set(problem, project, &needs->items[i]->specifiers);
        fresh[fresh_count++] = project;
    }
    if (code == 0 && fresh_count > 0)
        code = sw_problem_read_ahead(problem, fresh, fresh_count, error);
    free(wanted);
    free((void *)fresh);
    return code;
}

/* The origin of a requirement. */
struct source {
    struct sw_package *project;
    size_t release;
    enum sw_resolve_origin origin;
    size_t place;
};

static struct sw_fact *fact_of(struct sw_problem *problem, const struct source *source,
                               const struct sw_package *other, const struct sw_requirement *requirement)
{
    const struct sw_release_state *states = source->project->base->states;
    const struct sw_index_file *file = states == NULL ? NULL : states[source->release].file;
    struct sw_fact fact = {.kind = source->project->package == 0 ? SW_FACT_ROOT : SW_FACT_REQUIRES,
                           .about = source->project,
                           .other = other,
                           .origin = source->origin,
                           .place = source->place,
                           .text = requirement->text.p,
                           .source = file == NULL ? "" : file->name};
    return sw_problem_fact(problem, &fact);
}

static int forbid_source(struct sw_problem *problem, const struct source *source,
                         const struct sw_requirement *requirement, struct sw_error *error)
{
    uint64_t *set = sw_solver_set(problem->solver, source->project->package);
    struct sw_fact *fact = fact_of(problem, source, NULL, requirement);
    if (set == NULL || fact == NULL)
        return sw_fail_memory(error);
    sw_set_add(set, source->release);
    const struct sw_term term = {source->project->package, set};
    return sw_solver_forbid(problem->solver, &term, 1, fact, error);
}

static int tell(struct sw_problem *problem, const struct source *source,
                const struct sw_requirement *requirement, struct sw_error *error)
{
    const char *name = name_of(problem, requirement);
    struct sw_package *other = name == NULL ? NULL : sw_problem_find(problem, name, NULL);
    if (other == NULL)
        return sw_fail_memory(error);
    /* Nobody but the caller may move a project to another place. */
    if (requirement->url.n > 0 && !sw_str_equal(requirement->url, other->url))
        return forbid_source(problem, source, requirement, error);
    const uint64_t *set = sw_problem_set(problem, other, &requirement->specifiers);
    struct sw_fact *fact = fact_of(problem, source, other, requirement);
    if (set == NULL || fact == NULL)
        return sw_fail_memory(error);
    int code = sw_solver_require(problem->solver, source->project->package, source->release, other->package,
                                 set, fact, error);
    for (size_t i = 0; code == 0 && i < requirement->extra_count; i++) {
        struct sw_package *extra = NULL;
        const char *text = sw_name_normalized(problem->arena, requirement->extras[i]);
        code = text == NULL ? sw_fail_memory(error) : sw_problem_extra(&extra, problem, other, text, error);
        struct sw_fact *own = code == 0 ? fact_of(problem, source, extra, requirement) : NULL;
        if (code == 0 && own == NULL)
            code = sw_fail_memory(error);
        if (code == 0)
            code = sw_solver_require(problem->solver, source->project->package, source->release,
                                     extra->package, set, own, error);
    }
    return code;
}

/* Return true if the project is left out of the resolution, whoever requires it. */
bool sw_problem_leaves_out(const struct sw_problem *problem, struct sw_str name)
{
    SW_BUFFER_AUTO normal;
    sw_buffer_init(&normal, SW_MAX_REQUIREMENT_SIZE);
    sw_name_normalize(&normal, name);
    for (size_t i = 0; i < problem->input->left_out_count; i++) {
        if (sw_str_starts(sw_buffer_str(&normal), problem->input->left_out[i]))
            return true;
    }
    return false;
}

/* An override replaces the requirements that anybody has on its project. Each override counts once for a package. */
static void add_need(struct needs *needs, struct sw_problem *problem,
                     const struct sw_requirement *requirement, size_t place)
{
    bool overridden = false;
    for (size_t i = 0; i < problem->input->override_count; i++)
        overridden = overridden || sw_name_equal(problem->input->overrides[i].name, requirement->name);
    if (!overridden) {
        needs->places[needs->count] = place;
        needs->items[needs->count++] = requirement;
        return;
    }
    size_t at = 0;
    const struct sw_requirement *override;
    while ((override = sw_problem_override(problem, requirement->name, &at)) != NULL) {
        bool there = false;
        for (size_t i = 0; i < needs->count; i++)
            there = there || needs->items[i] == override;
        if (there)
            continue;
        needs->places[needs->count] = at - 1;
        needs->items[needs->count++] = override;
    }
}

static bool is_override(const struct sw_problem *problem, const struct sw_requirement *requirement)
{
    for (size_t i = 0; i < problem->input->override_count; i++) {
        if (requirement == &problem->input->overrides[i])
            return true;
    }
    return false;
}

static int tell_all(struct sw_problem *problem, struct sw_package *project, size_t release,
                    const struct needs *needs, struct sw_error *error)
{
    int code = make_known(problem, needs, error);
    for (size_t i = 0; code == 0 && i < needs->count; i++) {
        enum sw_resolve_origin own = project->package == 0 ? SW_RESOLVE_ROOT : SW_RESOLVE_OTHERS;
        const struct source source = {project, release,
                                      is_override(problem, needs->items[i]) ? SW_RESOLVE_OVERRIDE : own,
                                      needs->places[i]};
        code = tell(problem, &source, needs->items[i], error);
    }
    return code;
}

/* An extra is of the same release as its project. */
static int bind_extra(struct sw_problem *problem, struct sw_package *extra, size_t release,
                      struct sw_error *error)
{
    uint64_t *same = sw_solver_set(problem->solver, extra->package);
    const struct sw_fact *fact = sw_problem_fact(
        problem, &(struct sw_fact){.kind = SW_FACT_SAME, .about = extra, .other = extra->base});
    if (same == NULL || fact == NULL)
        return sw_fail_memory(error);
    sw_set_add(same, release);
    return sw_solver_require(problem->solver, extra->package, release, extra->base->package, same, fact,
                             error);
}

int sw_problem_expand(struct sw_problem *problem, struct sw_package *project, size_t release,
                      struct sw_error *error)
{
    const struct sw_wanted_release wanted = {project->base, release};
    int code = project->extra == NULL ? 0 : bind_extra(problem, project, release, error);
    if (code == 0)
        code = sw_problem_read(problem, &wanted, 1, error);
    const struct sw_metadata *metadata = project->base->states[release].metadata;
    if (code != 0 || metadata == NULL)
        return code;
    struct needs needs;
    code = init_needs(&needs, metadata->requirement_count + problem->input->override_count, error);
    for (size_t i = 0; code == 0 && i < metadata->requirement_count; i++) {
        const struct sw_metadata_requirement *row = &metadata->requirements[i];
        bool plain = row->valid && sw_problem_holds(problem, &row->requirement, NULL);
        bool own = row->valid && project->extra != NULL && !plain &&
                   sw_problem_holds(problem, &row->requirement, project->extra);
        if ((project->extra == NULL ? plain : own) && !sw_problem_leaves_out(problem, row->requirement.name))
            add_need(&needs, problem, &row->requirement, i);
    }
    if (code == 0)
        code = tell_all(problem, project, release, &needs, error);
    release_needs(&needs);
    return code;
}

int sw_problem_expand_root(struct sw_problem *problem, struct sw_error *error)
{
    const struct sw_resolve_input *input = problem->input;
    struct needs needs;
    int code = init_needs(&needs, input->root_count + input->override_count, error);
    for (size_t i = 0; code == 0 && i < input->root_count; i++) {
        if (sw_problem_holds(problem, &input->roots[i], NULL))
            add_need(&needs, problem, &input->roots[i], i);
    }
    if (code == 0)
        code = tell_all(problem, problem->projects[0], 0, &needs, error);
    release_needs(&needs);
    return code;
}
