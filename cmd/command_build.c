#include "commands.h"

#include "build_view.h"
#include "consent.h"
#include "many.h"

#include "project/attempts.h"
#include "project/profiles.h"

/* The value of --autofix; 0 without that option. */
static int read_rounds(unsigned *most, const char *text, struct sw_error *error)
{
    enum { MOST_ROUNDS = 99 };
    uint64_t number = 0;
    if (text != NULL && (!sw_str_to_u64(sw_str_from(text), &number) || number < 1 || number > MOST_ROUNDS))
        return sw_fail(error, SW_EINPUT, "--autofix wants a number of rounds from 1 to %d, not '%s'",
                       MOST_ROUNDS, text);
    *most = (unsigned)number;
    return 0;
}

static enum status build_one(void *self, const char *path)
{
    const struct sw_attempts *attempts = self;
    return status_of(sw_attempts_run(attempts, path));
}

static enum status build_in_turn(struct session *session, struct sw_attempts *attempts,
                                 const struct sw_texts *paths)
{
    enum status worst = STATUS_DONE;
    for (size_t i = 0; i < paths->count; i++) {
        enum status status =
            sw_cancel_requested(&session->cancel) ? STATUS_INTERRUPTED : build_one(attempts, paths->items[i]);
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
    struct build_view view = {.session = session};
    const struct sw_attempt_view functions = build_view_functions(&view);
    struct sw_attempt_choices choices;
    struct sw_attempts attempts = {
        .project = &session->project, .catalog = &catalog, .choices = &choices, .view = &functions};
    unsigned jobs = 1;
    int64_t verify_timeout_ns = 0;
    session->project.stale_locks = session->options.dry_run ? SW_STALE_JUDGED : SW_STALE_KEPT;
    int code = session_verify_timeout(&verify_timeout_ns, session, &error);
    if (code == 0)
        code = read_rounds(&attempts.rounds, session->options.autofix, &error);
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
    choices = build_choices(session, verify_timeout_ns);
    bool is_spread = session->options.hosts.count > 1 || (jobs > 1 && paths.count > 1);
    return is_spread ? many_build(session, &paths, jobs, build_one, &attempts)
                     : build_in_turn(session, &attempts, &paths);
}
