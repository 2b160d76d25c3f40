#include "base/keeper.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void doze(void)
{
    const struct timespec pause = {.tv_nsec = 50 * SW_MILLISECOND_NS};
    (void)nanosleep(&pause, NULL);
}

/* Take the lock of a whole file, `type` F_RDLCK or F_WRLCK; false if another process has it. */
static bool take_lock(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* The kind of lock of other processes that would be in the way of writing: F_UNLCK, F_RDLCK or F_WRLCK. */
static short others_hold(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 ? lock.l_type : F_UNLCK;
}

static int open_lock(int *out, const char *folder, const char *name, struct sw_error *error)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return sw_fail_errno(error, SW_EENV, "cannot open '%s'", path);
    *out = fd;
    return 0;
}

static void write_log(const char *log, const char *text)
{
    SW_FD_AUTO fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)dprintf(fd, "%s\n", text);
}

/* Let go of all that was inherited, so that no pipe and no folder of our parent's stays open for us. `kept` holds our lock. */
static void detach(int kept)
{
    (void)setsid();
    (void)!chdir("/");
    SW_FD_AUTO nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; fd++)
        (void)dup2(nothing, fd);
    if (kept > 3)
        (void)syscall(SYS_close_range, 3U, (unsigned)kept - 1, 0U); /* musl has no function for it */
    (void)syscall(SYS_close_range, (unsigned)kept + 1, UINT_MAX, 0U);
    nothing = -1; /* closed with the others */
}

/* The keeper's life. Its lock ends with it. */
static void keep(const struct sw_keeper_options *options, int lock)
{
    const struct sw_process_options command = {
        .argv = options->argv, .environment = options->environment, .needs = options->needs};
    struct sw_error error;
    pid_t daemon = -1;
    int users = -1;
    detach(lock);
    for (const char *const *path = options->leftovers; path != NULL && *path != NULL; path++)
        (void)unlink(*path);
    if (open_lock(&users, options->folder, "users", &error) != 0 ||
        sw_process_start(&daemon, &command, options->log, &error) != 0) {
        write_log(options->log, error.text);
        return;
    }
    while (waitpid(daemon, NULL, WNOHANG) == 0) {
        if (take_lock(users, F_WRLCK)) {
            sw_process_stop(daemon, options->patience_ns);
            return;
        }
        doze();
    }
}

/* A grandchild, so that nobody has to wait for it. */
static int start_keeper(const struct sw_keeper_options *options, int lock, struct sw_error *error)
{
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            keep(options, lock);
        _exit(0);
    }
    if (child < 0)
        return sw_fail_errno(error, SW_EENV, "cannot start '%s'", options->argv[0]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

static int join(const struct sw_keeper *keeper, const struct sw_keeper_options *options,
                struct sw_error *error)
{
    while (!take_lock(keeper->users, F_RDLCK)) {
        if (sw_cancel_requested(options->cancel))
            return sw_fail_canceled(error);
        doze();
    }
    int lock = -1;
    int code = open_lock(&lock, options->folder, "keeper", error);
    if (code == 0 && take_lock(lock, F_WRLCK))
        code = start_keeper(options, lock, error);
    sw_fd_close(&lock); /* the keeper has it now */
    return code;
}

int sw_keeper_join(struct sw_keeper *out, const struct sw_keeper_options *options, struct sw_error *error)
{
    struct sw_keeper keeper = {-1, -1, options->patience_ns};
    int code = open_lock(&keeper.users, options->folder, "users", error);
    if (code == 0)
        code = open_lock(&keeper.keeper, options->folder, "keeper", error);
    if (code == 0)
        code = join(&keeper, options, error);
    if (code == 0) {
        *out = keeper;
        return 0;
    }
    sw_fd_close(&keeper.users);
    sw_fd_close(&keeper.keeper);
    return code;
}

bool sw_keeper_alive(const struct sw_keeper *keeper)
{
    return others_hold(keeper->keeper) != F_UNLCK;
}

void sw_keeper_leave(struct sw_keeper *keeper)
{
    if (keeper->users < 0)
        return;
    struct flock none = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(keeper->users, F_OFD_SETLK, &none);
    int64_t deadline = sw_clock_now() + keeper->patience_ns + 2 * SW_SECOND_NS;
    while (sw_keeper_alive(keeper) && others_hold(keeper->users) != F_RDLCK && sw_clock_now() < deadline)
        doze();
    sw_fd_close(&keeper->users);
    sw_fd_close(&keeper->keeper);
}
