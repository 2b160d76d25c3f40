#include "dockerfile/hold.h"

#include "base/limits.h"
#include "unit.h"

#define LINES "COPY [\"a\", \"/a\"]\nENV HELD=1\n"

static void check(const char *text, const char *held)
{
    SW_BUFFER_AUTO out;
    struct sw_error error;
    sw_buffer_init(&out, SW_MIB);
    assert_int_equal(sw_dockerfile_hold(&out, sw_str_from(text), SW_STR(LINES), &error), 0);
    assert_true(sw_str_is(sw_buffer_str(&out), held));
}

static void test_behind_each_image(void **state)
{
    (void)state;
    check("FROM a\nRUN x\n", "FROM a\n" LINES "RUN x\n");
    check("ARG A=1\nFROM --platform=linux/amd64 \\\n  a${A} as One\n# why\n\nRUN x\nFROM one\nRUN y\nFROM b "
          "AS c\nRUN z",
          "ARG A=1\nFROM --platform=linux/amd64 \\\n  a${A} as One\n# why\n\n" LINES
          "RUN x\nFROM one\nRUN y\nFROM b AS c\n" LINES "RUN z");
    check("# escape=`\r\nFROM a`\r\n AS b\r\nRUN x `\r\n  FROM\r\n",
          "# escape=`\r\nFROM a`\r\n AS b\r\n" LINES "RUN x `\r\n  FROM\r\n");
}

static void test_nowhere_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",        "FROM a",     "FROM a \\", "FROM a\nFROM b\n",
        "RUN x\n", "# FROM a\n", "\n\n",      "FROM scratch\n\n# the end\n",
    };
    for (size_t i = 0; i < SW_COUNT(texts); i++)
        check(texts[i], texts[i]);
    check("FROM a\nRUN <<X\nFROM b\nRUN y\nX\nFROM c\nCMD z\n",
          "FROM a\n" LINES "RUN <<X\nFROM b\nRUN y\nX\nFROM c\n" LINES "CMD z\n");
}

static void test_lines(void **state)
{
    (void)state;
    /*                   1       2      3       4       5 */
    struct sw_str text = SW_STR("FROM a\nRUN x\nFROM b\nRUN y\nCMD z\n"), lines = SW_STR(LINES);
    static const unsigned expected[] = {0, 1, 0, 0, 2, 3, 0, 0, 4, 5, 6};
    for (unsigned i = 0; i < SW_COUNT(expected); i++)
        assert_int_equal(sw_dockerfile_held_line(text, lines, i), expected[i]);
}

/* Any text keeps its bytes, and each of its lines is found again. */
static void test_any_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"FROM a",
                                        "FROM b AS c",
                                        "from c",
                                        "RUN x",
                                        " \\",
                                        "\n",
                                        "\r\n",
                                        "# escape=`\n",
                                        "`",
                                        "# n\n",
                                        "\n\n",
                                        "<<E",
                                        "E\n",
                                        "\"",
                                        "ENV A=1",
                                        "\t",
                                        "\xEF\xBB\xBF",
                                        "\\\n",
                                        "COPY <<-\"X\" /a\n",
                                        "X",
                                        "\n",
                                        "CMD [\"a\"]"};
    uint32_t seed = 1;
    for (size_t round = 0; round < 20000; round++) {
        SW_BUFFER_AUTO text, held, again;
        struct sw_error error;
        sw_buffer_init(&text, SW_MIB);
        sw_buffer_init(&held, SW_MIB);
        sw_buffer_init(&again, SW_MIB);
        for (size_t i = 0; i < 3 + round % 12; i++) {
            seed = seed * 1664525U + 1013904223U;
            sw_buffer_add_text(&text, parts[(seed >> 16) % SW_COUNT(parts)]);
        }
        assert_int_equal(sw_dockerfile_hold(&held, sw_buffer_str(&text), SW_STR(LINES), &error), 0);
        struct sw_str rest = sw_buffer_str(&held);
        unsigned line = 0, known = 0;
        for (; rest.n > 0;) {
            struct sw_str whole = rest;
            struct sw_str one = sw_str_cut(&rest, '\n');
            unsigned own = sw_dockerfile_held_line(sw_buffer_str(&text), SW_STR(LINES), ++line);
            if (own != 0) {
                assert_int_equal(own, ++known);
                sw_buffer_add(&again, whole.p, one.n + (rest.p != NULL));
            }
            rest = rest.p == NULL ? SW_STR("") : rest;
        }
        assert_true(sw_str_equal(sw_buffer_str(&again), sw_buffer_str(&text)));
    }
}

int suite_hold(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_behind_each_image),
        cmocka_unit_test(test_nowhere_else),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_any_text),
    };
    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
