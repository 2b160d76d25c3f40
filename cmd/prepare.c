#include "prepare.h"

#include "locks.h"
#include "output/format.h"

#include "base/file.h"
#include "base/limits.h"
#include "check/check.h"
#include "data/path.h"
#include "profile/needs.h"
#include "project/grants.h"
#include "project/profiles.h"
#include "project/web.h"

int prepare_from(struct prepared *prepared, const char *path, const struct sw_profile_source *source,
                 const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error)
{
    *prepared = (struct prepared){0};
    size_t before = sw_findings_count(findings, SW_ERROR);
    int code = sw_profile_load(&prepared->profile, path, source, findings, error);
    if (code != 0 || sw_findings_count(findings, SW_ERROR) > before)
        return code;
    return sw_plan_resolve(&prepared->plan, &prepared->profile, catalog, findings, error);
}

int prepare(struct prepared *prepared, const struct session *session, const char *path,
            const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    *prepared = (struct prepared){0};
    if (sw_cancel_requested(&session->cancel))
        return sw_fail_canceled(error);
    size_t before = sw_findings_count(findings, SW_ERROR);
    int code = prepare_from(prepared, path, &source, catalog, findings, error);
    return code == 0 && sw_findings_count(findings, SW_ERROR) == before
               ? lock_hold(prepared, session, &source, findings, error)
               : code;
}

int prepared_needs(const struct prepared *prepared, const struct session *session, enum sw_severity severity,
                   struct sw_findings *findings, struct sw_error *error)
{
    if (prepared->profile.root == NULL)
        return 0;
    sw_profile_needs_secrets(&prepared->profile, &session->project.permissions, severity, findings);
    return sw_profile_needs_files(&prepared->profile, &session->project.permissions, findings, error);
}

/* Return true if the package index can have anything to say. */
static bool names_projects(const struct prepared *prepared)
{
    static const char *const keys[] = {"requirements", "constraints", "torch"};
    bool any = false;
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        const struct sw_node *value = sw_node_get(prepared->profile.root, keys[i]);
        any = any || !sw_node_empty(value);
    }
    return any;
}

/* Find the faults of the Dockerfile. A template that fails is a matter for the callers that render it. */
static void check_rendering(const struct prepared *prepared, const struct session *session,
                            struct sw_findings *findings)
{
    SW_RENDERING_AUTO rendering = {0};
    if (sw_render(&rendering, &prepared->plan, SW_RENDER_DOCKER, session->project.overrides, NULL) == 0)
        sw_rendering_check(&rendering, &prepared->profile, findings);
}

int prepared_check(const struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                   struct sw_findings *findings, struct sw_error *error)
{
    struct sw_error problem;
    struct sw_check_input input = {.profile = &prepared->profile,
                                   .plan = &prepared->plan,
                                   .catalog = catalog,
                                   .permissions = &session->project.permissions,
                                   .cancel = &session->cancel,
                                   .offline = session->options.offline,
                                   .coverage = prepared->coverage};
    if (prepared->plan.root == NULL)
        return 0;
    if (!prepared->profile.is_found)
        check_rendering(prepared, session, findings);
    if (names_projects(prepared) && sw_project_index(&input.index, &session->project, &problem) != 0)
        input.no_index = problem.text;
    return sw_check(&input, findings, error);
}

int prepare_neighbours(struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                       struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    struct sw_texts paths = {0};
    if (sw_node_type(sw_node_get(prepared->plan.root, "guard")) != SW_NODE_MAP)
        return 0;
    int code = sw_profiles_list(&paths, &session->project, error);
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

void prepared_tell_overrides(const struct prepared *prepared, const struct sw_sink *sink)
{
    const struct sw_node *list = sw_node_get(prepared->plan.root, "overrides");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_MESSAGE);
        sw_buffer_addf(&text, "slipway/%s is the project's own and replaces slipway's",
                       sw_node_text(sw_node_get(sw_node_item(list, i), "file"), ""));
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_buffer_str(&text)});
    }
}

void prepared_release(struct prepared *prepared)
{
    sw_plan_release(&prepared->plan);
    sw_profile_release(&prepared->profile);
}

enum status prepare_one(struct prepared *prepared, struct session *session, struct sw_catalog *catalog,
                        bool checked)
{
    struct sw_texts paths = {0};
    struct sw_error error;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = session_choose_profiles(&paths, session, false, &error);
    if (code == 0)
        code = sw_catalog_load(catalog, session->project.overrides, &error);
    if (code == 0)
        code = prepare(prepared, session, paths.items[0], catalog, &findings, &error);
    if (code == 0 && checked)
        code = prepared_needs(prepared, session, SW_WARNING, &findings, &error);
    if (code == 0 && checked)
        code = prepared_check(prepared, session, catalog, &findings, &error);
    return prepared_tell(session, code, &findings, &error);
}

enum status prepared_tell(struct session *session, int code, const struct sw_findings *findings,
                          const struct sw_error *error)
{
    if (code != 0)
        return session_fail(session, error);
    if (findings_status(findings) != STATUS_DONE)
        return format_refusal(session, findings);
    format_aside(session, findings);
    return STATUS_DONE;
}

void place_error(struct sw_error *error, const struct sw_node *at)
{
    if (at == NULL || error->file[0] != '\0')
        return;
    (void)snprintf(error->file, sizeof error->file, "%s", sw_node_file(at));
    error->line = sw_node_line(at);
    error->column = sw_node_column(at);
}

static int load_ignore(struct sw_ignore **ignore, struct session *session, const char *root,
                       struct sw_error *error)
{
    struct sw_arena *arena = &session->arena;
    const char *path = sw_path_join(arena, root, ".dockerignore");
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_IGNORE_SIZE);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_permissions_read(&text, &session->project.permissions, path, error);
    if (code == SW_ENOTFOUND)
        return 0;
    return code != 0 ? code : sw_ignore_new(ignore, sw_buffer_str(&text), path, error);
}

struct sw_context_file *prepare_files(struct sw_arena *arena, const struct sw_rendering *rendering,
                                      struct sw_str certificates)
{
    struct sw_context_file *files = sw_arena_array(arena, rendering->count + 1, sizeof *files);
    for (size_t i = 0; files != NULL && i < rendering->count; i++) {
        const struct sw_rendered_file *file = &rendering->files[i];
        bool replaced = certificates.n > 0 && strcmp(file->name, "certificates.pem") == 0;
        files[i] = (struct sw_context_file){
            .path = file->name, .content = replaced ? certificates : file->text, .mode = file->mode};
    }
    return files;
}

/* Arrays of an arena that a context is scanned from. */
static int fill(struct sw_context_options *options, struct sw_arena *arena, const struct prepared *prepared,
                const struct sw_rendering *rendering, struct sw_str certificates, struct sw_error *error)
{
    const struct sw_node *list = sw_node_at(prepared->profile.root, "context.copy");
    size_t count = sw_node_count(list);
    struct sw_context_copy *copies = sw_arena_array(arena, count + 1, sizeof *copies);
    struct sw_context_file *files = prepare_files(arena, rendering, certificates);
    if (copies == NULL || files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct sw_node *from = sw_node_get(sw_node_item(list, i), "from");
        copies[i] = (struct sw_context_copy){sw_node_text(from, ""), sw_node_file(from), sw_node_line(from),
                                             sw_node_column(from)};
    }
    options->copies = copies;
    options->copies_count = count;
    options->files = files;
    options->files_count = rendering->count;
    return 0;
}

int prepare_context(struct sw_context **context, struct session *session, const struct prepared *prepared,
                    const struct sw_rendering *rendering, struct sw_str certificates, const char *output,
                    const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_arena *arena = &session->arena;
    struct sw_context_options *options = sw_arena_alloc(arena, sizeof *options);
    struct sw_ignore *ignore = NULL;
    const char *root = sw_profile_context(arena, &prepared->profile);
    if (options == NULL || root == NULL)
        return sw_fail_memory(error);
    *options =
        (struct sw_context_options){.root = root, .output = output, .sink = sink, .cancel = &session->cancel};
    const char *real = NULL;
    int code = sw_permissions_find(&real, arena, &session->project.permissions, root, SW_ACCESS_READ, error);
    options->real_root = real;
    if (code == 0)
        code = fill(options, arena, prepared, rendering, certificates, error);
    if (code == 0)
        code = load_ignore(&ignore, session, root, error);
    options->ignore = ignore;
    if (code == 0)
        code = sw_context_scan(context, options, error);
    sw_ignore_free(ignore);
    if (code != 0)
        place_error(error, sw_node_at(prepared->profile.root, "context.path"));
    return code;
}
