#include "unit.h"

#include "base/limits.h"
#include "resolve/kept_form_internal.h"

static const struct sw_resolved_dependency needs[] = {
    {.package = 1, .text = "b>=1; os_name == 'posix'", .marker = "os_name == \"posix\""}};
static const struct sw_resolved_requirer of_root[] = {{SW_RESOLVED_ROOT, 0}};
static const struct sw_resolved_requirer of_a[] = {{0, 0}};
static const char *const extras[] = {"x"};
#define FILE_OF(text)                                                                                \
    {                                                                                                \
        .kind = SW_RESOLVED_WHEEL, .name = text, .revision = "", .url = "https://example.org/" text, \
        .sha256 = "", .uploaded = "", .index = "i", .size = 7, .yanked_reason = ""                   \
    }
static const struct sw_resolved_package packages[] = {
    {.name = "a",
     .version = "1.0",
     .extras = extras,
     .extra_count = 1,
     .file = FILE_OF("a.whl"),
     .requires_python = ">=3.9",
     .dependencies = needs,
     .dependency_count = 1,
     .requirers = of_root,
     .requirer_count = 1,
     .known = true},
    {.name = "b",
     .version = "2.0",
     .file = FILE_OF("b.whl"),
     .requires_python = "",
     .requirers = of_a,
     .requirer_count = 1},
};
static const struct sw_resolved_unknown unknowns[] = {{"b", "it is built"}};
static const struct sw_resolve_fact facts[] = {{"'a' is required", "", SW_RESOLVE_ROOT, 0},
                                               {"a 1.0 requires b", "a.whl", SW_RESOLVE_OTHERS, 0}};
static const struct sw_resolve_answer found = {.found = true, .resolution = {packages, 2, unknowns, 1}};
static const struct sw_resolve_answer none = {.facts = facts, .fact_count = 2, .more_facts = 3};
static const struct sw_requirement roots[1];
static const struct sw_resolve_input input = {.roots = roots, .root_count = 1};

static void write(struct sw_buffer *out, const struct sw_resolve_answer *answer)
{
    sw_buffer_init(out, SW_MIB);
    assert_true(sw_kept_write(out, answer, 42));
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    const struct sw_resolve_answer *const answers[] = {&found, &none};
    for (size_t i = 0; i < SW_COUNT(answers); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        SW_BUFFER_AUTO text, again;
        struct sw_resolve_answer read;
        int64_t until;
        write(&text, answers[i]);
        assert_true(sw_kept_read(&read, &until, &arena, sw_buffer_str(&text), &input));
        assert_int_equal(until, 42);
        write(&again, &read);
        assert_string_equal(again.p, text.p);
    }
}

/* A place that is out of range must not be followed, whoever wrote the text. */
static void refuses_places_out_of_range(void **state)
{
    (void)state;
    static const char *const faults[][2] = {{"[1,\"b>=1", "[2,\"b>=1"},
                                            {"\"requirers\":[-1,0]", "\"requirers\":[-1,1]"},
                                            {"\"requirers\":[0,0]", "\"requirers\":[0,1]"},
                                            {"\"requirers\":[0,0]", "\"requirers\":[]"},
                                            {"\"kind\":0", "\"kind\":5"},
                                            {"[\"a\",\"1.0\"", "[\"c\",\"1.0\""}};
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        SW_BUFFER_AUTO text, changed;
        struct sw_resolve_answer read;
        int64_t until;
        write(&text, &found);
        sw_buffer_init(&changed, SW_MIB);
        size_t at = sw_str_find(sw_buffer_str(&text), sw_str_from(faults[i][0]));
        assert_true(at < text.n);
        sw_buffer_add(&changed, text.p, at);
        sw_buffer_add_text(&changed, faults[i][1]);
        sw_buffer_add_text(&changed, text.p + at + strlen(faults[i][0]));
        assert_false(sw_kept_read(&read, &until, &arena, sw_buffer_str(&changed), &input));
    }
}

int suite_kept(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back_as_it_was),
                                       cmocka_unit_test(refuses_places_out_of_range)};
    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
