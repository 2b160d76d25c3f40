/* GPUs by whatever people call them. */
#include "unit.h"

#include "base/limits.h"
#include "catalog/gpu.h"

static const char *name_of(const struct sw_catalog *catalog, const char *text)
{
    return sw_node_text(sw_node_get(sw_gpu_row(catalog, text), "name"), NULL);
}

static void cards_are_found_by_their_names(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"rtx-4090", "rtx-4090"},
        {"4090", "rtx-4090"},
        {"RTX 4090", "rtx-4090"},
        {"rtx4090", "rtx-4090"},
        {"GeForce RTX 4090", "rtx-4090"},
        {"NVIDIA GeForce RTX 4090", "rtx-4090"},
        {"nvidia_rtx_4090", "rtx-4090"},
        {"NVIDIA GeForce RTX 4090 Laptop GPU", "rtx-4090-laptop"},
        {"4090 mobile", "rtx-4090-laptop"},
        {"4070 Ti SUPER", "rtx-4070-ti-super"},
        {"4070ti super", "rtx-4070-ti-super"},
        {"1080ti", "gtx-1080-ti"},
        {"rtx-2080-ti", "rtx-2080-ti"},
        {"5090", "rtx-5090"},
        {"GTX 980 Ti", "gtx-980-ti"},
        {"GTX TITAN X", "gtx-titan-x"},
        {"Tesla T4", "t4"},
        {"Tesla K80", "k80"},
        {"V100", "v100"},
        {"Tesla V100-SXM2-32GB", "v100-32gb"},
        {"NVIDIA A100-SXM4-80GB", "a100"},
        {"NVIDIA A100-PCIE-40GB", "a100-40gb"},
        {"NVIDIA A10G", "a10g"},
        {"NVIDIA H100 80GB HBM3", "h100"},
        {"H100 PCIe", "h100"},
        {"NVIDIA H100 NVL", "h100-nvl"},
        {"NVIDIA GH200 480GB", "gh200"},
        {"GB200", "gb200"},
        {"B300", "b300"},
        {"DGX Spark", "gb10"},
        {"NVIDIA RTX A6000", "rtx-a6000"},
        {"a6000", "rtx-a6000"},
        {"NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"},
        {"RTX PRO 6000", "rtx-pro-6000"},
        {"NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000"},
        {"NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "rtx-pro-6000"},
        {"Quadro RTX 8000", "quadro-rtx-8000"},
        {"RTX 3060 8GB", "rtx-3060-8gb"},
        {"RTX 3060 12 GB", "rtx-3060"},
        {"Jetson AGX Orin", "jetson-agx-orin"},
        {"NVIDIA Thor", "jetson-agx-thor"},
        {"sm_89", "sm-89"},
        {"sm89", "sm-89"},
        {"SM_120", "sm-120"},
        {"compute_86", "sm-86"},
        {"8.9", "sm-89"},
        {"12.0", "sm-120"},
        {"sm_90a", "sm-90"},
        {"10de:2684", "rtx-4090"},
        {"0x2684", "rtx-4090"},
        {"0x268410DE", "rtx-4090"},
        {"[10DE:2330]", "h100"},
        {"H100 MIG 1g.10gb", "h100"},
        {"NVIDIA A100-SXM4-40GB MIG 1g.5gb", "a100-40gb"},
        {"h200 1g.18gb", "h200"},
        {"1g.5gb", "a100-40gb"},
        {"1g.23gb", "b200"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const char *found = name_of(*state, cases[i].text);
        if (found == NULL || strcmp(found, cases[i].name) != 0)
            fail_msg("'%s' is '%s' and not '%s'", cases[i].text, found == NULL ? "unknown" : found,
                     cases[i].name);
    }
}

/* Fail unless a text names no GPU, with this error and this hint. */
static void refused(const struct sw_catalog *catalog, const char *text, const char *says, const char *hint)
{
    const struct sw_node *row = NULL;
    struct sw_error error = {0};
    if (sw_gpu_find(&row, catalog, text, &error) == 0)
        fail_msg("'%s' is '%s'", text, sw_node_text(sw_node_get(row, "name"), ""));
    if (strcmp(error.text, says) != 0 || strcmp(error.hint, hint) != 0)
        fail_msg("'%s': '%s', hint '%s'", text, error.text, error.hint);
}

static void no_hint_goes_to_another_architecture(void **state)
{
    static const char plain[] = "'slipway gpus' lists those known";
    refused(*state, "rtx-9090", "unknown GPU 'rtx-9090'", plain);
    refused(*state, "gtx-2081-ti", "unknown GPU 'gtx-2081-ti'", plain);
    refused(*state, "mi300x", "unknown GPU 'mi300x'", plain);
    refused(*state, "", "unknown GPU ''", plain);
    refused(*state, "---", "unknown GPU '---'", plain);
    refused(*state, "gtx-4090", "unknown GPU 'gtx-4090'",
            "did you mean 'rtx-4090'? 'slipway gpus' lists those known");
    refused(*state, "10de:ffff", "unknown GPU '10de:ffff'", plain);
    refused(*state, "rtx 6000", "'rtx 6000' may be GPUs of several architectures",
            "say 'quadro-rtx-6000' (7.5), 'rtx-6000-ada' (8.9) or 'rtx-pro-6000' (12.0)");
    refused(*state, "1g.10gb", "'1g.10gb' may be GPUs of several architectures",
            "say 'a100' (8.0) or 'h100' (9.0)");
    refused(*state, "h100 1g.18gb", "the H100 has no slice 1g.18gb",
            "it has 1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 4g.40gb, 7g.80gb");
    refused(*state, "t4 1g.5gb", "the Tesla T4 has no slice 1g.5gb", "the catalog knows no slices of it");
}

static void long_texts_are_unknown(void **state)
{
    char text[4 * SW_MAX_GPU_NAME];
    memset(text, '4', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_null(sw_gpu_row(*state, text));
    text[SW_MAX_GPU_NAME] = '\0';
    assert_null(sw_gpu_row(*state, text));
    for (size_t i = 0; i < SW_MAX_GPU_NAME; i++)
        text[i] = i % 2 == 0 ? 'a' : '1';
    assert_null(sw_gpu_row(*state, text));
}

static void each_name_means_its_own_row(void **state)
{
    const struct sw_catalog *catalog = *state;
    assert_true(sw_node_count(catalog->gpus) > 300);
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i), *ids = sw_node_get(row, "pci");
        const char *name = sw_node_text(sw_node_get(row, "name"), "");
        if (sw_gpu_row(catalog, name) != row)
            fail_msg("%s:%u: '%s' means another row", sw_node_file(row), sw_node_line(row), name);
        for (size_t j = 0; j < sw_node_count(ids); j++) {
            char id[16];
            (void)snprintf(id, sizeof id, "10de:%s", sw_node_text(sw_node_item(ids, j), ""));
            if (sw_gpu_row(catalog, id) != row)
                fail_msg("%s:%u: %s means another row", sw_node_file(row), sw_node_line(row), id);
        }
    }
}

/* A title or alias may be the one of several rows that differ in memory alone, never of two architectures. */
static void each_title_means_its_architecture(void **state)
{
    const struct sw_catalog *catalog = *state;
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i), *aliases = sw_node_get(row, "aliases");
        for (size_t j = 0; j <= sw_node_count(aliases); j++) {
            const char *text = j == 0 ? sw_node_text(sw_node_get(row, "title"), "")
                                      : sw_node_text(sw_node_item(aliases, j - 1), "");
            const struct sw_node *found = sw_gpu_row(catalog, text);
            if (found == NULL || !sw_node_equal(sw_node_get(found, "compute_capability"),
                                                sw_node_get(row, "compute_capability")))
                fail_msg("%s:%u: '%s' means another architecture", sw_node_file(row), sw_node_line(row),
                         text);
        }
    }
}

static void code_for_other_gpus_does_not_serve_a_tegra(void **state)
{
    const struct sw_catalog *catalog = *state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *code = sw_build_map(&b), *sass = sw_build_list(&b);
    sw_build_append(&b, sass, sw_build_text(&b, "8.6"));
    sw_build_set(&b, code, "sass", sass);
    assert_int_equal(sw_catalog_serves(code, sw_gpu_row(catalog, "Orin")), SW_NOT_SERVED);
    assert_int_equal(sw_catalog_serves(code, sw_gpu_row(catalog, "4090")), SW_SERVED);
    sw_build_append(&b, sass, sw_build_text(&b, "8.7"));
    assert_int_equal(sw_catalog_serves(code, sw_gpu_row(catalog, "Orin")), SW_SERVED);
    assert_false(b.failed);
}

static int open_catalog(void **state)
{
    static struct sw_catalog catalog;
    struct sw_error error;
    if (sw_catalog_load(&catalog, NULL, &error) != 0)
        fail_msg("%s:%u: %s", error.file, error.line, error.text);
    *state = &catalog;
    return 0;
}

static int close_catalog(void **state)
{
    sw_catalog_release(*state);
    return 0;
}

int suite_gpu(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_are_found_by_their_names),
        cmocka_unit_test(no_hint_goes_to_another_architecture),
        cmocka_unit_test(long_texts_are_unknown),
        cmocka_unit_test(each_name_means_its_own_row),
        cmocka_unit_test(each_title_means_its_architecture),
        cmocka_unit_test(code_for_other_gpus_does_not_serve_a_tegra),
    };
    return cmocka_run_group_tests_name("gpu", tests, open_catalog, close_catalog);
}
