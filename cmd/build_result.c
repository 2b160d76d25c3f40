#include "build_result.h"

#include "output/format.h"
#include "output/github.h"
#include "output/report.h"
#include "output/say.h"
#include "tried.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "build/exporters.h"
#include "data/finding_json.h"
#include "data/json.h"
#include "engine/engine.h"
#include "history/facts.h"
#include "project/attempt.h"
#include "project/expand.h"
#include "project/grants.h"

#include <inttypes.h>

/* ---- the rounds of fixes ---- */

/* The diff as text of the session's arena: of the last round, or of all. */
static const char *diff_text(const struct build_view *view, const struct sw_autofix *autofix, bool all)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = all ? sw_fix_diff(&text, &autofix->fixing.fix, NULL)
                   : sw_fix_diff_marked(&text, &autofix->fixing.fix, NULL);
    const char *copy = code == 0 ? sw_arena_text(&view->session->arena, text.p) : NULL;
    return copy == NULL ? "(the diff does not fit into memory)\n" : copy;
}

static void tell_round(const struct build_view *view, const struct sw_autofix *autofix, size_t first)
{
    struct session *session = view->session;
    bool checked = view->log_path == NULL;
    say(session->err, "autofix: round %u of %u: %s\n", autofix->rounds, autofix->most,
        checked ? "check found errors" : "the build failed");
    tried_tell(session, &autofix->fixing, first);
    say_lines(session->err, sw_str_from(diff_text(view, autofix, false)));
    say(session->err, "autofix: trying again\n");
}

void build_round(struct build_view *view, const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                 size_t first)
{
    struct session *session = view->session;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *row = sw_build_map(&b);
    if (view->rounds == NULL)
        view->rounds = sw_build_list(&b);
    sw_build_set(&b, row, "event", sw_build_text(&b, "autofix"));
    sw_build_set(&b, row, "profile", sw_build_text(&b, attempt->prepared.profile.name));
    sw_build_set(&b, row, "round", sw_build_int(&b, autofix->rounds));
    sw_build_set(&b, row, "fixes", tried_json(&b, &autofix->fixing, first));
    sw_build_set(&b, row, "diff", sw_build_text(&b, diff_text(view, autofix, false)));
    sw_build_set(&b, row, "log", sw_build_text(&b, view->log_path));
    sw_build_append(&b, view->rounds, row);
    if (session->format == FORMAT_JSON) {
        (void)format_node(session, b.failed ? NULL : row, false);
        /* The next attempt's events do not pass through this stream. */
        (void)fflush(session->out);
    } else {
        tell_round(view, autofix, first);
    }
}

static void tell_end(const struct build_view *view, const struct sw_autofix *autofix)
{
    const struct sw_fixing *fixing = &autofix->fixing;
    const struct session *session = view->session;
    FILE *err = session->err;
    bool passed = autofix->passed;
    const char *end = !passed ? "gave up" : session->options.dry_run ? "check passes" : "it builds";
    say(err, "autofix: %s after %u round%s; ", end, autofix->rounds, autofix->rounds == 1 ? "" : "s");
    if (autofix->written) {
        say(err, "written:");
        for (size_t i = 0; i < fixing->fix.count; i++) {
            if (sw_fixed_file_differs(&fixing->fix.files[i]))
                say(err, " %s", fixing->fix.files[i].path);
        }
        say(err, "\n");
        return;
    }
    say(err, "nothing was written%s, and these edits are only shown:\n",
        passed ? "" : ", the profile is as it was");
    say_lines(err, sw_str_from(diff_text(view, autofix, true)));
}

static void add_rounds(const struct build_view *view, const struct sw_autofix *autofix, struct sw_builder *b,
                       struct sw_node *result)
{
    if (autofix->rounds == 0)
        return;
    sw_build_set(b, result, "rounds", view->rounds);
    sw_build_set(b, result, "diff", sw_build_text(b, diff_text(view, autofix, true)));
    sw_build_set(b, result, "written", sw_build_bool(b, autofix->written));
}

/* ---- the result ---- */

static struct sw_node *result_json(struct sw_builder *b, const struct build_view *view,
                                   const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                                   bool ok)
{
    struct sw_node *root = sw_build_map(b), *image = sw_build_map(b);
    bool built = sw_attempt_has_image(attempt);
    sw_build_set(b, image, "id", sw_build_text(b, built ? attempt->outcome.image_id : NULL));
    sw_build_set(b, image, "tags",
                 attempt->named ? sw_texts_json(b, sw_attempt_tags(attempt)) : sw_build_list(b));
    sw_build_set(b, root, "ok", sw_build_bool(b, ok));
    sw_build_set(b, root, "profile", sw_build_text(b, attempt->prepared.profile.name));
    sw_build_set(b, root, "image", built ? image : sw_build_null(b));
    sw_build_set(b, root, "findings", sw_findings_json(b, &attempt->findings));
    const struct sw_node *overrides = attempt->prepared.plan.parts.overrides;
    if (overrides != NULL)
        sw_build_set(b, root, "overrides", overrides);
    sw_build_set(b, root, "verified", sw_build_bool(b, attempt->verified));
    sw_build_set(b, root, "pushed", attempt->pushed == NULL ? sw_build_null(b) : attempt->pushed);
    sw_build_set(b, root, "log", sw_build_text(b, view->log_path));
    sw_build_set(b, root, "seconds",
                 sw_build_real(b, (double)(sw_clock_now() - attempt->started_ns) / (double)SW_SECOND_NS));
    add_rounds(view, autofix, b, root);
    return b->failed ? NULL : root;
}

/* Print a line for each of these tags: tag and digest. */
static void print_pushed(const struct sw_node *pushed, FILE *to)
{
    for (size_t i = 0; i < sw_node_count(pushed); i++)
        say(to, "  %s %s\n", sw_node_text(sw_node_get(sw_node_item(pushed, i), "tag"), ""),
            sw_node_text(sw_node_get(sw_node_item(pushed, i), "digest"), ""));
}

/* Print the command that runs the image: on the engine that has it, with the GPUs if it is for some. */
static void say_run(FILE *out, const struct sw_attempt *attempt)
{
    const struct sw_engine *engine = attempt->engine.engine;
    if (!attempt->named || attempt->tags == NULL || attempt->tags[0] == NULL || engine == NULL)
        return;
    const struct sw_endpoint *endpoint = sw_engine_endpoint(engine);
    bool is_podman = sw_engine_info(engine)->podman;
    bool is_named = strcmp(endpoint->origin, "-H") == 0 ||
                    (!is_podman && strcmp(endpoint->origin, "started on demand") == 0);
    bool for_gpus = sw_node_count(attempt->prepared.plan.parts.accelerators) > 0;
    const char *gpus = !for_gpus ? "" : is_podman ? " --device nvidia.com/gpu=all" : " --gpus all";
    say(out, "run it: %s%s%s run --rm%s %s\n", is_podman ? "podman" : "docker",
        !is_named   ? ""
        : is_podman ? " --url "
                    : " -H ",
        is_named ? endpoint->url : "", gpus, attempt->tags[0]);
}

static void say_built(const struct build_view *view, const struct sw_attempt *attempt, const char *name)
{
    FILE *out = view->session->out;
    char duration[16];
    sw_text_duration(duration, sw_clock_now() - attempt->started_ns);
    say(out, "built %s in %s%s%s\n", name, duration, sw_attempt_has_image(attempt) ? ": " : "",
        attempt->outcome.image_id);
    for (const char *const *tag = attempt->tags; sw_attempt_has_image(attempt) && *tag != NULL; tag++)
        say(out, "  %s\n", *tag);
    for (size_t i = 0; i < sw_parts_count(attempt->parts.outputs); i++) {
        if (attempt->parts.outputs[i].path != NULL)
            say(out, "  %s\n", attempt->parts.outputs[i].path);
    }
    if (attempt->verified)
        say(out, "verified: %zu checks hold\n", attempt->verification.passed);
    else
        say(out, "not verified%s\n", view->session->options.no_verify ? ": --no-verify" : "");
    if (attempt->pushed != NULL)
        say(out, "pushed:\n");
    print_pushed(attempt->pushed, out);
    if (attempt->recorded > 0)
        say(out, "recorded as %s@%" PRIu64 "%s%s\n", name, attempt->recorded,
            attempt->recorded > 1 ? "; the way back: slipway rollback " : "",
            attempt->recorded > 1 ? name : "");
    if (sw_attempt_has_image(attempt))
        say_run(out, attempt);
}

static void report_text(const struct build_view *view, const struct sw_attempt *attempt, int code)
{
    bool ok = code == SW_OK;
    const char *name =
        attempt->prepared.profile.name == NULL ? "the profile" : attempt->prepared.profile.name;
    if (ok && view->session->options.dry_run)
        say(view->session->out, "%s can be built: plan %.12s\n", name, attempt->prepared.plan.digest);
    else if (ok)
        say_built(view, attempt, name);
    if (!ok && sw_attempt_has_image(attempt) && !attempt->named)
        say(view->session->err, "the image has no name: %s\n", attempt->outcome.image_id);
    if (view->log_path != NULL)
        say(view->session->err, "log: %s\n", view->log_path);
    if (status_of(code) == STATUS_INTERRUPTED)
        say(view->session->err, "slipway: interrupted\n");
}

/* Write a file; `given` is the option's value. */
static int write_file(const struct build_view *view, const struct sw_attempt *attempt, const char *given,
                      struct sw_str content, struct sw_error *error)
{
    const char *name = attempt->prepared.profile.name;
    const char *path =
        sw_expand_profile(&view->session->arena, given, name == NULL ? sw_path_base(attempt->path) : name);
    int code = path == NULL ? sw_fail_memory(error)
                            : sw_grants_check_file(&view->session->project, path, SW_ACCESS_WRITE, error);
    return code == 0 ? sw_file_write(path, content, 0666, error) : code;
}

static int write_page(const struct build_view *view, const struct sw_attempt *attempt, bool ok,
                      struct sw_error *error)
{
    SW_BUFFER_AUTO page;
    sw_buffer_init(&page, SW_MAX_RENDERED_SIZE);
    int code = report_render(&page, view, attempt, "templates/report.html", ok, error);
    return code == 0 ? write_file(view, attempt, view->session->options.report, sw_buffer_str(&page), error)
                     : code;
}

/* Write the files that options ask for: the image's ID, the result, the page. Write the files that a runner
 * of GitHub reads, too. */
static int write_files(const struct build_view *view, const struct sw_attempt *attempt,
                       const struct sw_node *result, bool ok, struct sw_error *error)
{
    const struct options *options = &view->session->options;
    int code = 0;
    if (options->iidfile != NULL && ok && sw_attempt_has_image(attempt))
        code = write_file(view, attempt, options->iidfile, sw_str_from(attempt->outcome.image_id), error);
    if (code == 0 && options->metadata_file != NULL && result != NULL) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_JSON_SIZE);
        sw_json_write(&text, result, SW_JSON_SHOWN_PRETTY);
        code = sw_buffer_check(&text, "the result", error);
        if (code == 0)
            code = write_file(view, attempt, options->metadata_file, sw_buffer_str(&text), error);
    }
    if (code == 0 && options->report != NULL)
        code = write_page(view, attempt, ok, error);
    return code == 0 ? github_report(view, attempt, ok, error) : code;
}

int build_report(struct build_view *view, struct sw_attempt *attempt, const struct sw_autofix *autofix,
                 int code)
{
    struct session *session = view->session;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_error error;
    if (autofix->rounds > 0 && session->format != FORMAT_JSON)
        tell_end(view, autofix);
    struct sw_node *result = result_json(&b, view, attempt, autofix, code == SW_OK);
    int failure = write_files(view, attempt, result, code == SW_OK, &error);
    if (failure != 0) {
        (void)sw_findings_add_error(&attempt->findings, NULL, &error);
        code = code == SW_OK ? failure : code;
        result = result_json(&b, view, attempt, autofix, false);
    }
    format_aside(session, &attempt->findings);
    if (session->format == FORMAT_JSON)
        (void)format_node(session, result, false);
    else
        report_text(view, attempt, code);
    /* The next build's events do not pass through this stream. */
    (void)fflush(session->out);
    return code;
}
