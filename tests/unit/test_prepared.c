#include "project_rig.h"

#include "catalog/catalog.h"
#include "project/committed.h"
#include "project/prepare.h"
#include "project/records.h"

#include <stdlib.h>

/* Profiles that are prepared from elsewhere than their own file: a Dockerfile of the user's, and a commit. */

static const struct sw_catalog *catalog;

static int load(void **state)
{
    struct sw_catalog *loaded = calloc(1, sizeof *loaded);
    struct sw_error error = {0};
    if (loaded == NULL || sw_catalog_load(loaded, NULL, &error) != 0)
        return -1;
    catalog = *state = loaded;
    return 0;
}

static int unload(void **state)
{
    sw_catalog_release(*state);
    free(*state);
    return 0;
}

/* Prepare and check web.yaml; the first finding that is no note, or NULL. */
static const struct sw_finding *judge(struct project_rig *rig, struct sw_findings *findings)
{
    struct sw_prepared prepared = {0};
    struct sw_error error = {0};
    sw_findings_init(findings);
    int code = sw_prepare(&prepared, &rig->project, project_in(rig, "web.yaml"), catalog, findings, &error);
    if (code == 0)
        code = sw_prepared_check(&prepared, &rig->project, catalog, findings, &error);
    if (code != 0)
        fail_msg("%s", error.text);
    sw_prepared_release(&prepared);
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i]->severity != SW_NOTE)
            return findings->items[i];
    }
    return NULL;
}

static const char wrapping[] =
    "slipway: 1\nname: web\naccelerators: [rtx-5090]\ndockerfile: {path: Dockerfile}\n";

/* A fault of the stack stands at its line of the Dockerfile, and no fix is offered: fixes change profiles. */
static void a_dockerfile_is_judged_at_its_lines(void **state)
{
    struct project_rig *rig = *state;
    SW_FINDINGS_AUTO findings;
    project_write(rig, "web.yaml", wrapping);
    project_write(rig, "Dockerfile",
                  "ARG CUDA=cu124\nFROM python:3.11-slim\nARG CUDA\n"
                  "RUN pip install torch==2.4.0 --index-url https://download.pytorch.org/whl/${CUDA}\n");
    const struct sw_finding *finding = judge(rig, &findings);
    assert_non_null(finding);
    assert_string_equal(finding->code, "SW201");
    assert_non_null(strstr(finding->file, "Dockerfile"));
    assert_int_equal(finding->line, 4);
    assert_int_equal(finding->fix_count, 0);
}

/* An argument of the caller's is the Dockerfile's argument. */
static void a_build_argument_decides_the_stack(void **state)
{
    struct project_rig *rig = *state;
    SW_FINDINGS_AUTO findings;
    project_write(rig, "web.yaml", wrapping);
    project_write(rig, "Dockerfile",
                  "FROM python:3.11-slim\nARG TORCH=2.4.0\n"
                  "RUN pip install torch==${TORCH} --index-url https://download.pytorch.org/whl/cu128\n");
    assert_int_equal(sw_texts_add(&rig->project.build_arguments, &rig->arena, "TORCH=2.8.0", NULL), 0);
    assert_null(judge(rig, &findings));
}

static void a_dockerfile_that_is_not_there_is_refused(void **state)
{
    struct project_rig *rig = *state;
    SW_FINDINGS_AUTO findings;
    project_write(rig, "web.yaml", wrapping);
    const struct sw_finding *finding = judge(rig, &findings);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SW_ERROR);
    assert_int_equal(finding->line, 4);
}

static const char *const repository =
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1; git init -q .; mkdir slipway; "
    "printf 'slipway: 1\\nname: demo\\nextends: base\\n' >slipway/demo.yaml; printf 'slipway: 1\\nname: "
    "base\\npython_version: \"3.10\"\\n' >slipway/base.yaml; "
    "git add .; git -c user.name=a -c user.email=a@b commit -qm one; "
    "printf 'slipway: 1\\nname: base\\npython_version: \"3.11\"\\n' >slipway/base.yaml; git -c user.name=a "
    "-c "
    "user.email=a@b commit -qam two; "
    "printf 'slipway: 1\\nname: base\\npython_version: \"3.12\"\\n' >slipway/base.yaml";

/* Prepare a word such as demo@{HEAD}: the Python of the profile, or the error. */
static const char *python_of(struct project_rig *rig, const char *word, struct sw_error *error)
{
    struct sw_history *history = NULL;
    struct sw_prepared prepared = {0};
    const char *text = NULL;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (sw_records_open(&history, &rig->project, error) != 0)
        fail_msg("%s", error->text);
    if (sw_committed_prepare(&prepared, &rig->project, history, word, catalog, &findings, error) == 0) {
        const char *found = sw_node_text(sw_node_get(prepared.profile.root, "python_version"), "");
        text = sw_arena_text(&rig->arena, found);
    }
    sw_prepared_release(&prepared);
    sw_history_close(history);
    return text;
}

/* A revision decides over the profile and over its parents. */
static void a_commit_has_its_own_parents(void **state)
{
    struct project_rig *rig = *state;
    struct sw_error error = {0};
    project_sh(rig, repository);
    assert_string_equal(python_of(rig, "demo@{HEAD~1}", &error), "3.10");
    assert_string_equal(python_of(rig, "demo@{HEAD}", &error), "3.11");
    assert_string_equal(python_of(rig, "slipway/demo.yaml@{HEAD}", &error), "3.11");
}

static void a_commit_without_the_profile_is_refused(void **state)
{
    struct project_rig *rig = *state;
    struct sw_error error = {0};
    project_sh(rig, repository);
    assert_null(python_of(rig, "other@{HEAD}", &error));
    assert_int_equal(error.code, SW_ENOTFOUND);
    assert_string_equal(error.text, "there is no profile 'other' in 'HEAD'");
    assert_null(python_of(rig, "demo@{nowhere}", &error));
    assert_null(python_of(rig, "../demo.yaml@{HEAD}", &error));
    assert_int_equal(error.code, SW_EINPUT);
}

static void a_revision_stands_in_braces(void **state)
{
    (void)state;
    assert_true(sw_committed_is_named("demo@{HEAD}"));
    assert_false(sw_committed_is_named("demo@3"));
    assert_false(sw_committed_is_named("demo"));
    assert_false(sw_committed_is_named("demo@{HEAD"));
}

int suite_prepared(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_dockerfile_is_judged_at_its_lines, project_rig_make,
                                        project_rig_remove),
        cmocka_unit_test_setup_teardown(a_build_argument_decides_the_stack, project_rig_make,
                                        project_rig_remove),
        cmocka_unit_test_setup_teardown(a_dockerfile_that_is_not_there_is_refused, project_rig_make,
                                        project_rig_remove),
        cmocka_unit_test_setup_teardown(a_commit_has_its_own_parents, project_rig_make, project_rig_remove),
        cmocka_unit_test_setup_teardown(a_commit_without_the_profile_is_refused, project_rig_make,
                                        project_rig_remove),
        cmocka_unit_test(a_revision_stands_in_braces),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
