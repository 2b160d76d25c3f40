#include "unit.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/keeper.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A daemon that leaves its process id in a file and counts its starts in another. */
struct rig {
    struct sw_arena arena;
    char folder[64];
    const char *command[4];
    const char *leftovers[2];
    struct sw_keeper_options options;
};

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    sw_arena_init(&rig->arena, 1 << 20);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    rig->command[0] = "sh";
    rig->command[1] = "-c";
    rig->command[2] = sw_arena_format(&rig->arena,
                                      "cd %s; [ ! -e stale ] || exit 1; echo start >>starts; echo $$ >pid; "
                                      "exec sleep 600",
                                      rig->folder);
    rig->leftovers[0] = sw_arena_format(&rig->arena, "%s/stale", rig->folder);
    rig->options = (struct sw_keeper_options){
        .folder = rig->folder,
        .argv = rig->command,
        .log = sw_arena_format(&rig->arena, "%s/log", rig->folder),
        .leftovers = rig->leftovers,
        .patience_ns = 5 * SW_SECOND_NS,
    };
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_dir_remove(rig->folder, NULL), 0);
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

static const char *content(struct rig *rig, const char *name)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    if (sw_file_read(&text, sw_path_join(&rig->arena, rig->folder, name), NULL) != 0)
        return "";
    return sw_arena_copy(&rig->arena, sw_buffer_str(&text));
}

static void doze(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 10 * SW_MILLISECOND_NS}, NULL);
}

/* The daemon's process id once it is up. */
static pid_t wait_for_daemon(struct rig *rig)
{
    for (int i = 0; i < 1000; i++, doze()) {
        const char *text = content(rig, "pid");
        if (strchr(text, '\n') != NULL)
            return (pid_t)strtol(text, NULL, 10);
    }
    fail_msg("the daemon did not start");
    return -1;
}

static bool ends(pid_t pid)
{
    for (int i = 0; i < 1000; i++, doze()) {
        if (kill(pid, 0) != 0)
            return true;
    }
    return false;
}

static void the_last_to_leave_ends_it(void **state)
{
    struct rig *rig = *state;
    struct sw_keeper first, second;
    assert_int_equal(sw_file_write(rig->leftovers[0], SW_STR("x"), 0644, NULL), 0);
    assert_int_equal(sw_keeper_join(&first, &rig->options, NULL), 0);
    pid_t pid = wait_for_daemon(rig);
    assert_int_equal(sw_keeper_join(&second, &rig->options, NULL), 0);
    assert_true(sw_keeper_alive(&first));
    sw_keeper_leave(&first);
    assert_int_equal(kill(pid, 0), 0);
    assert_true(sw_keeper_alive(&second));
    sw_keeper_leave(&second);
    assert_int_equal(kill(pid, 0), -1);
    assert_string_equal(content(rig, "starts"), "start\n");
    sw_keeper_leave(&second);
}

static void a_killed_user_has_left(void **state)
{
    struct rig *rig = *state;
    pid_t user = fork();
    if (user == 0) {
        struct sw_keeper keeper;
        if (sw_keeper_join(&keeper, &rig->options, NULL) == 0)
            (void)pause();
        _exit(1);
    }
    pid_t pid = wait_for_daemon(rig);
    assert_int_equal(kill(user, SIGKILL), 0);
    assert_int_equal(waitpid(user, NULL, 0), user);
    assert_true(ends(pid));
}

static void a_daemon_that_ends_is_noticed(void **state)
{
    struct rig *rig = *state;
    struct sw_keeper keeper;
    static const char *const command[] = {"sh", "-c", "echo no >&2; exit 1", NULL};
    static const char *const missing[] = {"no-such-daemon-here", NULL};
    static const char *const *const commands[] = {command, missing};
    static const char *const logs[] = {"no\n",
                                       "no\ncannot start 'no-such-daemon-here': No such file or directory\n"};
    for (size_t i = 0; i < SW_COUNT(commands); i++) {
        rig->options.argv = commands[i];
        assert_int_equal(sw_keeper_join(&keeper, &rig->options, NULL), 0);
        for (int k = 0; k < 1000 && sw_keeper_alive(&keeper); k++)
            doze();
        assert_false(sw_keeper_alive(&keeper));
        sw_keeper_leave(&keeper);
        assert_string_equal(content(rig, "log"), logs[i]);
    }
}

int suite_keeper(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_to_leave_ends_it, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(a_killed_user_has_left, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(a_daemon_that_ends_is_noticed, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
