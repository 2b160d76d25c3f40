#include "unit.h"

#include "base/limits.h"
#include "data/node.h"
#include "data/path.h"

#include <math.h>

/* {name: mixtral, torch: {cuda: "12.8", fast: true}, requirements: [...], assertions: [{that: .., is: ..}]}
 */
static struct sw_node *profile(struct sw_builder *b)
{
    struct sw_node *root = sw_build_map(b);
    struct sw_node *torch = sw_build_map(b);
    struct sw_node *requirements = sw_build_list(b);
    struct sw_node *assertions = sw_build_list(b);
    struct sw_node *assertion = sw_build_map(b);
    sw_build_set(b, root, "name", sw_build_text(b, "mixtral"));
    sw_build_set(b, torch, "cuda", sw_build_format(b, "%d.%d", 12, 8));
    sw_build_set(b, torch, "fast", sw_build_bool(b, true));
    sw_build_set(b, root, "torch", torch);
    sw_build_append(b, requirements, sw_build_text(b, "transformers[torch]>=4"));
    sw_build_append(b, requirements, sw_build_text(b, "Bits_And.Bytes>=0.45"));
    sw_build_append(b, requirements, sw_build_int(b, 7));
    sw_build_append(b, requirements, sw_build_null(b));
    sw_build_append(b, requirements, sw_build_text(b, "torch"));
    sw_build_set(b, root, "requirements", requirements);
    sw_build_append(b, assertions, sw_build_text(b, "no map"));
    sw_build_set(b, assertion, "that", sw_build_text(b, "torch.version.cuda"));
    sw_build_set(b, assertion, "is", sw_build_text(b, ">=12.4"));
    sw_build_append(b, assertions, assertion);
    sw_build_set(b, root, "assertions", assertions);
    return root;
}

static const struct {
    const char *path, *text; /* NULL: nothing there */
} lookups[] = {
    {"name", "mixtral"},
    {"torch.cuda", "12.8"},
    {"torch.fast", "true"},
    {"torch.rocm", NULL},
    {"name.cuda", NULL},
    {"torch[0]", NULL},
    {"requirements[0]", "transformers[torch]>=4"},
    {"requirements[2]", "7"},
    {"requirements[5]", NULL},
    {"requirements.torch", NULL},
    {"requirements[bits-and-bytes]", "Bits_And.Bytes>=0.45"},
    {"requirements[torch]", "torch"},
    {"requirements[7]", NULL},
    {"assertions[that=torch.version.cuda].is", ">=12.4"},
    {"assertions[that=torch].is", NULL},
    {"assertions[is=>=12.4].that", "torch.version.cuda"},
    {"assertions[", NULL},
};

static void nodes_are_found_by_path(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *root = profile(&b);
    assert_false(b.failed);
    for (size_t i = 0; i < SW_COUNT(lookups); i++) {
        const char *text = sw_node_text(sw_node_at(root, lookups[i].path), NULL);
        if ((text == NULL) != (lookups[i].text == NULL))
            fail_msg("'%s' gives %s", lookups[i].path, text == NULL ? "nothing" : text);
        if (text != NULL)
            assert_string_equal(text, lookups[i].text);
    }
    assert_ptr_equal(sw_node_at(root, ""), root);
    assert_null(sw_node_at(NULL, "name"));
}

static void getters_give_what_is_asked_or_the_other(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *root = profile(&b);
    assert_null(sw_node_get(NULL, "name"));
    assert_null(sw_node_get(sw_node_get(root, "name"), "name"));
    assert_true(sw_str_is(sw_node_member(root, "torch")->key, "torch"));
    assert_string_equal(sw_node_text(root, "no"), "no");
    assert_string_equal(sw_node_text(sw_build_null(&b), "no"), "no");
    assert_int_equal(sw_node_integer(sw_node_at(root, "requirements[2]"), 1), 7);
    assert_int_equal(sw_node_integer(sw_node_at(root, "name"), 1), 1);
    assert_true(sw_node_boolean(sw_node_at(root, "torch.fast"), false));
    assert_true(sw_node_boolean(NULL, true));
    assert_int_equal(sw_node_type(sw_build_text(&b, NULL)), SW_NODE_NULL);
}

/* Asked for what a node is not, every accessor answers as if the node was missing. */
static void a_node_of_another_type_is_an_empty_one(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *list = sw_build_list(&b), *map = sw_build_map(&b);
    sw_build_append(&b, list, sw_build_int(&b, 1));
    sw_build_set(&b, map, "key", sw_build_int(&b, 1));
    const struct sw_node *const nodes[] = {NULL,
                                           list,
                                           map,
                                           sw_build_null(&b),
                                           sw_build_bool(&b, true),
                                           sw_build_int(&b, 7),
                                           sw_build_real(&b, 1.5),
                                           sw_build_text(&b, "text")};
    static const enum sw_node_type types[] = {SW_NODE_NULL, SW_NODE_LIST, SW_NODE_MAP,  SW_NODE_NULL,
                                              SW_NODE_BOOL, SW_NODE_INT,  SW_NODE_REAL, SW_NODE_TEXT};
    for (size_t i = 0; i < SW_COUNT(nodes); i++) {
        const struct sw_node *node = nodes[i];
        assert_int_equal(sw_node_count(node), node == list);
        assert_int_equal(sw_node_item(node, 0) != NULL, node == list);
        assert_null(sw_node_item(node, 1));
        assert_int_equal(sw_node_member_count(node), node == map);
        assert_int_equal(sw_node_member_at(node, 0) != NULL, node == map);
        assert_null(sw_node_member_at(node, 1));
        assert_int_equal(sw_node_get(node, "key") != NULL, node == map);
        assert_int_equal(sw_node_str(node).n > 0, i >= 3);
        assert_non_null(sw_node_str(node).p);
        assert_int_equal(sw_node_type(node), types[i]);
    }
    assert_int_equal(sw_node_integer_within(nodes[5], 0, 7, -1), 7);
    assert_int_equal(sw_node_integer_within(nodes[5], 8, 9, -1), -1);
    assert_int_equal(sw_node_integer_within(nodes[5], 0, 6, -1), -1);
    assert_int_equal(sw_node_integer_within(nodes[7], 0, 9, -1), -1);
}

static const struct {
    double value;
    const char *text;
} reals[] = {
    {0.1, "0.1"},
    {3.0, "3.0"},
    {-0.0, "-0.0"},
    {1e300, "1e+300"},
    {1.0 / 3, "0.3333333333333333"},
    {1e-7, "1e-07"},
    {(double)INFINITY, ".inf"},
    {-(double)INFINITY, "-.inf"},
    {(double)NAN, ".nan"},
    {5e-324, "5e-324"},
    {-1.7976931348623157e308, "-1.7976931348623157e+308"},
};

static void reals_are_spelled_short_and_exact(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    for (size_t i = 0; i < SW_COUNT(reals); i++)
        assert_string_equal(sw_node_text(sw_build_real(&b, reals[i].value), ""), reals[i].text);
    assert_string_equal(sw_node_text(sw_build_int(&b, INT64_MIN), ""), "-9223372036854775808");
}

static void a_builder_that_failed_stays_failed(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 400);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *list = sw_build_list(&b);
    for (int i = 0; i < 100; i++)
        sw_build_append(&b, list, sw_build_text(&b, "x"));
    sw_build_set(&b, NULL, "key", list);
    assert_true(b.failed);
    assert_null(sw_build_int(&b, 1));
}

static void equality_ignores_order_and_spelling(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *one = profile(&b), *two = profile(&b);
    assert_true(sw_node_equal(one, two));
    sw_build_set(&b, two, "name", sw_build_text(&b, "other"));
    assert_false(sw_node_equal(one, two));
    struct sw_node *forward = sw_build_map(&b), *backward = sw_build_map(&b);
    for (int i = 0; i < 10; i++) {
        char key[] = {(char)('a' + i), '\0'}, other[] = {(char)('j' - i), '\0'};
        sw_build_set(&b, forward, key, sw_build_int(&b, i));
        sw_build_set(&b, backward, other, sw_build_int(&b, 9 - i));
    }
    assert_true(sw_node_equal(forward, backward));
    sw_build_set(&b, backward, "c", sw_build_real(&b, 2.0));
    assert_false(sw_node_equal(forward, backward)); /* an integer is no real */
    assert_true(sw_node_equal(sw_build_real(&b, (double)NAN), sw_build_real(&b, (double)NAN)));
    assert_false(sw_node_equal(NULL, one));
    assert_true(sw_node_equal(NULL, NULL));
}

static void test_copy(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_ARENA_AUTO other;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_arena_init(&other, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena}, to = {.arena = &other};
    struct sw_node *original = profile(&b);
    const struct sw_node *copy = sw_build_copy(&to, original);
    assert_true(sw_node_equal(copy, original));
    sw_arena_release(&arena);
    assert_string_equal(sw_node_text(sw_node_at(copy, "assertions[1].is"), ""), ">=12.4");
}

int suite_node(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(nodes_are_found_by_path),
        cmocka_unit_test(getters_give_what_is_asked_or_the_other),
        cmocka_unit_test(a_node_of_another_type_is_an_empty_one),
        cmocka_unit_test(reals_are_spelled_short_and_exact),
        cmocka_unit_test(a_builder_that_failed_stays_failed),
        cmocka_unit_test(equality_ignores_order_and_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
