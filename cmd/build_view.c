#include "build_view.h"

#include "build_result.h"
#include "output/github.h"
#include "output/say.h"

#include "base/file.h"

struct sw_attempt_choices build_choices(const struct session *session, int64_t verify_timeout_ns)
{
    const struct options *options = &session->options;
    return (struct sw_attempt_choices){
        .tags = options->tags,
        .arguments = options->build_args,
        .parts = {.cache_from = options->cache_from,
                  .cache_to = options->cache_to,
                  .outputs = options->outputs,
                  .attestations = options->attestations,
                  .provenance = options->provenance,
                  .sbom = options->sbom},
        .platform = options->platform,
        .gpus = options->gpus,
        .iidfile = options->iidfile,
        .verify_timeout_ns = verify_timeout_ns,
        .dry_run = options->dry_run,
        .no_cache = options->no_cache,
        .pull = options->pull,
        .push = options->push,
        .no_verify = options->no_verify,
        .no_record = options->no_record,
    };
}

static void close_display(void *self)
{
    struct build_view *view = self;
    /* The log is closed first, so that the display can still tell of a disk that is full now. */
    logfile_free(view->log);
    view->log = NULL;
    progress_free(view->progress);
    view->progress = NULL;
    github_end(view);
}

void build_view_release(struct build_view *view)
{
    close_display(view);
    timeline_release(&view->timeline);
    view->timeline = (struct timeline){0};
    view->log_path = NULL;
}

static void begin(void *self, const struct sw_attempt *attempt)
{
    struct build_view *view = self;
    build_view_release(view);
    github_mask(view->session, attempt);
    github_begin(view, attempt->prepared.profile.name);
}

/* The log of each build has a file of its own, in the cache. */
static int open_log(struct build_view *view, const struct sw_attempt *attempt, struct sw_error *error)
{
    struct session *session = view->session;
    if (session->options.dry_run)
        return 0;
    const char *cache = sw_project_writable_cache(&session->project);
    if (cache == NULL) {
        const struct sw_error *problem = session->project.cache_problem;
        say(session->err, "note: no log of this build is kept%s%s\n", problem == NULL ? "" : ": ",
            problem == NULL ? "" : problem->text);
        return 0;
    }
    const char *folder = sw_path_join(&session->arena, cache, "logs");
    const char *path =
        folder == NULL ? NULL : logfile_path(&session->arena, folder, attempt->prepared.profile.name);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_dir_make(folder, 0777, error);
    if (code == 0)
        code = logfile_new(&view->log, path, error);
    if (code == 0) {
        logfile_add(view->log, "plan %s", attempt->prepared.plan.digest); /* by which `fix` knows it again */
        view->log_path = path;
    }
    return code;
}

static void to_all(void *self, const struct sw_event *event)
{
    struct build_view *view = self;
    struct sw_sink sinks[] = {progress_sink(view->progress), {0}, timeline_sink(&view->timeline)};
    if (view->log != NULL)
        sinks[1] = logfile_sink(view->log);
    for (size_t i = 0; i < SW_COUNT(sinks); i++)
        sw_emit(&sinks[i], *event);
}

static int open_display(void *self, struct sw_sink *sink, const struct sw_attempt *attempt,
                        struct sw_error *error)
{
    struct build_view *view = self;
    int code = open_log(view, attempt, error);
    if (code == 0)
        code = session_progress(&view->progress, view->session, error);
    if (code != 0)
        return code;
    if (view->log != NULL)
        logfile_report_to(view->log, progress_sink(view->progress));
    *sink = (struct sw_sink){to_all, view};
    return 0;
}

static void again(void *self, const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                  size_t first)
{
    struct build_view *view = self;
    build_round(view, attempt, autofix, first);
    build_view_release(view);
}

static int end(void *self, struct sw_attempt *attempt, const struct sw_autofix *autofix, int code)
{
    struct build_view *view = self;
    code = build_report(view, attempt, autofix, code);
    build_view_release(view);
    view->rounds = NULL;
    return code;
}

struct sw_attempt_view build_view_functions(struct build_view *view)
{
    return (struct sw_attempt_view){view, begin, open_display, close_display, again, end};
}
