/* Logs of failures that were really provoked, and of builds that went well (tests/logs): the code that comes first is the
 * one that tests/logs/expected names for it. */
#include "answers.h"
#include "log_rig.h"
#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "diagnose/diagnosis.h"

#include <fcntl.h>
#include <inttypes.h>

/* All that is said of each log; and of the last one. */
static struct sw_buffer answers, last_answer;

/* Keep the answer, unless the outcome that was told has not changed it. */
static void keep_answer(const char *path, enum sw_log_outcome outcome, const struct sw_findings *findings,
                        const struct sw_unjudged *unjudged)
{
    SW_BUFFER_AUTO answer;
    sw_buffer_init(&answer, SW_MIB);
    for (size_t i = 0; i < findings->count; i++)
        answers_add(&answer, findings->items[i]);
    if (unjudged->any)
        sw_buffer_addf(&answer, "not judged: %zu errors, line %" PRIu64 ": %s\n", unjudged->errors,
                       unjudged->line, unjudged->words);
    bool known = outcome == SW_OUTCOME_FAILED;
    if (known && sw_str_equal(sw_buffer_str(&answer), sw_buffer_str(&last_answer)))
        return;
    last_answer.n = 0;
    sw_buffer_add_str(&last_answer, sw_buffer_str(&answer));
    sw_buffer_addf(&answers, "=== %s%s\n%.*s", path, known ? ", which has failed" : "", (int)answer.n,
                   answer.n == 0 ? "" : answer.p);
}

static void read_log(struct sw_findings *findings, const char *path, enum sw_log_outcome outcome)
{
    struct sw_error error = {0};
    SW_FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("cannot open %s", path);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
    assert_non_null(diagnosis);
    assert_int_equal(sw_diagnosis_read(diagnosis, fd, path, NULL, &error), 0);
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, outcome, findings, &error), 0);
    keep_answer(strstr(path, "/tests/logs/") + strlen("/tests/logs/"), outcome, findings,
                sw_diagnosis_unjudged(diagnosis));
    sw_diagnosis_free(diagnosis);
}

/* The codes of what a log says, in order. */
static void diagnose(struct sw_buffer *codes, const char *path, enum sw_log_outcome outcome)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    read_log(&findings, path, outcome);
    for (size_t i = 0; i < findings.count; i++)
        sw_buffer_addf(codes, "%s%s", i == 0 ? "" : " ", findings.items[i]->code);
}

static void first_codes_are_as_expected(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    struct sw_str line;
    size_t count = 0, faults = 0;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (struct sw_str rest = log_list(&arena, "expected"); log_list_next(&line, &rest);) {
        struct sw_str code = sw_str_cut(&line, ' '), name_part = sw_str_cut(&line, ' ');
        bool known = line.p != NULL;
        SW_BUFFER_AUTO codes;
        sw_buffer_init(&codes, SW_MIB);
        const char *name = sw_arena_format(&arena, "%.*s.log", SW_STR_FORMAT(name_part));
        bool none = sw_str_is(code, "none");
        const enum sw_log_outcome outcomes[] = {SW_OUTCOME_UNKNOWN, SW_OUTCOME_FAILED};
        for (size_t i = known; i < (none ? 1 : SW_COUNT(outcomes)); i++) {
            codes.n = 0;
            diagnose(&codes, log_path(&arena, name), outcomes[i]);
            count++;
            if (none ? codes.n == 0 : sw_str_starts(sw_buffer_str(&codes), sw_arena_copy(&arena, code)))
                continue;
            faults++;
            print_error("%s: %.*s is expected first, found: %.*s\n", name, SW_STR_FORMAT(code), (int)codes.n,
                        codes.p);
        }
    }
    assert_true(count > 0);
    assert_int_equal(faults, 0);
}

/* Does the message hold one of the words, which "|" parts, in any letter case? */
static bool has_words(const char *message, struct sw_str words)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    while (words.p != NULL && words.n > 0) {
        if (strcasestr(message, sw_arena_copy(&arena, sw_str_cut(&words, '|'))) != NULL)
            return true;
    }
    return false;
}

/* The message of the first finding says what tests/logs/told has for the log: the cause itself, not only its kind. */
static void first_messages_name_the_cause(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    struct sw_str words;
    size_t count = 0, faults = 0;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (struct sw_str rest = log_list(&arena, "told"); log_list_next(&words, &rest);) {
        struct sw_str name = sw_str_cut(&words, ' ');
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        read_log(&findings, log_path(&arena, sw_arena_format(&arena, "%.*s.log", SW_STR_FORMAT(name))),
                 SW_OUTCOME_UNKNOWN);
        count++;
        if (findings.count > 0 && has_words(findings.items[0]->message, words))
            continue;
        faults++;
        print_error("%.*s: '%.*s' is expected, found: %s\n", SW_STR_FORMAT(name), SW_STR_FORMAT(words),
                    findings.count == 0 ? "nothing" : findings.items[0]->message);
    }
    assert_true(count > 0);
    assert_int_equal(faults, 0);
}

/* The log's lines once more, as those of further steps: with BuildKit's numbers counted on, each time another one in a runner's
 * time stamps. */
static void feed_again(struct sw_diagnosis *diagnosis, struct sw_str log, unsigned round)
{
    enum { STEPS = 20 };
    char head[64];
    while (log.n > 0) {
        struct sw_str line = sw_str_cut(&log, '\n');
        char *end = NULL;
        unsigned long step = line.n > 1 && line.p[0] == '#' ? strtoul(line.p + 1, &end, 10) : 0;
        int n =
            round % 2 == 0 ? 0 : snprintf(head, sizeof head, "2026-11-21T01:%02u:33.1234567Z ", round % 60);
        if (step > 0) {
            n += snprintf(head + n, sizeof head - (size_t)n, "#%lu", step + round * (unsigned long)STEPS);
            line = sw_str_drop(line, (size_t)(end - line.p));
        }
        sw_diagnosis_feed(diagnosis, (struct sw_str){0}, (struct sw_str){head, (size_t)n});
        sw_diagnosis_feed(diagnosis, (struct sw_str){0}, line);
        sw_diagnosis_feed(diagnosis, (struct sw_str){0}, SW_STR("\n"));
    }
}

static void long_green_logs_say_nothing(void **state)
{
    (void)state;
    enum { LINES = 100000 };
    static const char *const names[] = {"docker26-buildkit", "docker26-classic", "podman4"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        SW_ARENA_AUTO arena;
        SW_BUFFER_AUTO log;
        SW_FINDINGS_AUTO findings;
        sw_arena_init(&arena, SW_MIB);
        sw_buffer_init(&log, SW_MIB);
        sw_findings_init(&findings);
        const char *path = log_path(&arena, sw_arena_format(&arena, "green/%s.log", names[i]));
        assert_int_equal(sw_file_read(&log, path, NULL), 0);
        struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
        assert_non_null(diagnosis);
        for (unsigned round = 0; sw_diagnosis_lines(diagnosis) < LINES; round++)
            feed_again(diagnosis, sw_buffer_str(&log), round);
        assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_UNKNOWN, &findings, NULL), 0);
        sw_diagnosis_free(diagnosis);
        for (size_t j = 0; j < findings.count; j++)
            print_error("%s: %s %s\n", names[i], findings.items[j]->code, findings.items[j]->message);
        assert_int_equal(findings.count, 0);
    }
}

/* Every answer is as it was, in whole: places, hints, edits, the lines of the log, and the parts that nobody judged. */
static void answers_are_as_they_were(void **state)
{
    (void)state;
    answers_compare("tests/logs/answers", sw_buffer_str(&answers));
}

static int start(void **state)
{
    sw_buffer_init(&answers, 64 * SW_MIB);
    sw_buffer_init(&last_answer, SW_MIB);
    return log_rules_load(state);
}

static int stop(void **state)
{
    sw_buffer_release(&answers);
    sw_buffer_release(&last_answer);
    return log_rules_unload(state);
}

int suite_logs(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_codes_are_as_expected), cmocka_unit_test(answers_are_as_they_were),
        cmocka_unit_test(first_messages_name_the_cause), cmocka_unit_test(long_green_logs_say_nothing)};
    return cmocka_run_group_tests_name("logs", tests, start, stop);
}
