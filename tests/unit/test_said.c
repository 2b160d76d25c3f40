/* The sentences by which a line of a log speaks of a failure, and the words of a fact. */
#include "unit.h"

#include "base/limits.h"
#include "diagnose/diagnosis_internal.h"
#include "diagnose/fact_internal.h"
#include "diagnose/margin_internal.h"
#include "diagnose/reader_internal.h"

struct row {
    bool expected;
    const char *line;
};

static void hold(const struct row *rows, size_t count, bool (*says)(struct sw_str line))
{
    size_t faults = 0;
    for (size_t i = 0; i < count; i++) {
        if (says(sw_str_from(rows[i].line)) == rows[i].expected)
            continue;
        print_error("'%s': %s\n", rows[i].line, rows[i].expected ? "no" : "yes");
        faults++;
    }
    assert_int_equal(faults, 0);
}

static bool has_words(struct sw_str line)
{
    return sw_has_words_of_failure(line.p);
}

static void words_of_failure_are_known(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* counts above 0, in front of a word, even if a success stands there too */
        {true, "1 failed, 41 passed"},
        {true, "10 failed, 41 passed"},
        {true, "41 passed (2 failed)"},
        {true, "41 passed, all=3 failures"},
        {true, "7 errors, all passed"},
        {true, "1 error, all passed"},
        {true, "2 failures, all passed"},
        {false, "0 failed, 41 passed"},
        {false, "41 passed, x2 failed"},
        {false, "all passed, failed"},
        {false, "x passed failed"},
        {true, "failed"},
        /* the code of a linter */
        {true, "F401 'os' is imported"},
        {true, "x.py:1:1: E0401: it"},
        {true, "x.py:12: W605 it"},
        {true, "ABCD123 it"},
        {true, "A12345 it"},
        {false, "ABCDE123 it"},
        {false, "A12 it"},
        {false, "A123456 it"},
        {false, "123 it"},
        {false, "A123, it"},
        {false, "a:F401 it"},
        {false, "x: F401 it"},
        {false, "1: F401 it"},
        {true, "x1: F401 it"},
        /* words, unless they are taken back or are part of a name */
        {true, "Expected ')'"},
        {false, "As Expected ')'"},
        {true, "it cannot be"},
        {true, "It CANNOT be"},
        {true, "the file is empty"},
        {false, "0 errors"},
        {false, "no errors, cannot say more"},
        {false, "see error.log"},
        {false, "see app/error"},
        {false, "see /error/app"},
        {false, "the error-rates"},
        {false, "the_error"},
        {false, "an_error_in"},
        {false, "-error"},
        {true, "error.log: error"},
        {true, "error."},
        {true, "error. Then"},
        {true, "big files.....Failed"},
        {false, "files.Failed"},
        {true, "error"},
        {false, "all is well"},
        {false, ""},
    };
    hold(rows, SW_COUNT(rows), has_words);
}

static void a_status_is_told_by_its_words(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {true, "exit code: 1"},
        {true, "it exited with status 127"},
        {true, "exited with exit status=2"},
        {true, "command failed (exit code 12)"},
        {true, "exit 1, then nothing"},
        {true, "exit status 1."},
        {true, "returned code 255"},
        {false, "exit code: 0"},
        {false, "exit code 1234"},
        {true, "exit code 999"},
        {false, "exit code"},
        {false, "exit code x"},
        {false, "exit code 1x"},
        {false, "xexit code 1"},
        {true, "12345678901234567890123456789012345678901234567890123456789012345678 exit code 1"},
        {false, "123456789012345678901234567890123456789012345678901234567890123456789 exit code 1"},
        {false, ""},
    };
    hold(rows, SW_COUNT(rows), sw_tells_status);
}

static void terse_programs_are_known_by_their_names(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {true, "sed: no"},        {true, "zsh:1: no"}, {true, "groupadd: it"}, {true, "readlink: it"},
        {false, "groupadds: it"}, {false, "se: no"},   {false, "s: no"},       {true, "cp: it"},
        {true, "su: a"},          {false, "su: "},     {false, "su:"},         {false, "su"},
        {false, "sed : no"},      {false, "sed:no"},   {false, "Sed: no"},     {false, ""},
        {true, "awk: it"},        {false, "awl: it"},  {true, "zsh: it"},      {false, "ls: it"},
    };
    hold(rows, SW_COUNT(rows), sw_reader_is_terse);
}

static void a_backtrace_of_rust_is_known(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {true, "stack backtrace:"},
        {true, "Stack backtrace:"},
        {false, "stack backtrace: x"},
        {false, " stack backtrace:"},
        {true, "   0: core::panicking"},
        {true, "  1234: f"},
        {false, "  12345: f"},
        {false, "0: core::panicking"},
        {false, "  0 core"},
        {false, "  : core"},
        {true, "     at /rustc/a.rs:3"},
        {true, "     at ./src/main.rs:3"},
        {false, "     at src/main.rs"},
        {false, "at ./src/main.rs:3:21"},
        {false, ""},
        {true, "\t1: f"},
    };
    hold(rows, SW_COUNT(rows), sw_reader_is_backtrace);
    assert_int_equal(sw_reader_indent(SW_STR(" \t x ")), 3);
    assert_int_equal(sw_reader_indent(SW_STR("  ")), 2);
    assert_int_equal(sw_reader_indent(SW_STR("x")), 0);
    assert_int_equal(sw_reader_indent(SW_STR("")), 0);
}

static bool opens_shell(struct sw_str line)
{
    struct sw_fact fact = {.first = 1};
    bool opened = sw_reader_shell.open(&fact, line);
    if (opened)
        assert_true(sw_str_equal(sw_fact_words(&fact), line));
    return opened;
}

static void messages_of_shells_are_read(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {true, "sh: 1: nvcc: not found"},
        {true, "./run.sh: line 3: x: command not found"},
        {true, "bash: x: No such file"},
        {true, "make: x: not found"},
        {false, "x: y: not found"},
        {true, "x: 12: y: not found"},
        {false, "x: 12"},
        {false, "x: 12:"},
        {true, "x: 1: y"},
        {false, ": 1: x: not found"},
        {true, "sh:1: x: not found"},
        {false, "bash.x:1: no"},
        {false, "sh x: not found"},
        {false, "sh: "},
        {false, ""},
        {true, "Killed"},
        {true, "Aborted (core dumped)"},
        {false, "Aborted by me"},
        {false, "a Killed"},
        {true, "tar: no"},
        {false, "tar: Removing leading /"},
        {false, "tar: a warning"},
    };
    hold(rows, SW_COUNT(rows), opens_shell);
}

/* ---- facts ---- */

static void words_fill_a_fact_and_no_more(void **state)
{
    (void)state;
    enum { ROOM = SW_MAX_LOG_FACT_WORDS };
    static struct sw_fact fact;
    char many[ROOM + 8];
    memset(many, 'x', sizeof many);
    sw_fact_say(&fact, SW_STR(" a "), 7);
    sw_fact_say_more(&fact, SW_STR("  "));
    sw_fact_say_more(&fact, SW_STR("b"));
    assert_true(sw_str_is(sw_fact_words(&fact), "a b"));
    assert_int_equal(fact.said, 7);
    sw_fact_say(&fact, (struct sw_str){many, sizeof many}, 9);
    assert_int_equal(fact.words_n, ROOM);
    assert_int_equal(fact.said, 9);
    /* A blank and a letter are the least that is added. */
    static const struct {
        size_t before, after;
    } rows[] = {{ROOM - 3, ROOM}, {ROOM - 2, ROOM}, {ROOM - 1, ROOM - 1}, {ROOM, ROOM}};
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        sw_fact_say(&fact, (struct sw_str){many, rows[i].before}, 1);
        sw_fact_say_more(&fact, SW_STR("yyyy"));
        assert_int_equal(fact.words_n, rows[i].after);
        if (rows[i].after > rows[i].before)
            assert_int_equal(fact.words[rows[i].before], ' ');
    }
}

static void the_oldest_facts_make_room(void **state)
{
    (void)state;
    static struct sw_facts facts;
    assert_int_equal(sw_facts_kept(&facts), 0);
    for (uint64_t i = 0; i < SW_MAX_LOG_FACTS + 3; i++) {
        const struct sw_fact fact = {.step = i % 2, .first = i, .last = i};
        sw_facts_add(&facts, &fact);
        assert_int_equal(sw_facts_kept(&facts), i < SW_MAX_LOG_FACTS ? i + 1 : SW_MAX_LOG_FACTS);
    }
    assert_int_equal(sw_facts_at(&facts, 0)->first, 3);
    assert_int_equal(sw_facts_at(&facts, SW_MAX_LOG_FACTS - 1)->first, SW_MAX_LOG_FACTS + 2);
    sw_facts_overcome(&facts, 1, 7);
    for (size_t i = 0; i < SW_MAX_LOG_FACTS; i++) {
        const struct sw_fact *fact = sw_facts_at(&facts, i);
        assert_int_equal(fact->overcome, fact->step == 1 && fact->last < 7);
    }
}

/* ---- outputs within outputs ---- */

/* The lines with "|" in front, once for each output that they stand in. */
static void a_margin_lasts_until_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *line, *stripped;
        bool inside;
    } rows[] = {
        {"  one", "  one", false},
        {"  [2 lines of output]", "  [2 lines of output]", false},
        {"      two", "two", true},
        {"        three", "  three", true},
        {"", "", false},
        {"      x [1 line of output]", "x [1 line of output]", true},
        {"          four", "four", true},
        {"      five", "five", false},
        {"          six", "six", true},
        {"          [end of output]", "[end of output]", true},
        {"      [end of output]", "[end of output]", true},
        {"      seven", "      seven", false},
        {"--- stderr:", "--- stderr:", false},
        {"eight", "eight", true},
        {"nine", "nine", true},
        {"--- end", "--- end", false},
    };
    struct sw_margins margins = {0};
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_str stripped = sw_margins_strip(&margins, sw_str_from(rows[i].line));
        if (!sw_str_is(stripped, rows[i].stripped) || margins.inside != rows[i].inside)
            fail_msg("'%s': '%.*s', %s", rows[i].line, SW_STR_FORMAT(stripped),
                     margins.inside ? "inside" : "outside");
    }
}

/* Three lines of something else do not end an output, a fourth in a row does. */
static void noise_does_not_end_a_margin(void **state)
{
    (void)state;
    for (unsigned noise = 1; noise <= 5; noise++) {
        struct sw_margins margins = {0};
        (void)sw_margins_strip(&margins, SW_STR("[9 lines of output]"));
        (void)sw_margins_strip(&margins, SW_STR("    first"));
        for (unsigned i = 0; i < noise; i++)
            (void)sw_margins_strip(&margins, SW_STR("noise"));
        struct sw_str last = sw_margins_strip(&margins, SW_STR("    last"));
        assert_true(sw_str_is(last, noise <= 3 ? "last" : "    last"));
        margins = (struct sw_margins){0};
        (void)sw_margins_strip(&margins, SW_STR("[9 lines of output]"));
        for (unsigned i = 0; i < noise; i++)
            (void)sw_margins_strip(&margins, SW_STR("noise"));
        last = sw_margins_strip(&margins, SW_STR("    last"));
        assert_true(sw_str_is(last, noise <= 3 ? "last" : "    last"));
    }
}

int suite_said(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_failure_are_known),
        cmocka_unit_test(a_status_is_told_by_its_words),
        cmocka_unit_test(terse_programs_are_known_by_their_names),
        cmocka_unit_test(a_backtrace_of_rust_is_known),
        cmocka_unit_test(messages_of_shells_are_read),
        cmocka_unit_test(words_fill_a_fact_and_no_more),
        cmocka_unit_test(the_oldest_facts_make_room),
        cmocka_unit_test(a_margin_lasts_until_its_end),
        cmocka_unit_test(noise_does_not_end_a_margin),
    };
    return cmocka_run_group_tests_name("said", tests, NULL, NULL);
}
