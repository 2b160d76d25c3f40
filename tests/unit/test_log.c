/* The parts a diagnosis is made of: lines out of chunks, prefixes, fixed texts, the scan, rule files. */
#include "cases.h"
#include "random.h"
#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "diagnose/assemble_internal.h"
#include "diagnose/diagnosis.h"
#include "diagnose/line_internal.h"
#include "diagnose/line_steps_internal.h"
#include "diagnose/literal_internal.h"
#include "diagnose/literal_scan_internal.h"
#include "diagnose/reader_internal.h"

static struct test_random numbers = TEST_RANDOM_START;

static void run_lines(const struct test_case *test)
{
    static const char *const marks[] = {
        [SW_LOG_TEXT] = "text",     [SW_LOG_STEP] = "step",         [SW_LOG_DONE] = "done",
        [SW_LOG_FAILED] = "failed", [SW_LOG_PROGRESS] = "progress", [SW_LOG_QUOTE] = "quote",
        [SW_LOG_PLACE] = "place",
    };
    static char scratch[SW_MAX_LOG_LINE];
    SW_BUFFER_AUTO found;
    sw_buffer_init(&found, SW_MIB);
    struct sw_str rest = test_case_section(test, "lines")->text;
    while (rest.n > 0) {
        struct sw_log_line line;
        sw_log_line_read(&line, sw_str_cut(&rest, '\n'), scratch);
        sw_buffer_addf(&found, "%s [%.*s] %.*s\n", marks[line.mark], SW_STR_FORMAT(line.step),
                       SW_STR_FORMAT(line.text));
    }
    test_case_expect(test, "lines", test_case_section(test, "read")->text.p, found.p);
}

static void prefixes_are_taken_off(void **state)
{
    (void)state;
    assert_true(test_cases_run("loglines", run_lines) > 0);
}

static void escapes_are_taken_out(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *text;
    } rows[] = {
        {"\x1b[91mboo\x1b[0m", "boo"},
        {"\x1b[1;31m#5 0.345 boo\x1b[K", "boo"},
        {"No \x1b[36msolution\x1b[39m found", "No solution found"},
        {"\x1b]8;;https://example.org\x07link\x1b]8;;\x1b\\ end", "link end"},
        {"cut \x1b[9", "cut "},
        {"cut \x1b", "cut "},
    };
    static char scratch[SW_MAX_LOG_LINE];
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_log_line line;
        sw_log_line_read(&line, sw_str_from(rows[i].raw), scratch);
        if (!sw_str_is(line.text, rows[i].text))
            fail_msg("row %zu: '%.*s'", i, SW_STR_FORMAT(line.text));
    }
}

static void commands_are_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *text, *left; /* NULL: it is no such line */
    } rows[] = {
        {"process \"/bin/sh -c x\" did not complete successfully: exit code: 1",
         "\" did not complete successfully: exit code: 1"},
        {"executor failed running [/bin/sh -c [ -d x ]: exit code: 9]: exit code: 3",
         "]: exit code: 9]: exit code: 3"},
        {"The command '/bin/sh -c x' returned a non-zero code: 3", "' returned a non-zero code: 3"},
        {"building at STEP \"RUN x\": while running runtime: exit status 3",
         "\": while running runtime: exit status 3"},
        {"it did not complete successfully: exit code: 1", NULL},
        {"\" did not complete successfully: process \"x", NULL},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_str text = sw_str_from(rows[i].text);
        bool told = sw_log_failure_read(&text);
        if (told != (rows[i].left != NULL) || (told && !sw_str_is(text, rows[i].left)))
            fail_msg("row %zu: '%.*s'", i, SW_STR_FORMAT(text));
    }
}

static void write_line(void *self, struct sw_str line, enum sw_line_end end)
{
    sw_buffer_addf(self, "%s[%.*s]", end == SW_LINE_ENDED ? "" : "~", SW_STR_FORMAT(line));
}

static void lines_come_out_of_any_chunks(void **state)
{
    (void)state;
    static const struct {
        const char *log, *lines;
    } rows[] = {
        {"", ""},
        {"one", "[one]"},
        {"one\ntwo\n", "[one][two]"},
        {"one\r\ntwo\r\n", "[one][two]"},
        {"\n\n", "[][]"},
        {"10%\r20%\rdone\n", "~[10%]~[20%][done]"},
        {"10%\r\r\nnext\n", "[10%][next]"},
        {"bar\r", "[bar]"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        for (size_t piece = 1; piece <= 8; piece++) {
            static struct sw_assembler assembler;
            SW_BUFFER_AUTO found;
            sw_buffer_init(&found, SW_MIB);
            assembler = (struct sw_assembler){0};
            struct sw_str log = sw_str_from(rows[i].log);
            for (; log.n > 0; log.p += piece < log.n ? piece : log.n, log.n -= piece < log.n ? piece : log.n)
                sw_assemble(&assembler, (struct sw_str){log.p, piece < log.n ? piece : log.n}, write_line,
                            &found);
            sw_assemble_end(&assembler, write_line, &found);
            if (strcmp(found.p, rows[i].lines) != 0)
                fail_msg("row %zu in pieces of %zu: %s", i, piece, found.p);
        }
    }
}

struct long_line {
    char head[8], tail[8];
    size_t n, count;
};

static void note_line(void *self, struct sw_str line, enum sw_line_end end)
{
    struct long_line *seen = self;
    (void)end;
    seen->n = line.n;
    seen->count++;
    memcpy(seen->head, line.p, 7);
    memcpy(seen->tail, line.p + line.n - 7, 7);
}

static void a_long_line_keeps_head_and_tail(void **state)
{
    (void)state;
    static const size_t lengths[] = {SW_MAX_LOG_LINE - 1, SW_MAX_LOG_LINE, SW_MAX_LOG_LINE + 1,
                                     5 * SW_MAX_LOG_LINE + 3};
    static char log[5 * SW_MAX_LOG_LINE + 4];
    static struct sw_assembler assembler;
    for (size_t i = 0; i < SW_COUNT(lengths); i++) {
        for (size_t longest = 10; longest <= 100000; longest *= 100) {
            struct long_line seen = {.count = 0};
            assembler = (struct sw_assembler){0};
            memset(log, '.', sizeof log);
            memcpy(log, "(begin)", 7);
            memcpy(log + lengths[i] - 7, "(  end)", 7);
            log[lengths[i]] = '\n';
            for (size_t at = 0; at <= lengths[i];) {
                size_t n = 1 + test_random_below(&numbers, longest);
                n = n <= lengths[i] - at ? n : lengths[i] + 1 - at;
                sw_assemble(&assembler, (struct sw_str){log + at, n}, note_line, &seen);
                at += n;
            }
            assert_int_equal(seen.count, 1);
            assert_in_range(seen.n, SW_MAX_LOG_LINE - 1, SW_MAX_LOG_LINE);
            assert_string_equal(seen.head, "(begin)");
            assert_string_equal(seen.tail, "(  end)");
        }
    }
}

static void patterns_show_their_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *texts; /* NULL: refused */
    } rows[] = {
        {"no kernel image", "no kernel image|"},
        {"^error: (?<what>.+) not found$", " not found|"},
        {"a\\.b\\[c\\] here", "a.b[c] here|"},
        {"colou?r is wrong", "r is wrong|"},
        {"colo+red (?:red|green) paper", " paper|"},
        {"(?:no space left|disk full)", "no space left|disk full|"},
        {"out of memory|cannot allocate", "out of memory|cannot allocate|"},
        {"(?:maybe this)? something else", " something else|"},
        {"(?:maybe this){0,2}something", "something|"},
        {"(?:twice this){2}", "twice this|"},
        {"(?i)case does not count", "case does not count|"},
        {"\\bword boundary\\b", "word boundary|"},
        {"(?=looked ahead)[a-z]+ looked", " looked|"},
        {"[]abc]defghi", "defghi|"},
        {"short", NULL},
        {"(?:long enough|.+)", NULL},
        {"(?x) spaced out", NULL},
        {"\\Qliteral\\E", NULL},
        {"unbalanced)", NULL},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        SW_ARENA_AUTO arena;
        SW_BUFFER_AUTO found;
        struct sw_literals literals;
        struct sw_error error;
        sw_arena_init(&arena, SW_MIB);
        sw_buffer_init(&found, SW_MIB);
        int code = sw_literals_find(&literals, &arena, sw_str_from(rows[i].pattern), &error);
        for (size_t k = 0; code == 0 && k < literals.count; k++)
            sw_buffer_addf(&found, "%.*s|", SW_STR_FORMAT(literals.items[k]));
        if ((code == 0) != (rows[i].texts != NULL) || (code == 0 && strcmp(found.p, rows[i].texts) != 0))
            fail_msg("'%s': %s", rows[i].pattern, code == 0 ? found.p : error.text);
    }
}

/* A text of few letters, so that some are in others. */
static struct sw_str random_text(char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = "aAbB1"[test_random_below(&numbers, 5)];
    return (struct sw_str){bytes, n};
}

static bool holds(struct sw_str line, struct sw_str text)
{
    for (size_t at = 0; at + text.n <= line.n; at++) {
        if (strncasecmp(line.p + at, text.p, text.n) == 0)
            return true;
    }
    return false;
}

static void the_scan_misses_nothing(void **state)
{
    (void)state;
    enum { TEXTS = 100, LINES = 3000 };
    static char bytes[TEXTS][16], line_bytes[64];
    struct sw_scan_text texts[TEXTS];
    struct sw_scan *scan = NULL;
    struct sw_error error;
    size_t hits = 0;
    for (unsigned i = 0; i < TEXTS; i++)
        texts[i] = (struct sw_scan_text){
            random_text(bytes[i], SW_LITERAL_SHORTEST + test_random_below(&numbers, 4)), i};
    assert_int_equal(sw_scan_new(&scan, texts, TEXTS, TEXTS, &error), 0);
    for (size_t n = 0; n < LINES; n++) {
        uint64_t owners[2] = {0, 0};
        assert_int_equal(sw_scan_words(scan), SW_COUNT(owners));
        struct sw_str line = random_text(line_bytes, test_random_below(&numbers, sizeof line_bytes));
        bool any = sw_scan_line(scan, line, owners);
        assert_int_equal(any, (owners[0] | owners[1]) != 0);
        for (unsigned i = 0; i < TEXTS; i++) {
            bool found = (owners[i / 64] >> (i % 64) & 1) != 0;
            assert_int_equal(found, holds(line, texts[i].text));
            hits += found;
        }
    }
    assert_true(hits > LINES / 10);
    sw_scan_free(scan);
}

static void run_rule_file(const struct test_case *test)
{
    struct sw_rules *rules = NULL;
    struct sw_error error = {0};
    SW_BUFFER_AUTO found;
    sw_buffer_init(&found, SW_MIB);
    struct sw_rule_file file = {test_case_section(test, "rules")->text, "r.yaml"};
    struct sw_str expected = sw_str_trim(test_case_section(test, "error")->text);
    if (sw_rules_read(&rules, &file, 1, &error) != 0)
        sw_buffer_addf(&found, "%s:%u:%u: %s", error.file, error.line, error.column, error.text);
    bool place_only = expected.n > 0 && sw_is_digit((unsigned char)expected.p[expected.n - 1]) &&
                      sw_str_find(expected, SW_STR(": ")) == expected.n;
    if (place_only && sw_str_find(sw_buffer_str(&found), SW_STR(": ")) < found.n)
        sw_buffer_truncate(&found, sw_str_find(sw_buffer_str(&found), SW_STR(": ")));
    sw_buffer_add_char(&found, '\n');
    test_case_expect(test, "error", expected.n == 0 ? "\n" : test_case_section(test, "error")->text.p,
                     found.p);
    sw_rules_free(rules);
}

static void wrong_rule_files_are_refused(void **state)
{
    (void)state;
    assert_true(test_cases_run("rulefiles", run_rule_file) > 0);
}

static void frames_of_a_backtrace_are_known(void **state)
{
    (void)state;
    static const char *const frames[] = {"   0: core::panicking", "  1234: main", "\tat ./src/a.rs:7:1",
                                         "stack backtrace:"};
    static const char *const others[] = {"0: core::panicking", "  12345: main",     "  : main",
                                         "  12 34: main",      "at ./src/a.rs:7:1", "  stack backtrace:"};
    for (size_t i = 0; i < SW_COUNT(frames); i++)
        assert_true(sw_reader_is_backtrace(sw_str_from(frames[i])));
    for (size_t i = 0; i < SW_COUNT(others); i++)
        assert_false(sw_reader_is_backtrace(sw_str_from(others[i])));
}

/* A message of Open MPI stands between two borders; a border alone is none. */
static void a_message_of_open_mpi_ends_at_its_border(void **state)
{
    (void)state;
    enum { LONG = 50 };
    const struct sw_str border =
        SW_STR("--------------------------------------------------------------------------");
    struct sw_fact fact = {.first = 1, .last = 1};
    assert_true(sw_reader_mpi.open(&fact, border));
    assert_int_equal(sw_reader_mpi.follow(&fact, SW_STR("There are not enough slots"), 2), SW_FOLLOW_YES);
    assert_int_equal(sw_reader_mpi.follow(&fact, border, 3), SW_FOLLOW_YES);
    assert_int_equal(fact.last, 3);
    assert_true(fact.words_n > 0);
    fact = (struct sw_fact){.first = 1, .last = 1};
    assert_true(sw_reader_mpi.open(&fact, border));
    assert_int_equal(sw_reader_mpi.follow(&fact, border, 2), SW_FOLLOW_NO);
    fact = (struct sw_fact){.first = 1, .last = 1};
    assert_true(sw_reader_mpi.open(&fact, border));
    for (uint64_t line = 2; line < LONG; line++) {
        enum sw_follow follow = sw_reader_mpi.follow(&fact, SW_STR("a table"), line);
        assert_int_equal(follow, line <= 41 ? SW_FOLLOW_YES : SW_FOLLOW_NO);
    }
}

/* A step that takes the place of another has nothing of that step. */
static void a_step_begins_without_what_another_said(void **state)
{
    (void)state;
    struct sw_steps steps = {0};
    char name[16];
    assert_int_equal(sw_steps_init(&steps, NULL), 0);
    for (int i = 0; i <= SW_MAX_LOG_STEPS; i++) {
        int n = snprintf(name, sizeof name, "#%d", i);
        struct sw_step *step = sw_steps_get(&steps, SW_STR(""), (struct sw_str){name, (size_t)n});
        assert_int_equal(step->inside.number, 0);
        assert_false(step->inside_speaks);
        assert_false(step->fact_open);
        assert_int_equal(step->lines + step->name_n + step->traced_n + step->succeeded, 0);
        step->inside.number = step->succeeded = 7;
        step->lines = step->traced_n = 1;
        step->inside_speaks = step->fact_open = true;
        sw_step_rename(step, SW_STR("a name"));
    }
    sw_steps_release(&steps);
}

int suite_log(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_are_taken_off),
        cmocka_unit_test(escapes_are_taken_out),
        cmocka_unit_test(commands_are_left_out),
        cmocka_unit_test(lines_come_out_of_any_chunks),
        cmocka_unit_test(a_long_line_keeps_head_and_tail),
        cmocka_unit_test(patterns_show_their_texts),
        cmocka_unit_test(the_scan_misses_nothing),
        cmocka_unit_test(a_message_of_open_mpi_ends_at_its_border),
        cmocka_unit_test(frames_of_a_backtrace_are_known),
        cmocka_unit_test(a_step_begins_without_what_another_said),
        cmocka_unit_test(wrong_rule_files_are_refused),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
