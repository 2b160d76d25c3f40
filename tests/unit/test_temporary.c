#include "unit.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    assert_int_equal(sw_dir_remove(*state, NULL), 0);
    free(*state);
    return 0;
}

/* How many names of temporaries there are in a folder. */
static int count(const char *path)
{
    int found = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        found += strncmp(entry->d_name, ".slipway-tmp-", 13) == 0;
    (void)closedir(folder);
    return found;
}

static void a_temporary_takes_its_name_or_goes(void **state)
{
    const char *folder = *state;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    struct sw_temporary file = SW_TEMPORARY_NONE, tree = SW_TEMPORARY_NONE;
    sw_temporary_drop(&file);
    assert_int_equal(sw_temporary_file(&file, folder, 0640), 0);
    assert_int_equal(sw_temporary_folder(&tree, folder, 0700), 0);
    assert_int_equal(count(folder), 2);
    assert_int_equal(sw_fd_write(file.fd, SW_STR("content")), 0);
    assert_int_equal(sw_temporary_move(&file, AT_FDCWD, path), 0);
    sw_temporary_drop(&file); /* the file has its name, and stays */
    assert_int_equal(mkdirat(tree.fd, "below", 0700), 0);
    sw_temporary_drop(&tree);
    sw_temporary_drop(&tree);
    assert_int_equal(count(folder), 0);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 7);
    assert_int_equal(sw_temporary_file(&file, path, 0600), -1);
    assert_int_equal(errno, ENOTDIR);
}

/* A child that makes one of each kind, tells so and waits to be killed. */
static pid_t start_owner(const char *folder)
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody */
        struct sw_temporary file, tree;
        if (sw_temporary_file(&file, folder, 0600) == 0 && sw_temporary_folder(&tree, folder, 0700) == 0 &&
            mkdirat(tree.fd, "below", 0700) == 0 && write(ends[1], "x", 1) == 1)
            (void)pause();
        _exit(1);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    (void)close(ends[0]);
    return child;
}

static void kill_and_reap(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_the_dead_left_is_swept_and_what_the_living_have_is_not(void **state)
{
    const char *folder = *state;
    pid_t dead = start_owner(folder), living = start_owner(folder);
    sw_temporary_sweep_path(folder);
    assert_int_equal(count(folder), 4);
    kill_and_reap(dead);
    assert_int_equal(count(folder), 4);
    struct sw_temporary own;
    assert_int_equal(sw_temporary_file(&own, folder, 0600), 0);
    assert_int_equal(count(folder), 3);
    sw_temporary_drop(&own);
    kill_and_reap(living);
    sw_temporary_sweep_path(folder);
    assert_int_equal(count(folder), 0);
}

static void what_only_looks_like_one_stays(void **state)
{
    const char *folder = *state;
    SW_FD_AUTO fd = open(folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(symlinkat("/etc/passwd", fd, ".slipway-tmp-0123456789abcdef"), 0);
    assert_int_equal(mkfifoat(fd, ".slipway-tmp-0123456789abcde0", 0600), 0);
    static const char *const names[] = {".slipway-tmp-", ".slipway-tmp-0123456789abcdef0",
                                        ".slipway-tmp-mine"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        SW_FD_AUTO made = openat(fd, names[i], O_WRONLY | O_CREAT, 0600);
        assert_true(made >= 0);
    }
    sw_temporary_sweep(fd);
    assert_int_equal(count(folder), 5);
    sw_temporary_sweep_path("/nowhere");
}

/* Replaces the same file for ever, so that a kill meets it anywhere. */
static pid_t start_writer(const char *path, char letter)
{
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody */
        char content[5000];
        memset(content, letter, sizeof content);
        while (sw_file_write(path, (struct sw_str){content, sizeof content}, 0600, NULL) == 0)
            ;
        _exit(1);
    }
    return child;
}

static void check_whole(const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 5000);
    assert_int_equal(sw_file_read(&text, path, NULL), 0);
    assert_int_equal(text.n, 5000);
    assert_int_equal(strspn(text.p, "a") + strspn(text.p, "b"), 5000);
}

static void writers_that_are_killed_anywhere_leave_nothing(void **state)
{
    enum { KILLS = 300 };
    const char *folder = *state;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(sw_file_write(path, SW_STR(""), 0600, NULL), 0);
    pid_t living = start_writer(path, 'a');
    for (unsigned i = 0; i < KILLS; i++) {
        pid_t dead = start_writer(path, 'b');
        const struct timespec pause = {.tv_nsec = (long)(i * 7919 % 3000) * 1000};
        (void)nanosleep(&pause, NULL);
        kill_and_reap(dead);
    }
    assert_int_equal(waitpid(living, NULL, WNOHANG), 0); /* nobody took its file away: no write failed */
    kill_and_reap(living);
    check_whole(path);
    assert_int_equal(sw_file_write(path, SW_STR("last"), 0600, NULL), 0);
    assert_int_equal(count(folder), 0);
}

int suite_temporary(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_temporary_takes_its_name_or_goes),
        TEST(what_the_dead_left_is_swept_and_what_the_living_have_is_not),
        TEST(what_only_looks_like_one_stays),
        TEST(writers_that_are_killed_anywhere_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
