#include "commands.h"

#include "display/logfile.h"
#include "output/format.h"
#include "output/say.h"
#include "tried.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/finding_json.h"
#include "diagnose/diagnosis.h"
#include "project/fixing.h"
#include "project/prepare.h"
#include "project/prepared.h"

#include <fcntl.h>
#include <unistd.h>

/* A run of the command. */
struct repair {
    struct session *session;
    struct sw_fixing fixing;
    struct sw_findings logged; /* findings in the last build's log */
    /* The path of that log; NULL if no log is of exactly this plan. */
    const char *log;
    /* There is a log, but it is of another state of the profile. */
    bool outdated;
    struct sw_buffer diff;
    bool written;
};

static void release(struct repair *repair)
{
    sw_fixing_release(&repair->fixing);
    sw_findings_release(&repair->logged);
    sw_buffer_release(&repair->diff);
}

/* Return true if the log begins with the digest of this plan, which the build wrote there. */
static bool is_of_plan(int fd, const char *digest)
{
    char want[SW_SHA256_HEX_SIZE + 16], found[sizeof want];
    int n = snprintf(want, sizeof want, "=== plan %s\n", digest);
    return pread(fd, found, (size_t)n, 0) == n && memcmp(want, found, (size_t)n) == 0;
}

static int diagnose(struct repair *repair, int fd, const struct sw_node *profile, struct sw_error *error)
{
    struct session *session = repair->session;
    struct sw_rules *rules = NULL;
    int code = sw_rules_load(&rules, session->project.overrides, error);
    struct sw_diagnosis *diagnosis = code == 0 ? sw_diagnosis_new(rules) : NULL;
    if (code == 0 && diagnosis == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        code = sw_diagnosis_read(diagnosis, fd, repair->log, &session->cancel, error);
    if (code == 0)
        code = sw_diagnosis_finish(diagnosis, profile, SW_OUTCOME_UNKNOWN, &repair->logged, error);
    sw_diagnosis_free(diagnosis);
    sw_rules_free(rules);
    return code;
}

/* Diagnose the last build's log, if it is kept and is of the profile as it is now. A profile with errors has
 * no such log: it was not built as it is. */
static int read_log(struct repair *repair, struct sw_error *error)
{
    struct session *session = repair->session;
    struct sw_prepared prepared;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = sw_prepare(&prepared, &session->project, repair->fixing.path, repair->fixing.catalog,
                          &findings, error);
    const char *cache = sw_project_cache(&session->project);
    const char *folder = cache == NULL ? NULL : sw_path_join(&session->arena, cache, "logs");
    if (code == 0 && folder == NULL)
        code = sw_fail_memory(error);
    if (code == 0 && prepared.plan.root != NULL && sw_findings_count(&findings, SW_ERROR) == 0) {
        const char *path = logfile_newest(&session->arena, folder, prepared.profile.name);
        SW_FD_AUTO fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        repair->log = fd >= 0 && is_of_plan(fd, prepared.plan.digest) ? path : NULL;
        repair->outdated = fd >= 0 && repair->log == NULL;
        if (repair->log != NULL)
            code = diagnose(repair, fd, prepared.profile.root, error);
    }
    sw_prepared_release(&prepared);
    return code;
}

static bool was_applied(const struct repair *repair, const struct sw_finding *finding)
{
    for (size_t i = 0; i < repair->fixing.count; i++) {
        const struct sw_tried_fix *fate = &repair->fixing.tried[i];
        if (fate->why_not == NULL && sw_finding_same_moved(fate->finding, finding))
            return true;
    }
    return false;
}

/* Only a build can show if a finding of its log is gone; until then, a finding without an applied fix is
 * taken to be still there. */
static void add_unfixed(struct repair *repair)
{
    for (size_t i = 0; i < repair->logged.count; i++) {
        if (!was_applied(repair, repair->logged.items[i]))
            (void)sw_findings_copy(&repair->fixing.left, repair->logged.items[i]);
    }
}

static int make(struct repair *repair, struct sw_error *error)
{
    struct sw_fixing *fixing = &repair->fixing;
    int code = read_log(repair, error);
    if (code == 0)
        code = sw_fixing_run(fixing, &repair->logged, 0, SW_NOTE, error);
    if (code == 0)
        code = sw_fix_diff(&repair->diff, &fixing->fix, error);
    if (code != 0)
        return code;
    add_unfixed(repair);
    if (sw_fix_differs(&fixing->fix) && !repair->session->options.dry_run) {
        code = sw_fixing_write(fixing, error);
        repair->written = code == 0;
    }
    return code;
}

static enum status report_json(struct repair *repair)
{
    struct sw_builder b = {.arena = &repair->session->arena};
    struct sw_node *root = sw_build_map(&b);
    const struct sw_findings *left = &repair->fixing.left;
    sw_build_set(&b, root, "fixes", tried_json(&b, &repair->fixing, 0));
    sw_build_set(&b, root, "diff", sw_build_text(&b, repair->diff.p));
    sw_build_set(&b, root, "written", sw_build_bool(&b, repair->written));
    sw_build_set(&b, root, "log", sw_build_text(&b, repair->log));
    sw_build_set(&b, root, "findings", sw_findings_json(&b, left));
    return format_node(repair->session, b.failed ? NULL : root, true);
}

/* Tell of the fixes that were tried, and of the findings that have no fix. */
static void tell_findings(const struct repair *repair)
{
    SW_FINDINGS_AUTO others;
    sw_findings_init(&others);
    tried_tell(repair->session, &repair->fixing, 0);
    for (size_t i = 0; i < repair->fixing.left.count; i++) {
        if (!sw_fixing_knows(&repair->fixing, repair->fixing.left.items[i]))
            (void)sw_findings_copy(&others, repair->fixing.left.items[i]);
    }
    format_aside(repair->session, &others);
}

/* The diff alone is the result, so that it can be kept or piped to patch(1). */
static void report_text(const struct repair *repair)
{
    FILE *err = repair->session->err;
    const struct sw_fixing *fixing = &repair->fixing;
    (void)say_data(repair->session->out, sw_buffer_str(&repair->diff));
    if (repair->session->options.quiet)
        return;
    if (repair->outdated)
        say(err,
            "the last build's log is of another state of this profile: build again to have it explained\n");
    bool clean = sw_findings_count(&fixing->left, SW_NOTE) == fixing->left.count;
    if (!sw_fix_differs(&fixing->fix))
        say(err, "%s\n", clean ? "nothing to fix" : "nothing was changed: no safe fix is known");
    else if (repair->session->options.dry_run)
        say(err, "nothing was written: --dry-run\n");
    for (size_t i = 0; i < fixing->fix.count && repair->written; i++) {
        if (sw_fixed_file_differs(&fixing->fix.files[i]))
            say(err, "wrote %s\n", fixing->fix.files[i].path);
    }
}

static enum status report(struct repair *repair)
{
    struct session *session = repair->session;
    const struct sw_findings *left = &repair->fixing.left;
    if (session->format == FORMAT_SARIF)
        return format_result(session, left);
    enum status written = STATUS_DONE;
    if (session->format == FORMAT_JSON) {
        written = report_json(repair);
    } else {
        tell_findings(repair);
        report_text(repair);
    }
    return written == STATUS_DONE ? findings_status(left) : written;
}

enum status command_fix(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_texts paths = {0};
    struct sw_error error;
    session->project.stale_locks = SW_STALE_JUDGED;
    int code = session_choose_profiles(&paths, session, false, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    if (code != 0)
        return session_fail(session, &error);
    struct repair repair = {.session = session};
    sw_fixing_init(&repair.fixing, &session->project, &catalog, paths.items[0]);
    sw_findings_init(&repair.logged);
    sw_buffer_init(&repair.diff, 4 * SW_MAX_YAML_SIZE);
    code = make(&repair, &error);
    enum status status = STATUS_DONE;
    if (code == 0) {
        status = report(&repair);
    } else {
        if (repair.diff.n > 0 && session->format != FORMAT_JSON && session->format != FORMAT_SARIF)
            (void)say_data(session->out, sw_buffer_str(&repair.diff));
        status = session_fail(session, &error);
    }
    release(&repair);
    return status;
}
