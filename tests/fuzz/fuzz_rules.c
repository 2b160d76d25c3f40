/* A file of log rules: read within the limits, or refused at a line of it; rules that were read diagnose a log. */
#include "base/limits.h"
#include "diagnose/diagnosis.h"
#include "diagnose/rules.h"

#include "fuzz.h"
#include "support.h"

static const char log_text[] =
    "#1 [1/2] RUN pip install x\n"
    "#1 0.5 ERROR: No matching distribution found for x==1.0\n"
    "#1 0.6 ImportError: libcudart.so.12: cannot open shared object file\n"
    "#1 ERROR: process \"/bin/sh -c pip install x\" did not complete: exit code: 1\n";

static void diagnose(const struct sw_rules *rules)
{
    struct sw_error error;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(rules);
    fuzz_claim(diagnosis != NULL);
    sw_diagnosis_feed(diagnosis, SW_STR(""), sw_str_from(log_text));
    fuzz_claim(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_FAILED, &findings, &error) == 0);
    fuzz_claim(findings.count > 0);
    sw_diagnosis_free(diagnosis);
}

int fuzz_rules(const uint8_t *data, size_t size)
{
    const struct sw_rule_file file = {{(const char *)data, size}, "rules.yaml"};
    struct sw_rules *rules = NULL;
    struct sw_error error = {0};
    if (sw_rules_read(&rules, &file, 1, &error) != 0) {
        fuzz_claim(rules == NULL && error.text[0] != '\0' && strcmp(error.file, "rules.yaml") == 0 &&
                   error.line > 0);
        return 0;
    }
    for (size_t i = 0; i < sw_rules_count(rules); i++)
        fuzz_claim(sw_rules_node(rules, i) != NULL);
    diagnose(rules);
    sw_rules_free(rules);
    return 0;
}
