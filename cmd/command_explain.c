#include "commands.h"
#include "found.h"

#include "output/format.h"
#include "output/say.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/node.h"
#include "diagnose/diagnosis.h"
#include "profile/profile.h"
#include "project/grants.h"
#include "project/profiles.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

static int read_log(struct session *session, struct sw_diagnosis *diagnosis, const char *name,
                    struct sw_error *error)
{
    if (strcmp(name, "-") == 0)
        return sw_diagnosis_read(diagnosis, STDIN_FILENO, "standard input", &session->cancel, error);
    const char *given = name;
    name = sw_project_path(&session->project, name);
    if (name == NULL)
        return sw_fail_memory(error);
    if (found_is_source(session, name)) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is what an image is built from, and no log", given);
        return sw_error_hint(
            error, "'slipway check %s' judges it; a log: docker build . 2>&1 | slipway explain -", given);
    }
    SW_FD_AUTO fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", name);
    return sw_diagnosis_read(diagnosis, fd, name, &session->cancel, error);
}

/* Return how much of the profile is in the log; 0 also if the file is no profile as it stands. */
static unsigned likeness(struct session *session, const struct sw_diagnosis *diagnosis, const char *path)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (sw_profile_load(&profile, path, &source, &findings, NULL) != 0 ||
        sw_findings_count(&findings, SW_ERROR) > 0)
        return 0;
    return sw_diagnosis_likeness(diagnosis, profile.root);
}

/* Without --profile, choose the profile of the folder that the log has most of. If none or several do, there is none. */
static void choose_profile(struct session *session, const struct sw_diagnosis *diagnosis)
{
    /* Many logs have the base image of a profile, so that it alone says nothing. */
    enum { MOST = 64, LEAST = 2 };
    struct sw_texts paths = {0};
    unsigned best = LEAST - 1;
    if (session->options.profile != NULL || sw_profiles_list(&paths, &session->project, NULL) != 0)
        return;
    for (size_t i = 0; i < paths.count && i < MOST; i++) {
        unsigned found = likeness(session, diagnosis, paths.items[i]);
        if (found >= LEAST && found == best)
            session->options.profile = NULL;
        if (found > best)
            session->options.profile = paths.items[i];
        best = found > best ? found : best;
    }
}

/* Load the profile that --profile names, or that was chosen; else it stays empty. A wrong profile is an error, as its places would be
 * wrong. */
static int load_profile(struct sw_profile *profile, struct session *session, struct sw_error *error)
{
    const char *path = NULL, *name = session->options.profile;
    const struct sw_profile_source source = sw_grants_source(&session->project);
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = name == NULL ? 0 : sw_profiles_find(&path, &session->project, name, error);
    if (code == 0 && name != NULL)
        code = sw_profile_load(profile, path, &source, &findings, error);
    if (code != 0 || sw_findings_count(&findings, SW_ERROR) == 0)
        return code;
    (void)sw_fail(error, SW_EINPUT, "'%s' is no profile as it stands", path);
    return sw_error_hint(error, "'slipway check %s' says why", path);
}

/* The facts of a JSON document besides the findings; NULL if there are none, or no memory. */
static const struct sw_node *more_of(struct sw_builder *b, const char *profile,
                                     const struct sw_unjudged *unjudged)
{
    struct sw_node *more = sw_build_map(b);
    if (profile != NULL)
        sw_build_set(b, more, "profile", sw_build_text(b, profile));
    if (unjudged->any) {
        struct sw_node *rest = sw_build_map(b);
        sw_build_set(b, rest, "errors", sw_build_int(b, (int64_t)unjudged->errors));
        sw_build_set(b, rest, "line", sw_build_int(b, (int64_t)unjudged->line));
        sw_build_set(b, rest, "text", sw_build_text(b, unjudged->words));
        sw_build_set(b, more, "not_judged", rest);
    }
    return b->failed || sw_node_empty(more) ? NULL : more;
}

/* Name the part of the log that nobody judged, so that its silence is not taken for a success. */
static void print_unjudged(struct session *session, const struct sw_unjudged *unjudged)
{
    if (unjudged->errors > 0)
        say(session->out,
            "not judged: %zu error%s after which the log goes on and does not say how it ended; the last, in "
            "line %" PRIu64 ": %s\n",
            unjudged->errors, unjudged->errors == 1 ? "" : "s", unjudged->line, unjudged->words);
    else if (unjudged->line > 0)
        say(session->out, "not judged: the log does not say how it ended; line %" PRIu64 ": %s\n",
            unjudged->line, unjudged->words);
    else
        say(session->out, "not judged: the log has no words\n");
}

/* Print the findings, the part that nobody judged, and the profile that was chosen for the places (NULL: none was). */
static enum status print_result(struct session *session, const struct sw_findings *findings,
                                const char *profile, const struct sw_unjudged *unjudged)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    enum status status = STATUS_DONE;
    bool document = session->format == FORMAT_JSON || session->format == FORMAT_SARIF;
    /* "0 errors" is for logs in which nothing failed. */
    if (document || findings->count > 0 || !unjudged->any)
        status = format_result_with(session, findings, more_of(&b, profile, unjudged));
    if (unjudged->any && !document)
        print_unjudged(session, unjudged);
    if (profile != NULL && !session->options.quiet)
        say(session->err, "the places are of %s, whose words the log has\n", profile);
    return status;
}

enum status command_explain(struct session *session)
{
    struct sw_error error;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (session->options.arguments.count == 0) {
        (void)sw_fail(&error, SW_EINPUT, "explain wants a log file, or '-' for standard input");
        (void)sw_error_hint(&error, "for example: docker build . 2>&1 | slipway explain -");
        return session_fail(session, &error);
    }
    struct sw_rules *rules = NULL;
    SW_PROFILE_AUTO profile = {0};
    bool named = session->options.profile != NULL;
    int code = named ? load_profile(&profile, session, &error) : 0;
    if (code == 0)
        code = sw_rules_load(&rules, session->project.overrides, &error);
    if (code != 0)
        return session_fail(session, &error);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(rules);
    if (diagnosis == NULL)
        code = sw_fail_memory(&error);
    if (code == 0)
        code = read_log(session, diagnosis, session->options.arguments.items[0], &error);
    if (code == 0 && !named) {
        choose_profile(session, diagnosis);
        code = load_profile(&profile, session, &error);
    }
    if (code == 0)
        code = sw_diagnosis_finish(diagnosis, profile.root, SW_OUTCOME_UNKNOWN, &findings, &error);
    const struct sw_unjudged unjudged =
        code == 0 ? *sw_diagnosis_unjudged(diagnosis) : (struct sw_unjudged){0};
    sw_diagnosis_free(diagnosis);
    sw_rules_free(rules);
    if (code != 0)
        return session_fail(session, &error);
    enum status status = print_result(session, &findings, named ? NULL : session->options.profile, &unjudged);
    /* The exit status of bad input or of a missing engine is for this command's own, never for those that a log tells of. */
    return status == STATUS_INPUT || status == STATUS_ENVIRONMENT ? STATUS_NO : status;
}
