/* Whole logs and what they say: tests/cases/diagnose. A case has a log, perhaps a profile, and the findings. */
#include "cases.h"
#include "log_rig.h"
#include "random.h"
#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "diagnose/diagnosis.h"

/* "SW301 error p.yaml:3:9: message", then the edits, then the numbers of the lines that are evidence. */
static void write_finding(struct sw_buffer *out, const struct sw_finding *finding)
{
    sw_buffer_addf(out, "%s %s ", finding->code, sw_severity_name(finding->severity));
    if (finding->file != NULL)
        sw_buffer_addf(out, "%s:%u:%u: ", finding->file, finding->line, finding->column);
    sw_buffer_addf(out, "%s\n", finding->message);
    for (size_t i = 0; i < finding->fix_count; i++)
        sw_buffer_addf(out, "  %s %s: %s\n", sw_edit_op_name(finding->fix[i].op), finding->fix[i].path,
                       finding->fix[i].value == NULL ? "" : finding->fix[i].value);
    sw_buffer_add_text(out, "  lines");
    for (size_t i = 0; i < finding->evidence_count; i++)
        sw_buffer_addf(out, " %s", strrchr(finding->evidence[i].source, ' ') + 1);
    sw_buffer_add_char(out, '\n');
}

static enum sw_log_outcome read_outcome(const struct test_case *test)
{
    const struct test_section *section = test_case_section(test, "outcome");
    struct sw_str word = section == NULL ? SW_STR("unknown") : sw_str_trim(section->text);
    return sw_str_is(word, "failed")   ? SW_OUTCOME_FAILED
           : sw_str_is(word, "passed") ? SW_OUTCOME_PASSED
                                       : SW_OUTCOME_UNKNOWN;
}

static void run_case(const struct test_case *test)
{
    SW_FINDINGS_AUTO findings;
    SW_BUFFER_AUTO found;
    struct sw_error error = {0};
    const struct sw_node *profile = NULL;
    const struct test_section *yaml = test_case_section(test, "profile");
    sw_findings_init(&findings);
    sw_buffer_init(&found, SW_MIB);
    if (yaml != NULL && sw_yaml_read(&profile, test->arena, yaml->text, "p.yaml", &error) != 0)
        fail_msg("%s:%u: the profile: %s", test->file, test->line, error.text);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
    assert_non_null(diagnosis);
    sw_diagnosis_feed(diagnosis, SW_STR(""), test_case_section(test, "log")->text);
    assert_int_equal(sw_diagnosis_finish(diagnosis, profile, read_outcome(test), &findings, &error), 0);
    sw_diagnosis_free(diagnosis);
    for (size_t i = 0; i < findings.count; i++)
        write_finding(&found, findings.items[i]);
    const struct test_section *expected = test_case_section(test, "findings");
    test_case_expect(test, "findings", expected == NULL ? "" : expected->text.p, found.p);
}

static void logs_say_what_they_say(void **state)
{
    (void)state;
    assert_true(test_cases_run("diagnose", run_case) > 0);
}

static void emit(const struct sw_sink *sink, enum sw_event_kind kind, const char *step, const char *text,
                 bool failed)
{
    sw_emit(sink, (struct sw_event){.kind = kind,
                                    .step = sw_str_from(step),
                                    .text = sw_str_from(text),
                                    .failed = failed,
                                    .dockerfile_line = kind == SW_EVENT_STEP_STARTED ? 7 : 0});
}

/* Two steps whose output comes in turns and in pieces; the one fails, the other says worse and ends well. */
static void events_are_read(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO findings;
    struct sw_error error = {0};
    sw_findings_init(&findings);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(NULL);
    assert_non_null(diagnosis);
    struct sw_sink sink = sw_diagnosis_sink(diagnosis);
    emit(&sink, SW_EVENT_STEP_STARTED, "sha256:a", "[2/3] RUN python app.py", false);
    emit(&sink, SW_EVENT_STEP_STARTED, "sha256:b", "[other 2/2] RUN cp big /small || true", false);
    emit(&sink, SW_EVENT_LOG, "sha256:a", "ModuleNotFoundError: No mod", false);
    emit(&sink, SW_EVENT_LOG, "sha256:b", "cp: error writing: No space left on dev", false);
    emit(&sink, SW_EVENT_LOG, "sha256:a", "ule named 'packaging'\n", false);
    emit(&sink, SW_EVENT_LOG, "sha256:b", "ice", false);
    emit(&sink, SW_EVENT_STEP_DONE, "sha256:b", "", false);
    emit(&sink, SW_EVENT_STEP_DONE, "sha256:a",
         "process \"/bin/sh -c python app.py\" did not complete successfully: exit code: 1", true);
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_FAILED, &findings, &error), 0);
    sw_diagnosis_free(diagnosis);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0]->code, "SW305");
    assert_string_equal(findings.items[0]->message, "a Python module is missing: packaging");
    assert_string_equal(findings.items[0]->file, "Dockerfile");
    assert_int_equal(findings.items[0]->line, 7);
}

/* More steps, more matches and a longer line than are kept: nothing grows, and one failure is one finding. */
static void much_is_forgotten_safely(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO findings;
    struct sw_error error = {0};
    sw_findings_init(&findings);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
    assert_non_null(diagnosis);
    for (unsigned i = 0; i < 20000; i++) {
        char step[32], text[128];
        (void)snprintf(step, sizeof step, "step %u", i % 1000);
        (void)snprintf(text, sizeof text, "ModuleNotFoundError: No module named 'm%u'%s", i,
                       i % 3 == 0 ? "" : "\n");
        sw_diagnosis_feed(diagnosis, sw_str_from(step), sw_str_from(text));
    }
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_FAILED, &findings, &error), 0);
    sw_diagnosis_free(diagnosis);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0]->code, "SW305");
}

int suite_diagnose(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_say_what_they_say),
        cmocka_unit_test(events_are_read),
        cmocka_unit_test(much_is_forgotten_safely),
    };
    return cmocka_run_group_tests_name("diagnose", tests, log_rules_load, log_rules_unload);
}
