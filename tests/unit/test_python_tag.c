#include "unit.h"

#include "python/tag.h"

static struct sw_tag_list tags_of(struct sw_arena *arena, const struct sw_tag_target *target)
{
    struct sw_tag_list list = {NULL, 0};
    assert_int_equal(sw_tag_list_make(&list, arena, target, NULL), 0);
    return list;
}

/* The order that PEP 425 gives by example and PEP 600 for platforms: each row comes after the one before. */
static void tags_come_in_order_of_preference(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux2014_x86_64",
        "cp311-cp311-manylinux_2_16_x86_64",
        "cp311-cp311-manylinux_2_12_x86_64",
        "cp311-cp311-manylinux2010_x86_64",
        "cp311-cp311-manylinux_2_5_x86_64",
        "cp311-cp311-manylinux1_x86_64",
        "cp311-cp311-linux_x86_64",
        "cp311-abi3-manylinux_2_17_x86_64",
        "cp311-none-manylinux_2_17_x86_64",
        "cp310-abi3-manylinux_2_17_x86_64",
        "cp32-abi3-linux_x86_64",
        "py311-none-manylinux_2_17_x86_64",
        "py3-none-linux_x86_64",
        "py30-none-linux_x86_64",
        "cp311-none-any",
        "py311-none-any",
        "py3-none-any",
        "py310-none-any",
        "py30-none-any",
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_tag_list list = tags_of(&arena, &(struct sw_tag_target){3, 11, "x86_64", 17, false});
    size_t row = 0;
    for (size_t i = 0; i < list.count && row < SW_COUNT(rows); i++) {
        const struct sw_tag *tag = &list.items[i];
        char *text = sw_arena_format(&arena, "%s-%s-%s", tag->interpreter, tag->abi, tag->platform);
        row += strcmp(text, rows[row]) == 0;
    }
    if (row < SW_COUNT(rows))
        fail_msg("no %s where it belongs", rows[row]);
    assert_string_equal(list.items[0].platform, "manylinux_2_17_x86_64");
    assert_string_equal(list.items[list.count - 1].interpreter, "py30");
}

static void targets_differ(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_tag_list arm = tags_of(&arena, &(struct sw_tag_target){3, 13, "aarch64", 17, false});
    assert_string_equal(arm.items[0].abi, "cp313");
    assert_string_equal(arm.items[1].platform, "manylinux2014_aarch64");
    assert_string_equal(arm.items[2].platform, "linux_aarch64"); /* nothing older than 2.17 */
    struct sw_tag_list old = tags_of(&arena, &(struct sw_tag_target){3, 7, "x86_64", 4, false});
    assert_string_equal(old.items[0].abi, "cp37m");
    assert_string_equal(old.items[0].platform, "linux_x86_64"); /* older than any manylinux */
    struct sw_tag_list two = tags_of(&arena, &(struct sw_tag_target){2, 7, "x86_64", 4, false});
    assert_string_equal(two.items[0].abi, "cp27mu");
    assert_string_equal(two.items[1].abi, "none"); /* no abi3 */
    struct sw_tag_list musl = tags_of(&arena, &(struct sw_tag_target){3, 11, "x86_64", 2, true});
    assert_string_equal(musl.items[0].platform, "musllinux_1_2_x86_64");
    assert_string_equal(musl.items[2].platform, "musllinux_1_0_x86_64");
    assert_string_equal(musl.items[3].platform, "linux_x86_64"); /* no manylinux */
    static const struct sw_tag_target bad[] = {
        {3, 11, "riscv64", 17, false}, {3, 100, "x86_64", 17, false}, {3, 11, "x86_64", 100, true}};
    for (size_t i = 0; i < SW_COUNT(bad); i++) {
        struct sw_tag_list list;
        assert_int_equal(sw_tag_list_make(&list, &arena, &bad[i], NULL), SW_EINPUT);
    }
    SW_ARENA_AUTO small;
    sw_arena_init(&small, 4096);
    assert_int_equal(
        sw_tag_list_make(&arm, &small, &(struct sw_tag_target){3, 11, "x86_64", 17, false}, NULL), SW_EENV);
}

int suite_python_tag(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_come_in_order_of_preference),
        cmocka_unit_test(targets_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
