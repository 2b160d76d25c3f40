#include "project/attempts.h"

#include "base/clock.h"
#include "project/attempt.h"
#include "project/autofix.h"
#include "project/expand.h"
#include "project/held_lock.h"
#include "project/prepare.h"
#include "project/publish.h"
#include "project/push.h"
#include "project/recording.h"
#include "project/records.h"

#include <unistd.h>

/* Fail before the build begins if the build could not be recorded. Remove the file for the image's ID, so that the
 * ID of an earlier image does not outlive this build. */
static int make_ready(const struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_attempt_choices *choices = attempt->choices;
    SW_HISTORY_AUTO *history = NULL;
    const char *path =
        sw_expand_profile(attempt->project->arena, choices->iidfile, attempt->prepared.profile.name);
    if (path != NULL)
        (void)unlink(path);
    if (choices->no_record)
        return 0;
    int code = sw_records_open(&history, attempt->project, error);
    if (code == 0)
        code = sw_history_ready(history, error);
    if (code != 0) {
        (void)sw_error_context(code, error, "the build could not be recorded");
        if (error != NULL && error->hint[0] == '\0')
            (void)sw_error_hint(error,
                                "--no-record builds without a record, which rollback and push then miss");
    }
    return code;
}

/* Everything between a plan and a verified image. */
static int make_image(struct sw_attempt *attempt, struct sw_error *error)
{
    struct sw_project *project = attempt->project;
    int code = sw_records_refuse_interrupted(project, attempt->prepared.profile.name, error);
    if (code == 0 && !attempt->choices->dry_run)
        code = make_ready(attempt, error);
    if (code == 0)
        code = sw_render(&attempt->rendering, &attempt->prepared.plan, SW_RENDER_DOCKER, project->overrides,
                         error);
    if (code == 0)
        code = sw_attempt_open(attempt, error);
    if (code == 0)
        code =
            sw_prepared_context(&attempt->context, project, &attempt->prepared, &attempt->rendering,
                                sw_buffer_str(&attempt->network.certificates), NULL, &attempt->sink, error);
    if (code != 0 || attempt->choices->dry_run)
        return code;
    code = sw_attempt_engine(attempt, error);
    if (code == 0)
        code = sw_publish_finish(project, attempt->engine.engine, attempt->prepared.profile.name,
                                 &attempt->sink, error);
    return code == 0 ? sw_attempt_make(attempt, error) : code;
}

/* The code of the finding for an error that kept an image from being made; NULL if sw_findings_add_error()
 * chooses the code by the error alone. */
static const char *finding_code(const struct sw_attempt *attempt, int code)
{
    if (code == SW_ENOTFOUND && attempt->prepared.plan.root != NULL)
        return "SW307";
    return code == SW_ENO ? "SW501" : NULL;
}

/* Complete a build that has come to an end: a good build gets its names, every build gets its record. */
static int take_effect(struct sw_attempt *attempt, int code)
{
    struct sw_error error;
    if (code != 0) {
        sw_record_failure(attempt);
        return code;
    }
    code = sw_publish(attempt, &error);
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&attempt->findings, finding_code(attempt, code), &error);
    if (code == SW_ECANCELED && error.hint[0] != '\0')
        sw_emit(&attempt->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(error.hint)});
    return code;
}

/* From the profile with the fixes so far to a context and an image, if check lets it pass. */
static int try_image(struct sw_attempt *attempt, const struct sw_fixing *fixing, struct sw_error *error)
{
    const struct sw_profile_source source = sw_fix_source(&fixing->fix);
    struct sw_findings *findings = &attempt->findings;
    int code = sw_prepare_with(&attempt->prepared, attempt->project, fixing->path, &source, fixing->catalog,
                               findings, error);
    if (code == 0)
        code = sw_prepared_needs(&attempt->prepared, attempt->project, SW_ERROR, findings, error);
    if (code == 0)
        code = sw_prepared_check(&attempt->prepared, attempt->project, fixing->catalog, findings, error);
    attempt->checked = findings->count;
    if (code == 0 && sw_findings_code(findings) == SW_OK)
        code = sw_prepared_add_neighbours(&attempt->prepared, attempt->project, fixing->catalog, error);
    /* The lock of a profile that has fixes in memory only is written with the profile. */
    if (code == 0 && sw_findings_code(findings) == SW_OK && !sw_fix_differs(&fixing->fix))
        code = sw_prepared_keep_lock(&attempt->prepared, attempt->project, error);
    if (code == 0 && sw_findings_code(findings) == SW_OK)
        code = make_image(attempt, error);
    return code;
}

/* Make an attempt, and let it take effect. */
static int try_all(struct sw_attempt *attempt, const struct sw_fixing *fixing)
{
    struct sw_error error;
    int code = try_image(attempt, fixing, &error);
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&attempt->findings, finding_code(attempt, code), &error);
    int result = code == SW_ECANCELED || code == SW_EENV ? code : sw_findings_code(&attempt->findings);
    if (result == SW_EINPUT && attempt->outcome.failed)
        result = SW_ENO; /* the input was good, the image was not */
    if (code == 0 && (sw_attempt_has_image(attempt) || attempt->outcome.failed))
        result = take_effect(attempt, result);
    bool push = attempt->choices->push || (attempt->named && attempt->parts.push);
    if (result == 0 && push && !attempt->choices->dry_run)
        result = sw_push_attempt(attempt);
    sw_attempt_close(attempt);
    return result;
}

/* Settle the fixes after the last attempt, and show how it ended. */
static int end(struct sw_attempt *attempt, struct sw_autofix *autofix, int code)
{
    const struct sw_attempt_view *view = attempt->view;
    code = sw_autofix_settle(autofix, attempt, code);
    return view->end == NULL ? code : view->end(view->self, attempt, autofix, code);
}

int sw_attempts_run(const struct sw_attempts *attempts, const char *path)
{
    const struct sw_attempt_view *view = attempts->view;
    struct sw_autofix autofix;
    sw_autofix_init(&autofix, attempts->project, attempts->catalog, path, attempts->rounds);
    int64_t started_ns = sw_clock_now();
    int code = 0;
    for (bool again = true; again;) {
        struct sw_attempt attempt = {.project = attempts->project,
                                     .choices = attempts->choices,
                                     .view = view,
                                     .catalog = attempts->catalog,
                                     .path = path,
                                     .started_ns = started_ns};
        size_t first = autofix.fixing.count;
        sw_findings_init(&attempt.findings);
        code = try_all(&attempt, &autofix.fixing);
        again = sw_autofix_again(&autofix, &attempt, code);
        if (!again)
            code = end(&attempt, &autofix, code);
        else if (view->again != NULL)
            view->again(view->self, &attempt, &autofix, first);
        sw_attempt_release(&attempt);
    }
    sw_autofix_release(&autofix);
    return code;
}
