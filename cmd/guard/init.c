#include "init.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int init_become(char *const *command)
{
    (void)execvp(command[0], command);
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
    (void)fprintf(stderr, "slipway guard: cannot run '%s': %s\n", command[0], strerror(errno));
    return status;
}

void init_block(sigset_t *before)
{
    /* A fault of this very process must end it at once, not wait in line. */
    static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t all;
    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        (void)sigdelset(&all, own[i]);
    (void)sigprocmask(SIG_SETMASK, &all, before);
}

/* Reaps all that has ended; true when the command itself has, with its status. */
static bool reap(pid_t command, int *status)
{
    bool ended = false;
    int how = 0;
    for (pid_t child = waitpid(-1, &how, WNOHANG); child > 0; child = waitpid(-1, &how, WNOHANG)) {
        if (child != command)
            continue;
        ended = true;
        *status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
    }
    return ended;
}

static int watch(pid_t command)
{
    sigset_t all;
    int status = 0;
    (void)sigfillset(&all);
    for (;;) {
        int got = sigwaitinfo(&all, NULL);
        if (got == SIGCHLD && reap(command, &status))
            return status;
        /* The terminal's own, for a background process that reads or writes, are not for the command. */
        if (got > 0 && got != SIGCHLD && got != SIGTTIN && got != SIGTTOU)
            (void)kill(command, got);
    }
}

int init_run(char *const *command, const sigset_t *before)
{
    pid_t child = fork();
    if (child < 0) {
        (void)fprintf(stderr, "slipway guard: cannot start '%s': %s\n", command[0], strerror(errno));
        return STATUS_CANNOT_RUN;
    }
    if (child > 0)
        return watch(child);
    (void)setpgid(0, 0);
    /* The call fails if there is no terminal; SIGTTOU is blocked. */
    (void)tcsetpgrp(STDIN_FILENO, getpid());
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    _exit(init_become(command));
}
