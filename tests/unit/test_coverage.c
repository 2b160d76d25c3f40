/* The record of what a check judged. */
#include "unit.h"

#include "base/limits.h"
#include "check/coverage.h"

static void expect(const struct sw_coverage *coverage, const char *text)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    sw_coverage_write(&out, coverage);
    assert_string_equal(sw_buffer_str(&out).p, text);
}

static void lines_name_what_was_judged(void **state)
{
    (void)state;
    SW_COVERAGE_AUTO coverage;
    sw_coverage_init(&coverage);
    expect(&coverage, "");
    assert_false(sw_coverage_judged(&coverage));
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "acme", SW_NOT_JUDGED, "SW403");
    assert_false(sw_coverage_judged(&coverage));
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "other", SW_NOT_JUDGED, "no row");
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "third", SW_NOT_JUDGED, "SW403");
    sw_coverage_add(&coverage, SW_ASPECT_PLATFORM, "x86_64", SW_PROVEN, NULL);
    assert_false(sw_coverage_judged(&coverage));
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_PROVEN, NULL);
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torchvision", SW_PROVEN, NULL);
    sw_coverage_add(&coverage, SW_ASPECT_DRIVER, ">=570", SW_WRONG, NULL);
    assert_true(sw_coverage_judged(&coverage));
    expect(&coverage,
           "GPU libraries: 2 proven (torch, torchvision), 3 not judged (acme, third: SW403; other: no row)\n"
           "driver: 1 wrong (>=570)\nplatform: 1 proven (x86_64)\n");
}

static void the_worse_of_two_judgements_counts(void **state)
{
    (void)state;
    SW_COVERAGE_AUTO coverage;
    sw_coverage_init(&coverage);
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_PROVEN, NULL);
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_NOT_JUDGED, "why");
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_PROVEN, NULL);
    expect(&coverage, "GPU libraries: 1 not judged (torch: why)\n");
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_WRONG, NULL);
    sw_coverage_add(&coverage, SW_ASPECT_GPU, "torch", SW_NOT_JUDGED, "why");
    expect(&coverage, "GPU libraries: 1 wrong (torch)\n");
}

static void long_lists_are_counted_and_whole_for_programs(void **state)
{
    (void)state;
    SW_COVERAGE_AUTO coverage;
    sw_coverage_init(&coverage);
    for (int i = 0; i < 11; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "p%d", i);
        sw_coverage_add(&coverage, SW_ASPECT_RELEASES, name, SW_PROVEN, NULL);
    }
    expect(&coverage, "releases: 11 proven (p0, p1, p2, p3, p4, p5, p6, p7 and 3 more)\n");
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *list = sw_coverage_node(&b, &coverage), *last = sw_node_item(list, 10);
    assert_int_equal(sw_node_count(list), 11);
    assert_string_equal(sw_node_text(sw_node_get(last, "subject"), ""), "p10");
    assert_string_equal(sw_node_text(sw_node_get(last, "aspect"), ""), "releases");
    assert_string_equal(sw_node_text(sw_node_get(last, "judgement"), ""), "proven");
    assert_int_equal(sw_node_type(sw_node_get(last, "why")), SW_NODE_NULL);
    sw_coverage_add(NULL, SW_ASPECT_GPU, "torch", SW_PROVEN, NULL);
}

int suite_coverage(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_name_what_was_judged),
        cmocka_unit_test(the_worse_of_two_judgements_counts),
        cmocka_unit_test(long_lists_are_counted_and_whole_for_programs),
    };
    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
