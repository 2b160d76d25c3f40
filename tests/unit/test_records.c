/* The records of a project: the digests of an image that they name, the build that a push takes, and commits that are no records. */
#include "project_rig.h"

#include "base/limits.h"
#include "project/network.h"
#include "project/push.h"
#include "project/records.h"
#include "project/restore.h"

static const char profile[] = "slipway: 1\nname: demo\n";

static struct sw_history *open_records(struct project_rig *rig)
{
    struct sw_history *history = NULL;
    assert_int_equal(sw_records_open(&history, &rig->project, NULL), 0);
    return history;
}

static struct sw_texts texts_of(struct project_rig *rig, const char *const *items)
{
    struct sw_texts texts = {0};
    for (size_t i = 0; items[i] != NULL; i++)
        assert_int_equal(sw_texts_add(&texts, &rig->arena, items[i], NULL), 0);
    return texts;
}

/* "own@sha256:aaa…" for "own@a", and so on. */
static struct sw_texts digests_of(struct project_rig *rig, const char *const *items)
{
    struct sw_texts texts = {0};
    for (size_t i = 0; items[i] != NULL; i++) {
        int n = (int)strlen(items[i]);
        const char *text =
            sw_arena_format(&rig->arena, "%.*s%s", n - 1, items[i], project_digest(rig, items[i][n - 1]));
        assert_int_equal(sw_texts_add(&texts, &rig->arena, text, NULL), 0);
    }
    return texts;
}

static void expect_digests(struct project_rig *rig, const struct sw_texts *found, const char *const *items)
{
    struct sw_texts wanted = digests_of(rig, items);
    assert_int_equal(found->count, wanted.count);
    for (size_t i = 0; i < wanted.count; i++)
        assert_string_equal(found->items[i], wanted.items[i]);
}

/* The digests of the newest record come first, and each digest is named once. Digests of other images and repositories are left out. */
static void digests_are_found_in_all_records_of_an_image(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    const char *const own[] = {"own@a", "other@c", "own@b", NULL}, *const foreign[] = {"own@f", NULL},
                      *const newer[] = {"own@d", "own@a", NULL},
                      *const all[] = {"own@d", "own@a", "own@b", NULL}, *const none[] = {NULL};
    struct sw_record_facts first = project_facts(rig, '1'), other = project_facts(rig, '2'), again = first,
                           latest = first;
    first.image.digests = digests_of(rig, own);
    other.image.digests = digests_of(rig, foreign);
    again.image.digests = digests_of(rig, newer);
    (void)project_record(rig, history, &first, profile);
    (void)project_record(rig, history, &other, profile);
    (void)project_record(rig, history, &again, profile);
    (void)project_record(rig, history, &latest, profile);
    struct sw_texts found = {0};
    assert_int_equal(sw_records_digests(&found, &rig->arena, history, "demo", &latest, "own", NULL), 0);
    expect_digests(rig, &found, all);
    assert_int_equal(sw_records_digests(&found, &rig->arena, history, "demo", &latest, NULL, NULL), 0);
    expect_digests(rig, &found, none);
    assert_int_equal(sw_records_digests(&found, &rig->arena, history, "no-such", &other, "own", NULL), 0);
    expect_digests(rig, &found, foreign);
}

/* Append a commit to the profile's ref that is no record. */
static void add_foreign(struct project_rig *rig)
{
    project_sh(
        rig,
        "t=$(git write-tree); p=$(git rev-parse refs/slipway/demo); "
        "git update-ref refs/slipway/demo $(git -c user.name=a -c user.email=a@b commit-tree -p $p -m x $t)");
}

static void foreign_commits_are_counted(void **state)
{
    static const char *const sentences[] = {
        NULL,
        "1 commit among the records of 'demo' is no record and is passed over: git log refs/slipway/demo",
        "2 commits among the records of 'demo' are no record and are passed over: git log refs/slipway/demo"};
    struct project_rig *rig = *state;
    struct sw_record_facts facts = project_facts(rig, '1');
    project_sh(rig, "git init -q .");
    for (size_t i = 0; i < SW_COUNT(sentences); i++) {
        SW_HISTORY_AUTO *history = open_records(rig);
        struct sw_record record;
        if (i == 0)
            (void)project_record(rig, history, &facts, profile);
        else
            add_foreign(rig);
        assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), 0);
        assert_int_equal(record.number, 1);
        const char *told = sw_records_refused(&rig->project, history, "demo");
        if (i == 0)
            assert_null(told);
        else
            assert_string_equal(told, sentences[i]);
    }
}

static void add_refused(struct project_rig *rig, struct sw_history *history)
{
    struct sw_record made;
    const struct sw_record_file file = {"record.json", SW_STR("{}"), false};
    const struct sw_record_draft draft = {
        .profile = "demo", .summary = "x", .text = "", .files = &file, .files_count = 1};
    assert_int_equal(sw_history_append(&made, &rig->arena, history, &draft, NULL), 0);
}

static int find(struct sw_push *push, struct project_rig *rig, struct sw_history *history,
                struct sw_error *error)
{
    *push = (struct sw_push){
        .project = &rig->project, .sink = &rig->project.sink, .profile = "demo", .given = push->given};
    return sw_push_find(push, history, error);
}

/* A push takes the newest build that may be pushed, under names of the profile's own or of the caller's. */
static void a_push_takes_the_newest_good_build(void **state)
{
    struct project_rig *rig = *state;
    struct sw_push push = {0};
    struct sw_error error = {0};
    SW_HISTORY_AUTO *history = open_records(rig);
    assert_int_equal(find(&push, rig, history, &error), SW_ENO);
    assert_string_equal(error.text, "no good build of 'demo' is recorded here");
    assert_string_equal(error.hint, "'slipway build demo --push' builds and pushes it");
    struct sw_record_facts good = project_facts(rig, '1'), unverified = project_facts(rig, '2'),
                           rejected = project_facts(rig, '3');
    unverified.result = SW_RECORD_UNVERIFIED;
    rejected.result = SW_RECORD_REJECTED;
    project_write(rig, "slipway/demo.yaml", profile);
    (void)project_record(rig, history, &good, profile);
    (void)project_record(rig, history, &rejected, profile);
    add_refused(rig, history);
    (void)project_record(rig, history, &rejected, profile);
    if (find(&push, rig, history, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(push.record.number, 1);
    assert_true(push.recorded);
    assert_string_equal(push.image, good.image.id);
    assert_int_equal(push.tags.count, 1);
    assert_string_equal(push.tags.items[0], "demo:latest");
    assert_non_null(strstr(rig->told.p, "demo@3"));
    (void)project_record(rig, history, &unverified, profile);
    assert_int_equal(find(&push, rig, history, &error), 0);
    assert_int_equal(push.record.number, 5);
    const char *const elsewhere[] = {"elsewhere:1", NULL};
    unverified.image.tags = texts_of(rig, elsewhere);
    (void)project_record(rig, history, &unverified, profile);
    assert_int_equal(find(&push, rig, history, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "demo@6 is not pushed as 'elsewhere:1'"));
    assert_string_equal(error.hint, "name the image yourself: -t NAME:TAG");
    push.given = texts_of(rig, elsewhere);
    assert_int_equal(find(&push, rig, history, &error), 0);
    assert_string_equal(push.tags.items[0], "elsewhere:1");
}

/* A rollback is done if each tag names the image and each file has its contents. */
static void a_rollback_is_done_if_nothing_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *tags[2];
        struct {
            bool exists;
            const char *now;
        } files[2];
        bool done;
    } rows[] = {
        {{"i", "i"}, {{true, "t"}, {true, "t"}}, true},   {{"x", "i"}, {{true, "t"}, {true, "t"}}, false},
        {{"i", "x"}, {{true, "t"}, {true, "t"}}, false},  {{"i", NULL}, {{true, "t"}, {true, "t"}}, false},
        {{"i", "i"}, {{true, "x"}, {true, "t"}}, false},  {{"i", "i"}, {{true, "t"}, {true, "x"}}, false},
        {{"i", "i"}, {{false, "t"}, {true, "t"}}, false}, {{"i", "i"}, {{true, "t"}, {false, "t"}}, false},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_restore_tag tags[2];
        struct sw_restore_file files[2];
        for (size_t k = 0; k < 2; k++) {
            tags[k] = (struct sw_restore_tag){"demo:latest", rows[i].tags[k]};
            files[k] = (struct sw_restore_file){"demo.yaml", rows[i].files[k].exists,
                                                sw_str_from(rows[i].files[k].now), SW_STR("t")};
        }
        const struct sw_restore restore = {"/", tags, 2, files, 2};
        assert_int_equal(sw_restore_is_done(&restore, "i"), rows[i].done);
        assert_false(sw_restore_is_done(&restore, NULL));
    }
    assert_true(sw_restore_is_done(&(struct sw_restore){.root = "/"}, "i"));
}

/* ---- the way to package indexes ---- */

static void expect_network(struct project_rig *rig, const char *wanted)
{
    SW_NETWORK_AUTO network;
    SW_BUFFER_AUTO text;
    struct sw_error error = {0};
    sw_buffer_init(&text, SW_MIB);
    sw_buffer_add_text(&text, "");
    if (sw_network_read(&network, &rig->project, &error) != 0)
        fail_msg("%s", error.text);
    for (const struct sw_pair *pair = network.arguments; pair->name != NULL; pair++) {
        if (strstr(pair->name, "CERT") == NULL) /* those of the host that tests */
            sw_buffer_addf(&text, "%s=%s\n", pair->name, pair->value);
    }
    assert_string_equal(text.p, wanted);
}

/* All ways at once are the most arguments that there are. */
static void every_way_is_an_argument(void **state)
{
    static const char *const set[] = {"HTTP_PROXY=http://a",
                                      "HTTPS_PROXY=http://b",
                                      "http_proxy=http://c",
                                      "https_proxy=http://d",
                                      "NO_PROXY=e",
                                      "no_proxy=f",
                                      "UV_PYTHON_INSTALL_MIRROR=https://mirror.example.org",
                                      "UV_PYTHON_DOWNLOADS_JSON_URL=http://list.example.org"};
    struct project_rig *rig = *state;
    expect_network(rig,
                   "PIP_INDEX_URL=http://127.0.0.1:9/simple\nUV_DEFAULT_INDEX=http://127.0.0.1:9/simple\n");
    for (size_t i = 0; i < SW_COUNT(set); i++)
        project_set(rig, set[i]);
    SW_BUFFER_AUTO wanted;
    sw_buffer_init(&wanted, SW_MIB);
    for (size_t i = 0; i < SW_COUNT(set); i++)
        sw_buffer_addf(&wanted, "%s\n", set[i]);
    sw_buffer_add_text(
        &wanted, "PIP_INDEX_URL=http://127.0.0.1:9/simple\nUV_DEFAULT_INDEX=http://127.0.0.1:9/simple\n");
    expect_network(rig, wanted.p);
    assert_null(strstr(rig->told.n == 0 ? "" : rig->told.p, "not used"));
}

static void a_login_or_a_folder_is_no_mirror_for_a_build(void **state)
{
    struct project_rig *rig = *state;
    project_set(rig, "UV_PYTHON_INSTALL_MIRROR=file:///mirror");
    project_set(rig, "UV_PYTHON_DOWNLOADS_JSON_URL=https://me:secret@list.example.org/a");
    expect_network(rig,
                   "PIP_INDEX_URL=http://127.0.0.1:9/simple\nUV_DEFAULT_INDEX=http://127.0.0.1:9/simple\n");
    assert_non_null(strstr(rig->told.p, "not used: UV_PYTHON_INSTALL_MIRROR, which no build reaches"));
    assert_non_null(strstr(rig->told.p, "not used: UV_PYTHON_DOWNLOADS_JSON_URL, which has a login"));
}

int suite_records(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        TEST(digests_are_found_in_all_records_of_an_image),
        TEST(foreign_commits_are_counted),
        TEST(a_push_takes_the_newest_good_build),
        TEST(a_rollback_is_done_if_nothing_is_left),
        TEST(every_way_is_an_argument),
        TEST(a_login_or_a_folder_is_no_mirror_for_a_build),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
