/* An SSH agent's socket carried into a build (moby.sshforward.v1). A build may ask the agent to list its keys
 * and to sign (draft-miller-ssh-agent, sections 3.5 and 3.6); any other message is replaced on its way by a
 * message that no agent knows, so that the agent itself answers it with a failure, in turn. */
#include "base/file.h"
#include "base/limits.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIELD_ID = 1, FIELD_DATA = 1 };
enum { PREFIX = 4 /* bytes of length */, REQUEST_IDENTITIES = 11, SIGN_REQUEST = 13 };

struct relay {
    struct sw_watch watch;
    struct sw_session *session;
    struct sw_grpc_call *call;
    /* Bytes of a message to the agent that is not whole yet. */
    struct sw_buffer in;
    struct sw_buffer out; /* for the agent */
    int fd;
    bool ended; /* the build sends no more */
};

static const struct sw_agent *find_agent(const struct sw_session *session, struct sw_str id)
{
    if (id.n == 0)
        id = SW_STR("default");
    for (size_t i = 0; i < session->options->agents_count; i++) {
        if (sw_str_is(id, session->options->agents[i].id))
            return &session->options->agents[i];
    }
    return NULL;
}

void sw_session_agent_check(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    if (find_agent(self, sw_session_field(message, FIELD_ID)) == NULL) {
        sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "no SSH agent of that name was given");
        return;
    }
    sw_grpc_put(call, (struct sw_str){"", 0});
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

static int connect_agent(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        sw_fd_close(&fd);
    return fd;
}

/* Send the agent as many bytes as its socket takes at the moment. */
static void feed_agent(struct relay *relay)
{
    while (relay->out.n > 0) {
        ssize_t n = send(relay->fd, relay->out.p, relay->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* full, or gone, which reading tells */
        sw_buffer_consume(&relay->out, (size_t)n);
    }
    if (relay->out.n == 0 && relay->ended)
        (void)shutdown(relay->fd, SHUT_WR);
    sw_session_rewatch(relay->session, relay->fd, relay->out.n > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN,
                       &relay->watch);
}

static void hear_agent(struct relay *relay)
{
    char bytes[8192];
    SW_BUFFER_AUTO reply;
    sw_buffer_init(&reply, 2 * sizeof bytes);
    ssize_t n = recv(relay->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        (void)epoll_ctl(relay->session->epoll, EPOLL_CTL_DEL, relay->fd, NULL);
        sw_grpc_finish(relay->call, SW_GRPC_OK, NULL);
        return;
    }
    sw_proto_add_bytes(&reply, FIELD_DATA, (struct sw_str){bytes, (size_t)n});
    sw_grpc_put(relay->call, sw_buffer_str(&reply));
}

static void on_agent(struct sw_watch *watch, uint32_t events)
{
    struct relay *relay = (struct relay *)(void *)watch;
    if ((events & EPOLLOUT) != 0)
        feed_agent(relay);
    if ((events & ~(uint32_t)EPOLLOUT) != 0)
        hear_agent(relay);
}

void sw_session_agent_begin(struct sw_grpc_call *call, void *self)
{
    struct sw_session *session = self;
    const struct sw_agent *agent = find_agent(session, sw_grpc_header(call, "buildkit.ssh.id", 0));
    struct relay *relay = agent == NULL ? NULL : calloc(1, sizeof *relay);
    if (relay == NULL) {
        sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "no SSH agent of that name was given");
        return;
    }
    *relay = (struct relay){
        .watch = {on_agent}, .session = session, .call = call, .fd = connect_agent(agent->socket)};
    sw_buffer_init(&relay->in, SW_MAX_AGENT_MESSAGE + SW_MAX_GRPC_MESSAGE);
    sw_buffer_init(&relay->out, 2 * SW_MAX_GRPC_MESSAGE);
    sw_grpc_set_state(call, relay);
    if (relay->fd < 0 || sw_session_watch(session, relay->fd, EPOLLIN, &relay->watch, NULL) != 0)
        sw_grpc_finish(call, SW_GRPC_UNAVAILABLE, "the SSH agent cannot be reached");
}

/* Pass on a message if it is whole; false if it is not. */
static bool pass_message(struct relay *relay)
{
    static const char unknown[] = {0, 0, 0, 1, (char)0xFF};
    const unsigned char *p = (const unsigned char *)relay->in.p;
    if (relay->in.n < PREFIX)
        return false;
    size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (n == 0 || n > SW_MAX_AGENT_MESSAGE) {
        sw_grpc_finish(relay->call, SW_GRPC_INVALID, "this is no message to an SSH agent");
        return false;
    }
    if (relay->in.n - PREFIX < n)
        return false;
    if (p[PREFIX] == REQUEST_IDENTITIES || p[PREFIX] == SIGN_REQUEST)
        sw_buffer_add(&relay->out, relay->in.p, PREFIX + n);
    else
        sw_buffer_add(&relay->out, unknown, sizeof unknown);
    sw_buffer_consume(&relay->in, PREFIX + n);
    return true;
}

void sw_session_agent_message(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct relay *relay = sw_grpc_state(call);
    (void)self;
    sw_buffer_add_str(&relay->in, sw_session_field(message, FIELD_DATA));
    while (pass_message(relay))
        ;
    if (relay->in.state != SW_BUFFER_OK || relay->out.state != SW_BUFFER_OK)
        sw_grpc_finish(call, SW_GRPC_EXHAUSTED, "too much for the SSH agent");
    else
        feed_agent(relay);
}

void sw_session_agent_end(struct sw_grpc_call *call, void *self)
{
    struct relay *relay = sw_grpc_state(call);
    (void)self;
    relay->ended = true;
    feed_agent(relay);
}

void sw_session_agent_release(struct sw_grpc_call *call, void *self)
{
    struct relay *relay = sw_grpc_state(call);
    (void)self;
    if (relay == NULL)
        return;
    sw_fd_close(&relay->fd); /* which also ends the watch */
    sw_buffer_release(&relay->in);
    sw_buffer_release(&relay->out);
    free(relay);
}
