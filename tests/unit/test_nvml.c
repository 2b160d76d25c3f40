#include "unit.h"

#include "engine/nvml_internal.h"

static const char cuda_report[] = "==============NVSMI LOG==============\n\nDriver Version : 570.86.15\nCUDA "
                                  "Version : 12.8\n\nAttached GPUs : 2\n";

static void test_two_gpus(void **state)
{
    (void)state;
    struct sw_nvml read;
    assert_true(sw_smi_parse(
        &read,
        SW_STR("NVIDIA GeForce RTX 5090, 12.0, 32607, 570.86.15\nNVIDIA GB10, 12.1, [N/A], 570.86.15\n"),
        sw_str_from(cuda_report)));
    assert_int_equal(read.count, 2);
    assert_string_equal(read.gpus[0].name, "NVIDIA GeForce RTX 5090");
    assert_int_equal(read.gpus[0].major, 12);
    assert_int_equal(read.gpus[0].memory, 32607UL << 20);
    assert_int_equal(read.gpus[1].minor, 1);
    assert_int_equal(read.gpus[1].memory, 0);
    assert_string_equal(read.driver, "570.86.15");
    assert_int_equal(read.cuda_major, 12);
    assert_int_equal(read.cuda_minor, 8);
}

static void test_other_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "\n",
                                        "No devices were found",
                                        "a, 8.9, 24, ",
                                        "a, 8, 24, 570",
                                        "a, 8.9",
                                        ", 8.9, 24, 570",
                                        "a, 999.9, 24, 570"};
    struct sw_nvml read = {.count = 7};
    for (size_t i = 0; i < SW_COUNT(texts); i++)
        assert_false(sw_smi_parse(&read, sw_str_from(texts[i]), sw_str_from(cuda_report)));
    assert_false(sw_smi_parse(&read, SW_STR("a, 8.9, 24, 570"), SW_STR("no version")));
    assert_int_equal(read.count, 7);
}

int suite_nvml(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_gpus), cmocka_unit_test(test_other_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
