#include "unit.h"

#include "base/limits.h"
#include "catalog/wheel_size.h"
#include "data/yaml.h"
#include "project/trim_estimate.h"

static const char text[] =
    "sizes:\n"
    "- {project: torch, version: '2.8.0', cuda: '12.8', code: 1000, kept: {'8.9': 100, '9.0': 200, '12.0': "
    "900}}\n"
    "- {project: torch, version: '2.8.0', cuda: '12.6', code: 800, kept: {'8.9': 80, '9.0': 90, '12.0': 0}}\n"
    "- {project: nvidia-a, version: '1.2.3', code: 50, kept: {'8.9': 5, '9.0': 6, '12.0': 7}}\n"
    "- {project: nvidia-a, version: '1.2.9', code: 60, kept: {'8.9': 6, '9.0': 7, '12.0': 8}}\n"
    "- {project: nvidia-none, version: '1.0', code: 0, kept: {'8.9': 0, '9.0': 0, '12.0': 0}}\n"
    "code:\n"
    "- {project: coded, version: '1.0', sass: ['9.0']}\n"
    "- {project: bare, version: '1.0', sass: []}\n"
    "read: {projects: [coded, bare, listed]}\n"
    "torch: [{version: '2.8.0', default: '12.8'}]\n"
    "plans:\n"
    "- {torch: {cuda: '12.8'}, trim: {for: ['9.0'], keep: []}}\n"
    "- {trim: {for: ['8.9', '9.0'], keep: [nvidia]}}\n"
    "- {torch: {cuda: '12.6'}, trim: {for: ['12.0', '9.0', '8.9'], keep: [torch]}}\n"
    "- {torch: {cuda: '12.8'}, trim: {for: ['9.0', '6.1'], keep: []}}\n"
    "- {torch: {cuda: '12.8'}, trim: {for: ['8.9', '9.0', '12.0'], keep: []}}\n";

struct rig {
    struct sw_arena arena;
    struct sw_catalog catalog;
    const struct sw_node *plans;
};

static int set_up(void **state)
{
    static struct rig rig;
    const struct sw_node *root;
    sw_arena_init(&rig.arena, SW_MIB);
    if (sw_yaml_read(&root, &rig.arena, sw_str_from(text), "sizes", NULL) != 0)
        return -1;
    rig.catalog.wheel_sizes = sw_node_get(root, "sizes");
    rig.catalog.wheel_code = sw_node_get(root, "code");
    rig.catalog.wheel_projects = sw_node_get(root, "read");
    rig.catalog.torch = sw_node_get(root, "torch");
    rig.plans = sw_node_get(root, "plans");
    *state = &rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    sw_arena_release(&rig->arena);
    return 0;
}

static int64_t code_of(const struct rig *rig, const char *project, const char *version, const char *cuda)
{
    return sw_node_integer(sw_node_get(sw_wheel_size_row(&rig->catalog, project, version, cuda), "code"), -1);
}

static void a_row_is_of_its_release_and_its_cuda(void **state)
{
    const struct rig *rig = *state;
    assert_int_equal(code_of(rig, "torch", "2.8.0", "12.8"), 1000);
    assert_int_equal(code_of(rig, "torch", "2.8", "12.6"), 800);
    assert_int_equal(code_of(rig, "torch", "2.8.1", "12.6"), 800);
    assert_int_equal(code_of(rig, "torch", "2.8.0", "12.9"), -1);
    assert_int_equal(code_of(rig, "torch", "2.8.0", NULL), -1);
    assert_int_equal(code_of(rig, "torch", "2.9.0", "12.8"), -1);
    assert_int_equal(code_of(rig, "nvidia-a", "1.2.3", NULL), 50);
    assert_int_equal(code_of(rig, "nvidia-a", "1.2.5", "12.6"), 60);
    assert_int_equal(code_of(rig, "nvidia-b", "1.2.5", "12.6"), -1);
}

/* A set of packages, each a name and a version. */
static struct sw_trim_estimate judge(struct rig *rig, size_t plan, const struct sw_resolved_package *packages,
                                     size_t count)
{
    struct sw_trim_estimate found;
    struct sw_error error;
    const struct sw_resolution set = {.packages = packages, .package_count = count};
    struct sw_plan planned = {0};
    sw_plan_set_root(&planned, sw_node_item(rig->plans, plan));
    assert_int_equal(sw_trim_estimate(&found, &rig->arena, &rig->catalog, &planned, &set, &error), 0);
    return found;
}

static const struct sw_resolved_package packages[] = {
    {.name = "bare", .version = "1.0"},       {.name = "coded", .version = "1.0"},
    {.name = "listed", .version = "3"},       {.name = "numpy", .version = "2.4.6"},
    {.name = "nvidia-a", .version = "1.2.3"}, {.name = "nvidia-none", .version = "1.0"},
    {.name = "torch", .version = "2.8.0"},
};

static void what_is_known_is_added_up_and_the_rest_named(void **state)
{
    struct sw_trim_estimate found = judge(*state, 0, packages, SW_COUNT(packages));
    assert_int_equal(found.code, 1050);
    assert_int_equal(found.kept, 206);
    assert_int_equal(found.wheels, 2);
    assert_false(found.at_most);
    assert_int_equal(found.unknown_count, 2);
    assert_string_equal(found.unknown[0], "coded");
    assert_string_equal(found.unknown[1], "listed");
}

static void what_is_to_be_kept_stays_whole(void **state)
{
    /* The plan names no torch: the CUDA is that of the release's default build. */
    struct sw_trim_estimate found = judge(*state, 1, packages, SW_COUNT(packages));
    assert_int_equal(found.code, 1050);
    assert_int_equal(found.kept, 100 + 200 + 50);
    assert_true(found.at_most);
    found = judge(*state, 2, packages, SW_COUNT(packages));
    assert_int_equal(found.code, 850);
    assert_int_equal(found.kept, 800 + 5 + 6 + 7);
}

static void no_more_stays_than_there_is(void **state)
{
    struct sw_trim_estimate found = judge(*state, 4, packages, SW_COUNT(packages));
    assert_int_equal(found.kept, 1000 + 5 + 6 + 7);
}

static void a_gpu_without_a_size_is_not_judged(void **state)
{
    struct sw_trim_estimate found = judge(*state, 3, packages, SW_COUNT(packages));
    assert_int_equal(found.code, 0);
    assert_int_equal(found.wheels, 0);
    assert_int_equal(found.unknown_count, 3);
    assert_string_equal(found.unknown[2], "torch");
}

static void a_torch_of_another_index_is_known_by_the_plan_only(void **state)
{
    const struct sw_resolved_package local[] = {{.name = "torch", .version = "2.8.0+cu126"}};
    struct sw_trim_estimate found = judge(*state, 2, local, 1);
    assert_int_equal(found.code, 800);
    found = judge(*state, 1, local, 1);
    assert_int_equal(found.code, 0);
    assert_int_equal(found.unknown_count, 1);
}

int suite_wheel_size(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_of_its_release_and_its_cuda),
        cmocka_unit_test(what_is_known_is_added_up_and_the_rest_named),
        cmocka_unit_test(what_is_to_be_kept_stays_whole),
        cmocka_unit_test(no_more_stays_than_there_is),
        cmocka_unit_test(a_gpu_without_a_size_is_not_judged),
        cmocka_unit_test(a_torch_of_another_index_is_known_by_the_plan_only),
    };
    return cmocka_run_group_tests_name("wheel_size", tests, set_up, tear_down);
}
