#include "base/limits.h"
#include "catalog/base_stack.h"

#include "unit.h"

/* The stacks that references tell: "PYTHON TORCH CUDA REQUIREMENT", with "-" for what is not told, and "?" if its torch is not
 * judged. */
static void test_references(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *stack;
    } cases[] = {
        {"pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime", "3.11 2.4.0 12.4 -"},
        {"docker.io/pytorch/pytorch:2.1.2-cuda11.8-cudnn8-devel", "3.10 2.1.2 11.8 -"},
        {"pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime@sha256:00", "3.11 2.4.0 12.4 -"},
        {"pytorch/pytorch", "- - - - ?"},
        {"pytorch/pytorch:latest", "- - - - ?"},
        {"runpod/pytorch:2.4.0-py3.11-cuda12.4.1-devel-ubuntu22.04", "3.11 2.4.0 12.4 -"},
        {"runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", "- 2.8.0 12.8 -"},
        {"vllm/vllm-openai:v0.9.1", "3.12 2.7.0 12.8 vllm==0.9.1"},
        {"vllm/vllm-openai:v99.0", "- - - vllm==99.0 ?"},
        {"nvcr.io/nvidia/pytorch:24.05-py3", "- - - - ?"},
        {"localhost:5000/pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime", "- - - -"},
        {"python:3.11-slim", "- - - -"},
        {"mirror.gcr.io/pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime", "3.11 2.4.0 12.4 -"},
        {"", "- - - -"},
    };
    SW_CATALOG_AUTO catalog = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_base_stack stack;
        assert_true(sw_catalog_base_stack(&stack, &arena, &catalog, cases[i].reference));
        const char *got = sw_arena_format(
            &arena, "%s %s %s %s%s", stack.python == NULL ? "-" : stack.python,
            stack.torch == NULL ? "-" : stack.torch, stack.cuda == NULL ? "-" : stack.cuda,
            stack.requirement == NULL ? "-" : stack.requirement, stack.unknown == NULL ? "" : " ?");
        if (strcmp(got, cases[i].stack) != 0)
            fail_msg("%s: %s", cases[i].reference, got);
    }
}

/* Every torch that a row of the catalog names is one that the catalog knows, so that the stack can be judged. */
static void test_releases_are_known(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    const struct sw_node *rows = sw_node_get(catalog.images, "stacks");
    assert_true(sw_node_count(rows) > 0);
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *releases = sw_node_get(sw_node_item(rows, i), "releases");
        for (size_t j = 0; j < sw_node_member_count(releases); j++) {
            const struct sw_node *facts = sw_node_member_at(releases, j)->value;
            const char *torch = sw_node_text(sw_node_get(facts, "torch"), "");
            const struct sw_node *release = sw_catalog_row(catalog.torch, "version", torch);
            if (release == NULL)
                fail_msg("torch %s is unknown", torch);
            assert_true(
                sw_catalog_lists(sw_node_get(release, "cuda"), sw_node_text(sw_node_get(facts, "cuda"), "")));
        }
    }
}

int suite_base_stack(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_releases_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
