#include "unit.h"

#include "python/version.h"

/* What PEP 440's section "Normalization" says of each spelling; NULL: not a version. */
static const struct {
    const char *text, *normalized;
} spellings[] = {
    {"1.0", "1.0"},
    {" \t1.0\r\n", "1.0"},
    {"v1.0", "1.0"},
    {"V1.0", "1.0"},
    {"1.1RC1", "1.1rc1"},
    {"00.09.000", "0.9.0"},
    {"0!1.0", "1.0"},
    {"01!1.0", "1!1.0"},
    {"1.1.a1", "1.1a1"},
    {"1.1-a.1", "1.1a1"},
    {"1.1_alpha_1", "1.1a1"},
    {"1.1beta2", "1.1b2"},
    {"1.1c3", "1.1rc3"},
    {"1.1pre3", "1.1rc3"},
    {"1.1-preview-3", "1.1rc3"},
    {"1.2a", "1.2a0"},
    {"1.2-post2", "1.2.post2"},
    {"1.2.post-2", "1.2.post2"},
    {"1.2post", "1.2.post0"},
    {"1.0-r4", "1.0.post4"},
    {"1.0.rev4", "1.0.post4"},
    {"1.0-1", "1.0.post1"},
    {"1.0-01", "1.0.post1"},
    {"1.2-dev2", "1.2.dev2"},
    {"1.2.dev", "1.2.dev0"},
    {"1.0a5-1.dev3", "1.0a5.post1.dev3"},
    {"1.0+Ubuntu-1_02", "1.0+ubuntu.1.2"},
    {"2.8.0+cu128", "2.8.0+cu128"},
    {"1.0+0a1", "1.0+0a1"},
    {"20240101000000000000000000000000000000001.2", "20240101000000000000000000000000000000001.2"},
    {"", NULL},
    {"french toast", NULL},
    {"1.0_1", NULL},
    {"1..0", NULL},
    {"1.", NULL},
    {"1.0+", NULL},
    {"1.0+a+b", NULL},
    {"1.0+a.", NULL},
    {"1.0+_a", NULL},
    {"1.0.*", NULL},
    {"1!", NULL},
    {"!1", NULL},
    {"1!2!3", NULL},
    {"v 1", NULL},
    {"vv1", NULL},
    {"1.0 .dev1", NULL},
    {"1.0.dev1a1", NULL},
    {"\xC2\xA0"
     "1.0",
     NULL},
};

static void spellings_are_normalized(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < SW_COUNT(spellings); i++) {
        struct sw_version version;
        struct sw_error error;
        int code = sw_version_parse(&version, sw_str_from(spellings[i].text), &error);
        if (spellings[i].normalized == NULL) {
            assert_int_equal(code, SW_EINPUT);
            assert_true(error.column > 0 && error.hint[0] != '\0');
            continue;
        }
        assert_int_equal(code, 0);
        assert_string_equal(sw_version_normalized(&arena, &version), spellings[i].normalized);
    }
}

/* From the earliest to the latest; what stands on one line is equal. PEP 440, "Summary of permitted suffixes
 * and relative ordering" and "Local version identifiers". */
static const char *const ascending[][4] = {
    {"0", "0.0", "v0.0.0"},
    {"1.dev0"},
    {"1.0.dev456", "1.dev456"},
    {"1.0a1.dev1"},
    {"1.0a1", "1.0alpha1", "1-a.1"},
    {"1.0a2.dev456"},
    {"1.0a12.dev456"},
    {"1.0a12"},
    {"1.0b1.dev456"},
    {"1.0b2"},
    {"1.0b2.post345.dev456"},
    {"1.0b2.post345", "1.0b2-345"},
    {"1.0rc1.dev456"},
    {"1.0rc1", "1.0c1"},
    {"1.0", "1", "1.0.0"},
    {"1.0+abc.5"},
    {"1.0+abc.7"},
    {"1.0+abc.7.0"},
    {"1.0+abd"},
    {"1.0+5", "1.0+05"},
    {"1.0+5.a"},
    {"1.0+5.0"},
    {"1.0+10"},
    {"1.0.post456.dev34"},
    {"1.0.post456"},
    {"1.0.15"},
    {"1.1.dev1"},
    {"9.99999999999999999999"},
    {"9.100000000000000000000"},
    {"10"},
    {"1!0.1"},
    {"1!1.0"},
    {"99999999999999999999999!0"},
};

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static struct sw_version read(const char *text)
{
    struct sw_version version = {.epoch = SW_STR("")};
    assert_int_equal(sw_version_parse(&version, sw_str_from(text), NULL), 0);
    return version;
}

static void versions_have_an_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(ascending); i++) {
        for (size_t j = 0; j < SW_COUNT(ascending); j++) {
            for (size_t k = 0; k < 4 && ascending[j][k] != NULL; k++) {
                struct sw_version a = read(ascending[i][0]), b = read(ascending[j][k]);
                assert_int_equal(sign(sw_version_compare(&a, &b)), (i > j) - (i < j));
                assert_int_equal(sign(sw_version_compare(&b, &a)), (j > i) - (j < i));
            }
        }
    }
}

static void parts_can_be_asked(void **state)
{
    (void)state;
    struct sw_version v = read("1!2.08.3rc4.post5.dev6+cu128");
    assert_true(sw_str_is(v.epoch, "1") && sw_str_is(v.pre_number, "4") && sw_str_is(v.post, "5"));
    assert_true(sw_str_is(v.dev, "6") && sw_str_is(v.local, "cu128") && v.pre == SW_PRE_CANDIDATE);
    assert_int_equal(sw_version_numbers(&v), 3);
    assert_true(sw_str_is(sw_version_number(&v, 1), "8"));
    assert_true(sw_str_is(sw_version_number(&v, 3), "0"));
    assert_true(sw_version_is_prerelease(&v));
    struct sw_version post = read("1.0.post1"), dev = read("1.0.dev1");
    assert_false(sw_version_is_prerelease(&post));
    assert_true(sw_version_is_prerelease(&dev));
    struct sw_version local = read("1.0+a"), public = read("1");
    assert_int_equal(sw_version_compare_public(&local, &public), 0);
    assert_int_equal(sw_version_compare_base(&post, &dev), 0);
}

static void faults_have_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned column;
    } cases[] = {{"1.0.x", 4}, {"  1.0 beta ?", 7}, {"x", 1}, {"1.0+", 4}, {"1.0a1-a2", 6}};
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_version version;
        struct sw_error error;
        assert_int_equal(sw_version_parse(&version, sw_str_from(cases[i].text), &error), SW_EINPUT);
        assert_int_equal(error.column, cases[i].column);
    }
}

int suite_python_version(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_normalized),
        cmocka_unit_test(versions_have_an_order),
        cmocka_unit_test(parts_can_be_asked),
        cmocka_unit_test(faults_have_their_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
