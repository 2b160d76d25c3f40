#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "history/recipe.h"

/* A history in a new folder, in a repository of slipway's own there. */
struct rig {
    struct sw_arena arena;
    char folder[64];
    struct sw_history *history;
};

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    sw_arena_init(&rig->arena, SW_MAX_ARENA);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    const char *own = sw_arena_format(&rig->arena, "%s/own.git", rig->folder);
    assert_int_equal(sw_history_open(&rig->history, rig->folder, own, NULL, NULL), 0);
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    sw_history_close(rig->history);
    assert_int_equal(sw_dir_remove(rig->folder, NULL), 0);
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

#define BASE                                                                                \
    "\"base\": {\"reference\": \"localhost/slipway-base:debian-bookworm\", \"bootstrap\": " \
    "\"debian:bookworm\"}"

/* Record these three files, or those of them that are not NULL, and read the recipe of that. */
static int record_and_read(struct sw_recipe *recipe, struct rig *rig, const char *plan,
                           const char *dockerfile, const char *installed, struct sw_error *error)
{
    const char *const paths[] = {"plan.json", "rendered/Dockerfile", "installed.txt"};
    const char *const contents[] = {plan, dockerfile, installed};
    struct sw_record_file files[SW_COUNT(paths)];
    struct sw_record record;
    size_t count = 0;
    for (size_t i = 0; i < SW_COUNT(paths); i++) {
        if (contents[i] != NULL)
            files[count++] = (struct sw_record_file){paths[i], sw_str_from(contents[i]), false};
    }
    const struct sw_record_draft draft = {
        .profile = "demo", .summary = "x", .text = "", .files = files, .files_count = count};
    assert_int_equal(sw_history_append(&record, &rig->arena, rig->history, &draft, NULL), 0);
    return sw_recipe_read(recipe, &rig->arena, rig->history, &record, error);
}

static void what_is_kept_is_read(void **state)
{
    struct rig *rig = *state;
    struct sw_recipe recipe;
    struct sw_error error = {0};
    if (record_and_read(&recipe, rig,
                        "{" BASE
                        ", \"copies\": [{\"from\": \"app\", \"source\": \"context/app\"}], \"ssh\": true, "
                        "\"secrets\": [{\"id\": \"token\", \"env\": \"HF_TOKEN\"}]}",
                        "FROM x\n", "numpy==1.26.4\ntorch==2.8.0+cu128\n", &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(recipe.base, "localhost/slipway-base:debian-bookworm");
    assert_string_equal(recipe.bootstrap, "debian:bookworm");
    assert_true(recipe.copies && recipe.ssh);
    assert_int_equal(recipe.secrets.count, 1);
    assert_string_equal(recipe.secrets.items[0], "token");
    assert_int_equal(recipe.files_count, 1);
    assert_string_equal(recipe.files[0].name, "Dockerfile");
    assert_string_equal(recipe.installed.p, "numpy==1.26.4\ntorch==2.8.0+cu128\n");
    assert_null(recipe.context.p);
}

static void what_no_slipway_keeps_is_refused(void **state)
{
    static const struct {
        const char *plan, *dockerfile, *installed, *refused;
    } cases[] = {
        {NULL, "FROM x\n", NULL, "'plan.json' is missing"},
        {"{" BASE "}", NULL, NULL, "'rendered' is missing"},
        {"{", "FROM x\n", NULL, "'plan.json' is no JSON"},
        {"[]", "FROM x\n", NULL, "'plan.json' is no map"},
        {"{}", "FROM x\n", NULL, "'base.reference' is missing"},
        {"{\"base\": [\"a\"]}", "FROM x\n", NULL, "'base.reference' is missing"},
        {"{\"base\": {\"reference\": \"-x\"}}", "FROM x\n", NULL, "'base.reference'"},
        {"{\"base\": {\"reference\": \"python:3.11-slim\", \"bootstrap\": \"debian:bookworm\"}}", "FROM x\n",
         NULL, "'base.reference' is no name for a base system that is made here"},
        {"{\"base\": {\"reference\": \"localhost/slipway-base:x\", \"bootstrap\": \"debian:../x\"}}",
         "FROM x\n", NULL, "'base.bootstrap'"},
        {"{" BASE ", \"secrets\": [7]}", "FROM x\n", NULL, "'secrets[0].id'"},
        {"{" BASE ", \"secrets\": [{\"id\": \"\\u001b[2J\"}]}", "FROM x\n", NULL, "'secrets[0].id'"},
        {"{" BASE "}", "FROM x\n", "--index-url=https://example.org==1\n", "'installed.txt'"},
        {"{" BASE "}", "FROM x\n", "-r /etc/passwd\n", "'installed.txt'"},
        {"{" BASE "}", "FROM x\n", "a==1\n\nb==2\n", "'installed.txt'"},
        {"{" BASE "}", "FROM x\n", "a==1 --hash=x\n", "'installed.txt'"},
        {"{" BASE "}", "FROM x\n", "a @ https://example.org\n", "'installed.txt'"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_recipe recipe;
        struct sw_error error = {0};
        int code =
            record_and_read(&recipe, rig, cases[i].plan, cases[i].dockerfile, cases[i].installed, &error);
        if (code != SW_EINPUT || strstr(error.text, cases[i].refused) == NULL)
            fail_msg("%s: %d %s", cases[i].refused, code, error.text);
    }
}

/* Two plans are compared list by list: what would take a day is refused. */
static void long_lists_are_refused(void **state)
{
    struct rig *rig = *state;
    struct sw_recipe recipe;
    struct sw_error error = {0};
    SW_BUFFER_AUTO plan;
    sw_buffer_init(&plan, SW_MAX_RECORD_JSON);
    sw_buffer_add_text(&plan, "{" BASE ", \"x\": [{\"y\": [0");
    for (int i = 0; i < 100000; i++)
        sw_buffer_addf(&plan, ",%d", i);
    sw_buffer_add_text(&plan, "]}]}");
    assert_int_equal(record_and_read(&recipe, rig, plan.p, "FROM x\n", NULL, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "too long"));
}

int suite_recipe(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_read, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(what_no_slipway_keeps_is_refused, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(long_lists_are_refused, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
