#include "commands.h"

#include "engine.h"
#include "format.h"
#include "prepare.h"
#include "progress.h"

#include "verify/verify.h"

#include <unistd.h>

/* What is verified: the image, and the profile where one was named. */
struct subject {
    struct prepared prepared;
    const char *image;
    bool has_profile;
};

/* A word that is no profile here is taken for an image; one such as "example/mixtral" would be a path too, and is one
 * where that file is there. */
static bool is_image(struct session *session, const char *word)
{
    struct sw_str name = sw_str_from(word);
    const char *path = NULL;
    if (session_find_profile(&path, session, word, NULL) != 0)
        return true;
    return !sw_str_ends(name, ".yaml") && !sw_str_ends(name, ".yml") && access(path, F_OK) != 0;
}

static enum status find_subject(struct subject *subject, struct session *session, struct sw_catalog *catalog)
{
    if (session->options.arguments.count == 1) {
        subject->image = session->options.arguments.items[0];
        if (is_image(session, subject->image))
            return STATUS_DONE;
    }
    enum status status = prepare_one(&subject->prepared, session, catalog);
    if (status != STATUS_DONE)
        return status;
    subject->has_profile = true;
    subject->image = sw_node_text(sw_node_at(subject->prepared.plan.root, "image.tags[0]"), "");
    return STATUS_DONE;
}

static int verify(struct sw_verification *result, struct session *session, const struct subject *subject,
                  struct sw_findings *findings, struct sw_error *error)
{
    ENGINE_AUTO engine = {0};
    struct progress *progress = NULL;
    int code = session_progress(&progress, session, error);
    if (code != 0)
        return code;
    struct sw_sink sink = progress_sink(progress);
    code = engine_open(&engine, session, &sink, error);
    if (code == 0)
        code = sw_verify_image(result, engine.engine, subject->image,
                               subject->has_profile ? &subject->prepared.profile : NULL,
                               subject->has_profile ? &subject->prepared.plan : NULL, findings, &sink, error);
    progress_free(progress);
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, code, "the engine has no image '%s'", subject->image);
        (void)sw_error_hint(error, "'slipway build' makes a profile's image");
    }
    return code;
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
        int code = verify(&result, session, &subject, &findings, &error);
        status = code == 0 ? format_result(session, &findings) : session_fail(session, &error);
    }
    if (status == STATUS_DONE && (session->format == FORMAT_TTY || session->format == FORMAT_PLAIN))
        (void)fprintf(session->out, "%s: %zu assertions hold\n", subject.image, result.passed);
    prepared_release(&subject.prepared);
    return status;
}
