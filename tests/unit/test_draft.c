#include "author/draft.h"
#include "base/file.h"
#include "base/limits.h"
#include "profile/profile.h"

#include "unit.h"

#include <unistd.h>

/* Every draft of the cases of `slipway init` is a profile without a fault, which those cases ask `check`; here is what the
 * command cannot show. */
static const struct sw_draft_left *read_text(struct sw_draft *draft, const char *suffix, const char *text,
                                             struct sw_error *error, int expected)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/slipway-draft-XXXXXX%s", suffix);
    int fd = mkstemps(path, (int)strlen(suffix));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    (void)close(fd);
    struct sw_allowed_path folder = {"/tmp", SW_ACCESS_READ};
    const struct sw_permissions permissions = {.paths = &folder, .paths_count = 1};
    assert_int_equal(sw_draft_read(draft, &permissions, path, error), expected);
    (void)unlink(path);
    size_t count;
    const struct sw_draft_left *left = sw_draft_left(draft, &count);
    return count == 0 ? NULL : &left[0];
}

static void test_values_are_checked(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    assert_int_equal(sw_catalog_load(&catalog, NULL, &error), 0);
    static const struct {
        const char *suffix, *text, *left;
    } cases[] = {
        {"", "FROM debian:12\nENV A=\"\x01\"\n", "control"},
        {"", "FROM debian:12\nENV 1A=b\n", "variable's name"},
        {"", "FROM debian:12\nCOPY ../x /x\n", "below the context"},
        {"", "FROM debian:12\nCOPY x /a/../b\n", "absolute path"},
        {"", "FROM debian:12\nRUN apt-get install -y 'a b'\n", "package of the distribution"},
        {"", "FROM debian:12\nRUN pip install 'a=1'\n", "PEP 508"},
        {".yaml", "python_version: python3\n", "py311"},
        {".yaml", "resources: {accelerator: \"X9:2\"}\n", "no GPU"},
        {".txt", "--index-url https://u:p@example.org/simple\n", "indexes"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_draft *draft = sw_draft_new("x", &catalog);
        assert_non_null(draft);
        const struct sw_draft_left *left = read_text(draft, cases[i].suffix, cases[i].text, &error, 0);
        assert_non_null(left);
        if (strstr(left->why, cases[i].left) == NULL)
            fail_msg("%s: %s", cases[i].text, left->why);
        sw_draft_free(draft);
    }
}

static void test_refused(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    assert_int_equal(sw_catalog_load(&catalog, NULL, &error), 0);
    struct sw_draft *draft = sw_draft_new("x", &catalog);
    assert_non_null(draft);
    (void)read_text(draft, "", "RUN pip install x\n", &error, SW_EINPUT);
    (void)read_text(draft, ".yaml", "- a\n", &error, SW_EINPUT);
    (void)read_text(draft, ".yaml", "a: [\n", &error, SW_EINPUT);
    (void)read_text(draft, ".txt", "-r missing.txt\n", &error, SW_ENOTFOUND);
    assert_int_equal(sw_draft_gpu(draft, "gtx-5090", &error), SW_EINPUT);
    assert_string_equal(error.hint, "did you mean 'rtx-5090'? 'slipway gpus' lists those known");
    sw_draft_free(draft);
    sw_draft_free(NULL);
}

int suite_draft(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_checked),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
