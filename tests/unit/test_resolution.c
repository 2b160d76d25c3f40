#include "unit.h"

#include "resolve/resolution.h"

enum { ACCELERATE, FILELOCK, TORCH, VLLM, COUNT };

static const struct sw_resolved_dependency of_accelerate[] = {
    {.package = TORCH, .text = "torch>=2", .marker = ""}};
static const struct sw_resolved_dependency of_torch[] = {
    {.package = FILELOCK, .text = "filelock", .marker = ""}};
static const struct sw_resolved_requirer to_accelerate[] = {{VLLM, 0}};
static const struct sw_resolved_requirer to_filelock[] = {{TORCH, 0}};
static const struct sw_resolved_requirer to_torch[] = {{ACCELERATE, 0}};
static const struct sw_resolved_requirer to_vllm[] = {{SW_RESOLVED_ROOT, 0}};

static const struct sw_resolved_package packages[COUNT] = {
    {.name = "accelerate",
     .dependencies = of_accelerate,
     .dependency_count = 1,
     .requirers = to_accelerate,
     .requirer_count = 1},
    {.name = "filelock", .requirers = to_filelock, .requirer_count = 1},
    {.name = "torch",
     .dependencies = of_torch,
     .dependency_count = 1,
     .requirers = to_torch,
     .requirer_count = 1},
    {.name = "vllm", .requirers = to_vllm, .requirer_count = 1},
};
static const struct sw_resolution resolution = {.packages = packages, .package_count = COUNT};

static void finds_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(sw_resolution_find(&resolution, "torch"), &packages[TORCH]);
    assert_null(sw_resolution_find(&resolution, "numpy"));
    assert_null(sw_resolution_find(&(struct sw_resolution){0}, "torch"));
}

static void says_why(void **state)
{
    (void)state;
    size_t way[COUNT];
    assert_int_equal(sw_resolution_why(way, COUNT, &resolution, FILELOCK), 4);
    const size_t wanted[] = {VLLM, ACCELERATE, TORCH, FILELOCK};
    assert_memory_equal(way, wanted, sizeof wanted);
    assert_int_equal(sw_resolution_why(way, 1, &resolution, TORCH), 3);
    assert_int_equal(way[0], VLLM);
    assert_int_equal(sw_resolution_why(way, COUNT, &resolution, VLLM), 1);
}

int suite_resolution(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_by_name), cmocka_unit_test(says_why)};
    return cmocka_run_group_tests_name("resolution", tests, NULL, NULL);
}
