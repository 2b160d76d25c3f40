#include "unit.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "context/glob.h"
#include "context/ignore.h"

/* One row of ignore.data: prints what differs and returns false. */
static bool check_row(struct sw_str row, unsigned number)
{
    struct sw_str verdict = sw_str_cut(&row, '\t'), path = sw_str_cut(&row, '\t');
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_IGNORE_SIZE);
    while (row.p != NULL) {
        sw_buffer_add_str(&text, sw_str_cut(&row, '\t'));
        sw_buffer_add_char(&text, '\n');
    }
    char got[64] = "";
    struct sw_error error = {0};
    struct sw_ignore *ignore = NULL;
    struct sw_ignore_verdict result = {true, 9999};
    int code = sw_ignore_new(&ignore, sw_buffer_str(&text), ".dockerignore", &error);
    if (code == 0)
        code = sw_ignore_check(ignore, &result, path, &error);
    if (code != 0)
        (void)snprintf(got, sizeof got, "bad:%u", error.line);
    else
        (void)snprintf(got, sizeof got, "%s:%u", result.excluded ? "out" : "in", result.line);
    sw_ignore_free(ignore);
    if (sw_str_is(verdict, got))
        return true;
    print_error("ignore.data:%u: '%.*s' is %s, not %.*s, by\n%s", number, SW_STR_FORMAT(path), got,
                SW_STR_FORMAT(verdict), text.p);
    return false;
}

static void the_table_holds(void **state)
{
    (void)state;
    char path[4096];
    struct sw_error error;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    (void)snprintf(path, sizeof path, "%s/tests/unit/ignore.data", getenv("SLIPWAY_SOURCE"));
    assert_int_equal(sw_file_read(&text, path, &error), 0);
    struct sw_str rest = sw_buffer_str(&text);
    unsigned number = 0, rows = 0, wrong = 0;
    while (rest.p != NULL) {
        struct sw_str row = sw_str_cut(&rest, '\n');
        number++;
        if (row.n == 0 || row.p[0] == '#')
            continue;
        rows++;
        wrong += !check_row(row, number);
    }
    assert_true(rows > 150);
    assert_int_equal(wrong, 0);
}

static void errors_tell_the_line(void **state)
{
    (void)state;
    struct sw_error error;
    struct sw_ignore *ignore = NULL;
    assert_int_equal(sw_ignore_new(&ignore, SW_STR("# one\n\n!\n"), "app/.dockerignore", &error), SW_EINPUT);
    assert_string_equal(error.file, "app/.dockerignore");
    assert_int_equal(error.line, 3);
    assert_string_equal(error.text, "'!' alone is no exception");
    assert_true(error.hint[0] != '\0');
    assert_null(ignore);
}

static void limits_hold(void **state)
{
    (void)state;
    struct sw_error error;
    struct sw_ignore *ignore = NULL;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_IGNORE_SIZE);
    for (size_t i = 0; i <= SW_MAX_IGNORE_PATTERNS; i++)
        sw_buffer_add_text(&text, "a\n");
    assert_int_equal(sw_ignore_new(&ignore, sw_buffer_str(&text), "f", &error), SW_EINPUT);
    assert_int_equal(error.line, SW_MAX_IGNORE_PATTERNS + 1);
    sw_buffer_clear(&text);
    for (size_t i = 0; i <= SW_MAX_IGNORE_LINE; i++)
        sw_buffer_add_char(&text, 'a');
    assert_int_equal(sw_ignore_new(&ignore, sw_buffer_str(&text), "f", &error), SW_EINPUT);
    assert_string_equal(error.text, "the line is too long");
    sw_buffer_clear(&text);
    for (size_t i = 0; i <= SW_MAX_IGNORE_SIZE; i++)
        sw_buffer_add_char(&text, '\n');
    assert_int_equal(sw_ignore_new(&ignore, sw_buffer_str(&text), "f", &error), SW_EINPUT);
}

/* A pattern made to be slow is an error, not a hang. */
static void hostile_patterns_end(void **state)
{
    (void)state;
    struct sw_error error = {0};
    struct sw_ignore *ignore = NULL;
    struct sw_ignore_verdict verdict;
    char path[801];
    for (size_t i = 0; i < sizeof path - 1; i += 2)
        memcpy(path + i, "a/", 2);
    path[sizeof path - 2] = 'a';
    path[sizeof path - 1] = '\0';
    assert_int_equal(
        sw_ignore_new(&ignore, SW_STR("x\n**/a*/**/a*/**/a*/**/a*/**/a*/**/a*/**/[bc]?"), "f", &error), 0);
    assert_int_equal(sw_ignore_check(ignore, &verdict, sw_str_from(path), &error), SW_EINPUT);
    assert_int_equal(error.line, 2);
    sw_ignore_free(ignore);
}

static void only_useful_folders_are_entered(void **state)
{
    (void)state;
    static const struct {
        const char *text, *folder;
        bool may;
    } rows[] = {
        {"a\n", "a", false},
        {"a\n!a/b\n", "a", true},
        {"a\n!a/b\n", "c", false},
        {"*\n!**/*.py\n", "c", true},
        {"*\n!ab/c\n", "a", false},
        {"*\n!a/b/c/*\n", "a/b", true},
        {"*\n!a/b/**\n", "a/c", false},
        {"*\n!a/[b]/c\n", "z", true},
        {"*\n!a\n", "a", true},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_ignore *ignore = NULL;
        assert_int_equal(sw_ignore_new(&ignore, sw_str_from(rows[i].text), "f", NULL), 0);
        assert_int_equal(sw_ignore_may_return(ignore, sw_str_from(rows[i].folder)), rows[i].may);
        sw_ignore_free(ignore);
    }
}

static void globs_match_one_component(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *name;
        bool valid, matches;
    } rows[] = {
        {"abc", "abc", true, true},
        {"*", "abc", true, true},
        {"*c", "abc", true, true},
        {"a*", "a", true, true},
        {"*", "a/b", true, false},
        {"a*b*c", "aXbYbZc", true, true},
        {"a*b*c", "aXbYbZ", true, false},
        {"a?c",
         "a\xE2\x98\xBA"
         "c",
         true, true},
        {"?", "\xFF", true, true},
        {"[^a-c]x", "dx", true, true},
        {"[^a-c]x", "bx", true, false},
        {"\\*", "*", true, true},
        {"\\*", "x", true, false},
        {"[x\\-]", "-", true, true},
        {"[]a]", "a", false, false},
        {"[a", "a", false, false},
        {"a\\", "a", false, false},
        {"[x-]", "x", false, false},
        {"", "", true, true},
        {"", "a", true, false},
        {"**", "ab", true, true},
        {"*.py", ".py", true, true},
        {"*.py", "a.pyc", true, false},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_str pattern = sw_str_from(rows[i].pattern);
        if (sw_glob_valid(pattern) != rows[i].valid ||
            sw_glob_matches(pattern, sw_str_from(rows[i].name)) != rows[i].matches)
            fail_msg("glob '%s' against '%s'", rows[i].pattern, rows[i].name);
    }
    assert_true(sw_glob_is_literal(SW_STR("a/b.c")));
    assert_false(sw_glob_is_literal(SW_STR("a/*.c")));
}

/* The rows of Go's documentation of path.Clean and its corners. */
static void paths_are_cleaned(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "."},
        {".", "."},
        {"a/./b", "a/b"},
        {"a//b/", "a/b"},
        {"a/../b", "b"},
        {"../a", "../a"},
        {"../../a", "../../a"},
        {"a/../..", ".."},
        {"/..", "/"},
        {"/../a", "/a"},
        {"/", "/"},
        {"//a", "/a"},
        {"a/b/../../c", "c"},
        {"a/b/../../..", ".."},
        {"..a", "..a"},
        {"a/..", "."},
        {"../a/..", ".."},
        {"../a/../..", "../.."},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_string_equal(sw_path_clean(&arena, sw_str_from(rows[i][0])), rows[i][1]);
    assert_true(sw_path_is_inside("..a"));
    assert_false(sw_path_is_inside(".."));
    assert_false(sw_path_is_inside("../a"));
    assert_false(sw_path_is_inside("/a"));
}

int suite_ignore(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds),
        cmocka_unit_test(errors_tell_the_line),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(hostile_patterns_end),
        cmocka_unit_test(only_useful_folders_are_entered),
        cmocka_unit_test(globs_match_one_component),
        cmocka_unit_test(paths_are_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
