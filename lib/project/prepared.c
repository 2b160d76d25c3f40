#include "project/prepared.h"

#include "base/limits.h"
#include "check/check.h"
#include "profile/needs.h"
#include "project/grants.h"
#include "project/profiles.h"
#include "project/web.h"

int sw_prepare_from(struct sw_prepared *prepared, const struct sw_project *project, const char *path,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error)
{
    *prepared = (struct sw_prepared){0};
    size_t before = sw_findings_count(findings, SW_ERROR);
    int code = sw_profile_load(&prepared->profile, path, source, findings, error);
    if (code == 0 && sw_findings_count(findings, SW_ERROR) == before)
        code = sw_wrapped_read(&prepared->wrapped, &prepared->profile, project, source, catalog, findings,
                               error);
    if (code != 0 || sw_findings_count(findings, SW_ERROR) > before)
        return code;
    return sw_plan_resolve(&prepared->plan, &prepared->profile, catalog, findings, error);
}

int sw_prepared_needs(const struct sw_prepared *prepared, const struct sw_project *project,
                      enum sw_severity severity, struct sw_findings *findings, struct sw_error *error)
{
    if (prepared->profile.root == NULL)
        return 0;
    sw_profile_needs_secrets(&prepared->profile, &project->permissions, severity, findings);
    return sw_profile_needs_files(&prepared->profile, &project->permissions, findings, error);
}

bool sw_prepared_names_projects(const struct sw_prepared *prepared)
{
    static const char *const keys[] = {"requirements", "constraints", "overrides", "torch"};
    bool any = false;
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        const struct sw_node *value = sw_node_get(prepared->profile.root, keys[i]);
        any = any || !sw_node_empty(value);
    }
    return any;
}

/* Find the faults of the Dockerfile. A template that fails is a matter for the callers that render it. */
static void check_rendering(const struct sw_prepared *prepared, const struct sw_project *project,
                            struct sw_findings *findings)
{
    SW_RENDERING_AUTO rendering = {0};
    if (sw_render(&rendering, &prepared->plan, SW_RENDER_DOCKER, project->overrides, NULL) == 0)
        sw_rendering_check(&rendering, &prepared->profile, findings);
}

int sw_prepared_check(const struct sw_prepared *prepared, struct sw_project *project,
                      const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error)
{
    struct sw_error problem;
    struct sw_check_input input = {.profile = &prepared->profile,
                                   .plan = &prepared->plan,
                                   .catalog = catalog,
                                   .permissions = &project->permissions,
                                   .cancel = project->cancel,
                                   .offline = project->offline,
                                   .lock = prepared->lock,
                                   .coverage = prepared->coverage};
    if (prepared->plan.root == NULL)
        return 0;
    if (!prepared->profile.is_found || sw_plan_is_wrapped(&prepared->plan))
        check_rendering(prepared, project, findings);
    if (sw_prepared_names_projects(prepared) && sw_project_index(&input.index, project, &problem) != 0)
        input.no_index = problem.text;
    size_t from = findings->count;
    int code = sw_check(&input, findings, error);
    sw_wrapped_drop_fixes(&prepared->profile, findings, from);
    return code;
}

int sw_prepared_add_neighbours(struct sw_prepared *prepared, struct sw_project *project,
                               const struct sw_catalog *catalog, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(project);
    struct sw_texts paths = {0};
    if (sw_node_type(prepared->plan.parts.guard) != SW_NODE_MAP)
        return 0;
    int code = sw_profiles_list(&paths, project, error);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        SW_PROFILE_AUTO other = {0};
        SW_FINDINGS_AUTO faults; /* theirs, and not to be told here */
        sw_findings_init(&faults);
        if (sw_profile_load(&other, paths.items[i], &source, &faults, NULL) != 0 ||
            sw_findings_count(&faults, SW_ERROR) > 0 || strcmp(other.name, prepared->profile.name) == 0)
            continue;
        code = sw_plan_add_neighbour(&prepared->plan, &other, catalog, error);
    }
    return code;
}

void sw_prepared_tell_overrides(const struct sw_prepared *prepared, const struct sw_sink *sink)
{
    const struct sw_node *list = prepared->plan.parts.overrides;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_MESSAGE);
        sw_buffer_addf(&text, "slipway/%s is the project's own and replaces slipway's",
                       sw_node_text(sw_node_get(sw_node_item(list, i), "file"), ""));
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_buffer_str(&text)});
    }
}

void sw_prepared_release(struct sw_prepared *prepared)
{
    sw_plan_release(&prepared->plan);
    sw_profile_release(&prepared->profile);
    sw_wrapped_release(&prepared->wrapped);
}
