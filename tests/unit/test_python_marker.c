#include "unit.h"

#include "python/marker.h"

static const struct sw_marker_environment target = {
    .python_version = "3.11",
    .python_full_version = "3.11.9",
    .os_name = "posix",
    .sys_platform = "linux",
    .platform_machine = "x86_64",
    .platform_release = "5.15.0-generic",
    .platform_system = "Linux",
    .platform_python_implementation = "CPython",
    .implementation_name = "cpython",
    .implementation_version = "3.11.9",
    .extra = "Dev_Tools",
};

enum answer { NO, YES, NO_MEANING, NO_MARKER };

static const struct {
    const char *marker;
    enum answer answer;
} cases[] = {
    {"python_version >= '3.9'", YES},
    {"python_version < \"3.9\"", NO}, /* as texts it would hold */
    {"'3.9' < python_version", YES},
    {"python_version == '3.11.*'", YES},
    {"python_version ~= '3.8'", YES},
    {"python_full_version === '3.11.9'", YES},
    {"python_full_version>='3.11'and(os_name=='nt' or sys_platform=='linux')", YES},
    {"os_name == 'nt' or os_name == 'posix' and sys_platform == 'win32'", NO},
    {"os_name == 'posix' or os_name == 'nt' and sys_platform == 'win32'", YES},
    {"(os_name == 'posix' or os_name == 'nt') and sys_platform == 'win32'", NO},
    {"os.name == 'posix' and sys.platform == 'linux' and platform.machine == 'x86_64'", YES},
    {"platform.python_implementation == python_implementation", YES},
    {"'linux' in sys_platform", YES},
    {"sys_platform not in 'linux darwin'", NO},
    {"sys_platform not  in 'win32'", YES},
    {"'' in platform_version", YES},
    {"platform_release >= '5'", YES}, /* no version on the left: texts */
    {"platform_system > 'Darwin'", YES},
    {"extra == 'dev-tools'", YES},
    {"extra == 'DEV.TOOLS'", YES},
    {"extra != 'dev_tools'", NO},
    {"'dev--tools' == extra", YES},
    {"extra == 'dev'", NO},
    {"'3.10' > '3.9'", YES},
    {"os_name == platform_system", NO},
    {"platform_version == ''", YES},
    {"((((os_name == 'posix'))))", YES},
    {"os_name == 'a\\'", NO}, /* no escapes: the backslash is a character */
    {"python_version ~= 'surprise'", NO_MEANING},
    {"'dog' ~= 'fred'", NO_MEANING},
    {"", NO_MARKER},
    {"python_version", NO_MARKER},
    {"python_version >=", NO_MARKER},
    {"python_version = '3'", NO_MARKER},
    {"python_version >= 3.9", NO_MARKER},
    {"python_versions >= '3.9'", NO_MARKER},
    {"os_name == 'a", NO_MARKER},
    {"os_name == 'a\n'", NO_MARKER},
    {"os_name == 'a' and", NO_MARKER},
    {"os_name == 'a' && os_name == 'b'", NO_MARKER},
    {"os_name == 'a' os_name == 'b'", NO_MARKER},
    {"os_name notin 'a'", NO_MARKER},
    {"os_name not 'a'", NO_MARKER},
    {"(os_name == 'a'", NO_MARKER},
    {"os_name == 'a')", NO_MARKER},
    {"()", NO_MARKER},
    {"platform.release == 'a'", NO_MARKER},
};

static void markers_ask_the_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 16);
        const struct sw_marker *marker;
        struct sw_error error;
        bool holds = false;
        enum answer answer = NO_MARKER;
        if (sw_marker_parse(&marker, &arena, sw_str_from(cases[i].marker), &error) == 0)
            answer = sw_marker_evaluate(&holds, marker, &target, &error) != 0 ? NO_MEANING : holds ? YES : NO;
        else
            assert_true(error.column > 0 && error.hint[0] != '\0');
        if (answer != cases[i].answer)
            fail_msg("%s: %d", cases[i].marker, (int)answer);
    }
}

static void faults_have_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *marker;
        unsigned column;
    } faults[] = {
        {"os_name == nt", 12},  {"os_name is 'nt'", 9},      {"(os_name == 'nt'", 17},
        {"os_name == 'nt", 12}, {"os_name == 'nt' xor", 17},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        const struct sw_marker *marker;
        struct sw_error error;
        assert_int_equal(sw_marker_parse(&marker, &arena, sw_str_from(faults[i].marker), &error), SW_EINPUT);
        assert_int_equal(error.column, faults[i].column);
    }
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    enum { FINE = 64 };
    for (int depth = FINE; depth <= FINE + 1; depth++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 1000);
        for (int i = 0; i < depth; i++)
            sw_buffer_add_char(&text, '(');
        sw_buffer_add_text(&text, "os_name == 'x'");
        for (int i = 0; i < depth; i++)
            sw_buffer_add_char(&text, ')');
        const struct sw_marker *marker;
        struct sw_error error;
        int code = sw_marker_parse(&marker, &arena, sw_buffer_str(&text), &error);
        assert_int_equal(code, depth == FINE ? 0 : SW_EINPUT);
    }
}

static void markers_are_written_as_they_mean(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } writings[] = {
        {"os.name=='a'and(extra=='b'or 'c' not   in sys_platform)",
         "os_name == \"a\" and (extra == \"b\" or \"c\" not in sys_platform)"},
        {"((os_name == 'a' and os_name == 'b')) or os_name == 'c'",
         "os_name == \"a\" and os_name == \"b\" or os_name == \"c\""},
        {"os_name == 'a' or (os_name == 'b' or os_name == 'c\"')",
         "os_name == \"a\" or (os_name == \"b\" or os_name == 'c\"')"},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < SW_COUNT(writings); i++) {
        const struct sw_marker *marker;
        assert_int_equal(sw_marker_parse(&marker, &arena, sw_str_from(writings[i].in), NULL), 0);
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 1000);
        sw_marker_write(&text, marker);
        assert_string_equal(text.p, writings[i].out);
    }
}

static void several_extras_are_asked_at_once(void **state)
{
    (void)state;
    static const char *const extras[] = {"gpu", "extra-3-app-gpu"};
    static const struct {
        const char *text;
        size_t count;
        bool holds;
    } sets[] = {
        {"extra == 'gpu' and extra == 'extra-3-app-gpu'", 2, true},
        {"extra == 'extra-3-app-cpu'", 2, false},
        {"extra != 'extra-3-app-cpu' and extra != 'extra-3-app-rocm'", 2, true},
        {"extra != 'extra-3-app-cpu' and extra != 'extra-3-app-gpu'", 2, false},
        {"'GPU' == extra", 2, true},
        {"extra == 'gpu'", 0, false},
        {"extra != 'gpu'", 0, true},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < SW_COUNT(sets); i++) {
        struct sw_marker_environment asked = target;
        const struct sw_marker *marker;
        bool holds = !sets[i].holds;
        asked.extras = extras;
        asked.extra_count = sets[i].count;
        assert_int_equal(sw_marker_parse(&marker, &arena, sw_str_from(sets[i].text), NULL), 0);
        assert_int_equal(sw_marker_evaluate(&holds, marker, &asked, NULL), 0);
        if (holds != sets[i].holds)
            fail_msg("%s", sets[i].text);
    }
}

static void several_extras_are_asked_in_turn(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    const struct sw_marker *marker;
    assert_int_equal(sw_marker_parse(&marker, &arena, SW_STR("extra == 'b'"), NULL), 0);
    static const char *const extras[] = {"a", "B"};
    bool holds = false;
    assert_int_equal(sw_marker_evaluate_extras(&holds, marker, &target, extras, 2, NULL), 0);
    assert_true(holds);
    assert_int_equal(sw_marker_evaluate_extras(&holds, marker, &target, extras, 1, NULL), 0);
    assert_false(holds);
    assert_int_equal(sw_marker_evaluate_extras(&holds, marker, &target, NULL, 0, NULL), 0);
    assert_false(holds);
    assert_int_equal(sw_marker_evaluate_extras(&holds, NULL, &target, NULL, 0, NULL), 0);
    assert_true(holds);
    struct sw_marker_environment linux_host = sw_marker_environment_linux("3.9", "3.9.1", "aarch64");
    assert_int_equal(sw_marker_parse(&marker, &arena,
                                     SW_STR("platform_machine == 'aarch64' and python_version < '3.10' and "
                                            "platform_system == 'Linux' and os_name == 'posix' and "
                                            "implementation_version == '3.9.1' and extra == ''"),
                                     NULL),
                     0);
    assert_int_equal(sw_marker_evaluate(&holds, marker, &linux_host, NULL), 0);
    assert_true(holds);
}

int suite_python_marker(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markers_ask_the_target),
        cmocka_unit_test(faults_have_their_column),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(markers_are_written_as_they_mean),
        cmocka_unit_test(several_extras_are_asked_in_turn),
        cmocka_unit_test(several_extras_are_asked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
