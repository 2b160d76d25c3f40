#include "base/process.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STARTED = 127 };

/* The arguments of exec, made before the fork. */
struct program {
    const char *path, *directory;
    const char *const *argv, *const *environment;
    uint64_t file_max, memory_max;
};

static bool limit_child(const struct program *program)
{
    const struct rlimit file = {program->file_max, program->file_max},
                        memory = {program->memory_max, program->memory_max};
    return (program->file_max == 0 || setrlimit(RLIMIT_FSIZE, &file) == 0) &&
           (program->memory_max == 0 || setrlimit(RLIMIT_AS, &memory) == 0);
}

static void exec_child(const struct program *program, const int fds[3], int report)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    bool ready = chdir(program->directory) == 0 && limit_child(program);
    for (int i = 0; ready && i < 3; i++)
        ready = dup2(fds[i], i) == i;
    /* No program gets the descriptors that our own parent left open: mmdebstrap, for example, fails if its pipes get numbers above 9. */
    (void)syscall(SYS_close_range, 3U, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    if (ready)
        (void)execve(program->path, (char *const *)(uintptr_t)program->argv,
                     (char *const *)(uintptr_t)program->environment);
    int number = errno;
    ssize_t written = write(report, &number, sizeof number);
    (void)written;
    _exit(NOT_STARTED);
}

/* Fork and exec with the three descriptors; a failure to start the program is reported here. */
static int spawn(pid_t *pid, const struct program *program, const int fds[3], struct sw_error *error)
{
    int report[2];
    const char *name = program->argv[0];
    if (pipe2(report, O_CLOEXEC) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot start '%s'", name);
    SW_FD_AUTO reader = report[0];
    pid_t child = fork();
    if (child == 0)
        exec_child(program, fds, report[1]);
    (void)close(report[1]);
    if (child < 0)
        return sw_fail_errno(error, SW_EENV, "cannot start '%s'", name);
    int number = 0;
    ssize_t n;
    do
        n = read(reader, &number, sizeof number);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof number) {
        (void)waitpid(child, NULL, 0);
        errno = number;
        return sw_fail_errno(error, number == ENOENT ? SW_ENOTFOUND : SW_EENV, "cannot start '%s'", name);
    }
    *pid = child;
    return 0;
}

int sw_process_connect(pid_t *pid, const struct sw_process_options *options, const int fds[3],
                       struct sw_error *error)
{
    struct program program = {.directory = options->directory == NULL ? "/" : options->directory,
                              .argv = options->argv,
                              .file_max = options->file_max,
                              .memory_max = options->memory_max};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_program_find(&program.path, &arena, options->argv[0], options->environment, error);
    if (code == 0)
        code = sw_variables_select(&program.environment, &arena, options->environment, options->needs, error);
    return code == 0 ? spawn(pid, &program, fds, error) : code;
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The parent's ends of the child's three descriptors; -1 if closed. */
struct pipes {
    int input, output[2];
};

static void close_pipes(struct pipes *p)
{
    sw_fd_close(&p->input);
    sw_fd_close(&p->output[0]);
    sw_fd_close(&p->output[1]);
}

static void feed(struct pipes *p, struct sw_str *input)
{
    ssize_t n = input->n == 0 ? 0 : write(p->input, input->p, input->n);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        input->p += n;
        input->n -= (size_t)n;
    }
    if (n < 0 || input->n == 0)
        sw_fd_close(&p->input);
}

static void drain(int *fd, struct sw_buffer *into, const struct sw_process_options *options,
                  enum sw_stream stream)
{
    char chunk[8192];
    ssize_t n = read(*fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        sw_fd_close(fd);
        return;
    }
    sw_emit(options->sink,
            (struct sw_event){
                .kind = SW_EVENT_LOG, .step = options->step, .text = {chunk, (size_t)n}, .stream = stream});
    if (into == NULL)
        return;
    /* A longer output is cut, which is no failure of the buffer. */
    size_t room = into->max - into->n;
    sw_buffer_add(into, chunk, (size_t)n < room ? (size_t)n : room);
}

static int wait_ms(int64_t deadline)
{
    if (deadline == 0)
        return -1;
    int64_t left = deadline - sw_clock_now();
    return left <= 0 ? 0 : (int)(left / SW_MILLISECOND_NS) + 1;
}

static int pump(struct pipes *p, const struct sw_process_options *options, struct sw_buffer *out,
                struct sw_buffer *err, struct sw_error *error)
{
    struct sw_str input = options->input;
    int64_t deadline = options->timeout_ns == 0 ? 0 : sw_clock_now() + options->timeout_ns;
    while (p->output[0] >= 0 || p->output[1] >= 0) {
        struct pollfd waits[4] = {
            {.fd = p->output[0], .events = POLLIN},
            {.fd = p->output[1], .events = POLLIN},
            {.fd = p->input, .events = POLLOUT},
            {.fd = options->cancel == NULL ? -1 : options->cancel->fd, .events = POLLIN},
        };
        int ready = poll(waits, SW_COUNT(waits), wait_ms(deadline));
        if (sw_cancel_requested(options->cancel))
            return sw_fail_canceled(error);
        if (ready < 0 && errno != EINTR)
            return sw_fail_errno(error, SW_EENV, "cannot wait for '%s'", options->argv[0]);
        if (ready == 0 && deadline != 0 && sw_clock_now() >= deadline)
            return sw_fail(error, SW_EENV, "'%s' took longer than %lld s", options->argv[0],
                           (long long)(options->timeout_ns / SW_SECOND_NS));
        if (ready <= 0)
            continue;
        if (waits[0].revents != 0)
            drain(&p->output[0], out, options, SW_STDOUT);
        if (waits[1].revents != 0)
            drain(&p->output[1], err, options, SW_STDERR);
        if (waits[2].revents != 0)
            feed(p, &input);
    }
    return 0;
}

static int open_pipes(struct pipes *parent, int child[3], struct sw_error *error)
{
    int ends[3][2];
    for (int i = 0; i < 3; i++) {
        if (pipe2(ends[i], O_CLOEXEC) != 0) {
            for (int j = 0; j < i; j++) {
                (void)close(ends[j][0]);
                (void)close(ends[j][1]);
            }
            return sw_fail_errno(error, SW_EENV, "cannot make a pipe");
        }
    }
    *parent = (struct pipes){ends[0][1], {ends[1][0], ends[2][0]}};
    child[0] = ends[0][0];
    child[1] = ends[1][1];
    child[2] = ends[2][1];
    (void)fcntl(parent->input, F_SETFL, O_NONBLOCK);
    return 0;
}

int sw_process_run(struct sw_process_result *result, const struct sw_process_options *options,
                   struct sw_buffer *out, struct sw_buffer *err, struct sw_error *error)
{
    struct pipes parent = {-1, {-1, -1}};
    int child[3] = {-1, -1, -1};
    pid_t pid = -1;
    int code = open_pipes(&parent, child, error);
    if (code != 0)
        return code;
    code = sw_process_connect(&pid, options, child, error);
    for (int i = 0; i < 3; i++)
        (void)close(child[i]);
    if (code == 0) {
        code = pump(&parent, options, out, err, error);
        if (code != 0)
            (void)kill(-pid, SIGKILL);
        int status = reap(pid);
        if (code == 0)
            result->status = status;
    }
    close_pipes(&parent);
    return code;
}

int sw_process_start(pid_t *pid, const struct sw_process_options *options, const char *log,
                     struct sw_error *error)
{
    SW_FD_AUTO input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    SW_FD_AUTO output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (input < 0 || output < 0)
        return sw_fail_errno(error, SW_EENV, "cannot write '%s'", log);
    const int fds[3] = {input, output, output};
    return sw_process_connect(pid, options, fds, error);
}

void sw_process_stop(pid_t pid, int64_t patience_ns)
{
    const struct timespec pause = {.tv_nsec = 20 * SW_MILLISECOND_NS};
    int64_t deadline = sw_clock_now() + patience_ns;
    (void)kill(-pid, SIGTERM);
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (sw_clock_now() >= deadline) {
            (void)kill(-pid, SIGKILL);
            (void)reap(pid);
            return;
        }
        (void)nanosleep(&pause, NULL);
    }
    /* Kill the processes that its group left behind. */
    (void)kill(-pid, SIGKILL);
}
