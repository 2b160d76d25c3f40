#include "commands.h"

#include "display/progress.h"
#include "output/format.h"
#include "output/junit.h"
#include "output/say.h"

#include "verify/verify.h"

#include "data/path.h"
#include "engine/reference.h"
#include "project/grants.h"
#include "project/host_engine.h"
#include "project/prepared.h"
#include "project/profiles.h"

#include <unistd.h>

/* The subject of the verification: the image, and the profile if the user named a profile. */
struct subject {
    struct sw_prepared prepared;
    const char *image;
    bool has_profile;
};

/* A word that names no profile here is taken for an image if images may be called so: not "Dockerfile", "." or "p.yaml". */
static bool is_image(struct session *session, const char *word)
{
    struct sw_str name = sw_str_from(word);
    const char *path = NULL;
    return sw_profiles_find(&path, &session->project, word, NULL) != 0 && sw_reference_valid(name) &&
           !sw_str_ends(name, ".yaml") && !sw_str_ends(name, ".yml");
}

static enum status find_subject(struct subject *subject, struct session *session, struct sw_catalog *catalog)
{
    if (session->options.arguments.count == 1) {
        subject->image = session->options.arguments.items[0];
        if (is_image(session, subject->image))
            return STATUS_DONE;
    }
    enum status status = session_prepare(&subject->prepared, session, catalog, false);
    if (status != STATUS_DONE)
        return status;
    subject->has_profile = true;
    subject->image = sw_node_text(sw_node_at(subject->prepared.plan.parts.image.tags, "[0]"), "");
    return STATUS_DONE;
}

static int verify(struct sw_verification *result, struct session *session, const struct subject *subject,
                  struct sw_findings *findings, struct sw_error *error)
{
    SW_HOST_ENGINE_AUTO engine = {0};
    struct progress *progress = NULL;
    int64_t timeout_ns = 0;
    int code = session_verify_timeout(&timeout_ns, session, error);
    if (code != 0)
        return code;
    if (session->format == FORMAT_JSON && session->options.progress == NULL)
        session->options.progress = "quiet"; /* the result is one document */
    code = session_progress(&progress, session, error);
    if (code != 0)
        return code;
    struct sw_sink sink = progress_sink(progress);
    sw_prepared_tell_overrides(&subject->prepared, &sink);
    code = sw_host_engine_open(&engine, &session->project, &sink, error);
    const struct sw_verify_request request = {
        .image = subject->image,
        .profile = subject->has_profile ? &subject->prepared.profile : NULL,
        .plan = subject->has_profile ? &subject->prepared.plan : NULL,
        .project = session->project.overrides,
        .files = session->options.files,
        .timeout_ns = timeout_ns,
        .gpus = session->options.gpus,
    };
    if (code == 0)
        code = sw_verify_image(result, engine.engine, &request, findings, &sink, error);
    progress_free(progress);
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, code, "the engine has no image '%s'", subject->image);
        (void)sw_error_hint(error, "'slipway build' makes a profile's image");
    }
    return code;
}

/* Report the findings. JSON has every check and the installed packages besides, text the number of checks
 * that hold. */
static enum status report(struct session *session, const struct subject *subject,
                          const struct sw_verification *result, const struct sw_findings *findings)
{
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *more = sw_build_map(&b);
    static const char *const parts[] = {"freeze", "gpus"};
    sw_build_set(&b, more, "image", sw_build_text(&b, subject->image));
    sw_build_set(&b, more, "passed", sw_build_int(&b, (int64_t)result->passed));
    sw_build_set(&b, more, "failed", sw_build_int(&b, (int64_t)result->failed));
    sw_build_set(&b, more, "untried", sw_build_int(&b, (int64_t)result->untried));
    sw_build_set(&b, more, "results", result->results);
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        const struct sw_node *part = sw_node_get(result->answer, parts[i]);
        sw_build_set(&b, more, parts[i], part == NULL ? sw_build_list(&b) : part);
    }
    const struct sw_node *driver = sw_node_get(result->answer, "driver");
    sw_build_set(&b, more, "driver", driver == NULL ? sw_build_null(&b) : driver);
    sw_build_set(&b, more, "gpu_way", sw_build_text(&b, result->gpu_way));
    enum status status = format_result_with(session, findings, b.failed ? NULL : more);
    if (session->format == FORMAT_TTY || session->format == FORMAT_PLAIN)
        say(session->out, "%s: %zu checks hold, %zu do not, %zu could not be tried\n", subject->image,
            result->passed, result->failed, result->untried);
    return status;
}

enum status command_verify(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct subject subject = {0};
    struct sw_verification result = {0};
    struct sw_error error;
    sw_findings_init(&findings);
    enum status status = find_subject(&subject, session, &catalog);
    if (status == STATUS_DONE) {
        const char *junit = session->options.junit;
        int code =
            junit == NULL ? 0 : sw_grants_check_file(&session->project, junit, SW_ACCESS_WRITE, &error);
        if (code == 0)
            code = verify(&result, session, &subject, &findings, &error);
        if (code == 0 && junit != NULL)
            code = junit_write(junit, subject.image, subject.has_profile ? &subject.prepared.profile : NULL,
                               &result, &error);
        status = code == 0 ? report(session, &subject, &result, &findings) : session_fail(session, &error);
    }
    sw_verification_release(&result);
    sw_prepared_release(&subject.prepared);
    return status;
}
