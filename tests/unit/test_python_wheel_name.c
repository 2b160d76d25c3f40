#include "unit.h"

#include "python/wheel_name.h"

static const struct {
    const char *name;
    const char *distribution, *version, *build_number, *build_suffix, *interpreters, *platforms;
} wheels[] = {
    {"torch-2.8.0+cu128-cp311-cp311-manylinux_2_28_x86_64.whl", "torch", "2.8.0+cu128", "", "", "cp311",
     "manylinux_2_28_x86_64"},
    {"distribution-1.0-1-py27-none-any.whl", "distribution", "1.0", "1", "", "py27", "any"},
    {"six-1.16.0-py2.py3-none-any.whl", "six", "1.16.0", "", "", "py2.py3", "any"},
    {"a.b_c-1.0-01local_2-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "a.b_c", "1.0", "01",
     "local_2", "cp39", "manylinux_2_17_x86_64.manylinux2014_x86_64"},
};

static void wheel_names_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(wheels); i++) {
        struct sw_wheel_name wheel;
        assert_int_equal(sw_wheel_name_parse(&wheel, sw_str_from(wheels[i].name), NULL), 0);
        assert_true(sw_str_is(wheel.distribution, wheels[i].distribution));
        assert_true(sw_str_is(wheel.version.text, wheels[i].version));
        assert_true(sw_str_is(wheel.build_number, wheels[i].build_number));
        assert_true(sw_str_is(wheel.build_suffix, wheels[i].build_suffix));
        assert_true(sw_str_is(wheel.interpreters, wheels[i].interpreters));
        assert_true(sw_str_is(wheel.platforms, wheels[i].platforms));
    }
}

static void sdist_names_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *name, *distribution, *version;
    } sdists[] = {
        {"foo_bar-1.0.tar.gz", "foo_bar", "1.0"},
        {"foo-bar-1.0rc1.zip", "foo-bar", "1.0rc1"},
        {"a-1.tar.gz", "a", "1"},
    };
    for (size_t i = 0; i < SW_COUNT(sdists); i++) {
        struct sw_sdist_name sdist;
        assert_int_equal(sw_sdist_name_parse(&sdist, sw_str_from(sdists[i].name), NULL), 0);
        assert_true(sw_str_is(sdist.distribution, sdists[i].distribution));
        assert_true(sw_str_is(sdist.version.text, sdists[i].version));
    }
}

static void faults_have_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned column;
    } faults[] = {
        {"foo-1.0-py3-none-any", 1},
        {"foo-1.0-py3-any.whl", 1},
        {"foo-1.0-1-x-py3-none-any.whl", 1},
        {"a/foo-1.0-py3-none-any.whl", 1},
        {"foo__bar-1.0-py3-none-any.whl", 1},
        {"-1.0-py3-none-any.whl", 1},
        {"foo-x-py3-none-any.whl", 5},
        {"foo-1.0-x1-py3-none-any.whl", 9},
        {"foo-1.0-py3..py2-none-any.whl", 9},
        {"foo-1.0-py3--any.whl", 13},
        {".whl", 1},
        {"", 1},
        {"foo-1.0.tar.bz2", 1},
        {"foo.tar.gz", 1},
        {"-1.0.tar.gz", 1},
        {"foo-bar.zip", 5},
    };
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        struct sw_str name = sw_str_from(faults[i].name);
        bool is_sdist = sw_str_ends(name, ".zip") || sw_str_find(name, SW_STR(".tar")) < name.n;
        struct sw_wheel_name wheel;
        struct sw_sdist_name sdist;
        struct sw_error error;
        assert_int_equal(is_sdist ? sw_sdist_name_parse(&sdist, name, &error)
                                  : sw_wheel_name_parse(&wheel, name, &error),
                         SW_EINPUT);
        assert_int_equal(error.column, faults[i].column);
    }
}

/* Each wheel is preferred over the next one; the last has no tag that fits. */
static void wheels_are_ranked(void **state)
{
    (void)state;
    static const char *const best_first[] = {
        "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
        "a-1-CP311-cp311-ManyLinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-cp311-cp311-manylinux2014_x86_64.whl",
        "a-1-cp311-cp311-linux_x86_64.whl",
        "a-1-cp311-abi3-manylinux1_x86_64.whl",
        "a-1-cp37.cp38-abi3-manylinux_2_5_x86_64.whl",
        "a-1-cp37-abi3-manylinux_2_5_x86_64.whl",
        "a-1-py3-none-manylinux_2_24_x86_64.whl",
        "a-1-py2.py3-none-any.whl",
    };
    static const char *const unfit[] = {"a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
                                        "a-1-cp311-cp311-manylinux_2_36_x86_64.whl",
                                        "a-1-cp311-cp311-manylinux_2_17_aarch64.whl",
                                        "a-1-cp311-cp311-win_amd64.whl",
                                        "a-1-py2-none-any.whl",
                                        "a-1-cp311-cp310-manylinux_2_17_x86_64.whl"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_tag_list tags;
    assert_int_equal(
        sw_tag_list_make(&tags, &arena, &(struct sw_tag_target){3, 11, "x86_64", 35, false}, NULL), 0);
    struct sw_wheel_name wheel;
    size_t before = 0, rank = 0;
    for (size_t i = 0; i < SW_COUNT(best_first); i++) {
        assert_int_equal(sw_wheel_name_parse(&wheel, sw_str_from(best_first[i]), NULL), 0);
        assert_true(sw_wheel_name_rank(&rank, &wheel, &tags));
        assert_true(i == 0 || rank > before);
        before = rank;
    }
    for (size_t i = 0; i < SW_COUNT(unfit); i++) {
        assert_int_equal(sw_wheel_name_parse(&wheel, sw_str_from(unfit[i]), NULL), 0);
        assert_false(sw_wheel_name_rank(&rank, &wheel, &tags));
    }
}

static void build_tags_have_an_order(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "a-1-py3-none-any.whl",     "a-1-0-py3-none-any.whl",  "a-1-2-py3-none-any.whl",
        "a-1-02b-py3-none-any.whl", "a-1-10-py3-none-any.whl", "a-1-99999999999999999999-py3-none-any.whl"};
    for (size_t i = 0; i < SW_COUNT(ascending); i++) {
        for (size_t j = 0; j < SW_COUNT(ascending); j++) {
            struct sw_wheel_name a, b;
            assert_int_equal(sw_wheel_name_parse(&a, sw_str_from(ascending[i]), NULL), 0);
            assert_int_equal(sw_wheel_name_parse(&b, sw_str_from(ascending[j]), NULL), 0);
            int order = sw_wheel_name_compare_build(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

int suite_python_wheel_name(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wheel_names_are_split),    cmocka_unit_test(sdist_names_are_split),
        cmocka_unit_test(faults_have_their_column), cmocka_unit_test(wheels_are_ranked),
        cmocka_unit_test(build_tags_have_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
