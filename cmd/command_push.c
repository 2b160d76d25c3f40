#include "commands.h"

#include "output/format.h"
#include "output/github.h"
#include "output/say.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/finding_json.h"
#include "project/grants.h"
#include "project/push.h"
#include "project/records.h"

#include <inttypes.h>

/* The profile's own name, by which its builds are recorded. */
static int read_name(const char **name, struct session *session, const char *path, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = sw_profile_load(&profile, path, &source, &findings, error);
    if (code != 0)
        return code;
    if (sw_findings_count(&findings, SW_ERROR) > 0) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is no profile as it stands", path);
        return sw_error_hint(error, "'slipway check %s' says why", path);
    }
    *name = sw_arena_text(&session->arena, profile.name);
    return *name == NULL ? sw_fail_memory(error) : 0;
}

static struct sw_node *result_json(struct sw_builder *b, const struct sw_push *push,
                                   const struct sw_findings *findings)
{
    struct sw_node *root = sw_build_map(b), *image = sw_build_map(b);
    sw_build_set(b, image, "id", sw_build_text(b, push->image));
    sw_build_set(b, image, "tags", push->recorded ? sw_texts_json(b, push->tags) : sw_build_null(b));
    sw_build_set(b, root, "ok", sw_build_bool(b, findings->count == 0));
    sw_build_set(b, root, "profile", sw_build_text(b, push->profile));
    sw_build_set(b, root, "of",
                 push->recorded ? sw_build_int(b, (int64_t)push->record.number) : sw_build_null(b));
    sw_build_set(b, root, "result",
                 sw_build_text(b, push->recorded ? sw_record_result_name(push->build.result) : NULL));
    sw_build_set(b, root, "image", image);
    sw_build_set(b, root, "pushed", sw_record_pushed_json(b, push->pushed, push->pushed_count));
    sw_build_set(b, root, "findings", sw_findings_json(b, findings));
    sw_build_set(b, root, "number",
                 push->number == 0 ? sw_build_null(b) : sw_build_int(b, (int64_t)push->number));
    return b->failed ? NULL : root;
}

/* Print the tags that have been pushed, or that would be pushed with --dry-run. */
static void print(struct session *session, const struct sw_push *push)
{
    FILE *out = session->out;
    bool dry = session->options.dry_run;
    say(out, "%s %s@%" PRIu64 " (%s): %s\n", dry ? "would push" : "pushed", push->profile,
        push->record.number, sw_record_result_name(push->build.result), push->image);
    for (size_t i = 0; i < (dry ? push->tags.count : push->pushed_count); i++)
        say(out, "  %s%s%s\n", push->tags.items[i], dry ? "" : " ", dry ? "" : push->pushed[i].digest);
    if (push->number != 0)
        say(out, "recorded as %s@%" PRIu64 "\n", push->profile, push->number);
}

/* Report the push. If a tag failed, the tags that were pushed before are reported too. */
static enum status report(struct session *session, struct sw_push *push, const struct sw_error *error)
{
    if (session->format == FORMAT_JSON) {
        struct sw_builder b = {.arena = &session->arena};
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        if (error->code != SW_OK)
            (void)sw_findings_add_error(&findings, error->code == SW_ENO ? "SW501" : NULL, error);
        (void)format_node(session, result_json(&b, push, &findings), false);
    } else if (error->code == SW_OK || push->pushed_count > 0) {
        print(session, push);
    }
    /* The next push's events do not pass through this stream. */
    (void)fflush(session->out);
    return error->code != SW_OK && session->format != FORMAT_JSON ? session_fail(session, error)
                                                                  : status_of((int)error->code);
}

static enum status push_one(struct session *session, struct sw_push push, const char *path)
{
    struct sw_builder b = {.arena = &session->arena};
    struct sw_error error = {0};
    int code = read_name(&push.profile, session, path, &error);
    if (code == 0)
        code = sw_push_recorded(&push, session->options.dry_run, &error);
    if (code == 0 && !session->options.dry_run)
        code = github_pushed(push.image, sw_record_pushed_json(&b, push.pushed, push.pushed_count), &error);
    return report(session, &push, &error);
}

enum status command_push(struct session *session)
{
    struct sw_texts paths = {0};
    struct progress *progress = NULL;
    struct sw_credentials *credentials = NULL;
    struct sw_sink sink = {0};
    SW_HOST_ENGINE_AUTO engine = {0};
    struct sw_error error = {0};
    int code = session_choose_profiles(&paths, session, session->options.all, &error);
    if (code == 0)
        code = sw_host_logins(&credentials, &session->project, &error);
    if (code == 0)
        code = session_progress(&progress, session, &error);
    if (code == 0) {
        sink = progress_sink(progress);
        code = sw_host_engine_open(&engine, &session->project, &sink, &error);
    }
    const struct sw_push push = {.project = &session->project,
                                 .engine = engine.engine,
                                 .sink = &sink,
                                 .credentials = credentials,
                                 .given = session->options.tags};
    enum status worst = STATUS_DONE;
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        enum status status = sw_cancel_requested(&session->cancel) ? STATUS_INTERRUPTED
                                                                   : push_one(session, push, paths.items[i]);
        worst = status > worst ? status : worst;
    }
    progress_free(progress);
    sw_credentials_free(credentials);
    return code == 0 ? worst : session_fail(session, &error);
}
