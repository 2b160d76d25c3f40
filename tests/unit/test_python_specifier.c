#include "unit.h"

#include "python/specifier.h"

/* Rows follow the sections of PEP 440's "Version specifiers". */
static const struct {
    const char *set, *version;
    bool contains; /* pre-releases allowed */
} clauses[] = {
    /* compatible release */
    {"~=2.2", "2.2", true},
    {"~=2.2", "2.9", true},
    {"~=2.2", "3.0", false},
    {"~=2.2", "2.1", false},
    {"~=1.4.5", "1.4.9+local", true},
    {"~=1.4.5", "1.5", false},
    {"~=2.2.post3", "2.2.post2", false},
    {"~=2.2.post3", "2.3", true},
    {"~=1.4.5a4", "1.4.5a3", false},
    {"~=1.4.5a4", "1.4.5", true},
    {"~=1.4.5.rev1", "1.4.6", true},
    {"~=2.2.0", "2.3", false},
    {"~=1!2.0", "1!2.5", true},
    {"~=1!2.0.0", "1!2", true},
    /* version matching */
    {"==1.1", "1.1.0", true},
    {"==1.1", "1.1.post1", false},
    {"==1.1.post1", "1.1.post1", true},
    {"==1.1.*", "1.1.post1", true},
    {"==1.1.*", "1.1a1", true},
    {"==1.1.*", "1.10", false},
    {"==1.1.*", "1.2.dev0", false},
    {"==1.*", "1", true},
    {"==1.0.*", "1", true},
    {"==1.0.0.*", "1", true},
    {"==1.0.0.*", "1.0.1", false},
    {"==1!2.0.*", "1!2", true},
    {"==1!2.0.*", "2.0", false},
    {"==0!2.0.*", "2.0", true},
    {"==01.02.*", "1.2.3", true},
    {"==1.1", "1.1+local", true},
    {"==1.1.*", "1.1.2+local", true},
    {"==1.1+local", "1.1", false},
    {"==1.1+local", "1.1.0+LOCAL", true},
    {"==1.1+local.1", "1.1+local-01", true},
    /* version exclusion */
    {"!=1.1", "1.1", false},
    {"!=1.1", "1.1+local", false},
    {"!=1.1+local", "1.1", true},
    {"!=1.1.*", "1.1.post1", false},
    {"!=1.1.*", "1.2", true},
    /* inclusive ordered comparison */
    {"<=1.1", "1.1+local", true},
    {">=1.1", "1.1+local", true},
    {"<=1.1", "1.1.post1", false},
    {">=1.1", "1.1rc1", false},
    /* exclusive ordered comparison */
    {">1.7", "1.7.1", true},
    {">1.7", "1.7.0.post1", false},
    {">1.7.post2", "1.7.1", true},
    {">1.7.post2", "1.7.0.post3", true},
    {">1.7", "1.7+local", false},
    {">1.7", "1.8+local", true},
    {"<3.1", "3.1.dev0", false},
    {"<3.1", "3.1rc1", false},
    {"<3.1", "3.0.dev0", true},
    {"<3.1rc2", "3.1rc1", true},
    {"<3.1.post1", "3.1", true},
    {"<3.1.post1", "3.1rc1", false},
    /* arbitrary equality */
    {"===1.0", "1.0", true},
    {"===1.0", "1.0.0", false},
    {"===1.0+DownStream1", "1.0+downstream1", true},
    {"===foobar", "1.0", false},
    /* several, spaces, none */
    {">=1.0, <2 ,!=1.5.*", "1.4", true},
    {">=1.0, <2 ,!=1.5.*", "1.5.1", false},
    {"", "1.0", true},
    {" , >= 1 ,", "1.0", true},
};

static void clauses_hold_as_pep_440_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(clauses); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 16);
        struct sw_specifier_set set;
        struct sw_version version;
        assert_int_equal(sw_specifier_set_parse(&set, &arena, sw_str_from(clauses[i].set), NULL), 0);
        assert_int_equal(sw_version_parse(&version, sw_str_from(clauses[i].version), NULL), 0);
        if (sw_specifier_set_contains(&set, &version, SW_PRERELEASES_ALLOW) != clauses[i].contains)
            fail_msg("'%s' and '%s'", clauses[i].set, clauses[i].version);
    }
}

static const struct {
    const char *set;
    unsigned column;
    const char *hint; /* a part of it */
} faults[] = {
    {"1.0", 1, "'=='"},       {"=1.0", 1, "'=='"},       {"=>1.0", 1, ">="},
    {"^1.0", 1, "~="},        {">=", 3, "1.2.3"},        {"~=1", 3, "~=1.0"},
    {">=1.0+cu128", 3, "+"},  {">=1.0.*", 6, ".*"},      {"==1.0a1.*", 8, "plain release"},
    {">=1.0 <2", 7, "comma"}, {"==1.0,==x", 9, "1.2.3"}, {"===", 4, "version"},
    {"===a b", 6, "1.2.3"},
};

static void faults_have_column_and_hint(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        struct sw_specifier_set set;
        struct sw_error error;
        assert_int_equal(sw_specifier_set_parse(&set, &arena, sw_str_from(faults[i].set), &error), SW_EINPUT);
        assert_int_equal(error.column, faults[i].column);
        if (strstr(error.hint, faults[i].hint) == NULL)
            fail_msg("'%s': %s (%s)", faults[i].set, error.text, error.hint);
    }
}

/* Sets over one list of versions: "kept" names what the filter keeps, by position. */
static const char *const releases[] = {"1.0a1", "1.0", "1.1.dev1", "1.1", "2.0rc1"};

static const struct {
    const char *set;
    enum sw_prereleases prereleases;
    size_t count; /* of releases[], from the first */
    const char *kept;
} filters[] = {
    {"", SW_PRERELEASES_AUTO, 5, "1 3"},       {"", SW_PRERELEASES_AUTO, 1, "0"},
    {"", SW_PRERELEASES_REFUSE, 1, ""},        {"", SW_PRERELEASES_ALLOW, 5, "0 1 2 3 4"},
    {">=1.0", SW_PRERELEASES_AUTO, 5, "1 3"},  {">=1.0a1", SW_PRERELEASES_AUTO, 5, "0 1 2 3 4"},
    {">1.0a1", SW_PRERELEASES_AUTO, 5, "1 3"}, {">=1.0a1", SW_PRERELEASES_REFUSE, 5, "1 3"},
    {">1.1", SW_PRERELEASES_AUTO, 5, ""},      {">1.1", SW_PRERELEASES_ALLOW, 5, "4"},
};

static void filters_treat_prereleases_as_pip_does(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    struct sw_version versions[SW_COUNT(releases)];
    for (size_t i = 0; i < SW_COUNT(releases); i++)
        assert_int_equal(sw_version_parse(&versions[i], sw_str_from(releases[i]), NULL), 0);
    for (size_t i = 0; i < SW_COUNT(filters); i++) {
        struct sw_specifier_set set;
        assert_int_equal(sw_specifier_set_parse(&set, &arena, sw_str_from(filters[i].set), NULL), 0);
        size_t kept[SW_COUNT(releases)];
        size_t n = sw_specifier_set_filter(kept, &set, versions, filters[i].count, filters[i].prereleases);
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 100);
        for (size_t k = 0; k < n; k++)
            sw_buffer_addf(&text, k == 0 ? "%zu" : " %zu", kept[k]);
        assert_string_equal(text.p, filters[i].kept);
    }
}

static const struct {
    const char *a, *b;
    int first; /* in releases[]; -1: none */
} meetings[] = {
    {">=1.0", "<2", 1},       {">=1.1", "<1.1", -1},    {"", "", 1},
    {">1.0", "!=1.1", -1},    {">=1.0a1", "<1.0.1", 0}, {"==2.*", "", -1},
    {"==2.*", ">=2.0rc1", 4},
};

static void sets_meet_over_a_list(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    struct sw_version versions[SW_COUNT(releases)];
    for (size_t i = 0; i < SW_COUNT(releases); i++)
        assert_int_equal(sw_version_parse(&versions[i], sw_str_from(releases[i]), NULL), 0);
    for (size_t i = 0; i < SW_COUNT(meetings); i++) {
        struct sw_specifier_set a, b;
        assert_int_equal(sw_specifier_set_parse(&a, &arena, sw_str_from(meetings[i].a), NULL), 0);
        assert_int_equal(sw_specifier_set_parse(&b, &arena, sw_str_from(meetings[i].b), NULL), 0);
        size_t index = 99;
        bool meet = sw_specifier_sets_meet(&index, &a, &b, versions, SW_COUNT(versions), SW_PRERELEASES_AUTO);
        assert_int_equal(meet ? (int)index : -1, meetings[i].first);
    }
}

static void sets_are_written_as_read(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 16);
    struct sw_specifier_set set;
    assert_int_equal(sw_specifier_set_parse(&set, &arena, SW_STR(">= 1.0,, == 2.* , === Foo"), NULL), 0);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 100);
    sw_specifier_set_write(&text, &set);
    assert_string_equal(text.p, ">=1.0,==2.*,===Foo");
}

int suite_python_specifier(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_hold_as_pep_440_says),
        cmocka_unit_test(faults_have_column_and_hint),
        cmocka_unit_test(filters_treat_prereleases_as_pip_does),
        cmocka_unit_test(sets_meet_over_a_list),
        cmocka_unit_test(sets_are_written_as_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
