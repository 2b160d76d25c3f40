#include "unit.h"

#include "base/limits.h"
#include "catalog/wheel_code.h"
#include "data/yaml.h"

static const char text[] =
    "code:\n"
    "- {project: a, version: '1.2.9', sass: ['7.5', '8.0', '9.0a'], ptx: ['5.2', '9.0']}\n"
    "- {project: a, version: '1.3.0', sass: ['12.0'], ptx: []}\n"
    "- {project: b, version: '2!1.2', sass: [], ptx: []}\n"
    "- {project: c, version: '1.0', sass: [], ptx: ['8.0']}\n"
    "- {project: d, version: '0.0.35', sass: ['8.0'], ptx: []}\n"
    "floors:\n"
    "- {project: a, releases: '>=1.3', least: '8.0'}\n"
    "- {project: a, releases: '==1.3.0', most: '9.0'}\n"
    "gpus:\n"
    "- {compute_capability: '7.0'}\n"
    "- {compute_capability: '8.6'}\n"
    "- {compute_capability: '9.0'}\n"
    "- {compute_capability: '12.0'}\n";

struct rig {
    struct sw_arena arena;
    struct sw_catalog catalog;
    const struct sw_node *gpus;
};

static int set_up(void **state)
{
    static struct rig rig;
    const struct sw_node *root;
    sw_arena_init(&rig.arena, SW_MIB);
    if (sw_yaml_read(&root, &rig.arena, sw_str_from(text), "code", NULL) != 0)
        return -1;
    rig.catalog.wheel_code = sw_node_get(root, "code");
    rig.catalog.wheel_floors = sw_node_get(root, "floors");
    rig.gpus = sw_node_get(root, "gpus");
    *state = &rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    sw_arena_release(&rig->arena);
    return 0;
}

static const char *row_of(const struct rig *rig, const char *project, const char *version)
{
    return sw_node_text(sw_node_get(sw_wheel_code_row(&rig->catalog, project, version), "version"), "");
}

static void a_row_stands_for_its_minor_release(void **state)
{
    const struct rig *rig = *state;
    assert_string_equal(row_of(rig, "a", "1.2.9"), "1.2.9");
    assert_string_equal(row_of(rig, "a", "1.2"), "1.2.9");
    assert_string_equal(row_of(rig, "a", "1.3.post1"), "1.3.0");
    assert_string_equal(row_of(rig, "a", "1.4"), "");
    assert_string_equal(row_of(rig, "d", "0.0.35.post1"), "0.0.35");
    assert_string_equal(row_of(rig, "d", "0.0.30"), "");
    assert_string_equal(row_of(rig, "d", "1.2.9"), "");
    assert_string_equal(row_of(rig, "b", "1.2"), "");
    assert_string_equal(row_of(rig, "b", "2!1.2.1"), "2!1.2");
}

static void served_as(const struct rig *rig, size_t row, size_t gpu, enum sw_served expected)
{
    const struct sw_node *code = sw_node_item(rig->catalog.wheel_code, row);
    assert_int_equal(sw_wheel_code_serves(code, sw_node_item(rig->gpus, gpu)), expected);
}

/* The PTX of 5.2 stands below all machine code: one object has it, and the driver finds nothing else for a 7.0. */
static void code_serves_as_the_driver_takes_it(void **state)
{
    const struct rig *rig = *state;
    served_as(rig, 0, 0, SW_NOT_SERVED);
    served_as(rig, 0, 1, SW_SERVED);
    served_as(rig, 0, 2, SW_SERVED);
    served_as(rig, 0, 3, SW_SERVED_BY_PTX);
    served_as(rig, 1, 2, SW_NOT_SERVED);
    served_as(rig, 3, 0, SW_NOT_SERVED);
    served_as(rig, 3, 1, SW_SERVED_BY_PTX);
    assert_true(sw_wheel_code_has_any(sw_node_item(rig->catalog.wheel_code, 3)));
    assert_false(sw_wheel_code_has_any(sw_node_item(rig->catalog.wheel_code, 2)));
}

static bool is_refused(const struct rig *rig, const char *version, size_t gpu)
{
    size_t at = 0;
    return sw_wheel_floor(&rig->catalog, &at, "a", version, sw_node_item(rig->gpus, gpu)) != NULL;
}

static void floors_hold_for_their_releases(void **state)
{
    const struct rig *rig = *state;
    assert_false(is_refused(rig, "1.2", 0));
    assert_true(is_refused(rig, "1.3", 0));
    assert_false(is_refused(rig, "1.3", 1));
    assert_false(is_refused(rig, "1.3", 2));
    assert_true(is_refused(rig, "1.3.0", 3));
    assert_false(is_refused(rig, "1.3.1", 3));
}

int suite_wheel_code(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_stands_for_its_minor_release),
        cmocka_unit_test(code_serves_as_the_driver_takes_it),
        cmocka_unit_test(floors_hold_for_their_releases),
    };
    return cmocka_run_group_tests_name("wheel_code", tests, set_up, tear_down);
}
