#include "base/buffer.h"
#include "base/limits.h"
#include "data/ini.h"

#include "unit.h"

/* "SECTION.NAME=VALUE" for each option, with '|' between and '/' for a line end; or the error's line and text. */
static const char *read_ini(struct sw_arena *arena, struct sw_str text)
{
    struct sw_ini ini = {0};
    struct sw_error error = {0};
    SW_BUFFER_AUTO said;
    sw_buffer_init(&said, SW_MIB);
    if (sw_ini_read(&ini, arena, text, "pip.conf", &error) != 0)
        return sw_arena_format(arena, "%u: %s", error.line, error.text);
    for (size_t i = 0; i < ini.count; i++)
        sw_buffer_addf(&said, "%s%s.%s=%s", i == 0 ? "" : "|", ini.options[i].section, ini.options[i].name,
                       ini.options[i].value);
    char *copy = sw_arena_copy(arena, sw_buffer_str(&said));
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '\n' ? '/' : *c;
    return copy;
}

/* What configparser.RawConfigParser of Python 3.11 gives for them; tests/http/pip_test.py holds many more against it. */
static void options_are_read_as_python_reads_them(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"[a]\n", ""},
        {"[a]\nx=1\ny: 2\n", "a.x=1|a.y=2"},
        {"[a]\r\nX = 1\rY= 2", "a.x=1|a.y=2"},
        {"# c\n; c\n[a]\nx = 1 # no comment\n", "a.x=1 # no comment"},
        {"[a] # c ] d\nx=1\n", "a] # c .x=1"},
        {"[a]\nx = 1\n  2\n\n  3\n\ny=4\n", "a.x=1/2//3|a.y=4"},
        {"[a]\nx =\n  http://b:1\n  # c\n  2\n", "a.x=/http://b:1/2"},
        {"  [a]\n  x=1\n   y=2\n  z=3\n", "a.x=1/y=2|a.z=3"},
        {"[a]\nx=\n", "a.x="},
        {"[DEFAULT]\nd=1\nx=0\n[a]\nx=2\n[b]\n[DEFAULT]\ne=3\n", "a.d=1|a.x=2|a.e=3|b.d=1|b.x=0|b.e=3"},
        {"[a]\nindex-url == =x\n", "a.index-url== =x"},
        {"[a]\nx=%(y)s\n", "a.x=%(y)s"},
        {"x=1\n", "1: there is no section yet, [global] say"},
        {"[]\n", "1: there is no section yet, [global] say"},
        {"[a]\nx\n", "2: an option is written NAME = VALUE"},
        {"[a]\n=1\n", "2: an option is written NAME = VALUE"},
        {"[a]\n[b]\n[a]\n", "3: this section is there twice"},
        {"[a]\nx=1\nX=2\n", "3: this option is there twice in its section"},
        {"[a]\nx=\xff\n", "0: 'pip.conf' is no text in UTF-8"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        assert_string_equal(read_ini(&arena, sw_str_from(rows[i][0])), rows[i][1]);
    }
}

static void there_is_a_limit(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MIB);
    sw_buffer_add_text(&text, "[DEFAULT]\n");
    for (int i = 0; i < 100; i++)
        sw_buffer_addf(&text, "x%d=\n", i);
    for (int i = 0; i < 100; i++)
        sw_buffer_addf(&text, "[s%d]\n", i);
    assert_non_null(strstr(read_ini(&arena, sw_buffer_str(&text)), "there are too many options"));
    assert_non_null(strstr(read_ini(&arena, SW_STR("[a]\nx=\0\n")), "no text in UTF-8"));
}

int suite_ini(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_as_python_reads_them),
        cmocka_unit_test(there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
