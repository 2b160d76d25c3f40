#include "answers.h"
#include "project_rig.h"

#include "base/file.h"
#include "base/limits.h"
#include "catalog/catalog.h"
#include "check/locking.h"
#include "data/json.h"
#include "project/prepare.h"
#include "project/web.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The profiles of tests/stacks/index_test.py, link_test.py and tests/cases/stack, judged within this process: see tests/stacks/rows.py,
 * which also serves the indexes that they ask. */

struct judged {
    struct sw_arena arena;
    struct sw_catalog catalog;
    const struct sw_node *rows;
    pid_t server;
    /* The server ends when this pipe ends. */
    int server_input;
    /* All that is said of each row. */
    struct sw_buffer answers;
};

/* Start rows.py, with its standard input from a pipe. If it cannot run, the named pipe ends empty. */
static void start_server(struct judged *judged, const char *pipe_name)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    judged->server = fork();
    assert_true(judged->server >= 0);
    if (judged->server == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        (void)execlp("sh", "sh", "-c",
                     "python3 \"${SLIPWAY_SOURCE:-.}/tests/stacks/rows.py\" \"$0\" || : >\"$0\"", pipe_name,
                     (char *)NULL);
        _exit(127);
    }
    (void)close(ends[0]);
    judged->server_input = ends[1];
}

static void read_rows(struct judged *judged, const char *pipe_name)
{
    SW_BUFFER_AUTO text;
    struct sw_error error = {0};
    char bytes[4096];
    sw_buffer_init(&text, 16 * SW_MIB);
    SW_FD_AUTO rows = open(pipe_name, O_RDONLY | O_CLOEXEC);
    assert_true(rows >= 0);
    for (ssize_t n; (n = read(rows, bytes, sizeof bytes)) > 0;)
        sw_buffer_add(&text, bytes, (size_t)n);
    if (sw_json_read(&judged->rows, &judged->arena, sw_buffer_str(&text), "rows.py", &error) != 0)
        fail_msg("rows.py: %s", error.text);
}

static int start(void **state)
{
    struct judged *judged = calloc(1, sizeof *judged);
    char folder[] = "/tmp/slipway-judged-XXXXXX";
    struct sw_error error = {0};
    assert_non_null(judged);
    assert_non_null(mkdtemp(folder));
    sw_arena_init(&judged->arena, SW_MAX_ARENA);
    sw_buffer_init(&judged->answers, 16 * SW_MIB);
    const char *pipe_name = sw_path_join(&judged->arena, folder, "rows");
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    start_server(judged, pipe_name);
    read_rows(judged, pipe_name);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
    if (sw_catalog_load(&judged->catalog, NULL, &error) != 0)
        fail_msg("%s", error.text);
    *state = judged;
    return 0;
}

static int stop(void **state)
{
    struct judged *judged = *state;
    if (judged == NULL) /* the start has failed */
        return 0;
    (void)close(judged->server_input);
    assert_int_equal(waitpid(judged->server, NULL, 0), judged->server);
    sw_catalog_release(&judged->catalog);
    sw_buffer_release(&judged->answers);
    sw_arena_release(&judged->arena);
    free(judged);
    return 0;
}

static const char *text_of(const struct sw_node *row, const char *key)
{
    return sw_node_text(sw_node_get(row, key), NULL);
}

/* A project of its own for the profile of a row, which is p.yaml. */
static struct project_rig *project_of(const struct sw_node *row)
{
    void *state = NULL;
    assert_int_equal(project_rig_make(&state), 0);
    struct project_rig *rig = state;
    const char *folder = text_of(row, "folder");
    if (folder == NULL)
        project_write(rig, "p.yaml", text_of(row, "text"));
    else
        project_sh(rig, sw_arena_format(&rig->arena, "cp -R '%s/.' .", folder));
    rig->project.offline = folder != NULL;
    project_set(rig, sw_arena_format(&rig->arena, "PIP_INDEX_URL=%s", text_of(row, "index")));
    project_set(rig, "no_proxy=*");
    return rig;
}

/* Write the whole answer for a row, without the names that differ from one run to the next. */
static void keep_answer(struct judged *judged, const struct sw_node *row, const struct sw_findings *findings,
                        const struct sw_coverage *coverage, const char *folder)
{
    SW_BUFFER_AUTO answer;
    sw_buffer_init(&answer, SW_MIB);
    for (size_t i = 0; i < findings->count; i++)
        answers_add(&answer, findings->items[i]);
    sw_coverage_write(&answer, coverage);
    const char *index = text_of(row, "index");
    answers_mask(&answer, sw_arena_format(&judged->arena, "%.*s", (int)(strrchr(index, '/') - index), index),
                 "http://index");
    answers_mask(&answer, folder, "FOLDER");
    sw_buffer_addf(&judged->answers, "=== %s\n%.*s", text_of(row, "name"), (int)answer.n, answer.p);
}

/* Judge the profile of a row. */
static void judge(struct sw_findings *findings, struct judged *judged, const struct sw_node *row)
{
    SW_COVERAGE_AUTO coverage;
    sw_coverage_init(&coverage);
    struct project_rig *rig = project_of(row);
    void *state = rig;
    struct sw_prepared prepared = {0};
    struct sw_error error = {0};
    sw_findings_init(findings);
    int code =
        sw_prepare(&prepared, &rig->project, project_in(rig, "p.yaml"), &judged->catalog, findings, &error);
    prepared.coverage = &coverage;
    if (code == 0)
        code = sw_prepared_check(&prepared, &rig->project, &judged->catalog, findings, &error);
    if (code != 0)
        fail_msg("%s: %s", text_of(row, "name"), error.text);
    if (text_of(row, "folder") != NULL && sw_findings_count(findings, SW_ERROR) == 0 &&
        sw_coverage_judged(&coverage) != sw_node_boolean(sw_node_get(row, "judged"), false))
        fail_msg("%s: judged, or not", text_of(row, "name"));
    keep_answer(judged, row, findings, &coverage, rig->folder);
    sw_prepared_release(&prepared);
    assert_int_equal(project_rig_remove(&state), 0);
}

static void add_fixes(struct sw_buffer *lines, const struct sw_finding *finding)
{
    if (finding->hint != NULL)
        sw_buffer_addf(lines, "  hint: %s\n", finding->hint);
    for (size_t i = 0; i < finding->fix_count; i++) {
        const struct sw_edit *fix = &finding->fix[i];
        sw_buffer_addf(lines, "  fix: %s %s%s%s\n", sw_edit_op_name(fix->op), fix->path,
                       fix->value == NULL ? "" : " ", fix->value == NULL ? "" : fix->value);
    }
}

/* Each case of tests/cases/stack has the findings, hints and fixes that the program prints of it. */
static void cases_have_their_findings(void **state)
{
    struct judged *judged = *state;
    size_t cases = 0, different = 0;
    for (size_t i = 0; i < sw_node_count(judged->rows); i++) {
        const struct sw_node *row = sw_node_item(judged->rows, i), *expected = sw_node_get(row, "findings");
        if (sw_node_get(row, "folder") == NULL)
            continue;
        SW_FINDINGS_AUTO findings;
        SW_BUFFER_AUTO found;
        SW_BUFFER_AUTO wanted;
        sw_buffer_init(&found, SW_MIB);
        sw_buffer_init(&wanted, SW_MIB);
        judge(&findings, judged, row);
        for (size_t j = 0; j < findings.count; j++) {
            const struct sw_finding *finding = findings.items[j];
            if (strcmp(finding->code, "SW403") == 0)
                continue;
            sw_buffer_addf(&found, "%s %s %u:%u %s\n", finding->code, sw_severity_name(finding->severity),
                           finding->line, finding->column, finding->message);
            add_fixes(&found, finding);
        }
        for (size_t j = 0; j < sw_node_count(expected); j++)
            sw_buffer_addf(&wanted, "%s\n", sw_node_text(sw_node_item(expected, j), ""));
        if (!sw_str_equal(sw_buffer_str(&found), sw_buffer_str(&wanted))) {
            print_message("%s: found\n%sexpected\n%s", text_of(row, "name"), found.n == 0 ? "" : found.p,
                          wanted.n == 0 ? "" : wanted.p);
            different++;
        }
        cases++;
    }
    assert_true(cases > 60);
    assert_int_equal(different, 0);
}

static bool begins(const char *line, const struct sw_node *beginnings)
{
    for (size_t i = 0; i < sw_node_count(beginnings); i++) {
        const char *text = sw_node_text(sw_node_item(beginnings, i), "");
        if (strncmp(line, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

static bool counts(const struct sw_finding *finding, const struct sw_node *only)
{
    bool named = sw_node_count(only) == 0;
    for (size_t i = 0; i < sw_node_count(only); i++)
        named = named || strcmp(sw_node_text(sw_node_item(only, i), ""), finding->code) == 0;
    return named && finding->severity != SW_NOTE && strcmp(finding->code, "SW222") != 0;
}

/* Return how many findings are not expected, or expected and not found. */
static size_t differences(const struct sw_findings *findings, const struct sw_node *row)
{
    const struct sw_node *expected = sw_node_get(row, "findings");
    size_t different = 0;
    bool found[64] = {false};
    assert_true(sw_node_count(expected) <= SW_COUNT(found));
    for (size_t i = 0; i < findings->count; i++) {
        char line[4096];
        bool known = !counts(findings->items[i], sw_node_get(row, "only"));
        (void)snprintf(line, sizeof line, "%s %s %s", findings->items[i]->code,
                       sw_severity_name(findings->items[i]->severity), findings->items[i]->message);
        for (size_t j = 0;
             j < sw_node_count(expected) && counts(findings->items[i], sw_node_get(row, "only")); j++) {
            bool fits = begins(line, sw_node_item(expected, j));
            found[j] = found[j] || fits;
            known = known || fits;
        }
        if (!known)
            print_message("%s: found %s\n", text_of(row, "name"), line);
        different += !known;
    }
    for (size_t j = 0; j < sw_node_count(expected); j++) {
        if (!found[j])
            print_message("%s: missed %s\n", text_of(row, "name"),
                          sw_node_text(sw_node_item(sw_node_item(expected, j), 0), ""));
        different += !found[j];
    }
    return different;
}

/* Return how many lines of the row are not among the hints and fixes of the findings, and how many fixes more the findings have. */
static size_t other_cures(const struct sw_findings *findings, const struct sw_node *row)
{
    const struct sw_node *cures = sw_node_get(row, "cures");
    size_t missing = 0, fixes = 0;
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MIB);
    for (size_t i = 0; i < findings->count && sw_node_count(cures) > 0; i++) {
        add_fixes(&lines, findings->items[i]);
        fixes += findings->items[i]->fix_count;
    }
    for (size_t i = 0; i < sw_node_count(cures); i++) {
        const char *line = sw_node_text(sw_node_item(cures, i), "");
        fixes -= strncmp(line, "  fix: ", strlen("  fix: ")) == 0;
        if (lines.n > 0 && strstr(lines.p, line) != NULL)
            continue;
        print_message("%s: missed %s\n", text_of(row, "name"), line);
        missing++;
    }
    if (fixes != 0)
        print_message("%s: other fixes than expected: %s\n", text_of(row, "name"), lines.p);
    return missing + (fixes != 0);
}

/* Each profile that asks an index has its findings and no others, but for notes. */
static void profiles_have_their_findings(void **state)
{
    struct judged *judged = *state;
    size_t profiles = 0, different = 0;
    for (size_t i = 0; i < sw_node_count(judged->rows); i++) {
        const struct sw_node *row = sw_node_item(judged->rows, i);
        if (sw_node_get(row, "text") == NULL)
            continue;
        SW_FINDINGS_AUTO findings;
        judge(&findings, judged, row);
        different += differences(&findings, row) + other_cures(&findings, row);
        profiles++;
    }
    assert_true(profiles > 100);
    assert_int_equal(different, 0);
}

/* Every answer is as it was, in whole: severities, places, hints, fixes, evidence, notes and the record of what was judged. */
static void answers_are_as_they_were(void **state)
{
    const struct judged *judged = *state;
    answers_compare("tests/stacks/answers.txt", sw_buffer_str(&judged->answers));
}

static const struct sw_node *row_of(const struct judged *judged, const char *name)
{
    for (size_t i = 0; i < sw_node_count(judged->rows); i++) {
        const struct sw_node *row = sw_node_item(judged->rows, i);
        if (strcmp(text_of(row, "name"), name) == 0)
            return row;
    }
    fail_msg("there is no row '%s'", name);
    return NULL;
}

/* The lock has each member of the set, with the digest of its file, also of the only file whose index tells none. */
static void a_set_is_locked_with_the_digest_of_each_file(void **state)
{
    static const char *const names[] = {"app-parts", "base", "lib", "undigested"};
    const struct judged *judged = *state;
    struct project_rig *rig = project_of(row_of(judged, "a file without a digest"));
    struct sw_prepared prepared;
    struct sw_pylock lock;
    struct sw_error error = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code =
        sw_prepare(&prepared, &rig->project, project_in(rig, "p.yaml"), &judged->catalog, &findings, &error);
    struct sw_check_input input = {.profile = &prepared.profile,
                                   .plan = &prepared.plan,
                                   .catalog = &judged->catalog,
                                   .permissions = &rig->project.permissions,
                                   .cancel = &rig->cancel};
    const struct sw_locking locking = {.input = &input};
    if (code == 0)
        code = sw_project_index(&input.index, &rig->project, &error);
    if (code == 0)
        code = sw_check_lock(&lock, &rig->arena, &locking, &findings, &error);
    if (code != 0)
        fail_msg("%s", error.text);
    assert_int_equal(lock.set.package_count, SW_COUNT(names));
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        assert_string_equal(lock.set.packages[i].name, names[i]);
        assert_int_equal(strlen(lock.set.packages[i].file.sha256), 64);
    }
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0]->code, "SW403");
    assert_non_null(strstr(findings.items[0]->message, "as it is there now: undigested"));
    sw_prepared_release(&prepared);
    void *project = rig;
    assert_int_equal(project_rig_remove(&project), 0);
}

int suite_judged(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_have_their_findings),
        cmocka_unit_test(profiles_have_their_findings),
        cmocka_unit_test(answers_are_as_they_were),
        cmocka_unit_test(a_set_is_locked_with_the_digest_of_each_file),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
