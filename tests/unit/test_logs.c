/* Logs of failures that were really provoked (tests/logs): the code that comes first is the one that tests/logs/expected
 * names for it. */
#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "diagnose/diagnosis.h"

#include <fcntl.h>

/* The codes of what a failed build's log says, in order. */
static void diagnose(struct sw_buffer *codes, const struct sw_rules *rules, const char *path)
{
    SW_FINDINGS_AUTO findings;
    struct sw_error error = {0};
    sw_findings_init(&findings);
    SW_FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("cannot open %s", path);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(rules);
    assert_non_null(diagnosis);
    assert_int_equal(sw_diagnosis_read(diagnosis, fd, path, NULL, &error), 0);
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_FAILED, &findings, &error), 0);
    sw_diagnosis_free(diagnosis);
    for (size_t i = 0; i < findings.count; i++)
        sw_buffer_addf(codes, "%s%s", i == 0 ? "" : " ", findings.items[i]->code);
}

static void first_codes_are_as_expected(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    struct sw_rules *rules = NULL;
    struct sw_error error = {0};
    size_t count = 0, faults = 0;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MIB);
    const char *folder = sw_path_join(&arena, getenv("SLIPWAY_SOURCE"), "tests/logs");
    assert_int_equal(sw_rules_load(&rules, NULL, &error), 0);
    assert_int_equal(sw_file_read(&text, sw_path_join(&arena, folder, "expected"), &error), 0);
    struct sw_str rest = sw_buffer_str(&text);
    while (rest.n > 0) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct sw_str code = sw_str_cut(&line, ' ');
        SW_BUFFER_AUTO codes;
        sw_buffer_init(&codes, SW_MIB);
        const char *name = sw_arena_format(&arena, "%.*s.log", SW_STR_FORMAT(line));
        diagnose(&codes, rules, sw_path_join(&arena, folder, name));
        count++;
        if (!sw_str_starts(sw_buffer_str(&codes), sw_arena_copy(&arena, code))) {
            faults++;
            print_error("%s: %.*s is expected first, found: %s\n", name, SW_STR_FORMAT(code), codes.p);
        }
    }
    sw_rules_free(rules);
    assert_true(count > 0);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_codes_are_as_expected)};
    return cmocka_run_group_tests_name("logs", tests, NULL, NULL);
}
