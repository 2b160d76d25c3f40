#include "session.h"

#include "output/format.h"
#include "output/say.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "project/grants.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"

#include <sys/stat.h>
#include <unistd.h>

enum status status_of(int code)
{
    switch ((enum sw_code)code) {
    case SW_OK:
        return STATUS_DONE;
    case SW_ENO:
    case SW_EREFUSED:
        return STATUS_NO;
    case SW_EINPUT:
    case SW_ENOTFOUND:
        return STATUS_INPUT;
    case SW_EENV:
        return STATUS_ENVIRONMENT;
    case SW_ECANCELED:
        break;
    }
    return STATUS_INTERRUPTED;
}

enum status session_fail(struct session *session, const struct sw_error *error)
{
    if (session->format == FORMAT_JSON || session->format == FORMAT_SARIF) {
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        (void)sw_findings_add_error(&findings, NULL, error);
        (void)format_refusal(session, &findings);
        return status_of(error->code);
    }
    const struct sw_finding finding = {
        .code = error->code == SW_EREFUSED                           ? "SW104"
                : error->code == SW_EINPUT && error->file[0] != '\0' ? "SW102"
                                                                     : "",
        .severity = SW_ERROR,
        .message = error->text,
        .file = error->file[0] == '\0' ? NULL : error->file,
        .line = error->line,
        .column = error->column,
        .hint = error->hint[0] == '\0' ? NULL : error->hint,
    };
    if (session->format == FORMAT_GITHUB)
        format_finding_github(session->err, &finding);
    else
        format_finding_text(session->err, &finding, session->color);
    return status_of(error->code);
}

static void tell(void *self, const struct sw_event *event)
{
    const struct session *session = self;
    bool kept_back = sw_str_is(event->step, "cache") ? !session->options.verbose : session->options.quiet;
    if (kept_back)
        return;
    if (event->kind == SW_EVENT_NOTE)
        say(session->err, "note: %.*s\n", SW_STR_FORMAT(event->text));
    else if (event->kind == SW_EVENT_STEP_STARTED)
        say(session->err, "%.*s\n", SW_STR_FORMAT(event->text));
}

int session_open_project(struct session *session, struct sw_error *error)
{
    const struct options *options = &session->options;
    struct sw_project *project = &session->project;
    struct stat status;
    project->directory = options->directory;
    project->builder = options->builder;
    project->host = options->hosts.count == 0 ? NULL : options->hosts.items[options->hosts.count - 1];
    project->offline = options->offline;
    project->locked = options->locked;
    project->grants = (struct sw_grants){options->allowed, options->secrets, options->agents};
    project->build_arguments = options->build_args;
    project->sink = (struct sw_sink){tell, session};
    project->overrides = sw_project_path(project, "slipway");
    if (project->overrides != NULL && stat(project->overrides, &status) != 0)
        project->overrides = NULL;
    return sw_grants_open(project, error);
}

int session_verify_timeout(int64_t *timeout_ns, const struct session *session, struct sw_error *error)
{
    enum { MOST_SECONDS = SW_ORPHAN_SECONDS / 2 };
    const char *text = session->options.verify_timeout;
    uint64_t seconds = 0;
    if (text != NULL &&
        (!sw_str_to_u64(sw_str_from(text), &seconds) || seconds < 1 || seconds > MOST_SECONDS))
        return sw_fail(error, SW_EINPUT, "--verify-timeout wants a number of seconds from 1 to %d, not '%s'",
                       MOST_SECONDS, text);
    *timeout_ns = (int64_t)seconds * SW_SECOND_NS;
    return 0;
}

int session_choose_profiles(struct sw_texts *paths, struct session *session, bool all, struct sw_error *error)
{
    return sw_profiles_choose(paths, &session->project, &session->options.arguments, all, error);
}

enum status session_prepare(struct sw_prepared *prepared, struct session *session, struct sw_catalog *catalog,
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
        code = sw_prepare(prepared, &session->project, paths.items[0], catalog, &findings, &error);
    if (code == 0 && checked)
        code = sw_prepared_needs(prepared, &session->project, SW_WARNING, &findings, &error);
    if (code == 0 && checked)
        code = sw_prepared_check(prepared, &session->project, catalog, &findings, &error);
    return session_tell_prepared(session, code, &findings, &error);
}

enum status session_tell_prepared(struct session *session, int code, const struct sw_findings *findings,
                                  const struct sw_error *error)
{
    if (code != 0)
        return session_fail(session, error);
    if (findings_status(findings) != STATUS_DONE)
        return format_refusal(session, findings);
    format_aside(session, findings);
    return STATUS_DONE;
}

int session_display(struct progress_options *display, const struct session *session, struct sw_error *error)
{
    struct progress_options options = {
        .kind = PROGRESS_AUTO, .fd = STDERR_FILENO, .color = session->color, .utf8 = session->utf8};
    int code = progress_kind_find(&options.kind, session->options.progress, error);
    if (code != 0)
        return code;
    if (session->options.quiet)
        options.kind = PROGRESS_QUIET;
    else if (session->format == FORMAT_JSON && session->options.progress == NULL)
        options.kind = PROGRESS_RAWJSON;
    else if ((session->format != FORMAT_TTY || session->options.verbose) && options.kind == PROGRESS_AUTO)
        options.kind = PROGRESS_PLAIN;
    if (options.kind == PROGRESS_RAWJSON)
        options.fd = STDOUT_FILENO;
    *display = options;
    return 0;
}

int session_progress(struct progress **progress, struct session *session, struct sw_error *error)
{
    struct progress_options options = {0};
    if (session->display != NULL)
        return progress_new(progress, session->display, error);
    int code = session_display(&options, session, error);
    return code == 0 ? progress_new(progress, &options, error) : code;
}
