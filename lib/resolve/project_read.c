/* The metadata of releases: read when the solver asks for it, many at once, and ahead of that along the newest releases. */
#include "resolve/project_internal.h"

#include "base/limits.h"
#include "index/repository.h"
#include "python/name.h"

#include <stdlib.h>

struct sw_fact *sw_problem_fact(struct sw_problem *problem, const struct sw_fact *fact)
{
    struct sw_fact *own = sw_arena_alloc(problem->arena, sizeof *own);
    if (own != NULL)
        *own = *fact;
    return own;
}

/* Forbid a release for a reason of its own. */
static int forbid_release(struct sw_problem *problem, struct sw_package *project, size_t release,
                          const char *reason, struct sw_error *error)
{
    const struct sw_fact *fact = sw_problem_fact(
        problem, &(struct sw_fact){.kind = SW_FACT_UNUSABLE, .about = project, .text = reason});
    uint64_t *set = sw_solver_set(problem->solver, project->package);
    if (fact == NULL || set == NULL || reason == NULL)
        return sw_fail_memory(error);
    sw_set_add(set, release);
    const struct sw_term term = {project->package, set};
    return sw_solver_forbid(problem->solver, &term, 1, fact, error);
}

/* The first line that is no requirement, or NULL. */
static const struct sw_metadata_requirement *find_invalid(const struct sw_metadata *metadata)
{
    for (size_t i = 0; i < metadata->requirement_count; i++) {
        if (!metadata->requirements[i].valid)
            return &metadata->requirements[i];
    }
    return NULL;
}

static int take_metadata(struct sw_problem *problem, const struct sw_wanted_release *wanted,
                         const struct sw_index_metadata_answer *answer, struct sw_error *error)
{
    struct sw_release_state *state = &wanted->project->states[wanted->release];
    bool source = state->file != NULL && state->file->kind == SW_INDEX_SDIST;
    if (answer->code == SW_EENV || answer->code == SW_ECANCELED) {
        if (error != NULL)
            *error = answer->error;
        return answer->code;
    }
    state->asked = true;
    state->metadata = answer->metadata;
    if (answer->code != 0)
        return source
                   ? 0
                   : forbid_release(problem, wanted->project, wanted->release,
                                    sw_arena_format(problem->arena, "cannot be read: %s", answer->error.text),
                                    error);
    const struct sw_metadata_requirement *invalid = find_invalid(answer->metadata);
    if (invalid != NULL)
        return forbid_release(problem, wanted->project, wanted->release,
                              sw_arena_format(problem->arena,
                                              "has '%.200s' among its requirements, which is none",
                                              invalid->text.p),
                              error);
    if (!sw_problem_python(problem, answer->metadata->requires_python.p))
        return forbid_release(
            problem, wanted->project, wanted->release,
            sw_arena_format(problem->arena, "needs Python %s", answer->metadata->requires_python.p), error);
    return 0;
}

/* Read the requirements that a repository states. */
static int read_repository(struct sw_problem *problem, const struct sw_wanted_release *wanted,
                           struct sw_error *error)
{
    struct sw_package *project = wanted->project->base;
    struct sw_index_metadata_answer answer = {0};
    project->states[wanted->release].asked = true;
    if (!sw_str_starts(project->url, "git+"))
        return 0;
    answer.code = sw_index_repository(&answer.metadata, problem->input->index, project->name, project->url,
                                      &answer.error);
    if (answer.code == 0)
        return take_metadata(problem, wanted, &answer, error);
    project->unread = sw_arena_text(problem->arena, answer.error.text);
    if (answer.code == SW_ENOTFOUND && project->unread != NULL)
        return 0;
    if (error != NULL)
        *error = answer.error;
    return answer.code;
}

int sw_problem_read(struct sw_problem *problem, const struct sw_wanted_release *wanted, size_t count,
                    struct sw_error *error)
{
    const struct sw_index_file **files = calloc(count + 1, sizeof *files);
    struct sw_wanted_release *asked = calloc(count + 1, sizeof *asked);
    struct sw_index_metadata_answer *answers = calloc(count + 1, sizeof *answers);
    int code = files == NULL || asked == NULL || answers == NULL ? sw_fail_memory(error) : 0;
    size_t most = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct sw_release_state *state = &wanted[i].project->states[wanted[i].release];
        if (!state->asked && wanted[i].project->opaque)
            code = read_repository(problem, &wanted[i], error);
        if (state->asked || state->file == NULL)
            continue;
        files[most] = state->file;
        asked[most++] = wanted[i];
    }
    if (code == 0 && most > 0)
        code = sw_index_metadata(answers, problem->input->index, files, most, error);
    for (size_t i = 0; code == 0 && i < most; i++)
        code = take_metadata(problem, &asked[i], &answers[i], error);
    free((void *)files);
    free(asked);
    free(answers);
    return code;
}

bool sw_problem_holds(const struct sw_problem *problem, const struct sw_requirement *requirement,
                      const char *extra)
{
    bool holds = false;
    if (requirement->marker == NULL)
        return true;
    int code = sw_marker_evaluate_extras(&holds, requirement->marker, &problem->input->environment, &extra,
                                         extra == NULL ? 0 : 1, NULL);
    return code == 0 && holds;
}

const struct sw_requirement *sw_problem_override(const struct sw_problem *problem, struct sw_str project,
                                                 size_t *at)
{
    while (*at < problem->input->override_count) {
        const struct sw_requirement *override = &problem->input->overrides[(*at)++];
        if (sw_name_equal(override->name, project) && sw_problem_holds(problem, override, NULL))
            return override;
    }
    return NULL;
}

/* -- ahead ------------------------------------------------------------------------------------------------------ */

/* Projects whose first choice is read in the next round, and the projects that are looked up for it. */
struct ahead {
    struct sw_problem *problem;
    struct sw_package **now, **then;
    size_t now_count, then_count, then_room;
    struct sw_wanted_project *names;
    const struct sw_requirement **needs;
    size_t name_count, name_room;
};

static int push_project(struct ahead *ahead, struct sw_package *project)
{
    if (ahead->then_count == ahead->then_room) {
        size_t room = ahead->then_room == 0 ? 64 : 2 * ahead->then_room;
        struct sw_package **more = reallocarray((void *)ahead->then, room, sizeof(struct sw_package *));
        if (more == NULL)
            return sw_fail_memory(NULL);
        ahead->then = more;
        ahead->then_room = room;
    }
    ahead->then[ahead->then_count++] = project;
    return 0;
}

static int push_name(struct ahead *ahead, const char *name, const struct sw_requirement *requirement)
{
    if (ahead->name_count == ahead->name_room) {
        size_t room = ahead->name_room == 0 ? 64 : 2 * ahead->name_room;
        struct sw_wanted_project *names = reallocarray(ahead->names, room, sizeof *names);
        if (names == NULL)
            return sw_fail_memory(NULL);
        ahead->names = names;
        const struct sw_requirement **needs = reallocarray((void *)ahead->needs, room, sizeof *needs);
        if (needs == NULL)
            return sw_fail_memory(NULL);
        ahead->needs = needs;
        ahead->name_room = room;
    }
    ahead->names[ahead->name_count] = (struct sw_wanted_project){.name = name, .url = requirement->url};
    ahead->needs[ahead->name_count++] = requirement;
    return 0;
}

/* Pick the release of a project within its hint and the solver's present choices. */
static size_t first_choice(struct sw_problem *problem, struct sw_package *project)
{
    const uint64_t *allowed = sw_solver_allowed(problem->solver, project->package);
    size_t words = sw_set_words(project->releases), choice = SIZE_MAX;
    uint64_t *set = calloc(words, sizeof *set);
    if (set == NULL)
        return SIZE_MAX;
    sw_set_or(set, set, allowed, words);
    if (project->hint != NULL)
        sw_set_and(set, set, project->hint, words);
    choice = sw_problem_pick(problem, project, set);
    free(set);
    return choice;
}

/* Read the first choices of this round's projects, all at once. */
static int read_choices(struct ahead *ahead, size_t *choices)
{
    struct sw_wanted_release *wanted = calloc(ahead->now_count + 1, sizeof *wanted);
    size_t count = 0;
    if (wanted == NULL)
        return sw_fail_memory(NULL);
    for (size_t i = 0; i < ahead->now_count; i++) {
        choices[i] = first_choice(ahead->problem, ahead->now[i]);
        if (choices[i] != SIZE_MAX)
            wanted[count++] = (struct sw_wanted_release){ahead->now[i], choices[i]};
    }
    int code = sw_problem_read(ahead->problem, wanted, count, NULL);
    free(wanted);
    return code;
}

static bool holds_with_any(const struct sw_problem *problem, const struct sw_package *project,
                           const struct sw_requirement *requirement)
{
    if (sw_problem_holds(problem, requirement, NULL))
        return true;
    for (const struct sw_package *extra = project->next_extra; extra != NULL; extra = extra->next_extra) {
        if (sw_problem_holds(problem, requirement, extra->extra))
            return true;
    }
    return false;
}

/* Note all projects that the choice requires. */
static int note_needs(struct ahead *ahead, const struct sw_package *project, size_t choice)
{
    const struct sw_metadata *metadata = choice == SIZE_MAX ? NULL : project->states[choice].metadata;
    int code = 0;
    for (size_t i = 0; code == 0 && metadata != NULL && i < metadata->requirement_count; i++) {
        const struct sw_requirement *requirement = &metadata->requirements[i].requirement;
        if (!metadata->requirements[i].valid || sw_problem_leaves_out(ahead->problem, requirement->name) ||
            !holds_with_any(ahead->problem, project, requirement))
            continue;
        size_t at = 0;
        const struct sw_requirement *override = sw_problem_override(ahead->problem, requirement->name, &at);
        const char *name = sw_name_normalized(ahead->problem->arena, requirement->name);
        code = name == NULL ? sw_fail_memory(NULL)
                            : push_name(ahead, name, override == NULL ? requirement : override);
    }
    return code;
}

/* Make known the noted projects. A project that is new, or of which a new extra is wanted, is read in the next round. */
static int follow_needs(struct ahead *ahead)
{
    struct sw_problem *problem = ahead->problem;
    size_t known = problem->count;
    int code = sw_problem_look_up(problem, ahead->names, ahead->name_count, NULL);
    for (size_t i = 0; code == 0 && i < ahead->name_count; i++) {
        struct sw_package *project = sw_problem_find(problem, ahead->names[i].name, NULL);
        bool again = false;
        if (project == NULL)
            continue;
        if (project->hint == NULL && project->package >= known) {
            project->hint = sw_problem_set(problem, project, &ahead->needs[i]->specifiers);
            again = true;
        }
        for (size_t j = 0; code == 0 && j < ahead->needs[i]->extra_count; j++) {
            const char *extra = sw_name_normalized(problem->arena, ahead->needs[i]->extras[j]);
            struct sw_package *ignored;
            again = again || (extra != NULL && sw_problem_find(problem, project->name, extra) == NULL);
            code = extra == NULL ? sw_fail_memory(NULL)
                                 : sw_problem_extra(&ignored, problem, project, extra, NULL);
        }
        if (code == 0 && again)
            code = push_project(ahead, project);
    }
    return code;
}

static int read_round(struct ahead *ahead)
{
    size_t *choices = calloc(ahead->now_count + 1, sizeof *choices);
    int code = choices == NULL ? sw_fail_memory(NULL) : read_choices(ahead, choices);
    ahead->name_count = ahead->then_count = 0;
    for (size_t i = 0; code == 0 && i < ahead->now_count; i++)
        code = note_needs(ahead, ahead->now[i], choices[i]);
    free(choices);
    return code == 0 ? follow_needs(ahead) : code;
}

int sw_problem_read_ahead(struct sw_problem *problem, struct sw_package *const *from, size_t count,
                          struct sw_error *error)
{
    struct ahead ahead = {.problem = problem};
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = push_project(&ahead, from[i]);
    for (unsigned round = 0; code == 0 && ahead.then_count > 0 && round < SW_MAX_RESOLVE_ROUNDS; round++) {
        free((void *)ahead.now);
        ahead.now = ahead.then;
        ahead.now_count = ahead.then_count;
        ahead.then = NULL;
        ahead.then_count = ahead.then_room = 0;
        code = read_round(&ahead);
    }
    free((void *)ahead.now);
    free((void *)ahead.then);
    free(ahead.names);
    free((void *)ahead.needs);
    /* A failure that matters comes again when the solver asks; a cancellation counts at once. */
    return code == SW_ECANCELED ? sw_fail(error, SW_ECANCELED, "interrupted") : 0;
}
