#include "commands.h"

#include "drafting.h"
#include "output/format.h"
#include "output/say.h"

#include "data/finding_json.h"
#include "profile/values.h"

/* Check the arguments; the first of them, if there is any, names the profile. */
static int choose_name(const char **name, const struct options *options, struct sw_error *error)
{
    if (options->gpu_names.count == 0) {
        (void)sw_fail(error, SW_EINPUT, "suggest wants a GPU");
        return sw_error_hint(error, "name it with --gpu; 'slipway gpus' lists those known");
    }
    const char *chosen = options->arguments.count > 0 ? options->arguments.items[0] : NULL;
    const char *wrong = chosen == NULL ? NULL : sw_value_name(sw_str_from(chosen));
    if (options->arguments.count > 1)
        return sw_fail(error, SW_EINPUT, "suggest writes one profile");
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "'%s' %s", chosen, wrong);
    *name = chosen;
    return 0;
}

static enum status print_json(const struct drafting *drafting, const char *name)
{
    const struct sw_suggestion *suggestion = &drafting->suggestion;
    struct sw_builder b = {.arena = &drafting->session->arena};
    struct sw_node *root = sw_build_map(&b), *torch = sw_build_map(&b);
    sw_build_set(&b, torch, "version", sw_build_text(&b, suggestion->version));
    sw_build_set(&b, torch, "cuda", sw_build_text(&b, suggestion->cuda));
    bool failed = drafting_failed(drafting);
    sw_build_set(&b, root, "name", sw_build_text(&b, name));
    sw_build_set(&b, root, "torch", failed ? sw_build_null(&b) : torch);
    sw_build_set(&b, root, "profile", sw_build_text(&b, failed ? NULL : drafting->text.p));
    sw_build_set(&b, root, "passed_over", drafting_passed_json(&b, drafting));
    sw_build_set(&b, root, "findings", sw_findings_json(&b, &suggestion->findings));
    enum status status = format_node(drafting->session, b.failed ? NULL : root, true);
    return status == STATUS_DONE && failed ? STATUS_NO : status;
}

static enum status report(const struct drafting *drafting, const char *name)
{
    struct session *session = drafting->session;
    struct sw_error error;
    if (session->format == FORMAT_JSON)
        return print_json(drafting, name);
    drafting_tell(drafting);
    if (drafting_failed(drafting)) {
        bool none = drafting->suggestion.passed_count == 0;
        (void)sw_fail(&error, SW_ENO,
                      none ? "the catalog knows no such torch as is asked for"
                           : "no build of torch that is known fits");
        return session_fail(session, &error);
    }
    (void)say_data(session->out, sw_buffer_str(&drafting->text));
    return STATUS_DONE;
}

enum status command_suggest(struct session *session)
{
    DRAFTING_AUTO drafting = {0};
    const char *name = NULL;
    struct sw_error error;
    int code = choose_name(&name, &session->options, &error);
    if (code == 0)
        code = drafting_open(&drafting, session, name, &error);
    const char *path = code == 0 ? sw_arena_format(&session->arena, "%s.yaml", drafting.name) : NULL;
    if (code == 0 && path == NULL)
        code = sw_fail_memory(&error);
    if (code == 0)
        code = drafting_finish(&drafting, "slipway suggest", path, ".", &error);
    return code == 0 ? report(&drafting, drafting.name) : session_fail(session, &error);
}
