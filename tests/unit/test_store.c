#include "base/file.h"
#include "base/limits.h"
#include "http/cache.h"
#include "http/store.h"

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct sw_arena arena;
static char folder[] = "/tmp/slipway-test-XXXXXX";

static int begin(void **state)
{
    (void)state;
    sw_arena_init(&arena, 1 << 20);
    (void)snprintf(folder, sizeof folder, "/tmp/slipway-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int end(void **state)
{
    (void)state;
    sw_arena_release(&arena);
    return sw_dir_remove(folder, NULL);
}

static struct sw_store *open_store(void)
{
    struct sw_store *store = NULL;
    assert_int_equal(sw_store_new(&store, sw_path_join(&arena, folder, "store"), NULL), 0);
    return store;
}

static const char *get(struct sw_store *store, const char *key)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_STORE_ENTRY);
    if (!sw_store_get(&out, store, sw_str_from(key))) {
        assert_int_equal(out.n, 0);
        return NULL;
    }
    return sw_arena_copy(&arena, sw_buffer_str(&out));
}

static void put(struct sw_store *store, const char *key, const char *text)
{
    sw_store_put(store, sw_str_from(key), sw_str_from(text));
}

/* The only file of a store. */
static const char *only_entry(void)
{
    const char *root = sw_path_join(&arena, folder, "store"), *found = NULL;
    DIR *shards = opendir(root);
    assert_non_null(shards);
    for (struct dirent *shard = readdir(shards); shard != NULL; shard = readdir(shards)) {
        const char *path = sw_path_join(&arena, root, shard->d_name);
        DIR *files = shard->d_name[0] == '.' ? NULL : opendir(path);
        for (struct dirent *file = files == NULL ? NULL : readdir(files); file != NULL;
             file = readdir(files)) {
            if (file->d_name[0] != '.')
                found = sw_path_join(&arena, path, file->d_name);
        }
        if (files != NULL)
            (void)closedir(files);
    }
    (void)closedir(shards);
    assert_non_null(found);
    return found;
}

static void what_was_put_is_got(void **state)
{
    (void)state;
    struct sw_store *store = open_store();
    assert_null(get(store, "a"));
    put(store, "a", "one");
    put(store, "b", "");
    assert_string_equal(get(store, "a"), "one");
    put(store, "a", "two\nlines");
    sw_store_free(store);
    store = open_store();
    assert_string_equal(get(store, "a"), "two\nlines");
    assert_string_equal(get(store, "b"), "");
    assert_null(get(store, "c"));
    sw_store_free(store);
}

static void a_store_without_a_folder_keeps_nothing(void **state)
{
    (void)state;
    struct sw_store *store = NULL;
    assert_int_equal(sw_store_new(&store, NULL, NULL), 0);
    put(store, "a", "one");
    assert_null(get(store, "a"));
    sw_store_prune(store, 0);
    sw_store_free(store);
}

static void a_folder_that_cannot_be_written_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(sw_file_write(sw_path_join(&arena, folder, "store"), SW_STR("a file"), 0600, NULL), 0);
    struct sw_store *store = open_store();
    put(store, "a", "one");
    assert_null(get(store, "a"));
    sw_store_free(store);
}

/* Cut at every byte, or any byte changed: it is missing, and can be put again. */
static void what_is_damaged_is_missing(void **state)
{
    (void)state;
    struct sw_store *store = open_store();
    put(store, "key", "content");
    const char *path = only_entry();
    SW_BUFFER_AUTO whole;
    sw_buffer_init(&whole, SW_MIB);
    assert_int_equal(sw_file_read(&whole, path, NULL), 0);
    for (size_t i = 0; i < whole.n; i++) {
        assert_int_equal(sw_file_write(path, (struct sw_str){whole.p, i}, 0600, NULL), 0);
        assert_null(get(store, "key"));
        whole.p[i] ^= 1;
        assert_int_equal(sw_file_write(path, sw_buffer_str(&whole), 0600, NULL), 0);
        assert_null(get(store, "key"));
        whole.p[i] ^= 1;
    }
    put(store, "key", "again");
    assert_string_equal(get(store, "key"), "again");
    sw_store_free(store);
}

static void an_entry_belongs_to_its_key(void **state)
{
    (void)state;
    struct sw_store *store = open_store();
    put(store, "key", "content");
    SW_BUFFER_AUTO whole;
    sw_buffer_init(&whole, SW_MIB);
    assert_int_equal(sw_file_read(&whole, only_entry(), NULL), 0);
    struct sw_str content;
    assert_true(sw_store_parse(&content, sw_buffer_str(&whole), SW_STR("key")));
    assert_true(sw_str_is(content, "content"));
    assert_false(sw_store_parse(&content, sw_buffer_str(&whole), SW_STR("other")));
    sw_store_free(store);
}

static void the_longest_unused_go_first(void **state)
{
    (void)state;
    struct sw_store *store = open_store();
    static char big[40000];
    memset(big, 'x', sizeof big - 1);
    put(store, "old", big);
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, only_entry(), times, 0), 0);
    put(store, "new", big);
    sw_store_prune(store, 60000);
    assert_null(get(store, "old"));
    assert_non_null(get(store, "new"));
    sw_store_prune(store, 0);
    assert_null(get(store, "new"));

    put(store, "old", big);
    assert_int_equal(utimensat(AT_FDCWD, only_entry(), times, 0), 0);
    assert_non_null(get(store, "old")); /* which is a use, so that it is not the oldest any more */
    struct stat status;
    assert_int_equal(stat(only_entry(), &status), 0);
    assert_true(status.st_mtim.tv_sec > times[0].tv_sec);
    sw_store_free(store);
}

/* Several processes at once: whoever reads sees one of the contents, whole. */
static void many_may_write(void **state)
{
    (void)state;
    enum { WRITERS = 4, TIMES = 100 };
    struct sw_store *store = open_store();
    put(store, "key", "0");
    for (int i = 0; i < WRITERS; i++) {
        if (fork() == 0) {
            for (int j = 0; j < TIMES; j++)
                put(store, "key", i % 2 == 0 ? "first" : "second, which is longer");
            _exit(0);
        }
    }
    for (int j = 0; j < TIMES; j++) {
        const char *text = get(store, "key");
        assert_non_null(text);
        assert_true(strcmp(text, "0") == 0 || strcmp(text, "first") == 0 ||
                    strcmp(text, "second, which is longer") == 0);
    }
    for (int i = 0; i < WRITERS; i++)
        assert_true(wait(NULL) > 0);
    sw_store_free(store);
}

static void a_kept_page_is_read(void **state)
{
    (void)state;
    struct sw_cache_page page;
    assert_true(sw_cache_page_parse(&page, SW_STR("1700000000\n\"e\"\nMon\nbody\n")));
    assert_true(page.until == 1700000000);
    assert_true(sw_str_is(page.etag, "\"e\""));
    assert_true(sw_str_is(page.last_modified, "Mon"));
    assert_true(sw_str_is(page.content, "body\n"));
    static const char *const none[] = {
        "", "1", "1\n", "1\n\n", "x\n\n\n", "-1\n\n\n", "99999999999999999999\n\n\n"};
    for (size_t i = 0; i < SW_COUNT(none); i++)
        assert_false(sw_cache_page_parse(&page, sw_str_from(none[i])));
}

int suite_store(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_is_got, begin, end),
        cmocka_unit_test_setup_teardown(a_store_without_a_folder_keeps_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_is_no_error, begin, end),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(an_entry_belongs_to_its_key, begin, end),
        cmocka_unit_test_setup_teardown(the_longest_unused_go_first, begin, end),
        cmocka_unit_test_setup_teardown(many_may_write, begin, end),
        cmocka_unit_test(a_kept_page_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
