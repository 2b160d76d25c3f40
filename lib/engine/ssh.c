#include "engine/ssh_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_WORDS = 24, STDERR_SIZE = 16 * 1024, TOLD_LINES = 3, PATIENCE_MS = 300 };

struct sw_ssh_child {
    struct sw_ssh_child *next;
    int socket; /* libcurl's */
    int said;   /* its standard error, a file in memory */
    pid_t pid;
};

/* ---- starting ---- */

/* The variables that ssh, and the programs that its configuration starts, see beside the usual variables:
 * agents, tickets, and the way to ask. */
static const struct sw_variable needs[] = {
    {"SSH_AUTH_SOCK", SW_VARIABLE_FILE},
    {"KRB5CCNAME", SW_VARIABLE_TEXT},
    {"KRB5_CONFIG", SW_VARIABLE_FILE},
    {"DISPLAY", SW_VARIABLE_TEXT},
    {"WAYLAND_DISPLAY", SW_VARIABLE_TEXT},
    {"XAUTHORITY", SW_VARIABLE_FILE},
    {"DBUS_SESSION_BUS_ADDRESS", SW_VARIABLE_TEXT},
    {NULL, SW_VARIABLE_TEXT},
};

/* The variables by which docker's and Kubernetes' clients find their configuration. */
static const struct sw_variable needs_of_clients[] = {
    {"DOCKER_CONFIG", SW_VARIABLE_FILE},     {"DOCKER_HOST", SW_VARIABLE_TEXT},
    {"DOCKER_CONTEXT", SW_VARIABLE_TEXT},    {"DOCKER_CERT_PATH", SW_VARIABLE_FILE},
    {"DOCKER_TLS_VERIFY", SW_VARIABLE_TEXT}, {"KUBECONFIG", SW_VARIABLE_TEXT},
    {"SSH_AUTH_SOCK", SW_VARIABLE_FILE},     {NULL, SW_VARIABLE_TEXT},
};

/* Set `remote` to the command for the other machine's shell. A path is a plain word: engine/endpoint.c
 * refuses any other path. */
static bool write_remote(char *remote, size_t size, const char *socket)
{
    int n = socket == NULL
                ? snprintf(remote, size,
                           "sh -c 'command -v docker >/dev/null || exec podman system dial-stdio; "
                           "exec docker system dial-stdio'")
                : snprintf(
                      remote, size,
                      "sh -c 'command -v docker >/dev/null || exec podman --url unix://%s system dial-stdio; "
                      "exec docker --host unix://%s system dial-stdio'",
                      socket, socket);
    return n > 0 && (size_t)n < size;
}

/* `argv` has room for MOST_WORDS. */
static void write_command(const char **argv, const struct sw_endpoint *endpoint, const char *remote)
{
    static const char *const fixed[] = {"ssh", "-T",
                                        "-o",  "BatchMode=yes",
                                        "-o",  "ConnectTimeout=10",
                                        "-o",  "ServerAliveInterval=5",
                                        "-o",  "ServerAliveCountMax=2"};
    size_t n = 0;
    for (; n < SW_COUNT(fixed); n++)
        argv[n] = fixed[n];
    if (endpoint->user != NULL) {
        argv[n++] = "-l";
        argv[n++] = endpoint->user;
    }
    if (endpoint->port != NULL) {
        argv[n++] = "-p";
        argv[n++] = endpoint->port;
    }
    argv[n++] = "--";
    argv[n++] = endpoint->host;
    argv[n++] = remote;
    argv[n] = NULL;
}

/* A file that takes a child's messages and never makes it wait: once full, the file takes no more. */
static int open_said(void)
{
    int fd = memfd_create("ssh", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (ftruncate(fd, STDERR_SIZE) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) != 0))
        sw_fd_close(&fd);
    return fd;
}

/* The other end of our own connection to the listener, to which any user of this machine might connect too. */
static int accept_own(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        struct ucred peer = {0};
        socklen_t size = sizeof peer;
        if (fd < 0 || (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid()))
            return fd;
        (void)close(fd);
    }
}

static int start(struct sw_ssh_child *child, int listener, const struct sw_endpoint *endpoint,
                 struct sw_error *error)
{
    const char *argv[MOST_WORDS];
    char remote[2 * SW_MAX_PATH_SIZE];
    bool by_ssh = endpoint->command == NULL;
    if (by_ssh && !write_remote(remote, sizeof remote, endpoint->socket))
        return sw_fail(error, SW_EINPUT, "the path of the socket is too long");
    if (by_ssh)
        write_command(argv, endpoint, remote);
    SW_FD_AUTO end = accept_own(listener);
    child->said = open_said();
    if (end < 0 || child->said < 0)
        return sw_fail_errno(error, SW_EENV, "cannot start '%s'", by_ssh ? "ssh" : endpoint->command[0]);
    const int fds[3] = {end, end, child->said};
    const struct sw_process_options options = {.argv = by_ssh ? argv : endpoint->command,
                                               .environment = endpoint->environment,
                                               .needs = by_ssh ? needs : needs_of_clients};
    return sw_process_connect(&child->pid, &options, fds, error);
}

/* ---- its messages ---- */

/* Keep the last lines, in which ssh and the programs it runs tell why they end. */
static void hear(struct sw_ssh *ssh, int said)
{
    char text[STDERR_SIZE];
    ssize_t n = pread(said, text, sizeof text, 0);
    struct sw_str rest = {text, n <= 0 ? 0 : strnlen(text, (size_t)n)}, lines[TOLD_LINES] = {0};
    SW_BUFFER_AUTO told;
    sw_buffer_init(&told, 4 * sizeof text);
    while (rest.n > 0) {
        struct sw_str line = sw_str_trim(sw_str_cut(&rest, '\n'));
        if (line.n == 0)
            continue;
        memmove(lines, lines + 1, sizeof lines - sizeof *lines);
        lines[TOLD_LINES - 1] = line;
    }
    for (size_t i = 0; i < TOLD_LINES; i++) {
        if (told.n > 0)
            sw_buffer_add_text(&told, "; ");
        sw_text_add_clean(&told, lines[i]);
    }
    (void)snprintf(ssh->words, sizeof ssh->words, "%s", told.p);
}

/* ---- opening and closing ---- */

void sw_ssh_init(struct sw_ssh *ssh)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* The address has no name: the kernel makes a name. */
    socklen_t size = sizeof address.sun_family;
    *ssh = (struct sw_ssh){.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (ssh->listener < 0 || bind(ssh->listener, (const struct sockaddr *)&address, size) != 0 ||
        listen(ssh->listener, SOMAXCONN) != 0)
        return;
    size = sizeof address;
    if (getsockname(ssh->listener, (struct sockaddr *)&address, &size) == 0)
        (void)snprintf(ssh->name, sizeof ssh->name, "%.*s",
                       (int)(size - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
}

static void release(struct sw_ssh_child *child)
{
    sw_fd_close(&child->said);
    free(child);
}

void sw_ssh_release(struct sw_ssh *ssh)
{
    sw_fd_close(&ssh->listener);
}

bool sw_ssh_take(struct sw_ssh *ssh, int socket, const struct sw_endpoint *endpoint)
{
    struct sw_error error = {0};
    struct sw_ssh_child *child = calloc(1, sizeof *child);
    ssh->words[0] = '\0';
    if (child == NULL)
        return false;
    *child = (struct sw_ssh_child){.next = ssh->children, .socket = socket, .said = -1};
    if (start(child, ssh->listener, endpoint, &error) != 0) {
        (void)snprintf(ssh->words, sizeof ssh->words, "%s", error.text);
        release(child);
        return false;
    }
    ssh->children = child;
    return true;
}

void sw_ssh_hear(struct sw_ssh *ssh)
{
    if (ssh->words[0] == '\0' && ssh->children != NULL)
        hear(ssh, ssh->children->said); /* the newest */
}

void sw_ssh_close(struct sw_ssh *ssh, int socket)
{
    struct sw_ssh_child **at = &ssh->children;
    while (*at != NULL && (*at)->socket != socket)
        at = &(*at)->next;
    struct sw_ssh_child *child = *at;
    if (child != NULL)
        hear(ssh, child->said); /* before its stop, which it would tell too */
    (void)close(socket);
    if (child == NULL)
        return;
    *at = child->next;
    sw_process_stop(child->pid, PATIENCE_MS * SW_MILLISECOND_NS);
    release(child);
}
