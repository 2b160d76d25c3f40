#include "unit.h"

#include "base/file.h"
#include "base/lock.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

/* A lock that this process has already by another open file, as if it were another process. */
struct rig {
    char path[64];
    int held;
    struct sw_cancel cancel;
};

static struct sw_cancel *on_signal;

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    const struct sw_lock_wait wait = {0};
    assert_non_null(rig);
    (void)snprintf(rig->path, sizeof rig->path, "/tmp/slipway-test-XXXXXX");
    int fd = mkstemp(rig->path);
    assert_true(fd >= 0);
    sw_fd_close(&fd);
    sw_cancel_init(&rig->cancel);
    on_signal = &rig->cancel;
    rig->held = -1;
    assert_int_equal(sw_lock_file(&rig->held, rig->path, &wait, NULL), 0);
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    sw_fd_close(&rig->held);
    sw_cancel_release(&rig->cancel);
    (void)unlink(rig->path);
    free(rig);
    return 0;
}

/* Lock it a second time; `begin` gets the rig. */
static int lock(struct rig *rig, void (*begin)(void *self), struct sw_error *error)
{
    const struct sw_lock_wait wait = {.cancel = &rig->cancel, .begin = begin, .self = rig};
    SW_FD_AUTO fd = -1;
    int code = sw_lock_file(&fd, rig->path, &wait, error);
    assert_true((code == 0) == (fd >= 0));
    return code;
}

static void refuse_wait(void *self)
{
    (void)self;
    fail_msg("it waits");
}

static void test_nobody_has_it(void **state)
{
    struct rig *rig = *state;
    sw_fd_close(&rig->held);
    sw_cancel_request(&rig->cancel); /* a lock that nobody has needs no wait that could be interrupted */
    assert_int_equal(lock(rig, refuse_wait, NULL), 0);
}

/* A signal that came before the call is heard as one that comes during the wait. */
static void test_signal_before_it(void **state)
{
    struct rig *rig = *state;
    struct sw_error error = {0};
    sw_cancel_request(&rig->cancel);
    assert_int_equal(lock(rig, refuse_wait, &error), SW_ECANCELED);
    assert_string_equal(error.text, "interrupted");
}

static void cancel(int number)
{
    (void)number;
    sw_cancel_request(on_signal);
}

static void signal_soon(void *self)
{
    const struct itimerval soon = {.it_value = {.tv_usec = 50000}};
    (void)self;
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

static void test_signal_during(void **state)
{
    struct rig *rig = *state;
    /* flock(2) and fcntl(2) would go on after this signal. */
    const struct sigaction action = {.sa_handler = cancel, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(lock(rig, signal_soon, NULL), SW_ECANCELED);
    (void)signal(SIGALRM, SIG_DFL);
}

static void give_back(void *self)
{
    struct rig *rig = self;
    sw_fd_close(&rig->held);
}

static void test_given_back_during(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(lock(rig, give_back, NULL), 0);
    assert_int_equal(rig->held, -1);
}

int suite_lock(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody_has_it, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_signal_before_it, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_signal_during, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_given_back_during, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
