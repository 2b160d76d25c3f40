#include "base/file.h"
#include "base/limits.h"
#include "index/index_internal.h"
#include "index/missing_imports_internal.h"

#include "unit.h"

#include <stdlib.h>

/* An index that may fetch nothing, with a store that has the kept forms of two wheels: app imports `lib` and a name of it. */
struct rig {
    char folder[32];
    struct sw_index index;
    struct sw_arena answers;
    struct sw_index_file files[2];
    struct sw_index_wheel wheels[2];
    struct sw_index_loss *losses;
    size_t loss_count;
};

static const char app_key[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  lib_key[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void put(const struct rig *rig, const char *form, const char *key, const char *text)
{
    char name[256];
    (void)snprintf(name, sizeof name, "%s %s", form, key);
    sw_store_put(rig->index.options.cache.store, sw_str_from(name), sw_str_from(text));
}

static int begin(void **state)
{
    char pair[2 * SW_SHA256_HEX_SIZE];
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    assert_int_equal(sw_store_new(&rig->index.options.cache.store, rig->folder, NULL), 0);
    rig->index.options.cache.offline = true;
    sw_arena_init(&rig->index.arena, SW_MAX_INDEX_MEMORY);
    sw_arena_init(&rig->answers, SW_MAX_ARENA);
    put(rig, SW_KEPT_FILES, app_key, "1\t1\tapp/__init__.py\n");
    put(rig, SW_KEPT_IMPORTS, app_key,
        "app/__init__.py\t3\tlib.part\tname\t100\t\tcertain\t\ttorch<2.1\t4\t5\t\n");
    put(rig, SW_KEPT_FILES, lib_key, "2\t1\tlib/__init__.py\n");
    put(rig, SW_KEPT_IMPORTS, lib_key, "");
    (void)snprintf(pair, sizeof pair, "%s %s", app_key, lib_key);
    put(rig, SW_KEPT_LOSSES, pair,
        "app/__init__.py\t3\tlib.part\tname\t100\t\tcertain\t\ttorch<2.1\t4\t5\t\tlib.part\tname\n");
    *state = rig;
    return 0;
}

static int end(void **state)
{
    struct rig *rig = *state;
    sw_arena_release(&rig->answers);
    sw_arena_release(&rig->index.arena);
    sw_store_free(rig->index.options.cache.store);
    int code = sw_dir_remove(rig->folder, NULL);
    free(rig);
    return code;
}

/* Ask for the losses, as the check of a profile does. */
static void ask(struct rig *rig)
{
    static const char *const projects[] = {"app", "lib"}, *const keys[] = {app_key, lib_key};
    for (size_t i = 0; i < SW_COUNT(projects); i++) {
        rig->files[i] =
            (struct sw_index_file){.kind = SW_INDEX_WHEEL, .name = projects[i], .url = "", .sha256 = keys[i]};
        rig->wheels[i] =
            (struct sw_index_wheel){.project = projects[i], .file = &rig->files[i], .imports = true};
    }
    assert_int_equal(sw_index_losses(&rig->losses, &rig->loss_count, &rig->answers, &rig->index, rig->wheels,
                                     SW_COUNT(projects), NULL),
                     0);
}

static void assert_answers(const struct rig *rig)
{
    const struct sw_index_wheel *app = &rig->wheels[0];
    assert_int_equal(app->code, 0);
    assert_int_equal(app->files->count, 1);
    assert_int_equal(app->found_count, 1);
    const struct sw_index_import *import = &app->found[0];
    assert_string_equal(import->member, "app/__init__.py");
    assert_string_equal(import->module, "lib.part");
    assert_string_equal(import->name, "name");
    assert_string_equal(import->terms.condition, "torch<2.1");
    assert_int_equal(import->line, 3);
    assert_int_equal(import->share, 100);
    assert_int_equal(import->terms.attempt, 4);
    assert_int_equal(import->terms.instead, 5);
    assert_true(import->certain);
    assert_false(import->lazy || import->described || import->refuses);
    assert_true(sw_wheel_files_has_module(rig->wheels[1].files, SW_STR("lib")));
    assert_int_equal(rig->wheels[1].found_count, 0);
}

static void kept_answers_are_read(void **state)
{
    struct rig *rig = *state;
    ask(rig);
    assert_answers(rig);
    assert_int_equal(rig->loss_count, 1);
    assert_ptr_equal(rig->losses[0].importer, &rig->wheels[0]);
    assert_ptr_equal(rig->losses[0].from, &rig->wheels[1]);
    assert_string_equal(rig->losses[0].gone, "lib.part");
    assert_string_equal(rig->losses[0].terms.condition, "torch<2.1");
    assert_true(rig->losses[0].is_name);
}

static void a_wheel_is_read_once(void **state)
{
    struct rig *rig = *state;
    ask(rig);
    const struct sw_index_import *found = rig->wheels[0].found;
    const struct sw_wheel_files *files = rig->wheels[0].files;
    sw_arena_release(&rig->answers);
    sw_arena_init(&rig->answers, SW_MAX_ARENA);
    put(rig, SW_KEPT_FILES, app_key, "");
    put(rig, SW_KEPT_IMPORTS, app_key, "");
    ask(rig);
    assert_ptr_equal(rig->wheels[0].found, found);
    assert_ptr_equal(rig->wheels[0].files, files);
    assert_answers(rig);
}

static void a_full_index_reads_wheels_for_one_answer(void **state)
{
    struct rig *rig = *state;
    rig->index.arena.used = SW_MAX_INDEX_WHEELS;
    for (int i = 0; i < 2; i++) {
        ask(rig);
        assert_answers(rig);
        assert_null(rig->index.wheels);
        sw_arena_release(&rig->answers);
        sw_arena_init(&rig->answers, SW_MAX_ARENA);
    }
}

static void a_wheel_that_was_not_kept_is_not_read(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_dir_remove(rig->folder, NULL), 0);
    ask(rig);
    assert_int_equal(rig->wheels[0].code, SW_EENV);
    assert_non_null(strstr(rig->wheels[0].error.text, "not in the cache"));
    assert_int_equal(rig->wheels[0].files->count, 0);
    assert_int_equal(rig->wheels[0].found_count, 0);
    assert_int_equal(rig->loss_count, 0);
}

int suite_missing_imports(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_answers_are_read, begin, end),
        cmocka_unit_test_setup_teardown(a_wheel_is_read_once, begin, end),
        cmocka_unit_test_setup_teardown(a_full_index_reads_wheels_for_one_answer, begin, end),
        cmocka_unit_test_setup_teardown(a_wheel_that_was_not_kept_is_not_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
