#include "base/buffer.h"
#include "base/limits.h"
#include "data/toml.h"

#include "unit.h"

/* tests/toml holds many documents against another reader; here are places and limits. */
static const char *refusal(struct sw_arena *arena, struct sw_str text)
{
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    if (sw_toml_read(&root, arena, text, "a.toml", &error) == 0)
        return "read";
    return sw_arena_format(arena, "%s:%u:%u: %s", error.file, error.line, error.column, error.text);
}

static void refusals_have_their_place(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a = 1\nb = 2", "read"},
        {"a = 1\na = 2", "a.toml:2:5: this key is there already"},
        {"\xc3\xa9 = 1", "a.toml:1:1: a key is missing here"},
        {"a = '\xc3\xa9' x", "a.toml:1:9: a line goes on where it should end"},
        {"a = '''\n\n", "a.toml:3:1: a string does not end"},
        {"a = [\r\n1\r\n2]", "a.toml:3:1: ',' or ']' is missing in a list"},
        {"a = s3cret", "a.toml:1:5: a value is missing here; a text stands in quotes"},
        {"[a\n", "a.toml:1:3: ']' is missing behind a table's name"},
        {"a = '\xff'", "a.toml:0:0: text that is not UTF-8"},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_string_equal(refusal(&arena, sw_str_from(rows[i][0])), rows[i][1]);
}

static void values_have_their_place(void **state)
{
    (void)state;
    const struct sw_node *root = NULL;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_str text = SW_STR("[[a]]\nb.c = [1,\n \"\xc3\xa9\", {d = 1_0}]\n");
    assert_int_equal(sw_toml_read(&root, &arena, text, "a.toml", NULL), 0);
    const struct sw_node *b = sw_node_get(sw_node_item(sw_node_get(root, "a"), 0), "b");
    const struct sw_member *c = sw_node_member(b, "c");
    const struct sw_node *d = sw_node_get(sw_node_item(c->value, 2), "d");
    assert_int_equal(c->line * 100 + c->column, 203);
    assert_int_equal(sw_node_line(c->value) * 100 + sw_node_column(c->value), 207);
    assert_int_equal(sw_node_line(d) * 100 + sw_node_column(d), 312);
    assert_string_equal(sw_node_file(d), "a.toml");
    assert_int_equal(sw_node_integer(d, 0), 10);
}

static const char *repeated(struct sw_arena *arena, const char *first, const char *text, size_t times)
{
    SW_BUFFER_AUTO all;
    sw_buffer_init(&all, 2 * SW_MAX_TOML_SIZE);
    sw_buffer_add_text(&all, first);
    for (size_t i = 0; i < times; i++)
        sw_buffer_add_text(&all, text);
    return refusal(arena, sw_buffer_str(&all));
}

static void there_are_limits(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO keys;
    sw_arena_init(&arena, SIZE_MAX);
    sw_buffer_init(&keys, SW_MAX_TOML_SIZE);
    for (int i = 0; i <= SW_MAX_TOML_KEYS; i++)
        sw_buffer_addf(&keys, "k%d = 1\n", i);
    assert_non_null(strstr(refusal(&arena, sw_buffer_str(&keys)), "too many keys"));
    assert_non_null(strstr(repeated(&arena, "a = ", "[", 100000), "nested too deep"));
    assert_non_null(strstr(repeated(&arena, "a", ".a", 100000), "nested too deep"));
    assert_non_null(strstr(repeated(&arena, "a = ", "{a.a=", 100000), "nested too deep"));
    assert_non_null(strstr(repeated(&arena, "[a", ".a", 100000), "nested too deep"));
    assert_non_null(strstr(repeated(&arena, "", "[[a]]\n", SW_MAX_TOML_NODES), "too many values"));
    assert_non_null(strstr(repeated(&arena, "a = [", "1,", SW_MAX_TOML_NODES), "too many values"));
    assert_non_null(strstr(repeated(&arena, "#", "1234567890", SW_MAX_TOML_SIZE / 10 + 1), "too large"));
    assert_non_null(strstr(refusal(&arena, SW_STR("\"a\0b\" = 1")), "control character"));
    assert_non_null(strstr(refusal(&arena, SW_STR("\"a\\u0000b\" = 1")), "U+0000"));
}

int suite_toml(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_have_their_place),
        cmocka_unit_test(values_have_their_place),
        cmocka_unit_test(there_are_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
