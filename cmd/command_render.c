#include "commands.h"

#include "output/format.h"
#include "output/say.h"

#include "base/beneath.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/lock.h"
#include "project/grants.h"
#include "project/held_lock.h"
#include "project/installers.h"
#include "project/prepare.h"
#include "project/prepared.h"

#include <fcntl.h>
#include <unistd.h>

/* In the first line of a rendered config. */
#define MARK ": rendered by slipway"

static int target_of(enum sw_render_target *target, const struct session *session, struct sw_error *error)
{
    const char *name = session->options.target;
    if (name == NULL || strcmp(name, "docker") == 0) {
        *target = SW_RENDER_DOCKER;
    } else if (strcmp(name, "truss") == 0) {
        *target = SW_RENDER_TRUSS;
    } else if (strcmp(name, "compose") == 0) {
        *target = SW_RENDER_COMPOSE;
    } else {
        (void)sw_fail(error, SW_EINPUT, "unknown target '%s'", name);
        return sw_error_hint(error, "docker, truss or compose");
    }
    return 0;
}

/* The folder is the same on every machine, so that the certificates which only this machine trusts are not in it: say how a build takes
 * them along. */
static int tell_certificates(struct session *session, const char *output, struct sw_error *error)
{
    const struct sw_installers *installers = NULL;
    int code = sw_installers_read(&installers, &session->project, error);
    if (code == 0 && installers->certificates != NULL && !session->options.quiet)
        say(session->err,
            "note: this machine trusts the certificates in '%s'; a build of the folder takes them by\n"
            "  cp %s %s/certificates.pem\n"
            "  docker build --build-arg PIP_CERT=/run/slipway/certificates.pem"
            " --build-arg SSL_CERT_FILE=/run/slipway/certificates.pem %s\n",
            installers->certificates, installers->certificates, output, output);
    return code;
}

/* Write a folder that docker can build from: the rendered files and a copy of the files that the profile
 * takes from the context. */
static int write_docker(struct session *session, const struct sw_prepared *prepared,
                        const struct sw_rendering *rendering, const char *output, struct sw_error *error)
{
    struct sw_context *context = NULL;
    int code = sw_prepared_context(&context, &session->project, prepared, rendering, (struct sw_str){"", 0},
                                   output, NULL, error);
    if (code == 0)
        code = sw_context_write(context, output, error);
    sw_context_free(context);
    return code == 0 ? tell_certificates(session, output, error) : code;
}

/* Somebody's own file is not ours to replace; ours begins with a line that says so. */
static int refuse_foreign(int folder, const char *name, const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    int code = sw_read_beneath(&text, folder, name, error);
    if (code == SW_ENOTFOUND)
        return 0;
    struct sw_str rest = sw_buffer_str(&text);
    struct sw_str first = sw_str_cut(&rest, '\n');
    if (code == 0 && first.n > 0 && memmem(first.p, first.n, MARK, strlen(MARK)) != NULL)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "'%s' is there already, and no render wrote it", path);
    return sw_error_hint(error, "move it away, or render to another folder");
}

static int write_config(const struct sw_rendering *rendering, const char *output, struct sw_arena *arena,
                        struct sw_error *error)
{
    int code = sw_dir_make(output, 0777, error);
    SW_FD_AUTO folder = code == 0 ? open(output, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (code == 0 && folder < 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write '%s'", output);
    for (size_t i = 0; code == 0 && i < rendering->count; i++) {
        const char *path = sw_path_join(arena, output, rendering->files[i].name);
        code = path == NULL ? sw_fail_memory(error)
                            : refuse_foreign(folder, rendering->files[i].name, path, error);
        if (code == 0)
            code = sw_file_write(path, rendering->files[i].text, 0666, error);
    }
    return code;
}

/* The folder for a profile's files: with --all each profile gets a folder of its own. */
static const char *output_of(struct session *session, const char *name)
{
    const char *output = session->options.output;
    return output == NULL || !session->options.all ? output : sw_path_join(&session->arena, output, name);
}

/* A profile on its way to a folder, or to standard output. */
struct render {
    struct session *session;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    enum sw_render_target target;
    int lock;  /* on the folder */
    bool made; /* the folder, by this render */
};

static int write_files(struct render *render, const struct sw_prepared *prepared,
                       const struct sw_rendering *rendering, const char *output, struct sw_error *error)
{
    struct session *session = render->session;
    if (render->target != SW_RENDER_DOCKER)
        return write_config(rendering, output, &session->arena, error);
    if (sw_plan_is_wrapped(&prepared->plan)) {
        (void)sw_fail(error, SW_EINPUT,
                      "the profile builds a Dockerfile of your own: there is no folder to render");
        return sw_error_hint(error, "'slipway build' builds it; without --output its text is printed");
    }
    return write_docker(session, prepared, rendering, output, error);
}

static int render_one(struct render *render, struct sw_prepared *prepared, const char *output,
                      struct sw_error *error)
{
    SW_RENDERING_AUTO rendering = {0};
    size_t before = sw_findings_count(render->findings, SW_ERROR);
    int code = sw_prepared_add_neighbours(prepared, &render->session->project, render->catalog, error);
    if (code == 0)
        code =
            sw_render(&rendering, &prepared->plan, render->target, render->session->project.overrides, error);
    if (code == 0)
        sw_rendering_check(&rendering, &prepared->profile, render->findings);
    if (code != 0 || sw_findings_count(render->findings, SW_ERROR) > before)
        return code;
    if (output != NULL)
        return write_files(render, prepared, &rendering, output, error);
    (void)say_data(render->session->out, rendering.files[0].text);
    return 0;
}

static void begin_waiting(void *self)
{
    const struct render *render = self;
    if (!render->session->options.quiet)
        say(render->session->err, "waiting for another slipway that renders to the same folder\n");
}

/* Renders to one folder follow one another: the list of files that the last one wrote tells the next which it may remove. */
static int lock_output(struct render *render, const char *output, struct sw_error *error)
{
    const struct sw_lock_wait wait = {
        .cancel = &render->session->cancel, .begin = begin_waiting, .self = render};
    int code = sw_grants_check_file(&render->session->project, output, SW_ACCESS_WRITE, error);
    render->made = access(output, F_OK) != 0;
    if (code == 0)
        code = sw_dir_make(output, 0777, error);
    return code == 0 ? sw_lock_folder(&render->lock, output, &wait, error) : code;
}

static int load(struct sw_prepared *prepared, const struct render *render, const char *path,
                struct sw_error *error)
{
    int code =
        sw_prepare(prepared, &render->session->project, path, render->catalog, render->findings, error);
    return code == 0
               ? sw_prepared_needs(prepared, &render->session->project, SW_WARNING, render->findings, error)
               : code;
}

/* The profile is read once more when the folder is locked: it may have changed since, and another slipway have rendered it. */
static int render_path(struct render *render, const char *path, struct sw_error *error)
{
    SW_PREPARED_AUTO prepared;
    size_t before = sw_findings_count(render->findings, SW_ERROR);
    int code = load(&prepared, render, path, error);
    if (code != 0 || sw_findings_count(render->findings, SW_ERROR) > before)
        return code;
    const char *output = output_of(render->session, prepared.profile.name);
    code = output == NULL ? 0 : lock_output(render, output, error);
    if (code == 0 && output != NULL) {
        sw_prepared_release(&prepared);
        code = load(&prepared, render, path, error);
    }
    if (code == 0 && sw_findings_count(render->findings, SW_ERROR) == before)
        code = sw_prepared_keep_lock(&prepared, &render->session->project, error);
    if (code == 0 && sw_findings_count(render->findings, SW_ERROR) == before)
        code = render_one(render, &prepared, output, error);
    if (code == 0)
        code = sw_render_losses(&prepared.plan, render->target, &prepared.profile, render->findings, error);
    bool refused = code != 0 || sw_findings_count(render->findings, SW_ERROR) > before;
    if (render->made && refused)
        (void)rmdir(output); /* it stays if another program wrote to it */
    sw_fd_close(&render->lock);
    return code;
}

enum status command_render(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct sw_texts paths = {0};
    enum sw_render_target target = SW_RENDER_DOCKER;
    struct sw_error error;
    sw_findings_init(&findings);
    session->project.stale_locks = SW_STALE_KEPT;
    int code = target_of(&target, session, &error);
    if (code == 0)
        code = session_choose_profiles(&paths, session, session->options.all, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        struct render render = {
            .session = session, .catalog = &catalog, .findings = &findings, .target = target, .lock = -1};
        code = render_path(&render, paths.items[i], &error);
    }
    sw_findings_unique(&findings);
    if (code == 0 && findings_status(&findings) != STATUS_DONE)
        return format_refusal(session, &findings);
    format_aside(session, &findings);
    return code == 0 ? STATUS_DONE : session_fail(session, &error);
}
