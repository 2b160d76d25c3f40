#include "unit.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "profile/needs.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A project beside what is not of it:  project/in.txt, outside/key, project/link -> ../outside. */
struct place {
    struct sw_arena arena;
    char folder[PATH_MAX];
    struct sw_permissions permissions;
};

static const char *at(struct place *place, const char *name)
{
    const char *path = sw_path_join(&place->arena, place->folder, name);
    assert_non_null(path);
    return path;
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    char made[] = "/tmp/slipway-permission-XXXXXX";
    assert_non_null(mkdtemp(made));
    assert_non_null(realpath(made, place->folder));
    sw_arena_init(&place->arena, SW_MIB);
    place->permissions.arena = &place->arena;
    assert_int_equal(sw_dir_make(at(place, "project"), 0755, NULL), 0);
    assert_int_equal(sw_dir_make(at(place, "outside"), 0755, NULL), 0);
    assert_int_equal(sw_file_write(at(place, "project/in.txt"), SW_STR("in"), 0644, NULL), 0);
    assert_int_equal(sw_file_write(at(place, "outside/key"), SW_STR("key"), 0644, NULL), 0);
    assert_int_equal(symlink("../outside", at(place, "project/link")), 0);
    assert_int_equal(symlink("nowhere", at(place, "project/dangling")), 0);
    assert_int_equal(sw_permissions_add_path(&place->permissions, at(place, "project"),
                                             SW_ACCESS_READ | SW_ACCESS_WRITE, NULL),
                     0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(sw_dir_remove(place->folder, NULL), 0);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

static void paths_become_real(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *path, *real;
    } rows[] = {
        {"project/in.txt", "project/in.txt"},
        {"project/./../project//in.txt", "project/in.txt"},
        {"project/link", "outside"},
        {"project/link/key", "outside/key"},
        {"project/link/../key", "key"}, /* ".." of the folder that the link leads to */
        {"project/link/new/file", "outside/new/file"},
        {"project/new/../../outside", "outside"},
        {"project/dangling", "project/dangling"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_string_equal(sw_path_real(&place->arena, at(place, rows[i].path)), at(place, rows[i].real));
    char here[PATH_MAX];
    assert_non_null(realpath(".", here));
    assert_string_equal(sw_path_real(&place->arena, "no-such-file"),
                        sw_path_join(&place->arena, here, "no-such-file"));
    assert_string_equal(sw_path_real(&place->arena, "/"), "/");
}

static void a_folder_covers_what_is_below_it(void **state)
{
    (void)state;
    assert_true(sw_path_covers("/a", "/a"));
    assert_true(sw_path_covers("/a", "/a/b"));
    assert_true(sw_path_covers("/", "/a"));
    assert_false(sw_path_covers("/a", "/ab"));
    assert_false(sw_path_covers("/a/b", "/a"));
}

static void real_paths_are_opened_without_links(void **state)
{
    struct place *place = *state;
    SW_FD_AUTO file = sw_open_real(at(place, "project/in.txt"), O_RDONLY);
    SW_FD_AUTO root = sw_open_real("/", O_PATH | O_DIRECTORY);
    SW_FD_AUTO through = sw_open_real(at(place, "project/link/key"), O_RDONLY);
    SW_FD_AUTO dangling = sw_open_real(at(place, "project/dangling"), O_RDONLY);
    assert_true(file >= 0);
    assert_true(root >= 0);
    assert_int_equal(through, -1);
    assert_int_equal(dangling, -1);
}

static int read_it(struct place *place, const char *name, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_KIB);
    return sw_permissions_read(&text, &place->permissions, at(place, name), error);
}

static void only_what_is_allowed_is_read(void **state)
{
    struct place *place = *state;
    struct sw_error error;
    assert_int_equal(read_it(place, "project/in.txt", &error), 0);
    assert_int_equal(read_it(place, "project/none", &error), SW_ENOTFOUND);
    assert_int_equal(read_it(place, "project", &error), SW_EINPUT);
    assert_int_equal(read_it(place, "outside/key", &error), SW_EREFUSED);
    assert_int_equal(read_it(place, "outside/none", &error),
                     SW_EREFUSED); /* whether it is there is not told */
    assert_int_equal(read_it(place, "project/link/key", NULL), SW_EREFUSED);
    assert_int_equal(read_it(place, "project/link/key", &error), SW_EREFUSED);
    const char *word =
        sw_arena_format(&place->arena, "to allow it: --allow fs.read=%s/outside/key", place->folder);
    assert_string_equal(error.hint, word);
    assert_int_equal(sw_permissions_add_word(&place->permissions, "fs.read=outside", place->folder, &error),
                     0);
    assert_int_equal(read_it(place, "project/link/key", &error), 0);
    assert_int_equal(mkfifo(at(place, "project/pipe"), 0644), 0);
    assert_int_equal(read_it(place, "project/pipe", &error), SW_EINPUT);
}

static void reading_is_not_writing(void **state)
{
    struct place *place = *state;
    struct sw_permissions *permissions = &place->permissions;
    const char *key = at(place, "project/link/key");
    assert_int_equal(sw_permissions_add_word(permissions, "fs.read=outside", place->folder, NULL), 0);
    assert_int_equal(sw_permissions_rewrite(permissions, key, SW_STR("x"), NULL), SW_EREFUSED);
    assert_int_equal(sw_permissions_add_word(permissions, "fs.write=outside", place->folder, NULL), 0);
    assert_int_equal(sw_permissions_rewrite(permissions, key, SW_STR("x"), NULL), 0);
}

static void nobody_allows_nothing(void **state)
{
    struct place *place = *state;
    const char *real = NULL;
    struct sw_error error;
    assert_int_equal(sw_permissions_find(&real, &place->arena, NULL, place->folder, SW_ACCESS_READ, &error),
                     SW_EREFUSED);
    assert_null(real);
}

static void words_are_quoted_for_a_shell(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *text, *word;
    } rows[] = {{"fs.read=/a/b-c_d.e", "fs.read=/a/b-c_d.e"},
                {"a b", "'a b'"},
                {"a'b", "'a'\\''b'"},
                {"$(x)", "'$(x)'"},
                {"", "''"},
                {"a\033[31mb", "'ab'"}};
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_string_equal(sw_text_shell_word(&place->arena, sw_str_from(rows[i].text)), rows[i].word);
}

int suite_permission(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_become_real, set_up, tear_down),
        cmocka_unit_test(a_folder_covers_what_is_below_it),
        cmocka_unit_test_setup_teardown(real_paths_are_opened_without_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_is_allowed_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reading_is_not_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_allows_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(words_are_quoted_for_a_shell, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
