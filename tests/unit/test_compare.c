#include "unit.h"

#include "base/limits.h"
#include "data/json.h"
#include "history/compare.h"

struct rig {
    struct sw_arena arena;
};

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    sw_arena_init(&rig->arena, SW_MAX_ARENA);
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

static const struct sw_node *json(struct rig *rig, const char *text)
{
    const struct sw_node *node = NULL;
    struct sw_error error = {0};
    if (text != NULL && sw_json_read(&node, &rig->arena, sw_str_from(text), "test", &error) != 0)
        fail_msg("%s: %s", text, error.text);
    return node;
}

/* One part of the comparison as compact JSON. */
static const char *compare(struct rig *rig, const struct sw_side *a, const struct sw_side *b,
                           const char *part)
{
    const struct sw_node *result = NULL;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    assert_int_equal(sw_compare(&result, &rig->arena, a, b, NULL), 0);
    sw_json_write(&text, sw_node_get(result, part), SW_JSON_COMPACT);
    return sw_arena_copy(&rig->arena, sw_buffer_str(&text));
}

static void test_plans(void **state)
{
    static const struct {
        const char *a, *b, *differences;
    } cases[] = {
        {"{\"x\": 1, \"y\": null}", "{\"x\": 1}", "[]"},
        {"{\"torch\": {\"version\": \"2.7.0\", \"cuda\": \"12.8\"}}",
         "{\"torch\": {\"version\": \"2.8.0\", \"cuda\": \"12.8\"}}",
         "[{\"path\":\"torch.version\",\"a\":\"2.7.0\",\"b\":\"2.8.0\"}]"},
        {"{\"torch\": null}", "{\"torch\": {\"version\": \"2.8.0\"}}",
         "[{\"path\":\"torch\",\"a\":null,\"b\":{\"version\":\"2.8.0\"}}]"},
        {"{\"requirements\": [\"numpy==1.26\", \"idna\", \"a[b]>=1 ; x\"]}",
         "{\"requirements\": [\"idna\", \"numpy==2.0\", \"scipy\", \"a[b]>=1 ; x\"]}",
         "[{\"path\":\"requirements.numpy\",\"a\":\"numpy==1.26\",\"b\":\"numpy==2.0\"},"
         "{\"path\":\"requirements\",\"a\":null,\"b\":\"scipy\"}]"},
        {"{\"environment\": [{\"name\": \"A\", \"value\": \"1\"}, {\"name\": \"B\", \"value\": \"2\"}]}",
         "{\"environment\": [{\"name\": \"B\", \"value\": \"3\"}, {\"name\": \"C\", \"value\": \"\"}]}",
         "[{\"path\":\"environment.A\",\"a\":\"1\",\"b\":null},{\"path\":\"environment.B\",\"a\":\"2\",\"b\":"
         "\"3\"},"
         "{\"path\":\"environment.C\",\"a\":null,\"b\":\"\"}]"},
        {"{\"steps\": [{\"command\": \"make x\"}]}", "{\"steps\": [{\"command\": \"make y\"}]}",
         "[{\"path\":\"steps\",\"a\":{\"command\":\"make x\"},\"b\":null},"
         "{\"path\":\"steps\",\"a\":null,\"b\":{\"command\":\"make y\"}}]"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const struct sw_side a = {.name = "a", .plan = json(rig, cases[i].a)},
                             b = {.name = "b", .plan = json(rig, cases[i].b)};
        assert_string_equal(compare(rig, &a, &b, "plan"), cases[i].differences);
        assert_string_equal(compare(rig, &a, &a, "plan"), "[]");
    }
}

static void test_installed(void **state)
{
    struct rig *rig = *state;
    const struct sw_side a = {.installed = SW_STR("a==1\nb==1\nd==2.0+cu128\n")}, none = {0},
                         empty = {.installed = SW_STR("")};
    const struct sw_side b = {.installed = SW_STR("b==2\nc==1\nd==2.0+cu128\n")};
    assert_string_equal(compare(rig, &a, &b, "installed"),
                        "[{\"name\":\"a\",\"a\":\"1\",\"b\":null},{\"name\":\"b\",\"a\":\"1\",\"b\":\"2\"},"
                        "{\"name\":\"c\",\"a\":null,\"b\":\"1\"}]");
    assert_string_equal(compare(rig, &a, &a, "installed"), "[]");
    assert_string_equal(compare(rig, &a, &none, "installed"), "null");
    assert_string_equal(compare(rig, &empty, &b, "installed"),
                        "[{\"name\":\"b\",\"a\":null,\"b\":\"2\"},{\"name\":\"c\",\"a\":null,\"b\":\"1\"},"
                        "{\"name\":\"d\",\"a\":null,\"b\":\"2.0+cu128\"}]");
}

static void test_images(void **state)
{
    struct rig *rig = *state;
    const struct sw_record_facts first = {.seconds = 1.5, .image = {.id = "x", .size = 10}},
                                 second = {.seconds = 2.5, .image = {.id = "y", .size = 10}},
                                 third = {.seconds = 1.5, .result = SW_RECORD_FAILED, .image.size = -1};
    const struct sw_side a = {.facts = &first}, b = {.facts = &second}, failed = {.facts = &third};
    assert_string_equal(
        compare(rig, &a, &b, "image"),
        "[{\"what\":\"id\",\"a\":\"x\",\"b\":\"y\"},{\"what\":\"seconds\",\"a\":1.5,\"b\":2.5}]");
    assert_string_equal(compare(rig, &a, &failed, "image"),
                        "[{\"what\":\"result\",\"a\":\"verified\",\"b\":\"failed\"}]");
    assert_string_equal(compare(rig, &a, &failed, "layers"), "null");
}

/* Which step made the first other layer, and why, each reason with those after it ruled out. */
static void test_bytes_that_differ(void **state)
{
    struct rig *rig = *state;
    static const char *layers[][4] = {{"base", "venv", "install", "copy"},
                                      {"base", "venv", "INSTALL", "COPY"},
                                      {"BASE", "venv", "install", "copy"}};
    const struct sw_record_facts one = {.image.layers = {layers[0], 4}},
                                 other = {.image.layers = {layers[1], 4}},
                                 rebased = {.image.layers = {layers[2], 4}};
    struct sw_side a = {.facts = &one,
                        .plan = json(rig, "{\"x\": 1}"),
                        .installed = SW_STR("a==1\n"),
                        .dockerfile =
                            SW_STR("FROM base\nRUN venv \\\n    RUN no\nENV x\nRUN install\nCOPY files\n"),
                        .rendered = json(rig, "{\"Dockerfile\": \"1\"}"),
                        .context = "1"};
    struct sw_side b = a;
    assert_string_equal(compare(rig, &a, &b, "layers"), "null");
    const struct sw_side without = {.name = "without",
                                    .facts = &(const struct sw_record_facts){.image = {.size = -1}}};
    assert_string_equal(compare(rig, &a, &without, "layers"), "null");
    assert_string_equal(compare(rig, &without, &a, "layers"), "null");
    b.facts = &other;
    assert_string_equal(compare(rig, &a, &b, "layers"),
                        "{\"same\":2,\"step\":\"RUN install\",\"why\":\"nothing that was asked for differs: "
                        "a step writes other "
                        "bytes each time, such as the time of a file\"}");
    b.context = "2";
    assert_non_null(strstr(compare(rig, &a, &b, "layers"), "the files that it copies differ"));
    b.installed = SW_STR("a==2\n");
    assert_non_null(strstr(compare(rig, &a, &b, "layers"), "other releases were to be had"));
    b.facts = &rebased;
    assert_string_equal(compare(rig, &a, &b, "layers"),
                        "{\"same\":0,\"step\":null,\"why\":\"the base image is another\"}");
    b.dockerfile = SW_STR("RUN 1\nRUN 2\nRUN 3\nRUN 4\nRUN 5\n"); /* more steps than layers: none is named */
    assert_string_equal(compare(rig, &a, &b, "layers"),
                        "{\"same\":0,\"step\":null,\"why\":\"other releases were to be had\"}");
    b.rendered = json(rig, "{\"Dockerfile\": \"2\", \"new\": \"3\"}");
    assert_string_equal(compare(rig, &a, &b, "files"), "[\"Dockerfile\",\"new\"]");
    assert_non_null(strstr(compare(rig, &a, &b, "layers"), "other templates"));
    b.plan = json(rig, "{\"x\": 2}");
    assert_non_null(strstr(compare(rig, &a, &b, "layers"), "the plans differ"));
}

int suite_compare(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plans, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_installed, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_images, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_bytes_that_differ, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
