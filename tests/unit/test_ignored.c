#include "unit.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "history/ignored.h"

/* Run a shell command in the folder; it must succeed. */
static void sh(const char *folder, const char *command)
{
    const char *const argv[] = {"sh", "-ec", command, NULL};
    const struct sw_process_options options = {.argv = argv, .directory = folder};
    struct sw_process_result result = {0};
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO err;
    sw_buffer_init(&out, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&err, SW_MAX_PROCESS_OUTPUT);
    if (sw_process_run(&result, &options, &out, &err, NULL) != 0 || result.status != 0)
        fail_msg("%s: %s", command, err.p);
}

static void git_is_asked(void **state)
{
    static const struct {
        const char *path;
        bool folder, ignored;
    } cases[] = {
        {"handler.py", false, false},
        {".env", false, true},
        {"deep/.env", false, true},
        {"notes", false, true},
        {"kept.log", false, false},
        {"other.log", false, true},
        {"cache", true, true},
        {"cache/a/b", false, true},
        {"mixed", true, false},
        {"mixed/in", false, false},
        {"mixed/out", false, true},
        {"sub/own.txt", false, true},
        {"sub/.gitignore", false, false},
    };
    char folder[] = "/tmp/slipway-test-XXXXXX";
    struct sw_ignored *ignored = NULL;
    struct sw_error error = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    sh(folder,
       "git init -q repo; cd repo; mkdir -p app/deep app/cache/a app/mixed app/sub; cd app; "
       "touch handler.py .env deep/.env notes kept.log other.log cache/a/b mixed/in mixed/out sub/own.txt; "
       "printf '.env\\n*.log\\n!kept.log\\ncache/\\nmixed/\\n' >../.gitignore; echo own.txt >sub/.gitignore; "
       "echo notes >../.git/info/exclude; git add -f mixed/in");
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_ignored_open(&ignored, sw_arena_format(&arena, "%s/repo/app", folder), &error) != 0)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        bool is = false;
        assert_int_equal(sw_ignored_check(&is, ignored, cases[i].path, cases[i].folder, NULL), 0);
        if (is != cases[i].ignored)
            fail_msg("%s", cases[i].path);
    }
    sw_ignored_free(ignored);

    /* no repository: nothing is ignored */
    bool is = true;
    ignored = NULL;
    sh(folder, "mkdir plain");
    assert_int_equal(sw_ignored_open(&ignored, sw_arena_format(&arena, "%s/plain", folder), NULL), 0);
    assert_int_equal(sw_ignored_check(&is, ignored, ".env", false, NULL), 0);
    assert_false(is);
    sw_ignored_free(ignored);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
}

static void histories_are_told(void **state)
{
    (void)state;
    assert_true(sw_is_version_control(".git"));
    assert_true(sw_is_version_control("a/.git/config"));
    assert_true(sw_is_version_control("a/.GIT"));
    assert_true(sw_is_version_control("x/.hg/store"));
    assert_false(sw_is_version_control(".gitignore"));
    assert_false(sw_is_version_control("a/.github/x"));
    assert_false(sw_is_version_control("git"));
}

int suite_ignored(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(git_is_asked),
        cmocka_unit_test(histories_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
