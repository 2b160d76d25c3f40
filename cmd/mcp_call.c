#include "mcp.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child is this program, with the user's own variables. */
static const struct sw_variable all_variables[] = {{"*", SW_VARIABLE_TEXT}, {NULL, SW_VARIABLE_TEXT}};

static int open_pipes(struct mcp_call *call, int theirs[3], struct sw_error *error)
{
    for (int i = 0; i < 3; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return sw_fail_errno(error, SW_EENV, "cannot make a pipe");
        call->fds[i] = i == 0 ? ends[1] : ends[0];
        theirs[i] = i == 0 ? ends[0] : ends[1];
        (void)fcntl(call->fds[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int mcp_call_start(struct mcp_call *call, struct session *session, const char *const *argv,
                   struct sw_error *error)
{
    int theirs[3] = {-1, -1, -1};
    char *folder = getcwd(NULL, 0);
    const struct sw_process_options options = {.argv = argv,
                                               .environment = session->project.environment,
                                               .needs = all_variables,
                                               .directory = folder};
    int code = folder == NULL ? sw_fail_errno(error, SW_EENV, "cannot tell the current folder")
                              : open_pipes(call, theirs, error);
    if (code == 0)
        code = sw_process_connect(&call->pid, &options, theirs, error);
    for (int i = 0; i < 3; i++)
        sw_fd_close(&theirs[i]);
    free(folder);
    call->deadline_ns = sw_clock_now() + SW_MAX_MCP_CALL_SECONDS * SW_SECOND_NS;
    if (code == 0 && call->input.n == 0)
        sw_fd_close(&call->fds[0]);
    return code;
}

static void write_input(struct mcp_call *call)
{
    ssize_t n = write(call->fds[0], call->input.p, call->input.n);
    if (n > 0)
        call->input = sw_str_drop(call->input, (size_t)n);
    if (call->input.n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        sw_fd_close(&call->fds[0]);
}

void mcp_call_serve(struct mcp_call *call, int i)
{
    char chunk[1 << 14];
    if (i == 0) {
        write_input(call);
        return;
    }
    ssize_t n = read(call->fds[i], chunk, sizeof chunk);
    if (n > 0)
        sw_buffer_add(i == 1 ? &call->output : &call->messages, chunk, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        sw_fd_close(&call->fds[i]);
}

bool mcp_call_is_over(const struct mcp_call *call)
{
    return call->fds[1] < 0 && call->fds[2] < 0;
}

void mcp_call_cancel(struct mcp_call *call)
{
    call->is_canceled = true;
    if (call->pid > 0)
        (void)kill(-call->pid, SIGINT);
}

void mcp_call_late(struct mcp_call *call)
{
    bool is_deaf = call->is_late;
    call->is_late = true;
    call->deadline_ns = sw_clock_now() + 5 * SW_SECOND_NS;
    if (!is_deaf) {
        mcp_call_cancel(call);
        return;
    }
    if (call->pid > 0)
        (void)kill(-call->pid, SIGKILL);
    /* A process of another group may hold the other ends. */
    for (int i = 0; i < 3; i++)
        sw_fd_close(&call->fds[i]);
}

int mcp_call_end(struct mcp_call *call)
{
    int status = 0;
    while (call->pid > 0 && waitpid(call->pid, &status, 0) < 0 && errno == EINTR)
        ;
    call->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void mcp_call_release(struct mcp_call *call)
{
    if (call->pid > 0)
        sw_process_stop(call->pid, 800 * SW_MILLISECOND_NS);
    for (int i = 0; i < 3; i++)
        sw_fd_close(&call->fds[i]);
    sw_buffer_release(&call->output);
    sw_buffer_release(&call->messages);
    sw_arena_release(&call->arena);
}
