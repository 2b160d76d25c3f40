#include "unit.h"

#include "catalog/torch_builds.h"
#include "python/version.h"

#include "base/file.h"
#include "base/limits.h"

static struct sw_version version_of(const struct sw_node *row)
{
    struct sw_version version;
    struct sw_error error;
    const struct sw_node *text = sw_node_get(row, "version");
    if (sw_version_parse(&version, sw_node_str(text), &error) != 0)
        fail_msg("%s:%u: '%s' is no version", sw_node_file(text), sw_node_line(text), sw_node_text(text, ""));
    return version;
}

/* Releases stand oldest first: what is nearest and what is newest is read from the order. */
static void releases_are_in_order(void **state)
{
    const struct sw_catalog *catalog = *state;
    const struct sw_node *const lists[] = {catalog->torch, catalog->bitsandbytes};
    for (size_t i = 0; i < SW_COUNT(lists); i++) {
        assert_true(sw_node_count(lists[i]) > 10);
        for (size_t j = 1; j < sw_node_count(lists[i]); j++) {
            struct sw_version before = version_of(sw_node_item(lists[i], j - 1)),
                              after = version_of(sw_node_item(lists[i], j));
            if (sw_version_compare(&before, &after) >= 0)
                fail_msg("%s:%u: out of order", sw_node_file(sw_node_item(lists[i], j)),
                         sw_node_line(sw_node_item(lists[i], j)));
        }
    }
}

static void torch_rows_agree_with_themselves(void **state)
{
    const struct sw_catalog *catalog = *state;
    for (size_t i = 0; i < sw_node_count(catalog->torch); i++) {
        const struct sw_node *row = sw_node_item(catalog->torch, i);
        if (!sw_catalog_lists(sw_node_get(row, "cuda"), sw_node_text(sw_node_get(row, "default"), "")))
            fail_msg("%s:%u: the default is not among the variants", sw_node_file(row), sw_node_line(row));
        assert_int_equal(sw_node_count(sw_node_get(row, "python")), 2);
    }
}

static void rows_are_found(void **state)
{
    const struct sw_catalog *catalog = *state;
    const struct sw_node *gpu = sw_catalog_row(catalog->gpus, "name", "rtx-5090");
    assert_string_equal(sw_node_text(sw_node_get(gpu, "compute_capability"), ""), "12.0");
    assert_null(sw_catalog_row(catalog->gpus, "name", "rtx-9999"));
    assert_null(sw_catalog_row(catalog->torch, "version", "2.6.1")); /* never published */
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    assert_string_equal(sw_catalog_variant(&arena, "12.8"), "cu128");
    const struct sw_node *row = sw_catalog_row(catalog->bitsandbytes, "version", "0.42.0");
    assert_false(sw_catalog_lists(sw_node_get(row, "libraries"), "128"));
    assert_true(sw_catalog_lists(sw_node_get(row, "libraries"), "123"));
}

static const struct sw_node *gpu(const struct sw_catalog *catalog, const char *name)
{
    const struct sw_node *row = sw_catalog_row(catalog->gpus, "name", name);
    assert_non_null(row);
    return row;
}

static enum sw_served serves(const struct sw_catalog *catalog, const char *torch, const char *cuda,
                             const char *name)
{
    const struct sw_node *row = gpu(catalog, name);
    return sw_catalog_serves(sw_catalog_code(catalog->torch_code, torch, cuda, sw_catalog_machine(row)), row);
}

static void what_serves_a_gpu(void **state)
{
    const struct sw_catalog *catalog = *state;
    assert_int_equal(serves(catalog, "2.5.1", "12.4", "rtx-5090"), SW_NOT_SERVED);
    assert_int_equal(serves(catalog, "2.8.0", "12.8", "rtx-5090"), SW_SERVED);
    assert_int_equal(serves(catalog, "2.9.1", "13.0", "gb10"), SW_SERVED);
    assert_int_equal(serves(catalog, "2.9.1", "13.0", "v100"), SW_NOT_SERVED);
    assert_int_equal(serves(catalog, "2.9.1", "12.6", "v100"), SW_SERVED);
    assert_int_equal(serves(catalog, "2.8.0", "12.8", "gtx-1080-ti"), SW_NOT_SERVED);
    struct sw_torch_build build;
    assert_true(sw_catalog_first_torch(&build, catalog, gpu(catalog, "rtx-5090")));
    assert_string_equal(build.version, "2.7.0");
    assert_string_equal(build.cuda, "12.8");
    assert_string_equal(sw_catalog_first_cuda(catalog, gpu(catalog, "rtx-5090")), "12.8");
}

/* Each variant of each release for x86_64 has a row of code, and no two rows speak of the same wheel. */
static void every_wheel_has_one_row_of_code(void **state)
{
    const struct sw_catalog *catalog = *state;
    for (size_t i = 0; i < sw_node_count(catalog->torch); i++) {
        const struct sw_node *row = sw_node_item(catalog->torch, i), *cuda = sw_node_get(row, "cuda");
        for (size_t j = 0; j < sw_node_count(cuda); j++) {
            const char *version = sw_node_text(sw_node_get(row, "version"), "");
            const struct sw_node *code = sw_catalog_code(
                catalog->torch_code, version, sw_node_text(sw_node_item(cuda, j), ""), SW_CATALOG_MACHINE);
            if (code == NULL)
                fail_msg("%s:%u: nothing is known of its code for CUDA %s", sw_node_file(row),
                         sw_node_line(row), sw_node_text(sw_node_item(cuda, j), ""));
            for (size_t k = 0; k < sw_node_count(catalog->torch_code); k++) {
                SW_ARENA_AUTO arena;
                sw_arena_init(&arena, SW_MIB);
                struct sw_builder b = {.arena = &arena};
                struct sw_node *one = sw_build_list(&b);
                sw_build_append(&b, one, sw_node_item(catalog->torch_code, k));
                const struct sw_node *other = sw_catalog_code(
                    one, version, sw_node_text(sw_node_item(cuda, j), ""), SW_CATALOG_MACHINE);
                if (other != NULL && other != code)
                    fail_msg("%s:%u: %s for CUDA %s has a row already", sw_node_file(other),
                             sw_node_line(other), version, sw_node_text(sw_node_item(cuda, j), ""));
            }
        }
    }
}

/* Every architecture that some wheel has code for is one that the toolkits know. */
static void toolkits_know_the_architectures(void **state)
{
    const struct sw_catalog *catalog = *state;
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        if (sw_catalog_first_cuda(catalog, row) == NULL)
            fail_msg("%s:%u: no toolkit knows it", sw_node_file(row), sw_node_line(row));
    }
    for (size_t i = 0; i < sw_node_count(catalog->torch); i++) {
        const struct sw_node *row = sw_node_item(catalog->torch, i), *cuda = sw_node_get(row, "cuda");
        for (size_t j = 0; j < sw_node_count(cuda); j++) {
            if (sw_catalog_row(catalog->toolkits, "version", sw_node_text(sw_node_item(cuda, j), "")) == NULL)
                fail_msg("%s:%u: CUDA %s is no toolkit of cuda.yaml", sw_node_file(row), sw_node_line(row),
                         sw_node_text(sw_node_item(cuda, j), ""));
        }
    }
}

static void specifiers_and_projects(void **state)
{
    const struct sw_catalog *catalog = *state;
    assert_true(sw_catalog_covers(">=4.52.0,<=4.52.3", "4.52.1"));
    assert_false(sw_catalog_covers(">=4.52.0,<=4.52.3", "4.52.4"));
    assert_false(sw_catalog_covers("==1", "no version"));
    assert_true(sw_catalog_compare("12.8", "12.10") < 0);
    size_t at = 0, count = 0;
    while (sw_catalog_next(catalog->companions, &at, "xformers", "0.0.29.post3") != NULL)
        count++;
    assert_int_equal(count, 1);
}

/* A project's own file replaces the built-in one, and one that is wrong is an error with its place. */
static const struct {
    const char *text, *says;
    unsigned line;
} wrong[] = {
    {"slipway-catalog: gpus\ngpus:\n  - {name: a, tile: b}\n", "the catalog is wrong: unknown key 'tile'", 3},
    {"slipway-catalog: gpus\ngpus:\n  - {name: a, title: b, compute_capability: \"8.9\", architecture: c, "
     "verified: d}\n",
     "lacks the key 'source'", 3},
    {"slipway-catalog: gpus\ngpus:\n  - name: a\n    title: b\n    compute_capability: \"8.9\"\n    "
     "architecture: c\n"
     "    source: d\n    verified: \" \"\n",
     "says nothing", 8},
    {"slipway-catalog: gpus\ngpus:\n  - {name: a, title: b, compute_capability: sm_89, architecture: c, "
     "source: d, verified: e}\n",
     "is not an architecture", 3},
};

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
    for (size_t i = 0; i < SW_COUNT(wrong); i++) {
        assert_int_equal(sw_file_write(path, sw_str_from(wrong[i].text), 0644, &error), 0);
        struct sw_catalog catalog = {0};
        assert_int_equal(sw_catalog_load(&catalog, folder, &error), SW_EINPUT);
        assert_string_equal(error.file, path);
        assert_int_equal(error.line, wrong[i].line);
        if (strstr(error.text, wrong[i].says) == NULL)
            fail_msg("'%s' instead of '%s'", error.text, wrong[i].says);
    }
    assert_int_equal(sw_dir_remove(folder, &error), 0);
}

/* The builds of a query as "version+cuda" with a mark: '-' does not fit; at most `most` of them. */
static void assert_builds(struct sw_catalog *catalog, const char *gpu, const char *releases, size_t most,
                          const char *expected)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    struct sw_specifier_set set;
    assert_int_equal(sw_specifier_set_parse(&set, &arena, sw_str_from(releases), NULL), 0);
    const struct sw_node *row = sw_catalog_row(catalog->gpus, "name", gpu);
    const struct sw_build_query query = {
        .gpus = &row, .gpus_count = row != NULL, .python = "3.11", .releases = &set};
    struct sw_build *builds = NULL;
    size_t count = 0;
    assert_int_equal(sw_catalog_builds(&builds, &count, &arena, catalog, &query, NULL), 0);
    for (size_t i = 0; i < count && i < most; i++)
        sw_buffer_addf(&text, "%s%s%s+%s", i == 0 ? "" : " ", sw_build_fits(&builds[i]) ? "" : "-",
                       builds[i].version, builds[i].cuda);
    assert_string_equal(text.p, expected);
}

static void builds_newest_first(void **state)
{
    assert_builds(*state, "rtx-5090", "==2.8.0", 9, "2.8.0+12.8 2.8.0+12.9 -2.8.0+12.6");
    assert_builds(*state, "rtx-5090", "==2.8.0+cu129", 9, "2.8.0+12.9");
    assert_builds(*state, "rtx-5090", "==2.8.0+cu130", 9, "");
    assert_builds(*state, "rtx-5090", ">=2.6,<2.7.1", 9,
                  "-2.7.0+12.6 2.7.0+12.8 -2.7.0+11.8 -2.6.0+12.4 -2.6.0+12.6 -2.6.0+11.8");
    assert_builds(*state, "none", "==1.13.0", 9, "1.13.0+11.7 1.13.0+11.6");
    assert_builds(*state, "none", ">=2.8,<2.10", 2, "2.9.1+12.8 2.9.1+13.0");
    assert_builds(*state, "none", ">99", 9, "");
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

int suite_catalog(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_are_in_order),
        cmocka_unit_test(torch_rows_agree_with_themselves),
        cmocka_unit_test(rows_are_found),
        cmocka_unit_test(what_serves_a_gpu),
        cmocka_unit_test(every_wheel_has_one_row_of_code),
        cmocka_unit_test(toolkits_know_the_architectures),
        cmocka_unit_test(specifiers_and_projects),
        cmocka_unit_test(a_wrong_file_is_named),
        cmocka_unit_test(builds_newest_first),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
