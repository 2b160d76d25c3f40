#include "commands.h"

#include "output/format.h"
#include "output/say.h"
#include "permissions.h"
#include "prepare.h"

#include "base/file.h"
#include "base/limits.h"

/* In the first line of a rendered config. */
#define MARK ": rendered by slipway"

static int target_of(enum sw_render_target *target, const struct session *session, struct sw_error *error)
{
    const char *name = session->options.target;
    if (name == NULL || strcmp(name, "docker") == 0) {
        *target = SW_RENDER_DOCKER;
    } else if (strcmp(name, "truss") == 0) {
        *target = SW_RENDER_TRUSS;
    } else {
        (void)sw_fail(error, SW_EINPUT, "unknown target '%s'", name);
        return sw_error_hint(error, "docker or truss");
    }
    return 0;
}

/* A folder that docker builds from: the rendered files and a copy of what the profile takes from the context. */
static int write_docker(struct session *session, const struct prepared *prepared,
                        const struct sw_rendering *rendering, const char *output, struct sw_error *error)
{
    struct sw_context *context = NULL;
    int code =
        prepare_context(&context, session, prepared, rendering, (struct sw_str){"", 0}, output, NULL, error);
    if (code == 0)
        code = sw_context_write(context, output, error);
    sw_context_free(context);
    return code;
}

/* Somebody's own file is not ours to replace; ours begins with a line that says so. */
static int refuse_foreign(const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    int code = sw_file_read(&text, path, error);
    if (code == SW_ENOTFOUND)
        return 0;
    struct sw_str rest = sw_buffer_str(&text);
    struct sw_str first = sw_str_cut(&rest, '\n');
    if (code == 0 && first.n > 0 && memmem(first.p, first.n, MARK, strlen(MARK)) != NULL)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "'%s' is there already, and no render wrote it", path);
    return sw_error_hint(error, "move it away, or render to another folder");
}

static int write_truss(const struct sw_rendering *rendering, const char *output, struct sw_arena *arena,
                       struct sw_error *error)
{
    int code = sw_dir_make(output, 0777, error);
    for (size_t i = 0; code == 0 && i < rendering->count; i++) {
        const char *path = sw_path_join(arena, output, rendering->files[i].name);
        code = path == NULL ? sw_fail_memory(error) : refuse_foreign(path, error);
        if (code == 0)
            code = sw_file_write(path, rendering->files[i].text, 0666, error);
    }
    return code;
}

/* Where one profile's files go: with --all each into a folder of its own. */
static const char *output_of(struct session *session, const char *name)
{
    const char *output = session->options.output;
    return output == NULL || !session->options.all ? output : sw_path_join(&session->arena, output, name);
}

static int render_one(struct session *session, struct prepared *prepared, const struct sw_catalog *catalog,
                      enum sw_render_target target, struct sw_findings *findings, struct sw_error *error)
{
    SW_RENDERING_AUTO rendering = {0};
    size_t before = sw_findings_count(findings, SW_ERROR);
    int code = prepare_neighbours(prepared, session, catalog, error);
    if (code == 0)
        code = sw_render(&rendering, &prepared->plan, target, session->project, error);
    if (code == 0)
        sw_rendering_check(&rendering, &prepared->profile, findings);
    if (code != 0 || sw_findings_count(findings, SW_ERROR) > before)
        return code;
    const char *output = output_of(session, prepared->profile.name);
    if (output != NULL)
        code = permissions_check_file(session, output, SW_ACCESS_WRITE, error);
    if (code != 0)
        return code;
    if (output != NULL)
        return target == SW_RENDER_DOCKER ? write_docker(session, prepared, &rendering, output, error)
                                          : write_truss(&rendering, output, &session->arena, error);
    (void)say_data(session->out, rendering.files[0].text);
    return 0;
}

/* A Truss is started by its platform, with no entry point of ours. */
static void say_unguarded(const struct prepared *prepared, enum sw_render_target target,
                          struct sw_findings *findings)
{
    if (target != SW_RENDER_TRUSS || !sw_node_boolean(sw_node_get(prepared->profile.root, "guard"), false))
        return;
    struct sw_finding *finding =
        sw_findings_add(findings, "SW102", SW_WARNING,
                        "a Truss has no guard: it starts on whatever GPU its platform gives it");
    sw_profile_place(&prepared->profile, findings, finding, "guard");
}

enum status command_render(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct text_list paths = {0};
    enum sw_render_target target = SW_RENDER_DOCKER;
    struct sw_error error;
    sw_findings_init(&findings);
    int code = target_of(&target, session, &error);
    if (code == 0)
        code = session_choose_profiles(&paths, session, session->options.all, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project, &error);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        PREPARED_AUTO prepared;
        size_t before = sw_findings_count(&findings, SW_ERROR);
        code = prepare(&prepared, session, paths.items[i], &catalog, &findings, &error);
        if (code == 0)
            code = prepared_needs(&prepared, session, SW_WARNING, &findings, &error);
        if (code == 0 && sw_findings_count(&findings, SW_ERROR) == before)
            code = render_one(session, &prepared, &catalog, target, &findings, &error);
        if (code == 0)
            say_unguarded(&prepared, target, &findings);
    }
    sw_findings_unique(&findings);
    if (code == 0 && findings_status(&findings) != STATUS_DONE)
        return format_refusal(session, &findings);
    format_aside(session, &findings);
    return code == 0 ? STATUS_DONE : session_fail(session, &error);
}
