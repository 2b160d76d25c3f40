#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "template/template.h"

/* Gives a case's `template` as "main" and its `partials` by their names. */
static int load(void *self, struct sw_str *text, const char **label, const char *name, struct sw_error *error)
{
    const struct sw_node *one = *(const struct sw_node *const *)self;
    const struct sw_node *found = strcmp(name, "main") == 0 ? sw_node_get(one, "template")
                                                            : sw_node_get(sw_node_get(one, "partials"), name);
    if (found == NULL)
        return sw_fail(error, SW_ENOTFOUND, "no file '%s'", name);
    *text = sw_node_str(found);
    *label = found == sw_node_get(one, "template") ? "main" : name;
    return 0;
}

static void check_case(const struct sw_node *one)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_builder b = {.arena = &arena};
    const char *name = sw_node_text(sw_node_get(one, "name"), "?");
    const char *expected = sw_node_text(sw_node_get(one, "expected"), NULL);
    const struct sw_node *data = sw_node_get(one, "data");
    const struct sw_template_source source = {load, &one};
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO said;
    sw_buffer_init(&out, SW_MIB);
    sw_buffer_init(&said, SW_MIB);
    int code = sw_template_render(&out, &source, "main", data == NULL ? sw_build_null(&b) : data, &error);
    if (code != 0)
        sw_buffer_addf(&said, "%s:%u:%u: %s", error.file, error.line, error.column, error.text);
    if ((code == 0) != (expected != NULL))
        fail_msg("%s: %s", name, code == 0 ? out.p : said.p);
    const char *wanted = code == 0 ? expected : sw_node_text(sw_node_get(one, "error"), "");
    if (strcmp(code == 0 ? out.p : said.p, wanted) != 0)
        fail_msg("%s:\n%s\nwanted:\n%s", name, code == 0 ? out.p : said.p, wanted);
    if (strstr(error.hint, sw_node_text(sw_node_get(one, "hint"), "")) == NULL)
        fail_msg("%s: hint '%s'", name, error.hint);
    if (code != 0)
        assert_int_equal(out.n, 0);
}

static void cases_hold(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    const struct sw_node *cases = NULL;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *path = sw_path_join(&arena, getenv("SLIPWAY_SOURCE"), "tests/unit/template_cases.yaml");
    if (sw_yaml_read_file(&cases, &arena, path, &error) != 0)
        fail_msg("%s:%u:%u: %s", error.file, error.line, error.column, error.text);
    assert_true(sw_node_count(cases) > 100);
    for (size_t i = 0; i < sw_node_count(cases); i++) {
        check_case(sw_node_item(cases, i));
    }
}

/* One template for all names. */
static int load_text(void *self, struct sw_str *text, const char **label, const char *name,
                     struct sw_error *error)
{
    (void)name;
    (void)error;
    *text = sw_str_from(self);
    *label = "main";
    return 0;
}

static int render_text(struct sw_buffer *out, char *template, const char *yaml, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    const struct sw_node *data = NULL;
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_int_equal(sw_yaml_read(&data, &arena, sw_str_from(yaml), NULL, error), 0);
    const struct sw_template_source source = {load_text, template};
    return sw_template_render(out, &source, "main", data, error);
}

static void floods_end_at_a_limit(void **state)
{
    (void)state;
    struct sw_error error;
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO list;
    sw_buffer_init(&out, 2 * SW_MAX_RENDERED_SIZE);
    sw_buffer_init(&list, SW_MIB);
    sw_buffer_add_text(&list, "{n: [");
    for (int i = 0; i < 1000; i++)
        sw_buffer_add_text(&list, "0123456789,");
    sw_buffer_add_text(&list, "]}");
    char silent[] = "{{#n}}{{#n}}{{#n}}{{#n}}{{/n}}{{/n}}{{/n}}{{/n}}";
    assert_int_equal(render_text(&out, silent, list.p, &error), SW_EINPUT);
    assert_string_equal(error.text, "more than 1000000 steps");
    char loud[] = "{{#n}}{{#n}}{{.}}{{/n}}{{/n}}";
    assert_int_equal(render_text(&out, loud, list.p, &error), SW_EINPUT);
    assert_string_equal(error.text, "what the template makes is larger than 4194304 bytes");
    char self[] = "{{#n}}{{>main}}{{>main}}{{/n}}";
    assert_int_equal(render_text(&out, self, list.p, &error), SW_EINPUT);
    assert_string_equal(error.text, "sections and partials are nested deeper than 32");
    assert_int_equal(out.n, 0);
}

static void a_missing_template_is_not_found(void **state)
{
    (void)state;
    const struct sw_node *nothing = NULL;
    const struct sw_template_source source = {load, &nothing};
    struct sw_error error;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 100);
    assert_int_equal(sw_template_render(&out, &source, "Dockerfile", nothing, &error), SW_ENOTFOUND);
    assert_string_equal(error.text, "no file 'Dockerfile'");
}

static void output_is_appended(void **state)
{
    (void)state;
    struct sw_error error;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 8);
    sw_buffer_add_text(&out, "ab");
    char template[] = "{{a}}";
    assert_int_equal(render_text(&out, template, "{a: cd}", &error), 0);
    assert_string_equal(out.p, "abcd");
    assert_int_equal(render_text(&out, template, "{a: efghi}", &error), SW_EINPUT);
}

int suite_template(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold),
        cmocka_unit_test(floods_end_at_a_limit),
        cmocka_unit_test(a_missing_template_is_not_found),
        cmocka_unit_test(output_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
