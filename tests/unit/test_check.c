#include "unit.h"

#include "check/check.h"

#include "base/limits.h"
#include "data/resource.h"
#include "data/yaml.h"

/* The profiles in tests/cases/stack are the checks' own cases; here is what they do not show. */

static const struct sw_catalog *catalog;

/* What sw_check() says of a candidate that lies in no file. */
static void check(struct sw_findings *findings, const char *yaml)
{
    struct sw_profile profile = {.path = "candidate", .name = "candidate"};
    SW_PLAN_AUTO plan = {0};
    struct sw_error error;
    sw_arena_init(&profile.arena, SW_MAX_ARENA);
    sw_findings_init(findings);
    if (sw_yaml_read(&profile.root, &profile.arena, sw_str_from(yaml), "candidate", &error) != 0 ||
        sw_plan_resolve(&plan, &profile, catalog, findings, &error) != 0)
        fail_msg("%u: %s", error.line, error.text);
    assert_int_equal(findings->count, 0);
    const struct sw_check_input input = {.profile = &profile, .plan = &plan, .catalog = catalog};
    assert_int_equal(sw_check(&input, findings, &error), 0);
    sw_profile_release(&profile);
}

static void a_candidate_is_clean(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO findings;
    check(&findings,
          "accelerators: [rtx-5090, h100]\ndriver: '>=570'\ntorch: {version: 2.8.0, cuda: '12.8'}\n"
          "requirements: [torchvision, bitsandbytes==0.48.2]\n");
    assert_int_equal(findings.count, 0);
}

static void a_finding_outlives_what_was_checked(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO findings;
    check(&findings, "accelerators: [v100]\ntorch: {version: 2.9.1, cuda: '13.0'}\n");
    assert_int_equal(findings.count, 1);
    const struct sw_finding *finding = findings.items[0];
    assert_string_equal(finding->code, "SW202");
    assert_int_equal(finding->line, 2);
    assert_int_equal(finding->evidence_count, 2);
    assert_non_null(strstr(finding->evidence[0].source, "torch.yaml"));
    assert_string_equal(finding->fix[0].path, "torch.cuda");
    assert_string_equal(finding->fix[0].value, "12.8");
}

/* Each code of a check has its page, with what, why, evidence and what to do. */
static void every_check_has_a_page(void **state)
{
    (void)state;
    static const char *const parts[] = {"\n\nWhy\n  ", "\n\nEvidence\n  ", "\n\nWhat to do\n  "};
    size_t pages = 0;
    for (size_t i = 0; i < sw_finding_codes_count; i++) {
        const char *code = sw_finding_codes[i].code;
        if (strncmp(code, "SW2", 3) != 0)
            continue;
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        struct sw_str page;
        const char *path, *name = sw_arena_format(&arena, "profiles/pages/%s.txt", code);
        assert_non_null(name);
        assert_int_equal(sw_resource_load(&page, &path, &arena, NULL, name, NULL), 0);
        for (size_t j = 0; j < SW_COUNT(parts); j++) {
            if (sw_str_find(page, sw_str_from(parts[j])) == page.n)
                fail_msg("%s: no part '%s'", path, parts[j]);
        }
        pages++;
    }
    assert_true(pages >= 16);
}

static int load(void **state)
{
    static struct sw_catalog loaded;
    struct sw_error error;
    if (sw_catalog_load(&loaded, NULL, &error) != 0) {
        (void)fprintf(stderr, "%s:%u: %s\n", error.file, error.line, error.text);
        return -1;
    }
    catalog = &loaded;
    *state = &loaded;
    return 0;
}

static int unload(void **state)
{
    sw_catalog_release(*state);
    return 0;
}

int suite_check(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_candidate_is_clean),
        cmocka_unit_test(a_finding_outlives_what_was_checked),
        cmocka_unit_test(every_check_has_a_page),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
