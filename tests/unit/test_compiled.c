#include "project_rig.h"

#include "data/node.h"
#include "data/path.h"
#include "data/yaml.h"
#include "project/compiled.h"

/* The lines of templates/compile.py in the log of a build, and what `plan` tells of them afterwards. */

static const char plan_text[] =
    "python: '3.11'\ntorch: {local: 2.12.0+cu130, cuda: '13.0'}\nbase: {key: bookworm}\n"
    "compile:\n  architectures: '9.0'\n  nvcc: {}\n  projects:\n    - {project: torch-scatter, requirement: "
    "torch-scatter}\n"
    "    - {project: flash-attn, requirement: flash-attn==2.8.3}\n";

static void read_plan(struct sw_plan *plan, struct project_rig *rig, const char *text)
{
    struct sw_error error = {0};
    const struct sw_node *root = NULL;
    project_set(rig, "XDG_CACHE_HOME=/dev/null/cache");
    assert_int_equal(sw_yaml_read(&root, &rig->arena, sw_str_from(text), "plan", &error), 0);
    *plan = (struct sw_plan){0};
    sw_plan_set_root(plan, root);
}

/* Build with a log of these chunks, the last of which is NULL. */
static void build(struct project_rig *rig, const struct sw_plan *plan, const char *const *chunks)
{
    struct sw_compiled compiled;
    sw_compiled_init(&compiled, &rig->project, plan);
    const struct sw_sink sink = sw_compiled_sink(&compiled);
    for (size_t i = 0; chunks[i] != NULL; i++)
        sw_emit(&sink, (struct sw_event){.kind = SW_EVENT_LOG, .text = sw_str_from(chunks[i])});
    sw_compiled_release(&compiled);
}

/* "WAY WHEEL SECONDS" of the project with this number; "" if nothing is known. */
static const char *last(struct project_rig *rig, const struct sw_plan *plan, size_t number)
{
    struct sw_builder b = {.arena = &rig->arena};
    const struct sw_node *row =
        sw_compiled_last(&b, &rig->project, plan, sw_node_item(plan->parts.compile.projects, number));
    return row == NULL ? ""
                       : sw_arena_format(&rig->arena, "%s %s %lld", sw_node_text(sw_node_get(row, "way"), ""),
                                         sw_node_text(sw_node_get(row, "wheel"), ""),
                                         (long long)sw_node_integer(sw_node_get(row, "seconds"), -1));
}

static void use_cache(struct project_rig *rig)
{
    project_set(rig, sw_arena_format(&rig->arena, "XDG_CACHE_HOME=%s/cache", rig->folder));
    rig->project.cache_problem = NULL; /* of the cache before */
}

static void the_last_build_is_told(void **state)
{
    struct project_rig *rig = *state;
    struct sw_plan plan;
    read_plan(&plan, rig, plan_text);
    use_cache(rig);
    assert_string_equal(last(rig, &plan, 0), "");
    build(rig, &plan,
          (const char *const[]){
              "noise\nslipway: torch-sca",
              "tter: compiling for 9.0 with 2 jobs\nslipway: torch-scatter: a-1.whl compi",
              "led in 612 s\nslipway: flash-attn: b-2.whl of the index fits; nothing is compiled\n", NULL});
    assert_string_equal(last(rig, &plan, 0), "compiled a-1.whl 612");
    assert_string_equal(last(rig, &plan, 1), "index b-2.whl -1");
    build(rig, &plan,
          (const char *const[]){
              "slipway: torch-scatter: a-1.whl taken from the cache; it was compiled in 612 s\r\n", NULL});
    assert_string_equal(last(rig, &plan, 0), "cache a-1.whl 612");
    build(rig, &plan,
          (const char *const[]){"slipway: flash-attn: c-3.whl of the release page fits; nothing is compiled: "
                                "https://example.org/c-3.whl\n",
                                NULL});
    assert_string_equal(last(rig, &plan, 1), "page c-3.whl -1");
    build(
        rig, &plan,
        (const char *const[]){
            "slipway: flash-attn: d-4.whl taken from the cache; it was taken from the release page\n", NULL});
    assert_string_equal(last(rig, &plan, 1), "page d-4.whl -1");
}

/* Another plan has its own time; the log of any other program, and lines out of form, say nothing. */
static void nothing_else_is_believed(void **state)
{
    static const char *const lines[] = {"torch-scatter: a.whl compiled in 1 s\n",
                                        "slipway: other: a.whl compiled in 1 s\n",
                                        "slipway: torch-scatter: a.whl compiled in -1 s\n",
                                        "slipway: torch-scatter: a.whl compiled in 99999999999 s\n",
                                        "slipway: torch-scatter: a b.whl compiled in 1 s\n",
                                        "slipway: torch-scatter: ../a.whl compiled in 1 s\n",
                                        "slipway: torch-scatter: \x1b[2Ja.whl compiled in 1 s\n",
                                        "slipway: torch-scatter:  compiled in 1 s\n",
                                        "slipway: torch-scatter: \n",
                                        "slipway: torch-scatter: a.whl compiled in 1 s", /* no whole line */
                                        NULL};
    struct project_rig *rig = *state;
    struct sw_plan plan, other;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1 << 16);
    read_plan(&plan, rig, plan_text);
    sw_buffer_add_text(&text, plan_text);
    char *at = strstr(text.p, "'9.0'");
    assert_non_null(at);
    memcpy(at, "'8.9'", 5);
    read_plan(&other, rig, text.p);
    use_cache(rig);
    build(rig, &plan, lines);
    assert_string_equal(last(rig, &plan, 0), "");
    build(rig, &plan, (const char *const[]){"slipway: torch-scatter: a.whl compiled in 1 s\n", NULL});
    assert_string_equal(last(rig, &plan, 0), "compiled a.whl 1");
    assert_string_equal(last(rig, &other, 0), "");
}

/* A file of the cache that somebody changed is no answer; a cache that cannot be written is nobody's loss. */
static void the_file_is_held_to_its_form(void **state)
{
    struct project_rig *rig = *state;
    struct sw_plan plan;
    read_plan(&plan, rig, plan_text);
    build(rig, &plan, (const char *const[]){"slipway: torch-scatter: a.whl compiled in 1 s\n", NULL});
    assert_string_equal(last(rig, &plan, 0), "");
    use_cache(rig);
    build(rig, &plan, (const char *const[]){"slipway: torch-scatter: a.whl compiled in 1 s\n", NULL});
    static const char *const texts[] = {"", "[]", "{\"way\":7}", "{\"way\":\"elsewhere\"}", "{\"way\":"};
    for (size_t i = 0; i < SW_COUNT(texts); i++) {
        project_write(rig, "text", texts[i]);
        project_sh(rig, "for file in cache/slipway/compiled/*; do cp text $file; done");
        assert_string_equal(last(rig, &plan, 0), "");
    }
}

int suite_compiled(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_build_is_told, project_rig_make, project_rig_remove),
        cmocka_unit_test_setup_teardown(nothing_else_is_believed, project_rig_make, project_rig_remove),
        cmocka_unit_test_setup_teardown(the_file_is_held_to_its_form, project_rig_make, project_rig_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
