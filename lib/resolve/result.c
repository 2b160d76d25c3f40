#include "resolve/result_internal.h"

#include "base/limits.h"
#include "python/name.h"

#include <stdlib.h>

/* The result in the making. `places` has the place of each package of the solver in the result, or SIZE_MAX. */
struct making {
    struct sw_arena *arena;
    struct sw_problem *problem;
    size_t *places;
    struct sw_package **chosen; /* sorted by name */
    struct sw_resolved_package *packages;
    /* The growing requirers of each package. */
    struct sw_resolved_requirer **requirers;
    size_t count;
};

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct sw_package *const *)a)->name, (*(struct sw_package *const *)b)->name);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_chosen(struct making *making)
{
    const struct sw_problem *problem = making->problem;
    for (size_t i = 0; i < problem->count; i++)
        making->places[i] = SIZE_MAX;
    for (size_t i = 1; i < problem->count; i++) {
        if (problem->projects[i]->extra == NULL && sw_solver_decided(problem->solver, i) != SIZE_MAX)
            making->chosen[making->count++] = problem->projects[i];
    }
    if (making->count > 1)
        qsort((void *)making->chosen, making->count, sizeof(struct sw_package *), by_name);
    for (size_t i = 0; i < making->count; i++)
        making->places[making->chosen[i]->package] = i;
}

/* -- files ------------------------------------------------------------------------------------------------------ */

static int copy(const char **out, struct making *making, struct sw_str text)
{
    *out = sw_arena_copy(making->arena, text);
    return *out == NULL ? sw_fail_memory(NULL) : 0;
}

static int fill_url(struct sw_resolved_file *file, struct making *making, const struct sw_package *project)
{
    static const char *const systems[] = {"git+", "hg+", "svn+", "bzr+"};
    bool is_vcs = false;
    for (size_t i = 0; i < SW_COUNT(systems); i++)
        is_vcs = is_vcs || sw_str_starts(project->url, systems[i]);
    struct sw_str url = project->url, rest = url, digest = SW_STR("");
    if (!is_vcs) {
        url = sw_str_cut(&rest, '#');
        if (rest.n > strlen("sha256=") && sw_str_starts(rest, "sha256="))
            digest = sw_str_drop(rest, strlen("sha256="));
    }
    struct sw_str name = url;
    for (size_t i = 0; !is_vcs && i < url.n; i++) {
        if (url.p[i] == '/')
            name = sw_str_drop(url, i + 1);
    }
    *file = (struct sw_resolved_file){.kind = is_vcs ? SW_RESOLVED_VCS : SW_RESOLVED_URL_SDIST,
                                      .revision = "",
                                      .uploaded = "",
                                      .index = "",
                                      .yanked_reason = ""};
    int code = copy(&file->url, making, url);
    if (code == 0)
        code = copy(&file->name, making, is_vcs ? SW_STR("") : name);
    return code == 0 ? copy(&file->sha256, making, digest) : code;
}

static int fill_file(struct sw_resolved_file *file, struct making *making, const struct sw_package *project,
                     const struct sw_index_file *from)
{
    bool wheel = from->kind == SW_INDEX_WHEEL, direct = project->url.n > 0;
    *file = (struct sw_resolved_file){.kind = direct  ? SW_RESOLVED_URL_WHEEL
                                              : wheel ? SW_RESOLVED_WHEEL
                                                      : SW_RESOLVED_SDIST,
                                      .revision = "",
                                      .size = from->size,
                                      .yanked = from->yanked};
    const char **const out[] = {&file->name,     &file->url,           &file->sha256,
                                &file->uploaded, &file->yanked_reason, &file->index};
    const char *const in[] = {from->name,     from->url,           from->sha256,
                              from->uploaded, from->yanked_reason, direct ? "" : project->page->index};
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(out); i++)
        code = copy(out[i], making, sw_str_from(in[i]));
    return code;
}

/* -- packages --------------------------------------------------------------------------------------------------- */

static bool provides(const struct sw_metadata *metadata, const char *extra)
{
    for (size_t i = 0; metadata != NULL && i < metadata->extra_count; i++) {
        if (sw_name_equal(metadata->extras[i], sw_str_from(extra)))
            return true;
    }
    return false;
}

static bool is_active(const struct making *making, const struct sw_package *extra)
{
    return sw_solver_decided(making->problem->solver, extra->package) != SIZE_MAX;
}

static int fill_extras(struct sw_resolved_package *package, struct making *making,
                       const struct sw_package *project, const struct sw_metadata *metadata)
{
    size_t most = 0;
    for (const struct sw_package *extra = project->next_extra; extra != NULL; extra = extra->next_extra)
        most++;
    const char **extras = sw_arena_array(making->arena, most, sizeof *extras);
    int code = extras == NULL ? sw_fail_memory(NULL) : 0;
    for (const struct sw_package *extra = project->next_extra; code == 0 && extra != NULL;
         extra = extra->next_extra) {
        if (is_active(making, extra) && provides(metadata, extra->extra))
            code = copy(&extras[package->extra_count++], making, sw_str_from(extra->extra));
    }
    if (code == 0 && package->extra_count > 1)
        qsort((void *)extras, package->extra_count, sizeof *extras, by_text);
    package->extras = extras;
    return code;
}

static bool is_needed(const struct making *making, const struct sw_package *project,
                      const struct sw_requirement *requirement)
{
    if (sw_problem_holds(making->problem, requirement, NULL))
        return true;
    for (const struct sw_package *extra = project->next_extra; extra != NULL; extra = extra->next_extra) {
        if (is_active(making, extra) && sw_problem_holds(making->problem, requirement, extra->extra))
            return true;
    }
    return false;
}

/* The place of a requirement's project in the result, or SIZE_MAX. */
static size_t place_of(const struct making *making, const struct sw_requirement *requirement)
{
    char *name = sw_name_normalized(making->problem->arena, requirement->name);
    const struct sw_package *project = name == NULL ? NULL : sw_problem_find(making->problem, name, NULL);
    return project == NULL ? SIZE_MAX : making->places[project->package];
}

static int by_package(const void *a, const void *b)
{
    const struct sw_resolved_dependency *left = a, *right = b;
    return (left->package > right->package) - (left->package < right->package);
}

static int fill_dependency(struct sw_resolved_dependency *dependency, struct making *making, size_t place,
                           const struct sw_requirement *requirement)
{
    SW_BUFFER_AUTO marker;
    sw_buffer_init(&marker, SW_MAX_REQUIREMENT_SIZE);
    if (requirement->marker != NULL)
        sw_marker_write(&marker, requirement->marker);
    dependency->package = place;
    int code = copy(&dependency->text, making, requirement->text);
    return code == 0 ? copy(&dependency->marker, making, sw_buffer_str(&marker)) : code;
}

static int fill_dependencies(struct sw_resolved_package *package, struct making *making,
                             const struct sw_package *project, const struct sw_metadata *metadata)
{
    size_t most = metadata == NULL ? 0 : metadata->requirement_count,
           own = (size_t)(package - making->packages);
    struct sw_resolved_dependency *dependencies = sw_arena_array(making->arena, most, sizeof *dependencies);
    int code = dependencies == NULL ? sw_fail_memory(NULL) : 0;
    for (size_t i = 0; code == 0 && i < most; i++) {
        const struct sw_requirement *requirement = &metadata->requirements[i].requirement;
        if (!metadata->requirements[i].valid || !is_needed(making, project, requirement))
            continue;
        /* A project that an override has done away with is nobody's dependency, nor is an extra made of others its own. */
        size_t place = place_of(making, requirement);
        if (place != SIZE_MAX && place != own)
            code = fill_dependency(&dependencies[package->dependency_count++], making, place, requirement);
    }
    /* The order of the metadata stays within a package: the sort is of whole equal runs, which insertion keeps. */
    for (size_t i = 1; code == 0 && i < package->dependency_count; i++) {
        struct sw_resolved_dependency moved = dependencies[i];
        size_t j = i;
        for (; j > 0 && by_package(&dependencies[j - 1], &moved) > 0; j--)
            dependencies[j] = dependencies[j - 1];
        dependencies[j] = moved;
    }
    package->dependencies = dependencies;
    return code;
}

static int fill_package(struct making *making, size_t place)
{
    struct sw_resolved_package *package = &making->packages[place];
    const struct sw_package *project = making->chosen[place];
    size_t release = sw_solver_decided(making->problem->solver, project->package);
    const struct sw_release_state *state = &project->states[release];
    *package =
        (struct sw_resolved_package){.version = "", .requires_python = "", .known = state->metadata != NULL};
    int code = copy(&package->name, making, sw_str_from(project->name));
    if (code == 0)
        code = project->opaque ? fill_url(&package->file, making, project)
                               : fill_file(&package->file, making, project, state->file);
    if (code == 0 && !project->opaque) {
        package->version = sw_version_normalized(making->arena, &project->page->releases[release].version);
        code = package->version == NULL ? sw_fail_memory(NULL) : 0;
    }
    const char *python = state->metadata != NULL && state->metadata->requires_python.n > 0
                             ? state->metadata->requires_python.p
                         : state->file != NULL ? state->file->requires_python
                                               : "";
    if (code == 0)
        code = copy(&package->requires_python, making, sw_str_from(text_or_empty(python)));
    if (code == 0)
        code = fill_extras(package, making, project, state->metadata);
    return code == 0 ? fill_dependencies(package, making, project, state->metadata) : code;
}

/* -- requirers ------------------------------------------------------------------------------------------ */

static int add_requirer(struct making *making, size_t place, size_t package, size_t requirement)
{
    struct sw_resolved_package *required = &making->packages[place];
    struct sw_resolved_requirer *requirers =
        sw_arena_grow(making->arena, making->requirers[place], required->requirer_count, sizeof *requirers);
    if (requirers == NULL)
        return sw_fail_memory(NULL);
    requirers[required->requirer_count++] = (struct sw_resolved_requirer){package, requirement};
    making->requirers[place] = requirers;
    required->requirers = requirers;
    return 0;
}

static int fill_requirers(struct making *making)
{
    const struct sw_resolve_input *input = making->problem->input;
    int code = 0;
    for (size_t i = 0; code == 0 && i < input->root_count; i++) {
        size_t place = place_of(making, &input->roots[i]);
        if (place != SIZE_MAX && sw_problem_holds(making->problem, &input->roots[i], NULL))
            code = add_requirer(making, place, SW_RESOLVED_ROOT, i);
    }
    for (size_t i = 0; code == 0 && i < making->count; i++) {
        for (size_t j = 0; code == 0 && j < making->packages[i].dependency_count; j++)
            code = add_requirer(making, making->packages[i].dependencies[j].package, i, j);
    }
    return code;
}

/* -- unknowns --------------------------------------------------------------------------------------------------- */

static int fill_unknowns(struct sw_resolution *out, struct making *making)
{
    struct sw_resolved_unknown *unknowns = sw_arena_array(making->arena, making->count, sizeof *unknowns);
    if (unknowns == NULL)
        return sw_fail_memory(NULL);
    for (size_t i = 0; i < making->count; i++) {
        const struct sw_resolved_package *package = &making->packages[i];
        if (package->known)
            continue;
        const char *unread = making->chosen[i]->unread;
        if (unread != NULL && copy(&unread, making, sw_str_from(unread)) != 0)
            return sw_fail_memory(NULL);
        unknowns[out->unknown_count++] = (struct sw_resolved_unknown){
            .project = package->name,
            .reason = unread != NULL ? unread
                      : package->file.kind == SW_RESOLVED_VCS
                          ? "it is a repository, which says what it requires when it is built"
                          : "it is a source archive, which says what it requires when it is built"};
    }
    out->unknowns = unknowns;
    return 0;
}

static int make(struct sw_resolution *out, struct making *making)
{
    find_chosen(making);
    making->packages = sw_arena_array(making->arena, making->count, sizeof *making->packages);
    making->requirers =
        sw_arena_array(making->problem->arena, making->count, sizeof(struct sw_resolved_requirer *));
    int code = making->packages == NULL || making->requirers == NULL ? sw_fail_memory(NULL) : 0;
    for (size_t i = 0; code == 0 && i < making->count; i++)
        code = fill_package(making, i);
    if (code == 0)
        code = fill_requirers(making);
    struct sw_resolution made = {.packages = making->packages, .package_count = making->count};
    if (code == 0)
        code = fill_unknowns(&made, making);
    if (code == 0)
        *out = made;
    return code;
}

int sw_result_make(struct sw_resolution *out, struct sw_arena *arena, struct sw_problem *problem,
                   struct sw_error *error)
{
    struct making making = {.arena = arena,
                            .problem = problem,
                            .places = calloc(problem->count + 1, sizeof *making.places),
                            .chosen = calloc(problem->count + 1, sizeof(struct sw_package *))};
    int code = making.places == NULL || making.chosen == NULL ? sw_fail_memory(NULL) : make(out, &making);
    free(making.places);
    free((void *)making.chosen);
    return code == 0 ? 0 : sw_fail_memory(error);
}
