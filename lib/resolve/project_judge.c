/* Judge the releases of a project for the target, and pick the release that is tried first. */
#include "resolve/project_internal.h"

#include "base/limits.h"

/* Return true if the caller asks for this very release. */
static bool is_pinned(const struct sw_problem *problem, const char *name, const struct sw_version *version)
{
    const struct sw_requirement *own;
    size_t at = 0;
    while ((own = sw_problem_own(problem, name, &at)) != NULL) {
        for (size_t i = 0; i < own->specifiers.count; i++) {
            const struct sw_specifier *clause = &own->specifiers.items[i];
            bool exact = clause->comparison == SW_SPECIFIER_ARBITRARY ||
                         (clause->comparison == SW_SPECIFIER_EQUAL && !clause->prefix);
            if (exact && sw_specifier_holds(clause, version))
                return true;
        }
    }
    for (size_t i = 0; i < problem->input->preference_count; i++) {
        const struct sw_resolve_preference *preference = &problem->input->preferences[i];
        if (strcmp(preference->project, name) == 0 && sw_version_compare(&preference->version, version) == 0)
            return true;
    }
    return false;
}

/* Return true if the version holds for the clause without its upper end. */
static bool holds_from(const struct sw_specifier *clause, const struct sw_version *python)
{
    switch (clause->comparison) {
    case SW_SPECIFIER_LESS:
    case SW_SPECIFIER_LESS_EQUAL:
    case SW_SPECIFIER_NOT_EQUAL:
        return true;
    case SW_SPECIFIER_EQUAL:
    case SW_SPECIFIER_COMPATIBLE:
        return sw_version_compare(python, &clause->version) >= 0;
    case SW_SPECIFIER_ARBITRARY:
    case SW_SPECIFIER_GREATER:
    case SW_SPECIFIER_GREATER_EQUAL:
        break;
    }
    return sw_specifier_holds(clause, python);
}

static bool judge_python(const struct sw_problem *problem, const char *text)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_specifier_set set;
    /* pip ignores a text that is no specifier. */
    if (sw_specifier_set_parse(&set, &arena, sw_str_from(text), NULL) != 0)
        return true;
    for (size_t i = 0; i < set.count; i++) {
        if (problem->input->ignore_python_ends ? !holds_from(&set.items[i], &problem->input->python)
                                               : !sw_specifier_holds(&set.items[i], &problem->input->python))
            return false;
    }
    return true;
}

bool sw_problem_python(struct sw_problem *problem, const char *text)
{
    if (text[0] == '\0')
        return true;
    struct sw_python_memory *memory =
        &problem->pythons[sw_problem_hash(text, NULL) % SW_COUNT(problem->pythons)];
    if (memory->text == NULL || strcmp(memory->text, text) != 0)
        *memory = (struct sw_python_memory){text, judge_python(problem, text)};
    return memory->allowed;
}

static bool allows_file(void *self, const struct sw_index_file *file)
{
    return sw_problem_python(self, file->requires_python);
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Judge the files of a release: `file` is the file that is taken. */
static enum sw_verdict judge_files(const struct sw_index_file **file, struct sw_problem *problem,
                                   const struct sw_package *project, const struct sw_index_release *release)
{
    const struct sw_resolve_input *input = problem->input;
    bool wheels = !is_among(input->no_binary, input->no_binary_count, project->name);
    bool sources = !is_among(input->no_build, input->no_build_count, project->name);
    *file = wheels ? sw_index_wheel_if(release, &input->tags, allows_file, problem) : NULL;
    if (*file != NULL)
        return SW_VERDICT_WHEEL;
    *file = sources ? sw_index_sdist(release) : NULL;
    if (*file != NULL && allows_file(problem, *file))
        return SW_VERDICT_SDIST;
    bool python = *file != NULL;
    for (size_t i = 0; !python && wheels && i < release->file_count; i++) {
        size_t rank;
        python = release->files[i].kind == SW_INDEX_WHEEL &&
                 sw_wheel_name_rank(&rank, &release->files[i].wheel, &input->tags);
        *file = &release->files[i];
    }
    return python ? SW_VERDICT_PYTHON : SW_VERDICT_PLATFORM;
}

enum sw_verdict sw_problem_judge(struct sw_problem *problem, struct sw_package *project, size_t release)
{
    struct sw_release_state *state = &project->base->states[release];
    if (state->verdict != SW_VERDICT_OPEN)
        return state->verdict;
    if (project->opaque)
        return state->verdict = SW_VERDICT_SDIST;
    const struct sw_index_release *own = &project->page->releases[release];
    enum sw_verdict verdict = SW_VERDICT_OPEN;
    if (!project->base->prereleases && sw_version_is_prerelease(&own->version))
        verdict = SW_VERDICT_PRERELEASE;
    else if (own->yanked && !is_pinned(problem, project->name, &own->version))
        verdict = SW_VERDICT_YANKED;
    else
        verdict = judge_files(&state->file, problem, project, own);
    return state->verdict = (uint8_t)verdict;
}

static size_t find_preferred(const struct sw_problem *problem, const struct sw_package *project,
                             const uint64_t *allowed)
{
    for (size_t i = 0; i < problem->input->preference_count && project->page != NULL; i++) {
        const struct sw_resolve_preference *preference = &problem->input->preferences[i];
        if (strcmp(preference->project, project->name) != 0)
            continue;
        for (size_t j = 0; j < project->releases; j++) {
            if (sw_set_has(allowed, j) &&
                sw_version_compare(&project->page->releases[j].version, &preference->version) == 0)
                return j;
        }
    }
    return SIZE_MAX;
}

/* Return true if a source distribution states its requirements. Only SW_MAX_SDISTS_READ of a project are read for that,
 * since a project builds its releases alike. */
static bool states_requirements(struct sw_problem *problem, struct sw_package *project, size_t release)
{
    struct sw_release_state *state = &project->states[release];
    const struct sw_wanted_release wanted = {project, release};
    if (!state->asked && project->sources_read < SW_MAX_SDISTS_READ) {
        project->sources_read++;
        /* A failure comes again when the release is expanded. */
        if (sw_problem_read(problem, &wanted, 1, NULL) != 0)
            return false;
    }
    return state->metadata != NULL;
}

size_t sw_problem_pick(struct sw_problem *problem, struct sw_package *project, const uint64_t *allowed)
{
    size_t words = sw_set_words(project->releases), source = SIZE_MAX;
    size_t preferred = find_preferred(problem, project, allowed);
    if (preferred != SIZE_MAX && sw_problem_judge(problem, project, preferred) <= SW_VERDICT_SDIST)
        return preferred;
    for (size_t i = sw_set_next(allowed, 0, words); i < project->releases;
         i = sw_set_next(allowed, i + 1, words)) {
        enum sw_verdict verdict = sw_problem_judge(problem, project, i);
        if (verdict == SW_VERDICT_WHEEL ||
            (verdict == SW_VERDICT_SDIST && states_requirements(problem, project, i)))
            return i;
        if (verdict == SW_VERDICT_SDIST && source == SIZE_MAX)
            source = i;
    }
    return source;
}
