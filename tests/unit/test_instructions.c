#include "dockerfile/instructions.h"

#include "unit.h"

struct expected {
    const char *keyword, *text, *body;
    unsigned line, body_line;
};

static void check(const char *text, const struct expected *expected, size_t count)
{
    SW_INSTRUCTIONS_AUTO read;
    sw_instructions_init(&read, sw_str_from(text));
    assert_int_equal(read.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(read.items[i].text.p, expected[i].text);
        assert_true(sw_instruction_is(&read.items[i], expected[i].keyword));
        assert_true(sw_str_is(read.items[i].body, expected[i].body));
        assert_int_equal(read.items[i].line, expected[i].line);
        assert_int_equal(read.items[i].body_line, expected[i].body_line);
    }
}

static void test_joined(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {"from", "debian:12", "", 2, 0},    {"run", "apt-get update &&   apt-get install git", "", 3, 0},
        {"env", "A=1   B=2", "", 8, 0},     {"cmd", "", "", 10, 0},
        {"label", "last=\\\\x", "", 11, 0},
    };
    check("# a comment\n"
          "FROM debian:12\r\n"
          "run apt-get update && \\\n"
          "# between\n"
          "\n"
          "  apt-get install git\n"
          "\n"
          "ENV A=1 \\  \n"
          "  B=2\n"
          "CMD\n"
          "LABEL last=\\\\x\\",
          expected, SW_COUNT(expected));
}

static void test_escape(void **state)
{
    (void)state;
    static const struct expected expected[] = {{"run", "a  b", "", 3, 0}, {"run", "c\\", "", 5, 0}};
    check("# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n b\nRUN c\\\n", expected, SW_COUNT(expected));
    static const struct expected late[] = {{"run", "a `", "", 3, 0}, {"b", "", "", 4, 0}};
    check("# not a directive\n# escape=`\nRUN a `\n b\n", late, SW_COUNT(late));
}

static void test_heredocs(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {"run", "<<EOF sh", "one\n# no comment\n\n", 1, 2},
        {"copy", "<<-\"A\" <<B /x/", "a\nb\n", 6, 7},
        {"run", "echo '<<NO' <<<word", "", 11, 0},
        {"env", "A=<<EOF", "", 12, 0},
        {"run", "cat <<END", "open\n", 13, 14},
    };
    check("RUN <<EOF sh\none\n# no comment\n\nEOF\n"
          "COPY <<-\"A\" <<B /x/\n\ta\n\tA\nb\nB\n"
          "RUN echo '<<NO' <<<word\n"
          "ENV A=<<EOF\n"
          "RUN cat <<END\nopen",
          expected, SW_COUNT(expected));
}

static void test_lines(void **state)
{
    (void)state;
    SW_INSTRUCTIONS_AUTO read;
    sw_instructions_init(&read, SW_STR("\n  RUN one && \\\n\n  two && \\\n# c\n  three\n"));
    assert_int_equal(read.count, 1);
    const struct sw_instruction *run = &read.items[0];
    const char *two = strstr(run->text.p, "two"), *three = strstr(run->text.p, "three");
    assert_non_null(two);
    assert_non_null(three);
    assert_int_equal(sw_instruction_line(run, 0), 2);
    assert_int_equal(sw_instruction_line(run, (size_t)(two - run->text.p)), 4);
    assert_int_equal(sw_instruction_line(run, (size_t)(three - run->text.p)), 6);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {"Dockerfile", "Containerfile",  "Dockerfile.web", "web.Dockerfile",
                                        "dockerfile", "Dockerfile_amd", "Dockerfile-x"};
    static const char *const others[] = {"Dockerfiles", "web-Dockerfile", "", ".docker", "main.py"};
    for (size_t i = 0; i < SW_COUNT(names); i++)
        assert_true(sw_dockerfile_is_name(sw_str_from(names[i])));
    for (size_t i = 0; i < SW_COUNT(others); i++)
        assert_false(sw_dockerfile_is_name(sw_str_from(others[i])));
    assert_true(sw_dockerfile_is_text(SW_STR("ARG A\nFROM a\n")));
    assert_false(sw_dockerfile_is_text(SW_STR("# FROM a\nRUN x\n")));
}

int suite_instructions(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined), cmocka_unit_test(test_escape), cmocka_unit_test(test_heredocs),
        cmocka_unit_test(test_lines),  cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
