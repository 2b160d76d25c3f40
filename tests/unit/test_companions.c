#include "unit.h"

#include "base/limits.h"
#include "catalog/catalog.h"
#include "catalog/companions.h"

static void names_in_any_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *project;
        bool with_torch;
        const char *release; /* for torch 2.8.0 */
    } rows[] = {
        {"torch", true, NULL},           {"Torch", true, NULL},
        {"torchvision", true, "0.23.0"}, {"TorchVision", true, "0.23.0"},
        {"torchaudio", true, "2.8.0"},   {"triton", false, "3.4.0"},
        {"Triton", false, "3.4.0"},      {"torchtext", false, NULL},
        {"version", false, NULL},        {"", false, NULL},
    };
    static struct sw_catalog catalog;
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    const struct sw_node *row = sw_catalog_version(catalog.torch, "2.8.0");
    assert_non_null(row);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_str project = sw_str_from(rows[i].project);
        const char *release = sw_companion_release(row, project);
        if (sw_companions_has(project) != rows[i].with_torch ||
            (release == NULL) != (rows[i].release == NULL) ||
            (release != NULL && strcmp(release, rows[i].release) != 0))
            fail_msg("%s: %s", rows[i].project, release);
        assert_null(sw_companion_release(NULL, project));
    }
    sw_catalog_release(&catalog);
}

int suite_companions(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_in_any_spelling)};
    return cmocka_run_group_tests_name("companions", tests, NULL, NULL);
}
