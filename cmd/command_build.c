#include "commands.h"

#include "autofix.h"
#include "build.h"
#include "build_result.h"
#include "consent.h"
#include "many.h"
#include "output/format.h"
#include "output/github.h"
#include "output/say.h"
#include "publish.h"
#include "push.h"
#include "record.h"

#include "base/clock.h"
#include "base/file.h"
#include "build/exporters.h"
#include "data/path.h"
#include "project/grants.h"
#include "project/records.h"

#include <unistd.h>

static void to_all(void *self, const struct sw_event *event)
{
    struct build *build = self;
    for (size_t i = 0; i < SW_COUNT(build->sinks); i++)
        sw_emit(&build->sinks[i], *event);
}

/* The log of each build has a file of its own, in the cache. */
static int open_log(struct build *build, struct sw_error *error)
{
    if (build->session->options.dry_run)
        return 0;
    struct sw_arena *arena = &build->session->arena;
    const char *cache = sw_project_writable_cache(&build->session->project);
    if (cache == NULL) {
        const struct sw_error *problem = build->session->project.cache_problem;
        say(build->session->err, "note: no log of this build is kept%s%s\n", problem == NULL ? "" : ": ",
            problem == NULL ? "" : problem->text);
        return 0;
    }
    const char *folder = sw_path_join(arena, cache, "logs");
    const char *path = folder == NULL ? NULL : logfile_path(arena, folder, build->prepared.profile.name);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_dir_make(folder, 0777, error);
    if (code == 0)
        code = logfile_new(&build->log, path, error);
    if (code == 0) {
        logfile_add(build->log, "plan %s", build->prepared.plan.digest); /* by which `fix` knows it again */
        build->log_path = path;
    }
    return code;
}

/* Open the readers of the build's events: display, log file, diagnosis. */
static int open_sinks(struct build *build, struct sw_error *error)
{
    struct session *session = build->session;
    int code = 0;
    /* Faults of the project's own rules are told before anything is built. */
    if (sw_rules_are_own(session->project.overrides))
        code = sw_rules_load(&build->rules, session->project.overrides, error);
    if (code == 0)
        code = open_log(build, error);
    if (code == 0)
        code = session_progress(&build->progress, session, error);
    if (code != 0)
        return code;
    build->diagnosis = sw_diagnosis_new(build->rules);
    if (build->diagnosis == NULL)
        return sw_fail_memory(error);
    build->sinks[0] = progress_sink(build->progress);
    if (build->log != NULL) {
        logfile_report_to(build->log, build->sinks[0]);
        build->sinks[1] = logfile_sink(build->log);
    }
    build->sinks[2] = sw_diagnosis_sink(build->diagnosis);
    build->sinks[3] = timeline_sink(&build->timeline);
    build->sink = (struct sw_sink){to_all, build};
    return 0;
}

void build_release(struct build *build)
{
    progress_free(build->progress);
    logfile_free(build->log);
    timeline_release(&build->timeline);
    sw_diagnosis_free(build->diagnosis);
    sw_rules_free(build->rules);
    sw_host_engine_close(&build->engine);
    sw_context_free(build->context);
    sw_credentials_free(build->credentials);
    sw_network_release(&build->network);
    sw_rendering_release(&build->rendering);
    sw_build_outcome_release(&build->outcome);
    sw_verification_release(&build->verification);
    sw_findings_release(&build->findings);
    sw_prepared_release(&build->prepared);
}

/* The arguments of the command line come after the host's own, so that they win. */
static int add_arguments(struct build *build, struct sw_error *error)
{
    const struct sw_texts *given = &build->session->options.build_args;
    struct sw_arena *arena = &build->session->arena;
    size_t count = 0;
    while (build->network.arguments[count].name != NULL)
        count++;
    struct sw_pair *all = sw_arena_array(arena, count + given->count + 1, sizeof *all);
    if (all == NULL)
        return sw_fail_memory(error);
    memcpy(all, build->network.arguments, count * sizeof *all);
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (equals == NULL || equals == given->items[i])
            return sw_fail(error, SW_EINPUT, "--build-arg '%s' is not NAME=VALUE", given->items[i]);
        size_t length = (size_t)(equals - given->items[i]);
        const char *name = sw_arena_copy(arena, (struct sw_str){given->items[i], length});
        if (name == NULL)
            return sw_fail_memory(error);
        all[count++] = (struct sw_pair){name, equals + 1};
    }
    build->arguments = all;
    return 0;
}

/* The programs for images are of one architecture: this program's own. */
static int check_program(const struct build *build, const char *key, const char *name, struct sw_error *error)
{
    const char *platform = build->session->options.platform;
    const char *wanted = sw_engine_info(build->engine.engine)->architecture;
    const char *slash = platform == NULL ? NULL : strchr(platform, '/');
    if (slash != NULL)
        wanted = slash + 1;
    const struct sw_node *asked = sw_node_get(build->prepared.profile.root, key);
    size_t length = strcspn(wanted, "/");
    if (sw_node_type(sw_node_get(build->prepared.plan.root, key)) != SW_NODE_MAP || wanted[0] == '\0' ||
        (length == strlen(SW_GUARD_ARCHITECTURE) && strncmp(wanted, SW_GUARD_ARCHITECTURE, length) == 0))
        return 0;
    (void)sw_fail_at(error, SW_EINPUT, sw_node_file(asked), sw_node_line(asked), sw_node_column(asked),
                     "this slipway has a %s for linux/" SW_GUARD_ARCHITECTURE
                     " only, and the image is for linux/%.*s",
                     name, (int)length, wanted);
    return sw_error_hint(error, "build it with a slipway of that architecture, or without %s", key);
}

/* The plan's tags, or those of -t; ends with NULL. */
static const char **tags_of(struct build *build, struct sw_error *error)
{
    const struct sw_texts *given =
        build->session->options.tags.count > 0 ? &build->session->options.tags : &build->parts.names;
    const struct sw_node *planned = sw_node_at(build->prepared.plan.root, "image.tags");
    size_t count = given->count > 0 ? given->count : sw_node_count(planned);
    const char **tags = sw_arena_array(&build->session->arena, count + 1, sizeof *tags);
    if (tags == NULL) {
        (void)sw_fail_memory(error);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        tags[i] = given->count == 0
                      ? sw_node_text(sw_node_item(planned, i), "")
                      : many_name(&build->session->arena, given->items[i], build->prepared.profile.name);
        if (tags[i] == NULL) {
            (void)sw_fail_memory(error);
            return NULL;
        }
    }
    return tags;
}

static int run_build(struct build *build, struct sw_error *error)
{
    const struct options *options = &build->session->options;
    if (!build->unnamed)
        build->tags = tags_of(build, error);
    if (build->tags == NULL && !build->unnamed)
        return SW_EENV;
    const struct sw_build_request request = {
        .offer = build->offer,
        .dockerfile_text = sw_rendering_text(&build->rendering, "Dockerfile"),
        .tags = build->tags,
        .arguments = build->arguments,
        .platform = options->platform,
        .no_cache = options->no_cache,
        .cache_from = build->parts.cache_from,
        .cache_to = build->parts.cache_to,
        .outputs = build->parts.outputs,
        .attestations = build->parts.attestations,
    };
    int code = sw_engine_build_check(build->engine.engine, &request, error);
    if (code == 0)
        code = build_base(build, error);
    return code == 0 ? sw_engine_build(&build->outcome, build->engine.engine, &request, &build->sink, error)
                     : code;
}

/* Explain the failure by findings at their places in the profile. A text of the engine about the build as a
 * whole has no step, and no reader has seen it, so that the readers get it here. */
static int explain(struct build *build, struct sw_error *error)
{
    if (build->outcome.failure == SW_BUILD_LOST)
        return sw_fail(error, SW_EENV, "%s", build->outcome.failure_text);
    if (build->outcome.step[0] == '\0')
        sw_emit(&build->sink, (struct sw_event){.kind = SW_EVENT_LOG,
                                                .step = SW_STR("engine"),
                                                .text = sw_str_from(build->outcome.failure_text),
                                                .stream = SW_STDERR});
    return sw_diagnosis_finish(build->diagnosis, build->prepared.profile.root, SW_OUTCOME_FAILED,
                               &build->findings, error);
}

bool build_has_image(const struct build *build)
{
    return build->outcome.image_id != NULL && build->outcome.image_id[0] != '\0';
}

static int verify(struct build *build, struct sw_error *error)
{
    if (build->session->options.no_verify)
        return 0;
    if (!build_has_image(build)) {
        (void)sw_findings_add(
            &build->findings, "SW403", SW_NOTE,
            "not tried: the image went where --output says and not to the engine, so nothing "
            "was run in it");
        return 0;
    }
    const struct sw_verify_request request = {.image = build->outcome.image_id,
                                              .profile = &build->prepared.profile,
                                              .plan = &build->prepared.plan,
                                              .project = build->session->project.overrides,
                                              .timeout_ns = build->verify_timeout_ns,
                                              .gpus = build->session->options.gpus};
    int code = sw_verify_image(&build->verification, build->engine.engine, &request, &build->findings,
                               &build->sink, error);
    build->verified = code == 0 && build->verification.failed == 0;
    return code;
}

int build_open(struct build *build, struct sw_error *error)
{
    int code = build->session->options.dry_run ? 0 : build_offer(build, error);
    github_mask(build);
    github_begin(build);
    if (code == 0)
        code = sw_network_read(&build->network, &build->session->project, error);
    if (code == 0)
        code = add_arguments(build, error);
    if (code == 0)
        code = parts_read(&build->parts, build->session, build->prepared.profile.name, error);
    return code != 0 ? code : open_sinks(build, error);
}

int build_run(struct build *build, struct sw_error *error)
{
    sw_prepared_tell_overrides(&build->prepared, &build->sink);
    int code = build_offer_context(build, error);
    if (code == 0)
        code = sw_host_engine_open(&build->engine, &build->session->project, &build->sink, error);
    if (code == 0 && !build->unnamed)
        code = publish_finish(build->session, build->engine.engine, build->prepared.profile.name,
                              &build->sink, error);
    if (code == 0)
        code = check_program(build, "guard", "guard", error);
    if (code == 0)
        code = check_program(build, "trim", "trimmer", error);
    if (code == 0)
        code = parts_find_caches(&build->parts, build->session, &build->sink, error);
    if (code == 0)
        code = run_build(build, error);
    if (code == 0)
        code = build->outcome.failed ? explain(build, error) : verify(build, error);
    return code;
}

/* Fail before the build begins if the build could not be recorded. Remove the file of --iidfile, so that the
 * ID of an earlier image does not outlive this build. */
static int make_ready(const struct build *build, struct sw_error *error)
{
    const struct options *options = &build->session->options;
    SW_HISTORY_AUTO *history = NULL;
    const char *path = many_name(&build->session->arena, options->iidfile, build->prepared.profile.name);
    if (path != NULL)
        (void)unlink(path);
    if (options->no_record)
        return 0;
    int code = sw_records_open(&history, &build->session->project, error);
    if (code == 0)
        code = sw_history_ready(history, error);
    if (code != 0) {
        (void)sw_error_context(error, "the build could not be recorded");
        if (error != NULL && error->hint[0] == '\0')
            (void)sw_error_hint(error,
                                "--no-record builds without a record, which rollback and push then miss");
    }
    return code;
}

/* Everything between a plan and a verified image. */
static int make_image(struct build *build, struct sw_error *error)
{
    struct session *session = build->session;
    int code = sw_records_refuse_interrupted(&session->project, build->prepared.profile.name, error);
    if (code == 0 && !session->options.dry_run)
        code = make_ready(build, error);
    if (code == 0)
        code = sw_render(&build->rendering, &build->prepared.plan, SW_RENDER_DOCKER,
                         session->project.overrides, error);
    if (code == 0)
        code = build_open(build, error);
    if (code == 0)
        code = sw_prepared_context(&build->context, &session->project, &build->prepared, &build->rendering,
                                   sw_buffer_str(&build->network.certificates), NULL, &build->sink, error);
    return code != 0 || session->options.dry_run ? code : build_run(build, error);
}

static void close_display(struct build *build)
{
    /* The log is closed first, so that the display can still tell of a disk that is full now. */
    logfile_free(build->log);
    build->log = NULL;
    progress_free(build->progress);
    build->progress = NULL;
    github_end(build);
}

/* The code of the finding for an error that kept an image from being made; NULL if sw_findings_add_error()
 * chooses the code by the error alone. */
static const char *finding_code(const struct build *build, int code)
{
    if (code == SW_ENOTFOUND && build->prepared.plan.root != NULL)
        return "SW307";
    return code == SW_ENO ? "SW501" : NULL;
}

/* Complete a build that has come to an end: a good build gets its names, every build gets its record. */
static enum status take_effect(struct build *build, enum status status)
{
    struct sw_error error;
    if (status != STATUS_DONE) {
        record_failure(build);
        return status;
    }
    int code = publish(build, &error);
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&build->findings, finding_code(build, code), &error);
    return status_of(code);
}

/* Make an attempt, with the fixes so far. */
static enum status attempt(struct build *build, const struct sw_fixing *fixing)
{
    const struct sw_profile_source source = sw_fix_source(&fixing->fix);
    struct sw_error error;
    sw_findings_init(&build->findings);
    int code =
        sw_prepare_from(&build->prepared, fixing->path, &source, fixing->catalog, &build->findings, &error);
    if (code == 0)
        code =
            sw_prepared_needs(&build->prepared, &build->session->project, SW_ERROR, &build->findings, &error);
    if (code == 0)
        code = sw_prepared_check(&build->prepared, &build->session->project, fixing->catalog,
                                 &build->findings, &error);
    build->catalog = fixing->catalog;
    build->checked = build->findings.count;
    if (code == 0 && findings_status(&build->findings) == STATUS_DONE)
        code =
            sw_prepared_add_neighbours(&build->prepared, &build->session->project, fixing->catalog, &error);
    if (code == 0 && findings_status(&build->findings) == STATUS_DONE)
        code = make_image(build, &error);
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&build->findings, finding_code(build, code), &error);
    enum status status =
        code == SW_ECANCELED || code == SW_EENV ? status_of(code) : findings_status(&build->findings);
    if (status == STATUS_INPUT && build->outcome.failed)
        status = STATUS_NO; /* the input was good, the image was not */
    if (code == 0 && (build_has_image(build) || build->outcome.failed))
        status = take_effect(build, status);
    bool push = build->session->options.push || (build->named && build->parts.push);
    if (status == STATUS_DONE && push && !build->session->options.dry_run)
        status = push_build(build);
    close_display(build);
    return status;
}

/* The data that all builds of this run share. */
struct run {
    struct session *session;
    const struct sw_catalog *catalog;
    unsigned rounds;
    int64_t verify_timeout_ns;
};

static enum status build_one(void *self, const char *path)
{
    const struct run *run = self;
    struct autofix autofix;
    autofix_init(&autofix, run->session, run->catalog, path, run->rounds);
    int64_t started_ns = sw_clock_now();
    enum status status = STATUS_DONE;
    for (bool again = true; again;) {
        struct build build = {.session = run->session,
                              .path = path,
                              .started_ns = started_ns,
                              .verify_timeout_ns = run->verify_timeout_ns};
        status = attempt(&build, &autofix.fixing);
        again = autofix_again(&autofix, &build, status);
        if (!again)
            status = build_report(&build, &autofix, status);
        build_release(&build);
    }
    autofix_release(&autofix);
    return status;
}

static enum status build_in_turn(struct run *run, const struct sw_texts *paths)
{
    const struct session *session = run->session;
    enum status worst = STATUS_DONE;
    for (size_t i = 0; i < paths->count; i++) {
        enum status status =
            sw_cancel_requested(&session->cancel) ? STATUS_INTERRUPTED : build_one(run, paths->items[i]);
        worst = status > worst ? status : worst;
        if (status != STATUS_DONE && session->options.fail_fast)
            break;
    }
    return worst;
}

enum status command_build(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_texts paths = {0};
    struct sw_error error;
    struct run run = {.session = session, .catalog = &catalog};
    unsigned jobs = 1;
    int code = session_verify_timeout(&run.verify_timeout_ns, session, &error);
    if (code == 0)
        code = autofix_read(&run.rounds, session->options.autofix, &error);
    if (code == 0)
        code = many_read(&jobs, session->options.jobs, &error);
    if (code == 0)
        code = session_choose_profiles(&paths, session, session->options.all, &error);
    if (code == 0)
        code = many_check_names(&session->options, paths.count, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    if (code == 0)
        code = consent_ask(session, &paths, &error);
    if (code != 0)
        return session_fail(session, &error);
    return jobs > 1 && paths.count > 1 ? many_build(session, &paths, jobs, build_one, &run)
                                       : build_in_turn(&run, &paths);
}
