#include "autofix.h"

#include "output/format.h"
#include "output/say.h"
#include "tried.h"

#include "base/limits.h"

int autofix_read(unsigned *most, const char *text, struct sw_error *error)
{
    enum { MOST_ROUNDS = 99 };
    uint64_t number = 0;
    if (text != NULL && (!sw_str_to_u64(sw_str_from(text), &number) || number < 1 || number > MOST_ROUNDS))
        return sw_fail(error, SW_EINPUT, "--autofix wants a number of rounds from 1 to %d, not '%s'",
                       MOST_ROUNDS, text);
    *most = (unsigned)number;
    return 0;
}

void autofix_init(struct autofix *autofix, struct session *session, const struct sw_catalog *catalog,
                  const char *path, unsigned most)
{
    *autofix = (struct autofix){.session = session, .most = most};
    sw_fixing_init(&autofix->fixing, &session->project, catalog, path);
}

void autofix_release(struct autofix *autofix)
{
    sw_fixing_release(&autofix->fixing);
}

/* The diff as text of the session's arena: of the last round, or of all. */
static const char *diff_text(const struct autofix *autofix, bool all)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = all ? sw_fix_diff(&text, &autofix->fixing.fix, NULL)
                   : sw_fix_diff_marked(&text, &autofix->fixing.fix, NULL);
    const char *copy = code == 0 ? sw_arena_text(&autofix->session->arena, text.p) : NULL;
    return copy == NULL ? "(the diff does not fit into memory)\n" : copy;
}

static void tell_round(const struct autofix *autofix, const struct build *build, size_t first)
{
    struct session *session = autofix->session;
    bool checked = build->log_path == NULL;
    say(session->err, "autofix: round %u of %u: %s\n", autofix->rounds, autofix->most,
        checked ? "check found errors" : "the build failed");
    tried_tell(session, &autofix->fixing, first);
    say_lines(session->err, sw_str_from(diff_text(autofix, false)));
    say(session->err, "autofix: trying again\n");
}

static void report_round(struct autofix *autofix, const struct build *build, size_t first)
{
    struct session *session = autofix->session;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *row = sw_build_map(&b);
    if (autofix->report == NULL)
        autofix->report = sw_build_list(&b);
    sw_build_set(&b, row, "event", sw_build_text(&b, "autofix"));
    sw_build_set(&b, row, "profile", sw_build_text(&b, build->prepared.profile.name));
    sw_build_set(&b, row, "round", sw_build_int(&b, autofix->rounds));
    sw_build_set(&b, row, "fixes", tried_json(&b, &autofix->fixing, first));
    sw_build_set(&b, row, "diff", sw_build_text(&b, diff_text(autofix, false)));
    sw_build_set(&b, row, "log", sw_build_text(&b, build->log_path));
    sw_build_append(&b, autofix->report, row);
    if (session->format == FORMAT_JSON) {
        (void)format_node(session, b.failed ? NULL : row, false);
        /* The next attempt's events do not pass through this stream. */
        (void)fflush(session->out);
    } else {
        tell_round(autofix, build, first);
    }
}

bool autofix_again(struct autofix *autofix, struct build *build, enum status status)
{
    struct sw_fixing *fixing = &autofix->fixing;
    struct sw_error error;
    size_t first = fixing->count;
    bool mendable = status == STATUS_NO || status == STATUS_INPUT;
    if (!mendable || autofix->rounds == autofix->most || sw_cancel_requested(&autofix->session->cancel))
        return false;
    /* The findings of check are found anew, so that only the findings of the build are seeds. */
    int code = sw_fix_mark(&fixing->fix, &error);
    if (code == 0)
        code = sw_fixing_run(fixing, &build->findings, build->checked, SW_ERROR, &error);
    if (code != 0)
        (void)sw_findings_add_error(&build->findings, NULL, &error);
    if (code != 0 || sw_fixing_applied(fixing, first) == 0)
        return false;
    autofix->rounds++;
    report_round(autofix, build, first);
    return true;
}

static void tell_end(const struct autofix *autofix, bool passed)
{
    const struct sw_fixing *fixing = &autofix->fixing;
    FILE *err = autofix->session->err;
    const char *end = !passed ? "gave up" : autofix->session->options.dry_run ? "check passes" : "it builds";
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
    say_lines(err, sw_str_from(diff_text(autofix, true)));
}

enum status autofix_settle(struct autofix *autofix, struct build *build, enum status status)
{
    struct session *session = autofix->session;
    struct sw_error error;
    bool passed = status == STATUS_DONE;
    if (autofix->rounds == 0)
        return status;
    if (passed && !session->options.dry_run) {
        int code = sw_fixing_write(&autofix->fixing, &error);
        autofix->written = code == 0;
        if (code != 0) {
            (void)sw_findings_add_error(&build->findings, code == SW_ENO ? "SW102" : NULL, &error);
            status = status_of(code);
        }
    }
    if (session->format != FORMAT_JSON)
        tell_end(autofix, passed);
    return status;
}

void autofix_result(const struct autofix *autofix, struct sw_builder *b, struct sw_node *result)
{
    if (autofix->rounds == 0)
        return;
    sw_build_set(b, result, "rounds", autofix->report);
    sw_build_set(b, result, "diff", sw_build_text(b, diff_text(autofix, true)));
    sw_build_set(b, result, "written", sw_build_bool(b, autofix->written));
}
