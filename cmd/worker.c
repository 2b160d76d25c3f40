#include "worker.h"
#include "output/say.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_files(struct worker *worker)
{
    if (worker->out != NULL)
        (void)fclose(worker->out);
    if (worker->err != NULL)
        (void)fclose(worker->err);
    worker->out = worker->err = NULL;
}

static void onto(int fd, int standard)
{
    if (fd >= 0)
        (void)dup2(fd, standard);
}

/* A terminal's Ctrl-C must reach it once, by way of the parent: a second one ends a program at once. */
static void lead_own_group(pid_t parent)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGINT);
    if (getppid() != parent)
        (void)raise(SIGINT);
}

/* The child's beginning, with signals blocked. */
static int begin_inside(struct worker *worker, struct session *session, const struct worker_display *display,
                        int events, struct sw_error *error)
{
    struct progress_options *own = sw_arena_alloc(&session->arena, sizeof *own);
    if (own == NULL)
        return sw_fail_memory(error);
    *own = (struct progress_options){.kind = display->kind,
                                     .fd = display->printed ? STDERR_FILENO : events,
                                     .color = session->color,
                                     .utf8 = session->utf8,
                                     .profile = display->printed ? NULL : worker->name};
    session->display = own;
    SW_FD_AUTO nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    onto(nothing, STDIN_FILENO);
    onto(display->results ? events : fileno(worker->out), STDOUT_FILENO);
    onto(fileno(worker->err), STDERR_FILENO);
    sw_cancel_release(&session->cancel); /* the parent's would wake the parent */
    sw_cancel_init(&session->cancel);
    return 0;
}

static int open_files(struct worker *worker, int ends[2], struct sw_error *error)
{
    worker->out = tmpfile();
    worker->err = tmpfile();
    if (worker->out != NULL && worker->err != NULL && pipe2(ends, O_CLOEXEC) == 0)
        return 0;
    (void)sw_fail_errno(error, SW_EENV, "cannot make a temporary file or a pipe");
    close_files(worker);
    return SW_EENV;
}

int worker_start(struct worker *worker, bool *inside, struct session *session,
                 const struct worker_display *display, struct sw_error *error)
{
    int ends[2];
    int code = open_files(worker, ends, error);
    if (code != 0)
        return code;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    (void)fflush(session->out);
    pid_t parent = getpid(), child = fork();
    int number = errno;
    *inside = child == 0;
    if (child == 0) {
        lead_own_group(parent);
        code = begin_inside(worker, session, display, ends[1], error);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        return code;
    if (child < 0) {
        (void)close(ends[0]);
        close_files(worker);
        errno = number;
        return sw_fail_errno(error, SW_EENV, "cannot start a process");
    }
    worker->pid = child;
    worker->events = ends[0];
    worker->started_ns = sw_clock_now();
    return 0;
}

void worker_cancel(struct worker *worker)
{
    if (worker->pid == 0 || worker->canceled)
        return;
    worker->canceled = true;
    (void)kill(worker->pid, SIGINT);
}

/* The worker has moved the files' ends, which both processes share. */
static void hand_on(FILE *from, FILE *to)
{
    char chunk[1 << 16];
    rewind(from);
    for (size_t n = fread(chunk, 1, sizeof chunk, from); n > 0; n = fread(chunk, 1, sizeof chunk, from))
        (void)say_bytes(to, (struct sw_str){chunk, n});
    (void)fflush(to);
}

void worker_end(struct worker *worker)
{
    int status = 0;
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    worker->ended_ns = sw_clock_now();
    worker->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    worker->status = WIFSIGNALED(status) ? STATUS_ENVIRONMENT : (enum status)WEXITSTATUS(status);
    worker->pid = 0;
    sw_fd_close(&worker->events);
}

void worker_print(struct worker *worker, struct session *session)
{
    hand_on(worker->err, session->err);
    hand_on(worker->out, session->out);
    close_files(worker);
}

void worker_forget(struct worker *worker)
{
    close_files(worker);
    *worker = (struct worker){.name = worker->name, .path = worker->path, .events = -1};
}
