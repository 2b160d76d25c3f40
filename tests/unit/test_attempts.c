#include "project_rig.h"

#include "base/limits.h"
#include "project/attempts.h"
#include "project/autofix.h"

#include <sys/stat.h>

#define HEAD "slipway: 1\nname: demo\nbase_image: {bootstrap: \"debian:bookworm\"}\n"

/* The calls of a view, and the end of the last attempt. */
struct seen {
    int begun, opened, closed, again, ended;
    int code;
    unsigned rounds;
    size_t tried; /* fixes of the last round */
    bool written;
    char codes[256]; /* the findings' codes, each with a blank behind it */
};

static void begin(void *self, const struct sw_attempt *attempt)
{
    struct seen *seen = self;
    seen->begun++;
    assert_non_null(attempt->prepared.profile.name);
}

static int open_view(void *self, struct sw_sink *sink, const struct sw_attempt *attempt,
                     struct sw_error *error)
{
    struct seen *seen = self;
    (void)sink;
    (void)attempt;
    (void)error;
    seen->opened++;
    return 0;
}

static void close_view(void *self)
{
    ((struct seen *)self)->closed++;
}

static void again(void *self, const struct sw_attempt *attempt, const struct sw_autofix *autofix,
                  size_t first)
{
    struct seen *seen = self;
    (void)attempt;
    seen->again++;
    seen->tried = autofix->fixing.count - first;
    assert_int_equal(seen->closed, seen->again); /* nothing is shown any more */
}

static int end(void *self, struct sw_attempt *attempt, const struct sw_autofix *autofix, int code)
{
    struct seen *seen = self;
    seen->ended++;
    seen->code = code;
    seen->rounds = autofix->rounds;
    seen->written = autofix->written;
    for (size_t i = 0; i < attempt->findings.count; i++) {
        size_t n = strlen(seen->codes);
        (void)snprintf(seen->codes + n, sizeof seen->codes - n, "%s ", attempt->findings.items[i]->code);
    }
    return code;
}

/* Build demo.yaml, with this number of rounds. */
static struct seen build(struct project_rig *rig, const struct sw_attempt_choices *choices, unsigned rounds)
{
    struct seen seen = {0};
    const struct sw_attempt_view view = {&seen, begin, open_view, close_view, again, end};
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    const struct sw_attempts attempts = {
        .project = &rig->project, .catalog = &catalog, .choices = choices, .view = &view, .rounds = rounds};
    int code = sw_attempts_run(&attempts, project_in(rig, "demo.yaml"));
    assert_int_equal(code, seen.code);
    assert_int_equal(seen.ended, 1);
    assert_int_equal(seen.closed, seen.again + 1);
    return seen;
}

/* ---- the decisions of a build ---- */

static void a_profile_without_fault_is_tried_once(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {.dry_run = true};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    struct seen seen = build(rig, &choices, 3);
    assert_int_equal(seen.code, SW_OK);
    assert_int_equal(seen.begun, 1);
    assert_int_equal(seen.opened, 1);
    assert_int_equal(seen.again, 0);
}

static void a_fault_is_fixed_in_memory_and_tried_again(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {.dry_run = true};
    static const char text[] = HEAD "python_version: \"3.7\"\n";
    project_write(rig, "demo.yaml", text);
    struct seen seen = build(rig, &choices, 1);
    assert_int_equal(seen.code, SW_OK);
    assert_int_equal(seen.again, 1);
    assert_int_equal(seen.rounds, 1);
    assert_int_equal(seen.tried, 1);
    assert_int_equal(seen.begun, 1); /* the first attempt ended at its check */
    assert_false(seen.written);
    assert_string_equal(project_read(rig, "demo.yaml"), text);
}

static void a_fault_without_rounds_ends_the_build(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {.dry_run = true};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.7\"\n");
    struct seen seen = build(rig, &choices, 0);
    assert_int_equal(seen.code, SW_EINPUT);
    assert_string_equal(seen.codes, "SW102 ");
    assert_int_equal(seen.begun, 0);
    project_write(
        rig, "demo.yaml",
        HEAD "python_version: \"3.11\"\ntorch: {version: \"2.8.0\", cuda: \"12.4\"}\n"); /* no fix is known */
    assert_int_equal(build(rig, &choices, 3).again, 0);
}

/* Another profile would not help: the host lacks something. */
static void a_missing_engine_is_not_mended_by_fixes(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {.no_record = true};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    rig->project.host = sw_arena_format(&rig->arena, "unix://%s/none.sock", rig->folder);
    struct seen seen = build(rig, &choices, 3);
    assert_int_equal(seen.code, SW_EENV);
    assert_string_equal(seen.codes, "SW501 ");
    assert_int_equal(seen.again, 0);
    assert_int_equal(seen.opened, 1);
}

static void the_file_of_the_last_images_id_goes_before_a_build(void **state)
{
    struct project_rig *rig = *state;
    struct stat status;
    struct sw_attempt_choices choices = {.no_record = true, .dry_run = true};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    project_write(rig, "demo.id", "sha256:1\n");
    rig->project.host = sw_arena_format(&rig->arena, "unix://%s/none.sock", rig->folder);
    choices.iidfile = project_in(rig, "{profile}.id");
    (void)build(rig, &choices, 0);
    assert_int_equal(stat(project_in(rig, "demo.id"), &status), 0);
    choices.dry_run = false;
    (void)build(rig, &choices, 0);
    assert_int_not_equal(stat(project_in(rig, "demo.id"), &status), 0);
}

static void a_secret_that_the_caller_does_not_give_refuses_the_build(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {.no_record = true};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\nsecrets: [{id: token, env: HF_TOKEN}]\n");
    struct seen seen = build(rig, &choices, 0);
    assert_int_equal(seen.code, SW_ENO);
    assert_string_equal(seen.codes, "SW104 ");
    assert_int_equal(seen.begun, 0);
}

static void arguments_that_are_none_refuse_the_build(void **state)
{
    struct project_rig *rig = *state;
    static const char *arguments[] = {"=1"};
    const struct sw_attempt_choices choices = {.dry_run = true, .arguments = {arguments, 1}};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    assert_int_equal(build(rig, &choices, 0).code, SW_EINPUT);
    arguments[0] = "A=1";
    assert_int_equal(build(rig, &choices, 0).code, SW_OK);
}

/* ---- rounds of fixes ---- */

static void only_a_fault_begins_a_round(void **state)
{
    static const struct {
        int code;
        bool again;
    } cases[] = {{SW_OK, false},    {SW_EENV, false},     {SW_ECANCELED, false}, {SW_ENO, true},
                 {SW_EINPUT, true}, {SW_ENOTFOUND, true}, {SW_EREFUSED, true}};
    struct project_rig *rig = *state;
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.7\"\n");
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_attempt attempt = {.project = &rig->project};
        struct sw_autofix autofix;
        sw_findings_init(&attempt.findings);
        sw_autofix_init(&autofix, &rig->project, &catalog, project_in(rig, "demo.yaml"), 1);
        assert_int_equal(sw_autofix_again(&autofix, &attempt, cases[i].code), cases[i].again);
        assert_int_equal(autofix.rounds, cases[i].again);
        if (cases[i].again) /* the rounds are used up */
            assert_false(sw_autofix_again(&autofix, &attempt, cases[i].code));
        sw_autofix_release(&autofix);
        sw_findings_release(&attempt.findings);
    }
}

static void fixes_are_written_after_a_build_that_passed(void **state)
{
    struct project_rig *rig = *state;
    static const char text[] = HEAD "python_version: \"3.7\"\n";
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    for (int passed = 0; passed < 2; passed++) {
        const struct sw_attempt_choices choices = {0};
        struct sw_attempt attempt = {.project = &rig->project, .choices = &choices};
        struct sw_autofix autofix;
        project_write(rig, "demo.yaml", text);
        sw_findings_init(&attempt.findings);
        sw_autofix_init(&autofix, &rig->project, &catalog, project_in(rig, "demo.yaml"), 1);
        assert_true(sw_autofix_again(&autofix, &attempt, SW_EINPUT));
        int code = passed == 1 ? SW_OK : SW_ENO;
        assert_int_equal(sw_autofix_settle(&autofix, &attempt, code), code);
        assert_int_equal(autofix.written, passed);
        assert_int_equal(autofix.passed, passed);
        assert_int_equal(strcmp(project_read(rig, "demo.yaml"), text) != 0, passed);
        sw_autofix_release(&autofix);
        sw_findings_release(&attempt.findings);
    }
}

static void a_file_that_another_changed_is_not_overwritten(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_attempt_choices choices = {0};
    struct sw_attempt attempt = {.project = &rig->project, .choices = &choices};
    struct sw_autofix autofix;
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.7\"\n");
    sw_findings_init(&attempt.findings);
    sw_autofix_init(&autofix, &rig->project, &catalog, project_in(rig, "demo.yaml"), 1);
    assert_true(sw_autofix_again(&autofix, &attempt, SW_EINPUT));
    project_write(rig, "demo.yaml", HEAD "# another's\n");
    assert_int_equal(sw_autofix_settle(&autofix, &attempt, SW_OK), SW_ENO);
    assert_false(autofix.written);
    assert_string_equal(attempt.findings.items[0]->code, "SW102");
    assert_string_equal(project_read(rig, "demo.yaml"), HEAD "# another's\n");
    sw_autofix_release(&autofix);
    sw_findings_release(&attempt.findings);
}

/* ---- single fixes ---- */

static const struct sw_tried_fix *run(struct sw_fixing *fixing, struct project_rig *rig,
                                      const struct sw_catalog *catalog)
{
    struct sw_error error = {0};
    sw_fixing_init(fixing, &rig->project, catalog, project_in(rig, "demo.yaml"));
    if (sw_fixing_run(fixing, NULL, 0, SW_ERROR, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(fixing->count, 1);
    return &fixing->tried[0];
}

/* A fix of a parent is kept unless another profile that extends the parent would not bear it. */
static void a_shared_parent_is_fixed_for_all_or_not_at_all(void **state)
{
    struct project_rig *rig = *state;
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    project_write(rig, "parent.yaml",
                  "slipway: 1\nname: parent\ntorch: {version: \"2.0.1\", cuda: \"11.8\"}\n");
    project_write(rig, "demo.yaml",
                  HEAD
                  "extends: parent\npython_version: \"3.11\"\nindexes: [{url: default, for: [torch]}]\n");
    project_write(rig, "other.yaml",
                  "slipway: 1\nname: other\nextends: parent\nrequirements: [flash-attn]\n");
    struct sw_fixing fixing;
    const struct sw_tried_fix *tried = run(&fixing, rig, &catalog);
    assert_non_null(strstr(tried->why_not, "other.yaml would then have this error: "));
    assert_int_equal(sw_fixing_applied(&fixing, 0), 0);
    assert_false(sw_fix_differs(&fixing.fix));
    assert_true(sw_fixing_knows(&fixing, tried->finding));
    sw_fixing_release(&fixing);
    project_write(rig, "other.yaml", "slipway: 1\nname: other\nextends: parent\n");
    tried = run(&fixing, rig, &catalog);
    assert_null(tried->why_not);
    assert_int_equal(tried->files.count, 1);
    assert_string_equal(tried->files.items[0], project_in(rig, "parent.yaml"));
    assert_int_equal(sw_findings_count(&fixing.left, SW_ERROR), 0);
    sw_fixing_release(&fixing);
}

int suite_attempts(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        TEST(a_profile_without_fault_is_tried_once),
        TEST(a_fault_is_fixed_in_memory_and_tried_again),
        TEST(a_fault_without_rounds_ends_the_build),
        TEST(a_missing_engine_is_not_mended_by_fixes),
        TEST(the_file_of_the_last_images_id_goes_before_a_build),
        TEST(a_secret_that_the_caller_does_not_give_refuses_the_build),
        TEST(arguments_that_are_none_refuse_the_build),
        TEST(only_a_fault_begins_a_round),
        TEST(fixes_are_written_after_a_build_that_passed),
        TEST(a_file_that_another_changed_is_not_overwritten),
        TEST(a_shared_parent_is_fixed_for_all_or_not_at_all),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
