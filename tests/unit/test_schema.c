#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "cases.h"
#include "data/path.h"
#include "data/yaml.h"
#include "schema/example.h"

/* A finding as the cases write it: place, code and message, then hint and fixes on lines of their own. */
static void add_finding(struct sw_buffer *out, const struct sw_finding *finding)
{
    sw_buffer_addf(out, "%u:%u %s %s\n", finding->line, finding->column, finding->code, finding->message);
    if (finding->hint != NULL)
        sw_buffer_addf(out, "  %s\n", finding->hint);
    for (size_t i = 0; i < finding->fix_count; i++)
        sw_buffer_addf(out, "  fix: %s %s %s\n", sw_edit_op_name(finding->fix[i].op), finding->fix[i].path,
                       finding->fix[i].value);
}

static void run_case(const struct test_case *test)
{
    const struct test_section *document = test_case_section(test, "document");
    const struct test_section *expected = test_case_section(test, "findings");
    assert_non_null(document);
    const struct sw_node *root;
    struct sw_error error;
    if (sw_yaml_read(&root, test->arena, document->text, "case.yaml", &error) != 0)
        fail_msg("%s:%u: %s", test->file, test->line, error.text);
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    sw_schema_check(&example_schema, root, &findings);
    SW_BUFFER_AUTO found;
    sw_buffer_init(&found, SW_MAX_YAML_SIZE);
    for (size_t i = 0; i < findings.count; i++) {
        assert_string_equal(findings.items[i]->file, "case.yaml");
        add_finding(&found, findings.items[i]);
    }
    test_case_expect(test, "the list of findings", expected == NULL ? "" : expected->text.p, found.p);
}

static void findings_are_as_the_cases_say(void **state)
{
    (void)state;
    assert_in_range(test_cases_run("schema", run_case), 40, 1000);
}

/* The fix of an unquoted value leads to that value, however odd the keys on the way are. */
static void fixes_reach_odd_keys(void **state)
{
    (void)state;
    static const struct sw_schema texts = {.kind = SW_SCHEMA_MAP, .items = &example_text};
    static const struct {
        const char *yaml;
        size_t fixes;
    } cases[] = {
        {"a.b: 1", 1},      {"'': 1", 1},        {"a[0]: 1", 1},
        {"\"it's\": 1", 1}, {"\"it's.\": 1", 1}, {"\"'\\\".\": 1", 0}, /* cannot be written as a path */
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        const struct sw_node *root;
        assert_int_equal(sw_yaml_read(&root, &arena, sw_str_from(cases[i].yaml), NULL, NULL), 0);
        sw_schema_check(&texts, root, &findings);
        assert_int_equal(findings.count, 1);
        assert_int_equal(findings.items[0]->fix_count, cases[i].fixes);
        if (cases[i].fixes > 0)
            assert_ptr_equal(sw_node_at(root, findings.items[0]->fix[0].path),
                             sw_node_member_at(root, 0)->value);
    }
}

static void no_document_is_an_empty_one(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    sw_schema_check(&example_schema, NULL, &findings);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0]->message, "the document must be a map, but is empty");
    assert_null(findings.items[0]->file);
}

static void json_schema_describes_a_field(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *schema = sw_schema_json(&b, &example_schema, "example");
    assert_non_null(schema);
    assert_string_equal(sw_node_text(sw_node_at(schema, "title"), ""), "example");
    static const char expected[] = "type: object\n"
                                   "properties:\n"
                                   "  version: {description: The release., type: string, pattern: "
                                   "'^[0-9]+(\\.[0-9]+)*$', examples: ['2.8.0']}\n"
                                   "  cuda:\n"
                                   "    {description: The CUDA of its wheels., type: string, pattern: "
                                   "'^[0-9]+(\\.[0-9]+)*$', examples: ['12.8']}\n"
                                   "required: [version]\n"
                                   "additionalProperties: false\n";
    const struct sw_node *torch;
    assert_int_equal(sw_yaml_read(&torch, &arena, sw_str_from(expected), NULL, NULL), 0);
    assert_true(sw_node_equal(sw_node_at(schema, "properties.torch.anyOf[1]"), torch));
}

static void a_bad_example_gives_no_schema(void **state)
{
    (void)state;
    static const struct sw_field fields[] = {{"a", "A.", &example_text, false, "[1"}, {0}};
    static const struct sw_schema schema = {.kind = SW_SCHEMA_OBJECT, .fields = fields};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    assert_null(sw_schema_json(&b, &schema, "example"));
}

/* An example that the schema itself refuses would teach a fault. */
static void examples_are_valid(void **state)
{
    (void)state;
    for (const struct sw_field *field = example_fields; field->key != NULL; field++) {
        if (field->example == NULL)
            continue;
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        const struct sw_node *value;
        assert_int_equal(sw_yaml_read(&value, &arena, sw_str_from(field->example), NULL, NULL), 0);
        sw_schema_check(field->schema, value, &findings);
        assert_int_equal(findings.count, 0);
    }
}

int suite_schema(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_as_the_cases_say), cmocka_unit_test(fixes_reach_odd_keys),
        cmocka_unit_test(no_document_is_an_empty_one),   cmocka_unit_test(json_schema_describes_a_field),
        cmocka_unit_test(a_bad_example_gives_no_schema), cmocka_unit_test(examples_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
