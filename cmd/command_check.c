#include "commands.h"

#include "found.h"
#include "output/format.h"
#include "output/say.h"

#include "base/limits.h"
#include "catalog/gpu.h"
#include "check/coverage.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"

/* The checks of one command, and their results. */
struct checking {
    struct session *session;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    struct sw_builder b;
    /* The record of the judgements, in words and for programs; names tell several profiles apart. */
    struct sw_buffer covered;
    struct sw_node *coverage;
    struct sw_coverage judged; /* of the stack that is being checked */
    bool several;
    size_t found; /* stacks of files that are no profiles */
};

/* Each line with the profile's name in front, if there are several profiles. */
static void keep_lines(struct checking *checking, const char *name, struct sw_str text)
{
    while (text.n > 0) {
        struct sw_str line = sw_str_cut(&text, '\n');
        if (checking->several)
            sw_buffer_addf(&checking->covered, "%s: ", name);
        sw_buffer_add_str(&checking->covered, line);
        sw_buffer_add_char(&checking->covered, '\n');
    }
}

static void keep_coverage(struct checking *checking, const struct sw_prepared *prepared)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    const char *name = prepared->profile.name;
    sw_coverage_write(&text, prepared->coverage);
    keep_lines(checking, name, sw_buffer_str(&text));
    struct sw_node *rows = sw_coverage_node(&checking->b, prepared->coverage);
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        struct sw_node *row = sw_build_map(&checking->b);
        sw_build_set(&checking->b, row, "profile", sw_build_text(&checking->b, name));
        for (size_t j = 0; j < sw_node_member_count(sw_node_item(rows, i)); j++) {
            const struct sw_member *member = sw_node_member_at(sw_node_item(rows, i), j);
            sw_build_set(&checking->b, row, member->key.p, member->value);
        }
        sw_build_append(&checking->b, checking->coverage, row);
    }
}

/* "0 errors" of a stack in which nothing was looked at would say more than is known. */
static void find_nothing(const struct checking *checking, const struct sw_prepared *prepared)
{
    const struct sw_coverage *coverage = prepared->coverage;
    if (prepared->plan.root == NULL || sw_coverage_judged(coverage))
        return;
    struct sw_finding *finding = sw_findings_add(
        checking->findings, "SW222", SW_WARNING,
        coverage->count == 0 ? prepared->profile.is_found
                                   ? "nothing is proven: no torch and no requirement was found"
                                   : "nothing is proven: the profile names no torch and no requirement"
                             : "nothing is proven: 0 of %zu subjects could be judged",
        coverage->count);
    sw_profile_place(&prepared->profile, checking->findings, finding, "requirements");
}

/* Check a stack that was prepared with this code; `errors` were known before that. */
static void judge(struct checking *checking, struct sw_prepared *prepared, size_t errors, int code,
                  struct sw_error *error)
{
    struct sw_findings *findings = checking->findings;
    sw_coverage_init(&checking->judged);
    prepared->coverage = &checking->judged;
    if (code == 0)
        code = sw_prepared_check(prepared, &checking->session->project, checking->catalog, findings, error);
    if (code != 0)
        (void)sw_findings_add_error(findings, NULL, error);
    else if (sw_findings_count(findings, SW_ERROR) == errors)
        find_nothing(checking, prepared);
    if (code == 0)
        keep_coverage(checking, prepared);
    prepared->coverage = NULL;
    sw_coverage_release(&checking->judged);
}

/* Check a profile. A file that does not exist or cannot be read does not hide the faults of the others. */
static void check(struct checking *checking, const char *path)
{
    SW_PREPARED_AUTO prepared;
    struct sw_error error;
    struct sw_findings *findings = checking->findings;
    size_t errors = sw_findings_count(findings, SW_ERROR);
    int code = sw_prepare(&prepared, &checking->session->project, path, checking->catalog, findings, &error);
    if (code == 0)
        code = sw_prepared_needs(&prepared, &checking->session->project, SW_WARNING, findings, &error);
    judge(checking, &prepared, errors, code, &error);
}

/* Check a stack of files that are no profiles. A fix is an edit of a profile, which they are not. */
static void check_found(void *self, struct sw_prepared *prepared, int code, struct sw_error *error)
{
    struct checking *checking = self;
    struct sw_findings *findings = checking->findings;
    size_t from = findings->count;
    checking->several = checking->several || checking->found > 0;
    checking->found++;
    judge(checking, prepared, sw_findings_count(findings, SW_ERROR), code, error);
    for (size_t i = from; i < findings->count; i++)
        findings->items[i]->fix_count = 0;
}

/* Tell why an argument names nothing. The name of a GPU stands there if the option is forgotten. */
static void refuse_argument(struct checking *checking, const char *argument, struct sw_error *error)
{
    if (error->code == SW_ENOTFOUND && sw_gpu_row(checking->catalog, argument) != NULL)
        (void)sw_error_hint(error, "a GPU is named by an option: --gpu '%s'", argument);
    (void)sw_findings_add_error(checking->findings, NULL, error);
}

/* Check the profile that an argument names, or the file or folder that needs no profile. */
static void check_argument(struct checking *checking, const char *argument)
{
    const char *path;
    struct sw_error error;
    if (found_is(checking->session, argument))
        found_prepare(checking->session, argument, checking->catalog, checking->findings, check_found,
                      checking);
    else if (sw_profiles_find(&path, &checking->session->project, argument, &error) == 0)
        check(checking, path);
    else
        refuse_argument(checking, argument, &error);
}

/* The options for files say nothing to a profile, which has them as keys. A word that is neither a file nor a profile gets an error of
 * its own. */
static int check_options(struct session *session, struct sw_error *error)
{
    const struct sw_texts *names = &session->options.arguments;
    const char *path;
    bool is_fine = !found_is_asked(session);
    for (size_t i = 0; i < names->count; i++)
        is_fine = is_fine || found_is(session, names->items[i]) ||
                  sw_profiles_find(&path, &session->project, names->items[i], NULL) != 0;
    if (is_fine)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "--gpu and the like are for files that are no profiles");
    return sw_error_hint(error, "a profile has keys for them: accelerators, driver, python_version");
}

/* Choose the subjects: the words of the command line, else every profile here as `paths`. If there is no profile, and options for
 * files are given, the files here are meant. */
static int choose(struct sw_texts *words, struct sw_texts *paths, struct session *session,
                  struct sw_error *error)
{
    struct sw_texts all = {0};
    *words = session->options.arguments;
    int code = words->count > 0 ? 0 : sw_profiles_list(&all, &session->project, error);
    if (code == 0 && words->count + all.count == 0 && found_is_asked(session)) {
        *words = (struct sw_texts){0};
        return sw_texts_add(words, &session->arena, ".", error);
    }
    if (code == 0)
        code = check_options(session, error);
    if (code == 0 && words->count == 0)
        code = session_choose_profiles(paths, session, true, error);
    return code;
}

static enum status report(struct checking *checking)
{
    struct session *session = checking->session;
    struct sw_error error;
    struct sw_node *more = sw_build_map(&checking->b);
    sw_build_set(&checking->b, more, "coverage", checking->coverage);
    int code = checking->b.failed ? sw_fail_memory(&error) : 0;
    if (code == 0)
        code = sw_buffer_check(&checking->covered, "the coverage", &error);
    if (code != 0)
        return session_fail(session, &error);
    sw_findings_unique(checking->findings);
    enum status status = format_result_with(session, checking->findings, more);
    if (!session->options.quiet && (session->format == FORMAT_TTY || session->format == FORMAT_PLAIN))
        (void)say_data(session->out, sw_buffer_str(&checking->covered));
    return status;
}

enum status command_check(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    struct sw_texts words, paths = {0};
    struct sw_error error;
    session->project.stale_locks = SW_STALE_JUDGED;
    int code = choose(&words, &paths, session, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    if (code != 0)
        return session_fail(session, &error);
    const struct sw_cancel *cancel = &session->cancel;
    struct checking checking = {.session = session, .catalog = &catalog, .findings = &findings};
    checking.b.arena = &session->arena;
    checking.coverage = sw_build_list(&checking.b);
    checking.several = words.count + paths.count > 1;
    sw_buffer_init(&checking.covered, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < words.count && !sw_cancel_requested(cancel); i++)
        check_argument(&checking, words.items[i]);
    for (size_t i = 0; i < paths.count && !sw_cancel_requested(cancel); i++)
        check(&checking, paths.items[i]);
    enum status status;
    if (sw_cancel_requested(cancel)) {
        (void)sw_fail_canceled(&error);
        status = session_fail(session, &error);
    } else {
        status = report(&checking);
    }
    sw_buffer_release(&checking.covered);
    return status;
}
