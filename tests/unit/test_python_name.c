#include "unit.h"

#include "base/limits.h"
#include "python/name.h"

/* PEP 503, "Normalized Names"; PEP 508, "Names". */
static const struct {
    const char *text, *normalized;
    bool valid;
} cases[] = {
    {"Django", "django", true},
    {"ruamel.yaml", "ruamel-yaml", true},
    {"typing_extensions", "typing-extensions", true},
    {"Friendly-._.-Bard", "friendly-bard", true},
    {"a", "a", true},
    {"3", "3", true},
    {"A1-b_2.C", "a1-b-2-c", true},
    {"", "", false},
    {"-a", "-a", false},
    {"a-", "a-", false},
    {"a_", "a-", false},
    {".", "-", false},
    {"a b", "a b", false},
    {"caf\xC3\xA9", "caf\xC3\xA9", false},
};

static void names_are_normalized(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_BUFFER_AUTO out;
        sw_buffer_init(&out, 100);
        assert_string_equal(sw_name_normalized(&arena, sw_str_from(cases[i].text)), cases[i].normalized);
        sw_name_normalize(&out, sw_str_from(cases[i].text));
        assert_string_equal(out.p, cases[i].normalized);
        assert_int_equal(sw_name_valid(sw_str_from(cases[i].text)), cases[i].valid);
        assert_true(sw_name_equal(sw_str_from(cases[i].text), sw_buffer_str(&out)));
    }
    assert_false(sw_name_equal(SW_STR("a"), SW_STR("a-")));
    assert_false(sw_name_equal(SW_STR("ab"), SW_STR("a-b")));
    assert_int_equal(sw_name_length(SW_STR("torch[x]")), 5);
    assert_int_equal(sw_name_length(SW_STR("torch- ")), 5);
}

int suite_python_name(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_normalized)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
