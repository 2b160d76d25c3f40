#include "project_rig.h"

#include "base/descriptor.h"
#include "base/file.h"
#include "base/limits.h"
#include "project/expand.h"
#include "project/grants.h"
#include "project/profiles.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- folders ---- */

static void folders_follow_the_variables(void **state)
{
    struct project_rig *rig = *state;
    struct sw_project *project = &rig->project;
    assert_string_equal(sw_project_cache(project), project_in(rig, "home/.cache/slipway"));
    assert_string_equal(sw_project_state(project), project_in(rig, "home/.local/state/slipway"));
    project_set(rig, "XDG_CACHE_HOME=/elsewhere/cache");
    project_set(rig, "XDG_STATE_HOME=relative");
    assert_string_equal(sw_project_cache(project), "/elsewhere/cache/slipway");
    assert_string_equal(sw_project_state(project), project_in(rig, "home/.local/state/slipway"));
    project_set(rig, "HOME=relative");
    assert_int_equal(sw_project_home(project)[0], '/');
    assert_string_equal(sw_project_path(project, "."), rig->folder);
    assert_string_equal(sw_project_path(project, "a/b"), project_in(rig, "a/b"));
    assert_string_equal(sw_project_path(project, "/a"), "/a");
}

static void the_first_variable_that_is_set_counts(void **state)
{
    static const char *const names[] = {"NONE", "EMPTY", "SET", "LATER"};
    struct project_rig *rig = *state;
    project_set(rig, "EMPTY=");
    project_set(rig, "LATER=2");
    project_set(rig, "SET=1");
    assert_string_equal(sw_project_variable(&rig->project, names, SW_COUNT(names)), "1");
    assert_null(sw_project_variable(&rig->project, names, 2));
}

/* A folder that cannot be made is told of once; temporary files then go elsewhere, and no lock is needed. */
static void a_cache_that_cannot_be_written_is_told_once(void **state)
{
    struct project_rig *rig = *state;
    struct sw_temporary temporary;
    const char *path = NULL;
    SW_FD_AUTO lock = -1;
    project_write(rig, "file", "");
    project_set(rig, sw_arena_format(&rig->arena, "XDG_CACHE_HOME=%s/file", rig->folder));
    assert_null(sw_project_writable_cache(&rig->project));
    assert_null(sw_project_writable_cache(&rig->project));
    assert_non_null(rig->project.cache_problem);
    assert_ptr_equal(strstr(rig->told.p, "nothing is kept between runs: "), rig->told.p);
    assert_null(strstr(rig->told.p + 1, "nothing is kept"));
    assert_int_equal(sw_project_lock(&lock, &rig->project, "x.lock", NULL), 0);
    assert_int_equal(lock, -1);
    assert_int_equal(sw_project_temporary(&temporary, &path, &rig->project, NULL), 0);
    assert_ptr_equal(strstr(path, "/var/tmp/"), path);
    sw_temporary_drop(&temporary);
}

static void a_writable_cache_holds_locks_and_temporary_folders(void **state)
{
    struct project_rig *rig = *state;
    struct sw_temporary temporary;
    struct stat status;
    const char *path = NULL;
    SW_FD_AUTO lock = -1;
    const char *cache = sw_project_writable_cache(&rig->project);
    assert_string_equal(cache, project_in(rig, "home/.cache/slipway"));
    assert_int_equal(sw_project_lock(&lock, &rig->project, "x.lock", NULL), 0);
    assert_true(lock >= 0);
    assert_int_equal(sw_project_temporary(&temporary, &path, &rig->project, NULL), 0);
    assert_ptr_equal(strstr(path, cache), path);
    sw_temporary_drop(&temporary);
    assert_int_not_equal(stat(path, &status), 0);
    assert_int_equal(rig->told.n, 0);
}

/* ---- profiles ---- */

static void profiles_are_found_by_file_and_by_name(void **state)
{
    static const struct {
        const char *word, *path;
    } found[] = {{"one", "slipway/one.yaml"},  {"one.yaml", "slipway/one.yaml"},
                 {"two", "two.yaml"},          {"profiles/x.yml", "profiles/x.yml"},
                 {"called", "profiles/x.yml"}, {"two.yaml", "two.yaml"}};
    struct project_rig *rig = *state;
    const char *path = NULL;
    project_write(rig, "slipway/one.yaml", "slipway: 1\nname: one\n");
    project_write(rig, "profiles/x.yml", "slipway: 1\nname: called\n");
    project_write(rig, "two.yaml", "slipway: 1\nname: two\n");
    project_write(rig, "compose.yaml", "services: {}\n");
    for (size_t i = 0; i < SW_COUNT(found); i++) {
        struct sw_error error = {0};
        if (sw_profiles_find(&path, &rig->project, found[i].word, &error) != 0)
            fail_msg("%s: %s", found[i].word, error.text);
        assert_string_equal(path, project_in(rig, found[i].path));
    }
    struct sw_texts all = {0};
    assert_int_equal(sw_profiles_list(&all, &rig->project, NULL), 0);
    assert_int_equal(all.count, 3);
    assert_string_equal(all.items[0], project_in(rig, "profiles/x.yml"));
    assert_string_equal(all.items[2], project_in(rig, "two.yaml"));
}

static void refuse(struct project_rig *rig, const char *word, int code, const char *text, const char *hint)
{
    struct sw_error error = {0};
    const char *path = NULL;
    assert_int_equal(sw_profiles_find(&path, &rig->project, word, &error), code);
    assert_non_null(strstr(error.text, text));
    assert_non_null(strstr(error.hint, hint));
    assert_null(path);
}

static void a_profile_that_cannot_be_meant_is_refused(void **state)
{
    struct project_rig *rig = *state;
    refuse(rig, "one", SW_ENOTFOUND, "no profile 'one' here", "looked for slipway/one.yaml");
    project_write(rig, "slipway/one.yaml", "slipway: 1\nname: same\n");
    refuse(rig, "ome", SW_ENOTFOUND, "no profile 'ome' here", "did you mean 'one'?");
    project_write(rig, "one.yaml", "slipway: 1\nname: same\n");
    refuse(rig, "one", SW_EINPUT, "are both the profile 'one'", "name the file instead, or remove");
    refuse(rig, "same", SW_EINPUT, "are both the profile 'same'", "name the file instead");
}

static void the_only_profile_needs_no_name(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_texts none = {0};
    struct sw_texts paths = {0};
    struct sw_error error = {0};
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, false, &error), SW_EINPUT);
    assert_string_equal(error.text, "no profile here");
    project_write(rig, "slipway/one.yaml", "slipway: 1\n");
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, false, &error), 0);
    assert_int_equal(paths.count, 1);
    project_write(rig, "slipway/two.yaml", "slipway: 1\n");
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, false, &error), SW_EINPUT);
    assert_string_equal(error.text, "which profile? there are 2 here");
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, true, &error), 0);
    assert_int_equal(paths.count, 2);
    const char *words[] = {"two"};
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &(struct sw_texts){words, 1}, false, &error),
                     0);
    assert_string_equal(paths.items[0], project_in(rig, "slipway/two.yaml"));
}

static void profiles_above_are_hinted_at(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_texts none = {0};
    struct sw_texts paths = {0};
    struct sw_error error = {0};
    project_write(rig, "slipway/one.yaml", "slipway: 1\n");
    project_write(rig, "src/deep/file", "");
    rig->project.directory = project_in(rig, "src/deep");
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, false, &error), SW_EINPUT);
    assert_non_null(strstr(error.hint, "use -C"));
    project_write(rig, "src/deep/.git", "gitdir: x\n");
    project_write(rig, "src/.git", "gitdir: x\n");
    assert_int_equal(sw_profiles_choose(&paths, &rig->project, &none, false, &error), SW_EINPUT);
    assert_null(strstr(error.hint, "use -C"));
}

/* ---- grants ---- */

static void a_secret_is_read_by_its_fields(void **state)
{
    static const struct {
        const char *text, *id, *file, *variable;
    } good[] = {{"id=a,src=f", "a", "f", NULL},
                {"source=f,id=a,type=file", "a", "f", NULL},
                {"id=a,env=V", "a", NULL, "V"},
                {"id=a", "a", NULL, NULL}};
    static const char *const bad[] = {"", "a", "src=f", "id=", "id=a,src=f,env=V", "id=a,mode=7", "id=a,src"};
    struct project_rig *rig = *state;
    struct sw_secret_grant grant;
    for (size_t i = 0; i < SW_COUNT(good); i++) {
        assert_int_equal(sw_secret_grant_read(&grant, &rig->arena, good[i].text, NULL), 0);
        assert_string_equal(grant.id, good[i].id);
        assert_int_equal(grant.file == NULL, good[i].file == NULL);
        assert_int_equal(grant.variable == NULL, good[i].variable == NULL);
    }
    for (size_t i = 0; i < SW_COUNT(bad); i++)
        assert_int_equal(sw_secret_grant_read(&grant, &rig->arena, bad[i], NULL), SW_EINPUT);
}

/* A file that the caller names outside of the project brings its own project with it; a link within the project does not. */
static void a_named_file_outside_brings_its_project(void **state)
{
    struct project_rig *rig = *state;
    struct sw_permissions *permissions = &rig->project.permissions;
    const char *real = NULL;
    project_write(rig, "here/a.yaml", "slipway: 1\n");
    project_write(rig, "here/.git", "");
    project_write(rig, "other/b.yaml", "slipway: 1\n");
    project_write(rig, "other/.git", "");
    project_write(rig, "other/c.txt", "");
    assert_int_equal(symlink("../other/c.txt", project_in(rig, "here/link")), 0);
    rig->project.directory = project_in(rig, "here");
    *permissions = (struct sw_permissions){0};
    assert_int_equal(sw_grants_open(&rig->project, NULL), 0);
    const char *beside = project_in(rig, "other/c.txt"), *link = project_in(rig, "here/link");
    assert_int_equal(sw_permissions_find(&real, &rig->arena, permissions, beside, SW_ACCESS_READ, NULL),
                     SW_EREFUSED);
    assert_int_equal(sw_grants_check_file(&rig->project, link, SW_ACCESS_READ, NULL), SW_EREFUSED);
    assert_int_equal(sw_grants_check_file(&rig->project, beside, SW_ACCESS_READ, NULL), 0);
    assert_int_equal(sw_grants_add_file(&rig->project, project_in(rig, "other/b.yaml"), NULL), 0);
    assert_int_equal(sw_permissions_find(&real, &rig->arena, permissions, beside, SW_ACCESS_READ, NULL), 0);
}

static void the_words_of_the_caller_become_permissions(void **state)
{
    static const char *words[] = {"secret=TOKEN"}, *secrets[] = {"id=key,env=KEY"}, *agents[] = {"default"};
    struct project_rig *rig = *state;
    struct sw_permissions *permissions = &rig->project.permissions;
    assert_false(permissions->agent);
    *permissions = (struct sw_permissions){0};
    rig->project.grants = (struct sw_grants){{words, 1}, {secrets, 1}, {agents, 1}};
    assert_int_equal(sw_grants_open(&rig->project, NULL), 0);
    assert_true(permissions->agent);
    assert_true(sw_permissions_has_variable(permissions, "TOKEN"));
    assert_true(sw_permissions_has_secret(permissions, "key"));
    assert_false(sw_permissions_has_variable(permissions, "KEY"));
    words[0] = "everything";
    assert_int_equal(sw_grants_open(&rig->project, NULL), SW_EINPUT);
}

static void what_profiles_lack_is_found_once(void **state)
{
    struct project_rig *rig = *state;
    SW_FINDINGS_AUTO missing;
    sw_findings_init(&missing);
    static const char text[] = "slipway: 1\nname: one\nbase_image: {bootstrap: \"debian:bookworm\"}\n"
                               "python_version: \"3.11\"\nsecrets: [{id: token, env: HF_TOKEN}]\n";
    project_write(rig, "one.yaml", text);
    project_write(rig, "two.yaml", "slipway: [\n");
    const char *paths[] = {project_in(rig, "one.yaml"), project_in(rig, "two.yaml"),
                           project_in(rig, "one.yaml")};
    assert_int_equal(
        sw_grants_missing(&missing, &rig->project, &(struct sw_texts){paths, SW_COUNT(paths)}, NULL), 0);
    assert_int_equal(missing.count, 1);
    assert_string_equal(missing.items[0]->subject, "secret=HF_TOKEN");
}

/* ---- names ---- */

static void the_profiles_name_stands_for_its_place_holder(void **state)
{
    struct project_rig *rig = *state;
    static const char *given[] = {"r.example/{profile}:{profile}-1", "plain:1"};
    struct sw_texts tags = {0};
    struct sw_error error = {0};
    assert_null(sw_expand_profile(&rig->arena, NULL, "p"));
    assert_string_equal(sw_expand_profile(&rig->arena, "a-{profile}-{prof", "p"), "a-p-{prof");
    assert_int_equal(sw_expand_tags(&tags, &rig->arena, &(struct sw_texts){given, 2}, "p", NULL), 0);
    assert_string_equal(tags.items[0], "r.example/p:p-1");
    assert_string_equal(tags.items[1], "plain:1");
    given[1] = "{profile}:{";
    assert_int_equal(sw_expand_tags(&tags, &rig->arena, &(struct sw_texts){given, 2}, "p", &error),
                     SW_EINPUT);
    assert_non_null(strstr(error.text, "'p:{' is no name of an image"));
}

int suite_project(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        TEST(folders_follow_the_variables),
        TEST(the_first_variable_that_is_set_counts),
        TEST(a_cache_that_cannot_be_written_is_told_once),
        TEST(a_writable_cache_holds_locks_and_temporary_folders),
        TEST(profiles_are_found_by_file_and_by_name),
        TEST(a_profile_that_cannot_be_meant_is_refused),
        TEST(the_only_profile_needs_no_name),
        TEST(profiles_above_are_hinted_at),
        TEST(a_secret_is_read_by_its_fields),
        TEST(a_named_file_outside_brings_its_project),
        TEST(the_words_of_the_caller_become_permissions),
        TEST(what_profiles_lack_is_found_once),
        TEST(the_profiles_name_stands_for_its_place_holder),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
