#include "unit.h"

#include "base/limits.h"
#include "catalog/architecture.h"

static struct sw_architecture parse(const char *text)
{
    struct sw_architecture architecture;
    if (!sw_architecture_parse(&architecture, sw_str_from(text)))
        fail_msg("'%s' is no architecture", text);
    return architecture;
}

static void what_is_an_architecture(void **state)
{
    (void)state;
    static const char *const good[] = {"3.7", "8.9", "9.0a", "10.0f", "12.1"};
    static const char *const bad[] = {"",      "8",    "8.",  ".9",    "8.9b",  "8.9aa",
                                      "8.9.0", "-8.9", "8,9", "123.0", "8.123", " 8.9"};
    for (size_t i = 0; i < SW_COUNT(good); i++)
        (void)parse(good[i]);
    for (size_t i = 0; i < SW_COUNT(bad); i++) {
        struct sw_architecture architecture;
        if (sw_architecture_parse(&architecture, sw_str_from(bad[i])))
            fail_msg("'%s' is taken for an architecture", bad[i]);
    }
}

/* Binary Compatibility and PTX Compatibility of the CUDA C++ Programming Guide, a line each. */
static const struct {
    const char *code, *gpu;
    bool runs, compiles;
} rules[] = {
    {"8.6", "8.6", true, true},      {"8.0", "8.6", true, true},     {"8.6", "8.9", true, true},
    {"8.9", "8.6", false, false},    {"8.0", "9.0", false, true},    {"9.0", "12.0", false, true},
    {"12.0", "12.1", true, true},    {"12.1", "12.0", false, false}, {"12.0", "10.0", false, false},
    {"10.0", "12.0", false, true},   {"9.0a", "9.0", true, true},    {"9.0a", "10.0", false, false},
    {"10.0a", "10.3", false, false}, {"10.0f", "10.3", true, true},  {"10.0f", "12.0", false, false},
    {"12.0f", "12.1", true, true},   {"6.0", "6.1", true, true},     {"5.0", "6.1", false, true},
};

static void what_runs_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(rules); i++) {
        struct sw_architecture code = parse(rules[i].code), gpu = parse(rules[i].gpu);
        if (sw_architecture_runs(code, gpu) != rules[i].runs ||
            sw_architecture_compiles(code, gpu) != rules[i].compiles)
            fail_msg("code for %s on %s", rules[i].code, rules[i].gpu);
    }
}

static void nothing_serves_nothing(void **state)
{
    (void)state;
    assert_int_equal(sw_architectures_serve(NULL, NULL, parse("8.9")), SW_NOT_SERVED);
}

/* Return the codes that the driver takes for a GPU, with blanks between them. */
static const char *take(struct sw_arena *arena, const char *codes, bool ptx, const char *gpu)
{
    struct sw_builder b = {.arena = arena};
    struct sw_node *list = sw_build_list(&b), *kept = sw_build_list(&b);
    struct sw_str rest = sw_str_from(codes);
    const char *text = "";
    while (rest.p != NULL)
        sw_build_append(&b, list, sw_build_str(&b, sw_str_cut(&rest, ' ')));
    bool any = sw_architectures_take(&b, kept, list, ptx, parse(gpu));
    assert_int_equal(any, sw_node_count(kept) > 0);
    for (size_t i = 0; i < sw_node_count(kept); i++)
        text = sw_arena_format(arena, "%s%s%s", text, i == 0 ? "" : " ",
                               sw_node_text(sw_node_item(kept, i), ""));
    return text;
}

static void the_driver_takes_the_newest(void **state)
{
    static const struct {
        const char *codes, *gpu, *machine, *ptx;
    } cases[] = {
        {"7.5 8.0 8.6 9.0 12.0", "8.9", "8.6", "8.6"},
        {"7.5 8.0 8.9 9.0", "8.6", "8.0", "8.0"},
        {"9.0 9.0a 8.0", "9.0", "9.0 9.0a", "9.0 9.0a"},
        {"10.0 10.0a 10.0f 10.3a", "10.3", "10.0 10.0f 10.3a", "10.0 10.0f 10.3a"},
        {"8.0 9.0", "12.0", "", "9.0"},
        {"9.0a", "12.0", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_arena arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        assert_string_equal(take(&arena, cases[i].codes, false, cases[i].gpu), cases[i].machine);
        assert_string_equal(take(&arena, cases[i].codes, true, cases[i].gpu), cases[i].ptx);
        sw_arena_release(&arena);
    }
}

int suite_architecture(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_an_architecture),
        cmocka_unit_test(what_runs_where),
        cmocka_unit_test(nothing_serves_nothing),
        cmocka_unit_test(the_driver_takes_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
