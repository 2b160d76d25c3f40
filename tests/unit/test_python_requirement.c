#include "unit.h"

#include "python/requirement.h"

/* What is read, written again: nothing of it lost. */
static const struct {
    const char *in, *out;
} good[] = {
    {"A", "A"},
    {"name", "name"},
    {"name<=1", "name<=1"},
    {" name >= 3 , < 2 ", "name>=3,<2"},
    {"name (>=3, <2)", "name>=3,<2"},
    {"name()", "name"},
    {"name>=3,", "name>=3"},
    {"torch==2.8.0+cu128", "torch==2.8.0+cu128"},
    {"name===foo-bar,>1", "name===foo-bar,>1"},
    {"name[quux, strange];python_version<'2.7' and platform_version=='2'",
     "name[quux,strange]; python_version < \"2.7\" and platform_version == \"2\""},
    {"name [ ] ~= 1.2", "name~=1.2"},
    {"name; os_name=='a' or os_name=='b'", "name; os_name == \"a\" or os_name == \"b\""},
    {"name @ https://example.org/a.whl", "name@ https://example.org/a.whl"},
    {"name@https://example.org/a;b.whl ; extra == 'x'", "name@ https://example.org/a;b.whl ; extra == \"x\""},
    {"name[x] @ git+ssh://git@example.org/r.git@v1#egg=name",
     "name[x]@ git+ssh://git@example.org/r.git@v1#egg=name"},
    {"name @ file:///tmp/a.whl ", "name@ file:///tmp/a.whl"},
    {"name @ http://[::1]:8080/a.whl", "name@ http://[::1]:8080/a.whl"},
    {"name==1.0\n", "name==1.0"},
};

static void requirements_are_read_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(good); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 16);
        struct sw_requirement requirement;
        struct sw_error error;
        if (sw_requirement_parse(&requirement, &arena, sw_str_from(good[i].in), &error) != 0)
            fail_msg("'%s': %u: %s", good[i].in, error.column, error.text);
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 1000);
        sw_requirement_write(&text, &requirement);
        assert_string_equal(text.p, good[i].out);
    }
}

static const struct {
    const char *text;
    unsigned column;
    const char *hint; /* a part of it */
} faults[] = {
    {"", 1, "letters"},
    {"==1.0", 1, "letters"},
    {"-e .", 1, "letters"},
    {"name=1.0", 5, "'=='"},
    {"name 1.0", 6, "'=='"},
    {"name>=1.0 <2", 11, "comma"},
    {"name>=1.0,,<2", 11, "comma"},
    {"name>=", 7, "1.2.3"},
    {"name~=1", 7, "~=1.0"},
    {"name>=1.*", 8, ".*"},
    {"name-", 5, "name["},
    {"name_>=1", 5, "name["},
    {"name[a", 7, "']'"},
    {"name[a b]", 8, "commas"},
    {"name[a,]", 8, "letters"},
    {"name[,a]", 6, "letters"},
    {"name(>=1", 9, "')'"},
    {"name(>=1;", 9, "')'"},
    {"name>=1)", 8, "name["},
    {"name @ ", 8, "https://"},
    {"name @ example.org/a.whl", 8, "https://"},
    {"name @ file:a.whl", 8, "https://"},
    {"name @ https://", 8, "https://"},
    {"name @ https://[::1/a.whl", 8, "https://"},
    {"name @ https://example.org/a.whl; extra == 'a'", 35, "blank"},
    {"name>=1 # comment", 9, "comments"},
    {"name;", 6, "python_version"},
    {"name; os_name == 'a' junk", 22, "name["},
    {"name\xC3\xA9", 5, "name["},
};

static void faults_have_column_and_hint(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        struct sw_requirement requirement;
        struct sw_error error;
        if (sw_requirement_parse(&requirement, &arena, sw_str_from(faults[i].text), &error) != SW_EINPUT)
            fail_msg("'%s' is read", faults[i].text);
        if (error.column != faults[i].column || strstr(error.hint, faults[i].hint) == NULL)
            fail_msg("'%s': column %u: %s (%s)", faults[i].text, error.column, error.text, error.hint);
    }
}

static void parts_can_be_asked(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    struct sw_requirement r;
    char input[] = "Torch_Vision[a, B.c]==0.23.0+cu128,!=1; os_name == 'posix'";
    assert_int_equal(sw_requirement_parse(&r, &arena, sw_str_from(input), NULL), 0);
    memset(input, 'x', sizeof input - 1); /* the requirement has a copy */
    assert_true(sw_str_is(r.name, "Torch_Vision"));
    assert_int_equal(r.extra_count, 2);
    assert_true(sw_str_is(r.extras[1], "B.c"));
    assert_int_equal(r.specifiers.count, 2);
    assert_true(sw_str_is(r.specifiers.items[0].version.local, "cu128"));
    assert_true(sw_str_is(r.marker->right.text, "posix"));
    assert_int_equal(r.url.n, 0);
}

int suite_python_requirement(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_read_whole),
        cmocka_unit_test(faults_have_column_and_hint),
        cmocka_unit_test(parts_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
