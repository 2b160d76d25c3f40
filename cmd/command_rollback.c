#include "commands.h"

#include "build_view.h"
#include "output/format.h"
#include "output/say.h"

#include "data/path.h"
#include "project/rollback.h"

static void print(struct session *session, const struct sw_node *result)
{
    const char *profile = sw_node_text(sw_node_get(result, "profile"), ""),
               *how = sw_node_text(sw_node_get(result, "how"), "");
    const struct sw_node *tags = sw_node_at(result, "image.tags"), *files = sw_node_get(result, "files");
    bool dry = session->options.dry_run;
    say(session->out, "%s%s@%s (%s), its image %s%s: %s\n", dry ? "would go back to " : "back to ", profile,
        sw_node_text(sw_node_get(result, "to"), ""), sw_node_text(sw_node_get(result, "result"), ""),
        strcmp(how, "present") == 0 ? "is here" : how, dry && strcmp(how, "present") != 0 ? " then" : "",
        sw_node_text(sw_node_at(result, "image.id"), ""));
    for (size_t i = 0; i < sw_node_count(tags); i++)
        say(session->out, "  %s\n", sw_node_text(sw_node_item(tags, i), ""));
    for (size_t i = 0; i < sw_node_count(files); i++)
        say(session->out, "  %s\n", sw_node_text(sw_node_item(files, i), ""));
    if (!dry)
        say(session->out, "recorded as %s@%s\n", profile, sw_node_text(sw_node_get(result, "number"), ""));
}

/* Show the work of the rollback, and do it. */
static int run(struct sw_rollback *rollback, struct build_view *view, struct sw_error *error)
{
    struct session *session = view->session;
    const struct options *options = &session->options;
    const struct sw_attempt_choices choices = build_choices(session, 0);
    const struct sw_attempt_view functions = build_view_functions(view);
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    const struct sw_rollback_input input = {.to = options->to,
                                            .tags = options->tags,
                                            .force = options->force,
                                            .dry_run = options->dry_run,
                                            .choices = &choices,
                                            .view = &functions,
                                            .findings = &findings};
    int code = session_progress(&view->progress, session, error);
    if (code != 0)
        return code;
    rollback->sink = progress_sink(view->progress);
    code = sw_rollback_run(rollback, &input, error);
    build_view_release(view);
    format_aside(session, &findings);
    return code;
}

enum status command_rollback(struct session *session)
{
    struct sw_rollback rollback;
    struct build_view view = {.session = session};
    struct sw_builder b = {.arena = &session->arena};
    struct sw_error error = {0};
    int code = sw_rollback_open(&rollback, &session->project, &session->options.arguments, &error);
    if (code == 0)
        code = run(&rollback, &view, &error);
    const struct sw_node *result = code == 0 ? sw_rollback_json(&b, &rollback) : NULL;
    sw_rollback_release(&rollback);
    if (code != 0)
        return session_fail(session, &error);
    if (session->format == FORMAT_JSON || result == NULL)
        return format_node(session, result, false);
    print(session, result);
    return STATUS_DONE;
}
