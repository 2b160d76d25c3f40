#include "answers.h"
#include "judged_rig.h"

#include "base/limits.h"
#include "check/locking.h"
#include "project/prepare.h"
#include "project/web.h"

/* Write the whole answer for a row, without the names that differ from one run to the next. */
static void keep_answer(struct judged *judged, const struct sw_node *row, const struct sw_findings *findings,
                        const struct sw_coverage *coverage, const char *folder)
{
    SW_BUFFER_AUTO answer;
    sw_buffer_init(&answer, SW_MIB);
    for (size_t i = 0; i < findings->count; i++)
        answers_add(&answer, findings->items[i]);
    sw_coverage_write(&answer, coverage);
    const char *index = judged_text(row, "index");
    answers_mask(&answer, sw_arena_format(&judged->arena, "%.*s", (int)(strrchr(index, '/') - index), index),
                 "http://index");
    answers_mask(&answer, folder, "FOLDER");
    sw_buffer_addf(&judged->answers, "=== %s\n%.*s", judged_text(row, "name"), (int)answer.n, answer.p);
}

/* Judge the profile or the file of a row. */
static void judge(struct sw_findings *findings, struct judged *judged, const struct sw_node *row)
{
    SW_COVERAGE_AUTO coverage;
    sw_coverage_init(&coverage);
    struct project_rig *rig = judged_project(row);
    void *state = rig;
    struct sw_prepared prepared = {0};
    struct sw_error error = {0};
    sw_findings_init(findings);
    int code = judged_prepare(&prepared, rig, judged, row, findings, &error);
    prepared.coverage = &coverage;
    if (code == 0)
        code = sw_prepared_check(&prepared, &rig->project, &judged->catalog, findings, &error);
    if (code != 0)
        fail_msg("%s: %s", judged_text(row, "name"), error.text);
    if (judged_text(row, "folder") != NULL && sw_findings_count(findings, SW_ERROR) == 0 &&
        sw_coverage_judged(&coverage) != sw_node_boolean(sw_node_get(row, "judged"), false))
        fail_msg("%s: judged, or not", judged_text(row, "name"));
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
            print_message("%s: found\n%sexpected\n%s", judged_text(row, "name"), found.n == 0 ? "" : found.p,
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
            print_message("%s: found %s\n", judged_text(row, "name"), line);
        different += !known;
    }
    for (size_t j = 0; j < sw_node_count(expected); j++) {
        if (!found[j])
            print_message("%s: missed %s\n", judged_text(row, "name"),
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
        print_message("%s: missed %s\n", judged_text(row, "name"), line);
        missing++;
    }
    if (fixes != 0)
        print_message("%s: other fixes than expected: %s\n", judged_text(row, "name"), lines.p);
    return missing + (fixes != 0);
}

/* Each profile and each file that asks an index has its findings and no others, but for notes. */
static void profiles_have_their_findings(void **state)
{
    struct judged *judged = *state;
    size_t profiles = 0, different = 0;
    for (size_t i = 0; i < sw_node_count(judged->rows); i++) {
        const struct sw_node *row = sw_node_item(judged->rows, i);
        if (sw_node_get(row, "folder") != NULL)
            continue;
        SW_FINDINGS_AUTO findings;
        judge(&findings, judged, row);
        if (!sw_node_boolean(sw_node_get(row, "any"), false))
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
        if (strcmp(judged_text(row, "name"), name) == 0)
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
    struct project_rig *rig = judged_project(row_of(judged, "a file without a digest"));
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
    return cmocka_run_group_tests(tests, judged_start, judged_stop);
}
