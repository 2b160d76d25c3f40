#include "build_result.h"

#include "many.h"
#include "output/format.h"
#include "output/github.h"
#include "output/report.h"
#include "output/say.h"
#include "push.h"
#include "record.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "build/exporters.h"
#include "data/finding_json.h"
#include "data/json.h"
#include "project/grants.h"

static struct sw_node *result_json(struct sw_builder *b, const struct build *build,
                                   const struct autofix *autofix, bool ok)
{
    struct sw_node *root = sw_build_map(b), *image = sw_build_map(b);
    bool built = build_has_image(build);
    sw_build_set(b, image, "id", sw_build_text(b, built ? build->outcome.image_id : NULL));
    sw_build_set(b, image, "tags", build->named ? sw_texts_json(b, record_tags(build)) : sw_build_list(b));
    sw_build_set(b, root, "ok", sw_build_bool(b, ok));
    sw_build_set(b, root, "profile", sw_build_text(b, build->prepared.profile.name));
    sw_build_set(b, root, "image", built ? image : sw_build_null(b));
    sw_build_set(b, root, "findings", sw_findings_json(b, &build->findings));
    const struct sw_node *overrides = sw_node_get(build->prepared.plan.root, "overrides");
    if (overrides != NULL)
        sw_build_set(b, root, "overrides", overrides);
    sw_build_set(b, root, "verified", sw_build_bool(b, build->verified));
    sw_build_set(b, root, "pushed", build->pushed == NULL ? sw_build_null(b) : build->pushed);
    sw_build_set(b, root, "log", sw_build_text(b, build->log_path));
    sw_build_set(b, root, "seconds",
                 sw_build_real(b, (double)(sw_clock_now() - build->started_ns) / (double)SW_SECOND_NS));
    autofix_result(autofix, b, root);
    return b->failed ? NULL : root;
}

static void say_built(const struct build *build, const char *name)
{
    FILE *out = build->session->out;
    char duration[16];
    sw_text_duration(duration, sw_clock_now() - build->started_ns);
    say(out, "built %s in %s%s%s\n", name, duration, build_has_image(build) ? ": " : "",
        build->outcome.image_id);
    for (const char *const *tag = build->tags; build_has_image(build) && *tag != NULL; tag++)
        say(out, "  %s\n", *tag);
    for (size_t i = 0; i < sw_parts_count(build->parts.outputs); i++) {
        if (build->parts.outputs[i].path != NULL)
            say(out, "  %s\n", build->parts.outputs[i].path);
    }
    if (build->verified)
        say(out, "verified: %zu checks hold\n", build->verification.passed);
    else
        say(out, "not verified%s\n", build->session->options.no_verify ? ": --no-verify" : "");
    if (build->pushed != NULL)
        say(out, "pushed:\n");
    push_print(build->pushed, out);
}

static void report_text(const struct build *build, enum status status)
{
    bool ok = status == STATUS_DONE;
    const char *name = build->prepared.profile.name == NULL ? "the profile" : build->prepared.profile.name;
    if (ok && build->session->options.dry_run)
        say(build->session->out, "%s can be built: plan %.12s\n", name, build->prepared.plan.digest);
    else if (ok)
        say_built(build, name);
    if (!ok && build_has_image(build) && !build->named)
        say(build->session->err, "the image has no name: %s\n", build->outcome.image_id);
    if (build->log_path != NULL)
        say(build->session->err, "log: %s\n", build->log_path);
    if (status == STATUS_INTERRUPTED)
        say(build->session->err, "slipway: interrupted\n");
}

/* Write a file; `given` is the option's value. */
static int write_file(const struct build *build, const char *given, struct sw_str content,
                      struct sw_error *error)
{
    const char *name = build->prepared.profile.name;
    const char *path =
        many_name(&build->session->arena, given, name == NULL ? sw_path_base(build->path) : name);
    int code = path == NULL ? sw_fail_memory(error)
                            : sw_grants_check_file(&build->session->project, path, SW_ACCESS_WRITE, error);
    return code == 0 ? sw_file_write(path, content, 0666, error) : code;
}

static int write_page(const struct build *build, bool ok, struct sw_error *error)
{
    SW_BUFFER_AUTO page;
    sw_buffer_init(&page, SW_MAX_RENDERED_SIZE);
    int code = report_render(&page, build, "templates/report.html", ok, error);
    return code == 0 ? write_file(build, build->session->options.report, sw_buffer_str(&page), error) : code;
}

/* Write the files that options ask for: the image's ID, the result, the page. Write the files that a runner
 * of GitHub reads, too. */
static int write_files(const struct build *build, const struct sw_node *result, bool ok,
                       struct sw_error *error)
{
    const struct options *options = &build->session->options;
    int code = 0;
    if (options->iidfile != NULL && ok && build_has_image(build))
        code = write_file(build, options->iidfile, sw_str_from(build->outcome.image_id), error);
    if (code == 0 && options->metadata_file != NULL && result != NULL) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_JSON_SIZE);
        sw_json_write(&text, result, SW_JSON_SHOWN_PRETTY);
        code = sw_buffer_check(&text, "the result", error);
        if (code == 0)
            code = write_file(build, options->metadata_file, sw_buffer_str(&text), error);
    }
    if (code == 0 && options->report != NULL)
        code = write_page(build, ok, error);
    return code == 0 ? github_report(build, ok, error) : code;
}

enum status build_report(struct build *build, struct autofix *autofix, enum status status)
{
    struct sw_builder b = {.arena = &build->session->arena};
    struct sw_error error;
    status = autofix_settle(autofix, build, status);
    struct sw_node *result = result_json(&b, build, autofix, status == STATUS_DONE);
    int code = write_files(build, result, status == STATUS_DONE, &error);
    if (code != 0) {
        (void)sw_findings_add_error(&build->findings, NULL, &error);
        status = status == STATUS_DONE ? status_of(code) : status;
        result = result_json(&b, build, autofix, false);
    }
    format_aside(build->session, &build->findings);
    if (build->session->format == FORMAT_JSON)
        (void)format_node(build->session, result, false);
    else
        report_text(build, status);
    /* The next build's events do not pass through this stream. */
    (void)fflush(build->session->out);
    return status;
}
