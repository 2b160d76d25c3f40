#include "unit.h"

#include "catalog/catalog.h"
#include "python/version.h"

#include "base/file.h"
#include "base/limits.h"

static struct sw_version version_of(const struct sw_node *row)
{
    struct sw_version version;
    struct sw_error error;
    const struct sw_node *text = sw_node_get(row, "version");
    if (sw_version_parse(&version, text->text, &error) != 0)
        fail_msg("%s:%u: '%s' is no version", text->file, text->line, text->text.p);
    return version;
}

/* Releases stand oldest first: what is nearest and what is newest is read from the order. */
static void releases_are_in_order(void **state)
{
    const struct sw_catalog *catalog = *state;
    const struct sw_node *const lists[] = {catalog->torch, catalog->bitsandbytes};
    for (size_t i = 0; i < SW_COUNT(lists); i++) {
        assert_true(lists[i]->count > 10);
        for (size_t j = 1; j < lists[i]->count; j++) {
            struct sw_version before = version_of(lists[i]->items[j - 1]),
                              after = version_of(lists[i]->items[j]);
            if (sw_version_compare(&before, &after) >= 0)
                fail_msg("%s:%u: out of order", lists[i]->items[j]->file, lists[i]->items[j]->line);
        }
    }
}

static void torch_rows_agree_with_themselves(void **state)
{
    const struct sw_catalog *catalog = *state;
    for (size_t i = 0; i < catalog->torch->count; i++) {
        const struct sw_node *row = catalog->torch->items[i];
        if (!sw_catalog_lists(sw_node_get(row, "cuda"), sw_node_text(sw_node_get(row, "default"), "")))
            fail_msg("%s:%u: the default is not among the variants", row->file, row->line);
        assert_int_equal(sw_node_get(row, "python")->count, 2);
    }
}

static void rows_are_found(void **state)
{
    const struct sw_catalog *catalog = *state;
    const struct sw_node *gpu = sw_catalog_row(catalog->gpus, "name", "rtx-5090");
    assert_string_equal(sw_node_text(sw_node_get(gpu, "compute_capability"), ""), "12.0");
    assert_null(sw_catalog_row(catalog->gpus, "name", "rtx-9999"));
    assert_null(sw_catalog_row(catalog->torch, "version", "2.6.1")); /* never published */
    assert_string_equal(sw_catalog_nearest(catalog->gpus, "name", "rtx5090"), "rtx-5090");
    assert_null(sw_catalog_nearest(catalog->gpus, "name", "something-else-entirely"));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    assert_string_equal(sw_catalog_variant(&arena, "12.8"), "cu128");
    const struct sw_node *row = sw_catalog_row(catalog->bitsandbytes, "version", "0.42.0");
    assert_false(sw_catalog_lists(sw_node_get(row, "libraries"), "128"));
    assert_true(sw_catalog_lists(sw_node_get(row, "libraries"), "123"));
}

/* A project's own file replaces the built-in one, and one that is wrong is an error with its place. */
static void a_wrong_file_is_named(void **state)
{
    (void)state;
    char folder[] = "/tmp/slipway-catalog-XXXXXX";
    assert_non_null(mkdtemp(folder));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_error error;
    const char *rows = sw_path_join(&arena, folder, "profiles/catalog");
    const char *path = sw_path_join(&arena, rows, "gpus.yaml");
    assert_int_equal(sw_dir_make(rows, 0755, &error), 0);
    struct sw_str text =
        SW_STR("slipway-catalog: gpus\nsource: x\nverified: y\ngpus:\n  - {name: a, tile: b}\n");
    assert_int_equal(sw_file_write(path, text, 0644, &error), 0);
    struct sw_catalog catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, folder, &error), SW_EINPUT);
    assert_string_equal(error.file, path);
    assert_int_equal(error.line, 5);
    assert_non_null(strstr(error.text, "the catalog is wrong"));
    assert_int_equal(sw_dir_remove(folder, &error), 0);
}

static int load(void **state)
{
    static struct sw_catalog catalog;
    struct sw_error error;
    if (sw_catalog_load(&catalog, NULL, &error) != 0) {
        (void)fprintf(stderr, "%s:%u: %s\n", error.file, error.line, error.text);
        return -1;
    }
    *state = &catalog;
    return 0;
}

static int unload(void **state)
{
    sw_catalog_release(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_are_in_order),
        cmocka_unit_test(torch_rows_agree_with_themselves),
        cmocka_unit_test(rows_are_found),
        cmocka_unit_test(a_wrong_file_is_named),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
