#include "unit.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/yaml.h"

static const char *write(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style)
{
    struct sw_error error;
    sw_buffer_clear(out);
    sw_json_write(out, node, style);
    assert_int_equal(sw_buffer_check(out, "it", &error), 0);
    return out->p;
}

/* Read, and written compactly. */
static const struct {
    const char *json, *compact;
} readings[] = {
    {"{}", "{}"},
    {" [ ] ", "[]"},
    {"[1, -2, 0, -0, 9223372036854775807, -9223372036854775808]",
     "[1,-2,0,0,9223372036854775807,-9223372036854775808]"},
    {"[0.1, 2.5e-3, 1E5, 1.0, 1e300]", "[0.1,0.0025,1e+05,1.0,1e+300]"},
    {"[true, false, null]", "[true,false,null]"},
    {"{\"z\": 1, \"a\": {\"\": []}}", "{\"z\":1,\"a\":{\"\":[]}}"},
    {"\"x\"", "\"x\""},
    {"12", "12"},
    {"[\"\\u0041\\n\\t\\/\\\\\\\"\\b\\f\\r\\u001f\"]", "[\"A\\n\\t/\\\\\\\"\\b\\f\\r\\u001f\"]"},
    {"[\"gr\\u00fc\xC3\x9F \\ud83d\\udea2\"]", "[\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x9A\xA2\"]"},
    {"[\"a\\u0000b\"]", "[\"a\\u0000b\"]"},
};

static void texts_are_read_and_written(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MIB);
    for (size_t i = 0; i < SW_COUNT(readings); i++) {
        const struct sw_node *root = NULL;
        struct sw_error error;
        if (sw_json_read(&root, &arena, sw_str_from(readings[i].json), "x.json", &error) != 0)
            fail_msg("'%s' is refused: %s", readings[i].json, error.text);
        assert_string_equal(write(&out, root, SW_JSON_COMPACT), readings[i].compact);
        assert_string_equal(sw_node_file(root), "x.json");
        assert_int_equal(sw_node_line(root), 0);
    }
}

static void values_have_type_text_and_value(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    const struct sw_node *root = NULL;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_int_equal(sw_json_read(&root, &arena,
                                  SW_STR("{\"i\":7,\"r\":0.5,\"b\":true,\"t\":\"a\\u0000b\",\"n\":null}"),
                                  NULL, &error),
                     0);
    assert_int_equal(sw_node_integer(sw_node_get(root, "i"), 0), 7);
    assert_string_equal(sw_node_text(sw_node_get(root, "i"), ""), "7");
    assert_int_equal(sw_node_type(sw_node_get(root, "r")), SW_NODE_REAL);
    assert_true(sw_node_real(sw_node_get(root, "r"), 0) == 0.5);
    assert_true(sw_node_boolean(sw_node_get(root, "b"), false));
    assert_int_equal(sw_node_str(sw_node_get(root, "t")).n, 3);
    assert_int_equal(sw_node_type(sw_node_get(root, "n")), SW_NODE_NULL);
    assert_null(sw_node_file(root));
}

/* A YAML text as JSON: what JSON has no spelling for. */
static const struct {
    const char *yaml, *compact;
} conversions[] = {
    {"[3.10, 1., .5, +1.5, 010, 0x1F, +7]", "[3.10,1.0,0.5,1.5,10,31,7]"},
    {"[.inf, -.inf, .nan, 1e400]", "[null,null,null,null]"},
    {"[9223372036854775808, 0x10000000000000000]", "[9.223372036854776e+18,1.8446744073709552e+19]"},
    {"{1: yes, ~: no}", "{\"1\":\"yes\",\"~\":\"no\"}"},
    {"\"\\x7f\\x85\"", "\"\\u007f\\u0085\""},
};

static void yaml_is_written_as_json(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MIB);
    for (size_t i = 0; i < SW_COUNT(conversions); i++) {
        const struct sw_node *root = NULL, *again = NULL;
        struct sw_error error;
        assert_int_equal(sw_yaml_read(&root, &arena, sw_str_from(conversions[i].yaml), NULL, &error), 0);
        assert_string_equal(write(&out, root, SW_JSON_COMPACT), conversions[i].compact);
        assert_int_equal(sw_json_read(&again, &arena, sw_buffer_str(&out), NULL, &error), 0);
    }
}

static void pretty_has_two_blanks(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    const struct sw_node *root = NULL;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MIB);
    assert_int_equal(
        sw_json_read(&root, &arena, SW_STR("{\"a\":[1,{\"b\":2}],\"c\":{},\"d\":[]}"), NULL, &error), 0);
    assert_string_equal(
        write(&out, root, SW_JSON_PRETTY),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 100);
    sw_json_quote(&out, SW_STR("a\xFF\xC3\xED\xA0\x80z\xC3\xBC"));
    assert_string_equal(out.p, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xC3\xBC\"");
    sw_buffer_clear(&out);
    sw_json_quote(&out, SW_STR("\u202E\uFEFF\U000E0041\x1B ##[error]"));
    assert_string_equal(out.p, "\"\\u202e\\ufeff\\udb40\\udc41\\u001b ##\\u005berror]\"");
    sw_buffer_clear(&out);
    sw_json_quote_shown(&out, SW_STR("\"https://u:p@h\" https://t@h"));
    assert_string_equal(out.p, "\"\\\"https://***@h\\\" https://***@h\"");
    sw_buffer_clear(&out);
    sw_json_quote(&out, (struct sw_str){NULL, 0});
    assert_string_equal(out.p, "\"\"");
}

static const struct {
    const char *json, *error; /* LINE:COLUMN: text */
} faults[] = {
    {"", "1:1: the JSON text ends too early"},
    {"  ", "1:2: the JSON text ends too early"},
    {"{\"a\": 1", "1:7: the JSON text ends too early"},
    {"[1,\n 2,]", "2:4: unexpected token"},
    {"[1] x", "1:5: text after the end of the JSON value"},
    {"{\"a\": 1,\n \"a\": 2}", "2:4: a key that stands twice"},
    {"[\"\xFF\"]", "1:2: text that is not UTF-8"},
    {"[9223372036854775808]", "1:20: a number that does not fit 64 bits"},
    {"[1e999]", "1:6: a number that does not fit 64 bits"},
    {"{\"\\u0000\": 1}", "1:9: U+0000 in a key"},
    {"[nul]", "1:4: invalid token"},
    {"['a']", "1:2: invalid token"},
    {"[NaN]", "1:4: invalid token"},
    {"[01]", "1:2: invalid token"},
    {"[\"\x1B[31m\"]", "1:2: control character 0x1b"},
    {"[\"\\ud800\"]", "1:9: invalid Unicode"},
};

static void check_fault(struct sw_str json, const char *expected)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO said;
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&said, 1000);
    if (sw_json_read(&root, &arena, json, "x.json", &error) != SW_EINPUT)
        fail_msg("'%.*s' is not refused", SW_STR_FORMAT(json));
    assert_null(root);
    assert_string_equal(error.file, "x.json");
    sw_buffer_addf(&said, "%u:%u: %s", error.line, error.column, error.text);
    assert_string_equal(said.p, expected);
}

static void faults_are_told_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(faults); i++)
        check_fault(sw_str_from(faults[i].json), faults[i].error);
}

static void floods_end_at_a_limit(void **state)
{
    (void)state;
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, 2 * SW_MAX_JSON_SIZE);
    sw_buffer_add_text(&json, "[\"[[[\\\"[[[\",\n");
    for (int i = 0; i < 100000; i++)
        sw_buffer_add_char(&json, '[');
    check_fault(sw_buffer_str(&json), "2:64: lists and maps are nested deeper than 64");
    sw_buffer_clear(&json);
    sw_buffer_add_text(&json, "[");
    for (int i = 0; i < 500000; i++)
        sw_buffer_add_text(&json, "0,");
    check_fault(sw_buffer_str(&json), "1:799999: more than 400000 values");
    while (json.n <= SW_MAX_JSON_SIZE)
        sw_buffer_add_text(&json, "                ");
    check_fault(sw_buffer_str(&json), "0:0: larger than 16777216 bytes");
}

int suite_json(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_and_written),
        cmocka_unit_test(values_have_type_text_and_value),
        cmocka_unit_test(yaml_is_written_as_json),
        cmocka_unit_test(pretty_has_two_blanks),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(floods_end_at_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
