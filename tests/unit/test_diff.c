#include "random.h"
#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "data/diff.h"

/* Two files in a folder of their own, for the real diff and patch. */
struct folder {
    char path[64], before[96], after[96];
};

static void folder_make(struct folder *folder)
{
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    (void)snprintf(folder->before, sizeof folder->before, "%s/before", folder->path);
    (void)snprintf(folder->after, sizeof folder->after, "%s/after", folder->path);
}

static void run(const char *const *argv, struct sw_str input, struct sw_buffer *out)
{
    struct sw_process_result result;
    struct sw_error error;
    struct sw_process_options options = {.argv = argv, .input = input};
    sw_buffer_clear(out);
    if (sw_process_run(&result, &options, out, NULL, &error) != 0)
        fail_msg("%s", error.text);
    assert_in_range(result.status, 0, 1);
}

static void real_diff(struct sw_buffer *out, const struct folder *folder, struct sw_str before,
                      struct sw_str after)
{
    const char *const argv[] = {"diff",    "-u",     "--minimal",    "--label",     "p.yaml",
                                "--label", "p.yaml", folder->before, folder->after, NULL};
    assert_int_equal(sw_file_write(folder->before, before, 0644, NULL), 0);
    assert_int_equal(sw_file_write(folder->after, after, 0644, NULL), 0);
    run(argv, SW_STR(""), out);
}

/* Where there is one shortest diff only, it is that of diff -u, byte for byte. */
static void diff_is_that_of_diff(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "a\n"},
        {"a\n", ""},
        {"a\n", "a"},
        {"a", "a\n"},
        {"a", "b"},
        {"a\nb\nc\n", "a\nx\nc\n"},
        {"a\n", "a\nb\n"},
        {"a\nb\n", "b\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n"},
        {"a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n"},
        {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n"},
        {"a\n1\n2\n3\n4\n5\n6\n7\nb", "x\n1\n2\n3\n4\n5\n6\n7\ny"},
        {"0\n1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\n7\n8\n"},
        {"torch: # t\r\n  cuda: 12.8\r\n", "torch: # t\r\n  cuda: \"12.8\"\r\n"},
    };
    struct folder folder;
    folder_make(&folder);
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_str before = sw_str_from(cases[i][0]), after = sw_str_from(cases[i][1]);
        SW_BUFFER_AUTO found;
        SW_BUFFER_AUTO expected;
        sw_buffer_init(&found, SW_MAX_YAML_SIZE);
        sw_buffer_init(&expected, SW_MAX_YAML_SIZE);
        assert_int_equal(sw_diff(&found, before, after, "p.yaml", NULL), 0);
        real_diff(&expected, &folder, before, after);
        assert_string_equal(found.p, expected.p);
    }
    assert_int_equal(sw_dir_remove(folder.path, NULL), 0);
}

static struct test_random numbers = TEST_RANDOM_START;

/* Lines of few kinds, so that many are equal; half of the texts without a line break at the end. */
static void random_text(struct sw_buffer *out)
{
    sw_buffer_clear(out);
    for (uint64_t lines = test_random_next(&numbers) % 40; lines > 0; lines--)
        sw_buffer_addf(out, "%c\n", (char)('a' + (char)(test_random_next(&numbers) % 6)));
    if (out->n > 0 && test_random_next(&numbers) % 2 == 0)
        sw_buffer_truncate(out, out->n - 1);
}

static size_t changed_lines(struct sw_str diff)
{
    size_t count = 0;
    while (diff.p != NULL && diff.n > 0) {
        struct sw_str line = sw_str_cut(&diff, '\n');
        bool head = sw_str_starts(line, "---") || sw_str_starts(line, "+++");
        count += !head && (sw_str_starts(line, "-") || sw_str_starts(line, "+"));
    }
    return count;
}

/* Of random texts: patch(1) makes the one of the other, and no shorter diff is known to diff(1). */
static void patch_applies_it(void **state)
{
    (void)state;
    struct folder folder;
    folder_make(&folder);
    SW_BUFFER_AUTO before;
    SW_BUFFER_AUTO after;
    SW_BUFFER_AUTO found;
    SW_BUFFER_AUTO other;
    sw_buffer_init(&before, SW_MAX_YAML_SIZE);
    sw_buffer_init(&after, SW_MAX_YAML_SIZE);
    sw_buffer_init(&found, SW_MAX_YAML_SIZE);
    sw_buffer_init(&other, SW_MAX_YAML_SIZE);
    const char *const patch[] = {"patch", "--silent", "--fuzz=0", "--force", folder.before, NULL};
    for (int i = 0; i < 100; i++) {
        random_text(&before);
        random_text(&after);
        sw_buffer_clear(&found);
        assert_int_equal(sw_diff(&found, sw_buffer_str(&before), sw_buffer_str(&after), "p.yaml", NULL), 0);
        real_diff(&other, &folder, sw_buffer_str(&before), sw_buffer_str(&after));
        assert_int_equal(changed_lines(sw_buffer_str(&found)), changed_lines(sw_buffer_str(&other)));
        if (found.n == 0 || after.n == 0) /* patch removes a file that becomes empty */
            continue;
        run(patch, sw_buffer_str(&found), &other);
        sw_buffer_clear(&other);
        assert_int_equal(sw_file_read(&other, folder.before, NULL), 0);
        assert_string_equal(other.p, after.p);
    }
    assert_int_equal(sw_dir_remove(folder.path, NULL), 0);
}

/* Past the limit it is still a diff, of one block. */
static void large_changes_are_one_block(void **state)
{
    (void)state;
    SW_BUFFER_AUTO before;
    SW_BUFFER_AUTO after;
    SW_BUFFER_AUTO found;
    sw_buffer_init(&before, SW_MAX_YAML_SIZE);
    sw_buffer_init(&after, SW_MAX_YAML_SIZE);
    sw_buffer_init(&found, SW_MAX_YAML_SIZE);
    for (unsigned i = 0; i <= SW_MAX_DIFF_CHANGES; i++) {
        sw_buffer_addf(&before, "b%u\nsame\n", i);
        sw_buffer_addf(&after, "a%u\nsame\n", i);
    }
    assert_int_equal(sw_diff(&found, sw_buffer_str(&before), sw_buffer_str(&after), "x", NULL), 0);
    assert_true(
        sw_str_starts(sw_buffer_str(&found), "--- x\n+++ x\n@@ -1,4002 +1,4002 @@\n-b0\n-same\n-b1\n"));
}

static void equal_texts_have_no_diff(void **state)
{
    (void)state;
    SW_BUFFER_AUTO found;
    sw_buffer_init(&found, 100);
    assert_int_equal(sw_diff(&found, SW_STR("a\n"), SW_STR("a\n"), "x", NULL), 0);
    assert_int_equal(found.n, 0);
    found.max = 10;
    struct sw_error error;
    assert_int_equal(sw_diff(&found, SW_STR("a\n"), SW_STR("b\n"), "x", &error), SW_EINPUT);
}

int suite_diff(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diff_is_that_of_diff),
        cmocka_unit_test(patch_applies_it),
        cmocka_unit_test(large_changes_are_one_block),
        cmocka_unit_test(equal_texts_have_no_diff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
