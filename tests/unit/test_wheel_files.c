#include "unit.h"

#include "base/limits.h"
#include "index/wheel_files.h"

static struct sw_wheel_files read_text(struct sw_arena *arena, const char *listing)
{
    struct sw_wheel_files files;
    assert_int_equal(sw_wheel_files_read(&files, arena, sw_str_from(listing), NULL), 0);
    return files;
}

static const char listing[] = "1\t10\t_vendor/idna/core.py\n"
                              "2\t20\tnumpy.libs/libblas.so\n"
                              "3\t30\tnumpy/__init__.py\n"
                              "4\t40\tnumpy/core/array.py\n"
                              "5\t50\tnumpy/core/array_api.py\n"
                              "6\t60\tsix.py\n"
                              "7\t70\tspeed.cpython-311-x86_64-linux-gnu.so\n"
                              "8\t80\tspace/part/deep.py\n"
                              "9\t90\tstart.pth\n";

static void files_of_a_top_follow_each_other(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const struct sw_wheel_files files = read_text(&arena, listing);
    assert_int_equal(files.count, 9);
    assert_true(sw_str_is(files.items[3].name, "numpy/core/array.py"));
    assert_true(sw_str_is(files.items[3].sum, "4\t40"));
    assert_int_equal(files.top_count, 7);
    const struct sw_wheel_top *numpy = &files.tops[2];
    assert_true(sw_str_is(numpy->name, "numpy"));
    assert_int_equal(numpy->first, 2);
    assert_int_equal(numpy->end, 5);
}

static void tops_are_modules(void **state)
{
    static const char *const there[] = {"numpy", "six", "speed", "space", "_vendor"},
                             *const absent[] = {"numpy.libs", "start", "core", "array", "idna", ""};
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const struct sw_wheel_files files = read_text(&arena, listing);
    for (size_t i = 0; i < SW_COUNT(there); i++)
        assert_true(sw_wheel_files_has_module(&files, sw_str_from(there[i])));
    for (size_t i = 0; i < SW_COUNT(absent); i++)
        assert_false(sw_wheel_files_has_module(&files, sw_str_from(absent[i])));
}

/* Find the only part of that text. */
static const struct sw_wheel_part *only_part(const struct sw_wheel_files *files, const char *text)
{
    const struct sw_wheel_part *part = sw_wheel_files_part(files, sw_str_from(text), NULL);
    assert_non_null(part);
    assert_null(sw_wheel_files_part(files, sw_str_from(text), part));
    return part;
}

static void parts_of_packages_are_inner(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const struct sw_wheel_files files = read_text(&arena, listing);
    assert_false(only_part(&files, "numpy")->inner); /* also of numpy.libs */
    assert_true(only_part(&files, "array")->inner);
    assert_false(only_part(&files, "deep")->inner); /* `space` may be a namespace */
    assert_false(only_part(&files, "six")->inner);
    assert_null(sw_wheel_files_part(&files, SW_STR("torch"), NULL));
}

static void copies_are_known_by_their_folder(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const struct sw_wheel_files files = read_text(&arena, listing);
    assert_false(only_part(&files, "_vendor")->copy);
    assert_true(only_part(&files, "idna")->copy);
    /* _vendor/idna/core.py and numpy/core */
    const struct sw_wheel_part *first = sw_wheel_files_part(&files, SW_STR("core"), NULL);
    const struct sw_wheel_part *second = sw_wheel_files_part(&files, SW_STR("core"), first);
    assert_non_null(second);
    assert_true(first->inner && !first->copy);
    assert_true(!second->inner && second->copy);
    assert_null(sw_wheel_files_part(&files, SW_STR("core"), second));
}

static void no_files_have_no_parts(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    static const struct sw_wheel_files none;
    const struct sw_wheel_files damaged = read_text(&arena, "no tabs\n1\t2\n");
    assert_int_equal(damaged.count, 0);
    assert_null(sw_wheel_files_part(&damaged, SW_STR("tabs"), NULL));
    assert_null(sw_wheel_files_part(&none, SW_STR("tabs"), NULL));
}

int suite_wheel_files(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_a_top_follow_each_other),
        cmocka_unit_test(tops_are_modules),
        cmocka_unit_test(parts_of_packages_are_inner),
        cmocka_unit_test(copies_are_known_by_their_folder),
        cmocka_unit_test(no_files_have_no_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
