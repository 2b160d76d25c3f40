#include "consent.h"

#include "output/say.h"

#include "base/text.h"
#include "project/grants.h"

#include <unistd.h>

static bool can_ask(const struct session *session)
{
    static const char *const ci[] = {"CI"};
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && session->format == FORMAT_TTY &&
           sw_project_variable(&session->project, ci, SW_COUNT(ci)) == NULL && !session->options.dry_run;
}

static bool is_yes(struct session *session, const struct sw_findings *missing)
{
    char *line = NULL;
    size_t room = 0;
    say(session->err, "the build wants more of this host than its project:\n");
    for (size_t i = 0; i < missing->count; i++) {
        const struct sw_finding *finding = missing->items[i];
        const char *word = sw_text_shell_word(&session->arena, sw_str_from(finding->subject));
        say(session->err, "  %s:%u: %s\n      --allow %s\n", finding->file == NULL ? "" : finding->file,
            finding->line, finding->message, word == NULL ? "" : word);
    }
    say(session->err, "do you trust it with that? [y/N] ");
    (void)fflush(session->err);
    ssize_t n = getline(&line, &room, stdin);
    struct sw_str answer = n > 0 ? sw_str_trim((struct sw_str){line, (size_t)n}) : SW_STR("");
    bool yes = sw_str_is(answer, "y") || sw_str_is(answer, "Y") || sw_str_is(answer, "yes");
    free(line);
    return yes;
}

int consent_ask(struct session *session, const struct sw_texts *paths, struct sw_error *error)
{
    SW_FINDINGS_AUTO missing;
    sw_findings_init(&missing);
    int code = can_ask(session) ? sw_grants_missing(&missing, &session->project, paths, error) : 0;
    if (code != 0 || missing.count == 0)
        return code;
    bool yes = is_yes(session, &missing);
    if (sw_cancel_requested(&session->cancel))
        return sw_fail_canceled(error);
    for (size_t i = 0; yes && code == 0 && i < missing.count; i++)
        code = sw_permissions_add_word(&session->project.permissions, missing.items[i]->subject, "/", error);
    return code;
}
