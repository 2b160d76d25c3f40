#include "project_rig.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "project/own_image.h"
#include "project/push.h"
#include "project/records.h"
#include "project/restore.h"
#include "project/rollback.h"

#include <unistd.h>

static const char profile[] = "slipway: 1\nname: demo\n";

static struct sw_history *open_records(struct project_rig *rig)
{
    struct sw_history *history = NULL;
    struct sw_error error = {0};
    if (sw_records_open(&history, &rig->project, &error) != 0)
        fail_msg("%s", error.text);
    return history;
}

/* ---- the record to go back to ---- */

static uint64_t before(const struct sw_target_search *search)
{
    struct sw_target target;
    assert_int_equal(sw_target_newest(&target, search, NULL), 0);
    struct sw_error error = {0};
    int code = sw_target_before(&target, search, &target, &error);
    if (code != 0 && code != SW_ENO)
        fail_msg("%s", error.text);
    return code == 0 ? target.record.number : 0;
}

/* A build that nobody verified, that was rejected or that has the present image is passed over. */
static void only_a_verified_build_of_another_image_is_gone_back_to(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    const struct sw_target_search search = {&rig->arena, history, "demo", &rig->project.sink};
    struct sw_record_facts good = project_facts(rig, '1'), unverified = project_facts(rig, '2'),
                           rejected = project_facts(rig, '3'), failed = project_facts(rig, '4'),
                           newest = project_facts(rig, '5');
    unverified.result = SW_RECORD_UNVERIFIED;
    rejected.result = SW_RECORD_REJECTED;
    failed.result = SW_RECORD_FAILED;
    failed.image = (struct sw_record_image){.size = -1};
    (void)project_record(rig, history, &good, profile);
    assert_int_equal(before(&search), 0);
    (void)project_record(rig, history, &good, profile);
    assert_int_equal(before(&search), 0);
    (void)project_record(rig, history, &unverified, profile);
    assert_int_equal(before(&search), 2);
    (void)project_record(rig, history, &rejected, profile);
    (void)project_record(rig, history, &failed, profile);
    (void)project_record(rig, history, &newest, profile);
    assert_int_equal(before(&search), 2);
}

/* After a rollback to 1, the builds that it left behind are not gone back to. */
static void a_rollback_counts_as_the_build_that_it_went_back_to(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    const struct sw_target_search search = {&rig->arena, history, "demo", &rig->project.sink};
    struct sw_record_facts first = project_facts(rig, '1'), second = project_facts(rig, '2'), back = first;
    back.kind = SW_RECORD_ROLLBACK;
    back.rollback_to = 1;
    back.rollback_how = "present";
    (void)project_record(rig, history, &first, profile);
    (void)project_record(rig, history, &second, profile);
    assert_int_equal(before(&search), 1);
    (void)project_record(rig, history, &back, profile);
    assert_int_equal(before(&search), 0);
}

static void a_refused_record_is_told_of_and_passed_over(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    const struct sw_target_search search = {&rig->arena, history, "demo", &rig->project.sink};
    struct sw_record_facts good = project_facts(rig, '1');
    struct sw_target target;
    struct sw_record made;
    const struct sw_record_file file = {"record.json", SW_STR("{}"), false};
    const struct sw_record_draft draft = {
        .profile = "demo", .summary = "x", .text = "", .files = &file, .files_count = 1};
    assert_int_equal(sw_target_newest(&target, &search, NULL), SW_ENOTFOUND);
    (void)project_record(rig, history, &good, profile);
    assert_int_equal(sw_history_append(&made, &rig->arena, history, &draft, NULL), 0);
    assert_int_equal(sw_target_newest(&target, &search, NULL), 0);
    assert_int_equal(target.record.number, 1);
    assert_non_null(strstr(rig->told.p, "demo@2"));
    assert_non_null(strstr(rig->told.p, "it is passed over"));
    assert_int_equal(sw_target_at(&target, &search, "2", NULL), SW_EINPUT);
}

static void a_number_must_be_that_of_a_build_with_an_image(void **state)
{
    static const struct {
        const char *number;
        int code;
    } cases[] = {
        {"1", 0},          {"2", SW_ENO},     {"0", SW_EINPUT},    {"", SW_EINPUT},
        {"1x", SW_EINPUT}, {"-1", SW_EINPUT}, {"3", SW_ENOTFOUND}, {"99999999999999999999", SW_EINPUT}};
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    const struct sw_target_search search = {&rig->arena, history, "demo", &rig->project.sink};
    struct sw_record_facts unverified = project_facts(rig, '1'), failed = unverified;
    struct sw_target target;
    unverified.result = SW_RECORD_UNVERIFIED; /* the user asked for it */
    failed.result = SW_RECORD_FAILED;
    failed.image = (struct sw_record_image){.size = -1};
    (void)project_record(rig, history, &unverified, profile);
    (void)project_record(rig, history, &failed, profile);
    for (size_t i = 0; i < SW_COUNT(cases); i++)
        assert_int_equal(sw_target_at(&target, &search, cases[i].number, NULL), cases[i].code);
}

/* ---- what a record may bring back ---- */

/* Restore the record in which this file has this text; the tags are of demo. */
static int restore(struct sw_restore *out, struct project_rig *rig, const char *file, const char *text,
                   const char *image, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = open_records(rig);
    struct sw_record_facts facts = project_facts(rig, '1');
    facts.files.items[0] = file;
    struct sw_record record = project_record(rig, history, &facts, text);
    const struct sw_restore_scope scope = {.root = rig->folder, .folder = "", .image = image};
    *error = (struct sw_error){0};
    return sw_restore_read(out, &rig->arena, history, &record, &facts, &scope, error);
}

static void a_record_brings_back_profiles_and_locks_only(void **state)
{
    static const struct {
        const char *file, *text, *refused;
    } cases[] = {
        {"slipway/demo.yaml", profile, NULL},
        {"profiles/base.yaml", profile, NULL},
        {"slipway/pylock.demo.toml", "x", NULL},
        {"demo.yaml", profile, NULL},
        {"src/mine.yaml", profile, NULL}, /* which is a profile now */
        {"src/new.yaml", profile, "where no profile and no lock of this project lies"},
        {"src/code.py", profile, "where no profile and no lock of this project lies"},
        {"other.yaml", profile, "where no profile and no lock of this project lies"},
        {"slipway/deep/demo.yaml", profile, "where no profile and no lock of this project lies"},
        {"slipway/demo.sh", profile, "where no profile and no lock of this project lies"},
        {".github/demo.yaml", profile, "which is hidden"},
        {"slipway/.demo.yaml", profile, "which is hidden"},
        {"slipway/demo.yaml", "[core]\n", "and does not hold a profile"},
    };
    struct project_rig *rig = *state;
    project_write(rig, "src/mine.yaml", "slipway: 1\nname: mine\n");
    project_write(rig, "src/code.py", "import x\n");
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_restore out = {0};
        struct sw_error error;
        int code = restore(&out, rig, cases[i].file, cases[i].text, "demo", &error);
        if (code != (cases[i].refused == NULL ? 0 : SW_EINPUT))
            fail_msg("%s: %d %s", cases[i].file, code, error.text);
        if (cases[i].refused != NULL)
            assert_non_null(strstr(error.text, cases[i].refused));
        assert_int_equal(out.files_count, cases[i].refused == NULL);
    }
}

static void a_link_is_never_followed(void **state)
{
    struct project_rig *rig = *state;
    struct sw_restore out;
    struct sw_error error;
    project_write(rig, "outside/demo.yaml", profile);
    assert_int_equal(symlink("outside", project_in(rig, "slipway")), 0);
    assert_int_not_equal(restore(&out, rig, "slipway/demo.yaml", profile, "demo", &error), 0);
}

static void only_tags_of_the_profiles_own_images_are_moved(void **state)
{
    struct project_rig *rig = *state;
    struct sw_restore out;
    struct sw_error error;
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, "demo", &error), 0);
    assert_int_equal(out.tags_count, 1);
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, "other", &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "which is no name of the profile's own images"));
    assert_string_equal(error.hint, "name the image yourself: -t NAME:TAG");
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, NULL, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "no profile 'demo' is here"));
}

/* The history is opened anew: an open one does not see the records that others append. */
static int check(struct project_rig *rig, const struct sw_restore *out, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = open_records(rig);
    return sw_restore_check(out, history, "demo", error);
}

static void contents_that_nobody_keeps_are_not_replaced(void **state)
{
    struct project_rig *rig = *state;
    struct sw_restore out;
    struct sw_error error;
    project_write(rig, "demo.yaml", "slipway: 1\nname: demo # edited\n");
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, "demo", &error), 0);
    out.tags[0].now = "sha256:1";
    assert_false(sw_restore_is_done(&out, "sha256:1"));
    assert_int_equal(check(rig, &out, &error), SW_EINPUT);
    assert_string_equal(error.hint, "commit them, or give them up: --force");
    (void)restore(&out, rig, "demo.yaml", "slipway: 1\nname: demo # edited\n", "demo", &error); /* kept now */
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, "demo", &error), 0);
    assert_int_equal(check(rig, &out, &error), 0);
    project_write(rig, "demo.yaml", profile);
    assert_int_equal(restore(&out, rig, "demo.yaml", profile, "demo", &error), 0);
    out.tags[0].now = "sha256:1";
    assert_true(sw_restore_is_done(&out, "sha256:1"));
    assert_false(sw_restore_is_done(&out, "sha256:2"));
}

/* The image of a rollback may be built again for minutes, in which somebody edits the profile. */
static void contents_that_came_meanwhile_are_not_replaced(void **state)
{
    static const char edited[] = "slipway: 1\nname: demo # edited since\n";
    static const char *const files[] = {"demo.yaml", "slipway/demo.yaml"};
    struct project_rig *rig = *state;
    struct sw_restore out;
    struct sw_error error;
    project_write(rig, "demo.yaml", "slipway: 1\nname: demo # before\n"); /* the other file is missing */
    for (size_t i = 0; i < SW_COUNT(files); i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_KIB);
        bool undone = false;
        assert_int_equal(restore(&out, rig, files[i], profile, "demo", &error), 0);
        out.tags_count = 0; /* no engine is asked */
        project_write(rig, files[i], edited);
        assert_int_equal(sw_restore_apply(&undone, &out, NULL, "sha256:1", &error), SW_EINPUT);
        assert_non_null(strstr(error.text, "was changed in the meantime"));
        assert_true(undone);
        assert_int_equal(sw_file_read(&text, project_in(rig, files[i]), NULL), 0);
        assert_string_equal(text.p, edited);
        assert_int_equal(restore(&out, rig, files[i], profile, "demo", &error), 0);
        out.tags_count = 0;
        assert_int_equal(sw_restore_apply(&undone, &out, NULL, "sha256:1", &error), 0);
    }
}

/* ---- which profile, which image ---- */

static void the_only_profile_with_records_needs_no_name(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_texts none = {0};
    struct sw_rollback rollback;
    struct sw_error error = {0};
    assert_int_equal(sw_rollback_open(&rollback, &rig->project, &none, &error), SW_EINPUT);
    assert_string_equal(error.text, "no build is recorded here");
    sw_rollback_release(&rollback);
    struct sw_record_facts facts = project_facts(rig, '1');
    SW_HISTORY_AUTO *history = open_records(rig);
    (void)project_record(rig, history, &facts, profile);
    assert_int_equal(sw_rollback_open(&rollback, &rig->project, &none, &error), 0);
    assert_string_equal(rollback.profile, "demo");
    sw_rollback_release(&rollback);
}

static void a_rollback_without_an_engine_is_an_error(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_texts none = {0};
    const struct sw_rollback_input input = {0};
    struct sw_rollback rollback;
    struct sw_error error = {0};
    struct sw_record_facts facts = project_facts(rig, '1');
    SW_HISTORY_AUTO *history = open_records(rig);
    (void)project_record(rig, history, &facts, profile);
    rig->project.host = "unix:///nowhere";
    assert_int_equal(sw_rollback_open(&rollback, &rig->project, &none, &error), 0);
    assert_int_equal(sw_rollback_run(&rollback, &input, &error), SW_EENV);
    sw_rollback_release(&rollback);
}

static void an_image_is_called_as_the_profile_says_now(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    assert_null(sw_own_image(&rig->project, history, "demo"));
    project_write(rig, "slipway/demo.yaml", "slipway: 1\nname: demo\n");
    assert_string_equal(sw_own_image(&rig->project, history, "demo"), "demo");
    project_write(rig, "slipway/demo.yaml", "slipway: 1\nname: demo\nimage: {name: r.example/x}\n");
    assert_string_equal(sw_own_image(&rig->project, history, "demo"), "r.example/x");
    assert_null(sw_own_image(&rig->project, history, "other"));
}

static int find_push(struct sw_push *push, struct project_rig *rig, struct sw_history *history,
                     struct sw_error *error)
{
    *push = (struct sw_push){.project = &rig->project, .sink = &rig->project.sink, .profile = "demo"};
    *error = (struct sw_error){0};
    return sw_push_find(push, history, error);
}

static void the_newest_good_build_is_pushed_under_its_own_names(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    struct sw_record_facts good = project_facts(rig, '1'), rejected = project_facts(rig, '2');
    struct sw_push push;
    struct sw_error error;
    rejected.result = SW_RECORD_REJECTED;
    assert_int_equal(find_push(&push, rig, history, &error), SW_ENO);
    (void)project_record(rig, history, &good, profile);
    (void)project_record(rig, history, &rejected, profile);
    assert_int_equal(find_push(&push, rig, history, &error), SW_EINPUT); /* no profile says the name */
    assert_non_null(strstr(error.text, "that is no name of the profile's own images"));
    project_write(rig, "demo.yaml", profile);
    assert_int_equal(find_push(&push, rig, history, &error), 0);
    assert_string_equal(push.image, good.image.id);
    assert_int_equal(push.record.number, 1);
    push.tags.count = 0;
    assert_int_equal(sw_push_check(&push, &error), SW_ENO);
}

/* ---- an interrupted rollback ---- */

static void a_build_waits_for_an_interrupted_rollback(void **state)
{
    struct project_rig *rig = *state;
    SW_HISTORY_AUTO *history = open_records(rig);
    struct sw_record_facts back = project_facts(rig, '1');
    struct sw_error error = {0};
    struct sw_intent intent;
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, 1 << 16);
    assert_int_equal(sw_records_refuse_interrupted(&rig->project, "demo", &error), 0);
    (void)project_record(rig, history, &back, profile);
    struct sw_record base = project_record(rig, history, &back, profile);
    back.kind = SW_RECORD_ROLLBACK;
    back.rollback_to = 1;
    back.rollback_how = "present";
    struct sw_builder b = {.arena = &rig->arena};
    sw_json_write(&json, sw_record_facts_json(&b, &back), SW_JSON_SHOWN);
    const struct sw_record_file file = {"record.json", sw_buffer_str(&json), false};
    const struct sw_record_draft draft = {.profile = "demo", .base = &base, .files = &file, .files_count = 1};
    assert_int_equal(sw_history_intend(&intent, &rig->arena, history, &draft, &error), 0);
    assert_int_equal(sw_records_refuse_interrupted(&rig->project, "demo", &error), SW_EINPUT);
    assert_string_equal(error.hint, "finish it: slipway rollback demo");
    assert_int_equal(sw_history_forget(history, "demo", NULL), 0);
    assert_int_equal(sw_records_refuse_interrupted(&rig->project, "demo", &error), 0);
}

int suite_restore(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        TEST(only_a_verified_build_of_another_image_is_gone_back_to),
        TEST(a_rollback_counts_as_the_build_that_it_went_back_to),
        TEST(a_refused_record_is_told_of_and_passed_over),
        TEST(a_number_must_be_that_of_a_build_with_an_image),
        TEST(a_record_brings_back_profiles_and_locks_only),
        TEST(a_link_is_never_followed),
        TEST(only_tags_of_the_profiles_own_images_are_moved),
        TEST(contents_that_nobody_keeps_are_not_replaced),
        TEST(contents_that_came_meanwhile_are_not_replaced),
        TEST(the_only_profile_with_records_needs_no_name),
        TEST(a_rollback_without_an_engine_is_an_error),
        TEST(an_image_is_called_as_the_profile_says_now),
        TEST(the_newest_good_build_is_pushed_under_its_own_names),
        TEST(a_build_waits_for_an_interrupted_rollback),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
