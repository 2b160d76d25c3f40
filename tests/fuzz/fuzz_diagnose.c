/* Any bytes are a log: the built-in rules over it, in two ways of cutting it, which must agree. */
#include "base/limits.h"
#include "diagnose/diagnosis.h"

#include "fuzz.h"

static size_t run(const struct sw_rules *rules, struct sw_str log, size_t piece)
{
    SW_FINDINGS_AUTO findings;
    struct sw_error error;
    sw_findings_init(&findings);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(rules);
    if (diagnosis == NULL)
        abort();
    while (log.n > 0) {
        size_t n = log.n < piece ? log.n : piece;
        sw_diagnosis_feed(diagnosis, SW_STR(""), (struct sw_str){log.p, n});
        log.p += n;
        log.n -= n;
    }
    if (sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_FAILED, &findings, &error) != 0)
        abort();
    size_t count = findings.count;
    if (count == 0)
        abort();
    sw_diagnosis_free(diagnosis);
    return count;
}

int fuzz_diagnose(const uint8_t *data, size_t size)
{
    static struct sw_rules *rules;
    struct sw_error error;
    struct sw_str log = {(const char *)data, size};
    if (rules == NULL && sw_rules_load(&rules, NULL, &error) != 0)
        abort();
    if (run(rules, log, size) != run(rules, log, 3))
        abort();
    return 0;
}
