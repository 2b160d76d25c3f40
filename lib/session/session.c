#include "session/session.h"

#include "base/file.h"
#include "base/limits.h"
#include "session/filesync_internal.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_HEADERS = 32, EVENTS_AT_A_TIME = 16, BATCHES_AT_A_TIME = 16, PIECE = 64 * 1024 };
enum { FIELD_ID = 1, FIELD_DATA = 1, FIELD_STATUS = 1, SERVING = 1 };

struct sw_str sw_session_field(struct sw_str message, uint32_t number)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == number)
            return sw_proto_str(&field);
    }
    return (struct sw_str){"", 0};
}

void sw_session_fail_call(struct sw_grpc_call *call, struct sw_session *session, const struct sw_error *error)
{
    if (session->code == 0) {
        session->code = error->code;
        session->error = *error;
    }
    sw_grpc_finish(call, SW_GRPC_UNKNOWN, error->text);
}

/* ---- grpc.health.v1.Health ---- */

static void check_health(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    (void)self, (void)message;
    SW_BUFFER_AUTO reply;
    sw_buffer_init(&reply, SW_MAX_MESSAGE);
    sw_proto_add_int(&reply, FIELD_STATUS, SERVING);
    sw_grpc_put(call, sw_buffer_str(&reply));
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

/* ---- moby.buildkit.secrets.v1.Secrets ---- */

static void get_secret(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    const struct sw_session_options *options = ((const struct sw_session *)self)->options;
    struct sw_str id = sw_session_field(message, FIELD_ID);
    for (size_t i = 0; i < options->secrets_count; i++) {
        if (!sw_str_is(id, options->secrets[i].id))
            continue;
        SW_BUFFER_AUTO reply;
        sw_buffer_init(&reply, 2 * SW_MAX_SECRET);
        sw_proto_add_bytes(&reply, FIELD_DATA, options->secrets[i].value);
        sw_grpc_put(call, sw_buffer_str(&reply));
        sw_grpc_finish(call, SW_GRPC_OK, NULL);
        return;
    }
    /* This status alone lets a step go on whose secret is not required. */
    sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "no secret of that name was given");
}

/* ---- moby.filesync.v1.FileSync ---- */

/* Undo Go's url.QueryEscape, in place. */
static void decode_query(struct sw_str *text, char *p)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < text->n; i++) {
        const char *high = NULL, *low = NULL;
        if (p[i] == '%' && i + 2 < text->n) {
            high = memchr(digits, sw_lower((unsigned char)p[i + 1]), sizeof digits - 1);
            low = memchr(digits, sw_lower((unsigned char)p[i + 2]), sizeof digits - 1);
        }
        if (high != NULL && low != NULL) {
            p[n++] = (char)((high - digits) * 16 + (low - digits));
            i += 2;
        } else {
            p[n++] = (char)(p[i] == '+' ? ' ' : p[i]);
        }
    }
    *text = (struct sw_str){p, n};
}

/* The values of "followpaths", in the arena. */
static int read_followed(struct sw_str **out, size_t *count, struct sw_arena *arena,
                         const struct sw_grpc_call *call, struct sw_error *error)
{
    bool encoded = sw_grpc_header(call, "followpaths-encoded", 0).p != NULL;
    struct sw_str *items = NULL;
    size_t n = 0;
    for (struct sw_str value; (value = sw_grpc_header(call, "followpaths", n)).p != NULL; n++) {
        items = sw_arena_grow(arena, items, n, sizeof *items);
        char *copy = sw_arena_copy(arena, value);
        if (items == NULL || copy == NULL)
            return sw_fail_memory(error);
        items[n] = (struct sw_str){copy, value.n};
        if (encoded)
            decode_query(&items[n], copy);
    }
    *out = items;
    *count = n;
    return 0;
}

/* Queue the packets that are ready, in portions. */
static void push_sync(struct sw_grpc_call *call, void *self)
{
    struct sw_filesync *sync = sw_grpc_state(call);
    SW_BUFFER_AUTO packet;
    sw_buffer_init(&packet, PIECE);
    while (sync != NULL && sw_grpc_queued(call) < SW_MAX_GRPC_BATCH) {
        struct sw_error error = {0};
        sw_buffer_clear(&packet);
        if (sw_filesync_next(sync, &packet, &error) != 0) {
            sw_session_fail_call(call, self, &error);
            return;
        }
        if (packet.n == 0)
            break;
        sw_grpc_put(call, sw_buffer_str(&packet));
    }
    if (sync != NULL && sw_filesync_done(sync))
        sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

static void begin_sync(struct sw_grpc_call *call, void *self)
{
    struct sw_session *session = self;
    struct sw_str directory = sw_grpc_header(call, "dir-name", 0);
    if (!sw_str_is(directory, "context") && !sw_str_is(directory, "dockerfile")) {
        sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "there is no such folder");
        return;
    }
    struct sw_error error = {0};
    struct sw_filesync *sync = NULL;
    struct sw_str *followed = NULL;
    size_t count = 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 16 * SW_MAX_HTTP_HEADERS);
    int code = read_followed(&followed, &count, &arena, call, &error);
    if (code == 0)
        code =
            sw_filesync_new(&sync, session->options->context,
                            sw_str_is(directory, "dockerfile") ? SW_FILESYNC_DOCKERFILE : SW_FILESYNC_CONTEXT,
                            followed, count, &error);
    if (code != 0) {
        sw_session_fail_call(call, session, &error);
        return;
    }
    sw_grpc_set_state(call, sync);
    push_sync(call, session);
}

static void take_sync(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct sw_error error = {0};
    if (sw_filesync_take(sw_grpc_state(call), message, &error) != 0)
        sw_grpc_finish(call, SW_GRPC_UNKNOWN,
                       /* The fault is the engine's own, and the engine tells of it itself. */
                       error.text);
    else
        push_sync(call, self);
}

static void end_sync(struct sw_grpc_call *call, void *self)
{
    (void)self;
    sw_grpc_finish(call, SW_GRPC_UNKNOWN, "the engine broke the transfer of the context off");
}

static void release_sync(struct sw_grpc_call *call, void *self)
{
    (void)self;
    sw_filesync_free(sw_grpc_state(call));
}

/* ---- the methods that are served ---- */

static const struct sw_grpc_method methods[] = {
    {.path = "/containerd.services.content.v1.Content/Abort", .message = sw_session_content_abort},
    {.path = "/containerd.services.content.v1.Content/Info", .message = sw_session_content_info},
    {.path = "/containerd.services.content.v1.Content/Read",
     .message = sw_session_content_read,
     .drained = sw_session_content_more,
     .release = sw_session_content_read_release},
    {.path = "/containerd.services.content.v1.Content/Write",
     .message = sw_session_content_write,
     .end = sw_session_content_write_end,
     .release = sw_session_content_write_release},
    {.path = "/grpc.health.v1.Health/Check", .message = check_health},
    {.path = "/moby.buildkit.secrets.v1.Secrets/GetSecret", .message = get_secret},
    {.path = "/moby.filesync.v1.Auth/Credentials",
     .message = sw_session_credentials,
     .release = sw_session_credentials_release},
    {.path = "/moby.filesync.v1.FileSend/DiffCopy",
     .begin = sw_session_file_begin,
     .message = sw_session_file_message,
     .end = sw_session_file_end},
    {.path = "/moby.filesync.v1.FileSync/DiffCopy",
     .begin = begin_sync,
     .message = take_sync,
     .end = end_sync,
     .drained = push_sync,
     .release = release_sync},
    {.path = "/moby.sshforward.v1.SSH/CheckAgent", .message = sw_session_agent_check},
    {.path = "/moby.sshforward.v1.SSH/ForwardAgent",
     .begin = sw_session_agent_begin,
     .message = sw_session_agent_message,
     .end = sw_session_agent_end,
     .release = sw_session_agent_release},
};

/* ---- the connection ---- */

int sw_session_watch(struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch,
                     struct sw_error *error)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    return epoll_ctl(session->epoll, EPOLL_CTL_ADD, fd, &event) == 0
               ? 0
               : sw_fail_errno(error, SW_EENV, "cannot wait for a session");
}

void sw_session_rewatch(const struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    (void)epoll_ctl(session->epoll, EPOLL_CTL_MOD, fd, &event);
}

/* The engine notices, and so does its build, should it still need the session. */
static void hang_up(struct sw_session *session)
{
    if (session->connection != NULL)
        (void)epoll_ctl(session->epoll, EPOLL_CTL_DEL, sw_connection_fd(session->connection), NULL);
    sw_connection_close(session->connection);
    session->connection = NULL;
}

static int receive(struct sw_session *session, struct sw_error *error)
{
    char piece[PIECE];
    size_t got = 1;
    int code = 0;
    while (code == 0 && got > 0) {
        code = sw_connection_receive(session->connection, piece, sizeof piece, &got, error);
        session->active = session->active || (code == 0 && got > 0);
        if (code == 0 && got > 0)
            code = sw_grpc_receive(session->grpc, piece, got, error);
    }
    return code;
}

/* Gather frames, which are small, until sending is worth a call. */
static int fill_batch(struct sw_session *session, struct sw_error *error)
{
    sw_buffer_clear(&session->batch);
    session->sent = 0;
    struct sw_str frame = {"", 1};
    int code = 0;
    while (code == 0 && frame.n > 0 && session->batch.n < SW_MAX_GRPC_BATCH) {
        code = sw_grpc_send(session->grpc, &frame, error);
        if (code == 0)
            sw_buffer_add_str(&session->batch, frame);
    }
    return code != 0 ? code : sw_buffer_check(&session->batch, "what is sent to the engine", error);
}

/* Send the waiting frames, up to a portion that leaves time for the build's own answer. */
static int flush(struct sw_session *session, struct sw_error *error)
{
    size_t sent = 1;
    int code = 0;
    for (int i = 0; code == 0 && sent > 0 && i < BATCHES_AT_A_TIME; i++) {
        if (session->sent == session->batch.n)
            code = fill_batch(session, error);
        if (code == 0)
            code = sw_connection_send(session->connection, session->batch.p + session->sent,
                                      session->batch.n - session->sent, &sent, error);
        session->sent += code == 0 ? sent : 0;
        session->active = session->active || (code == 0 && sent > 0);
    }
    bool full = code == 0 && (sent > 0 || sw_connection_is_full(session->connection));
    if (code == 0 && full != session->full) {
        session->full = full;
        sw_session_rewatch(session, sw_connection_fd(session->connection),
                           full ? EPOLLIN | EPOLLOUT : EPOLLIN, &session->watch);
    }
    return code;
}

static void on_connection(struct sw_watch *watch, uint32_t events)
{
    struct sw_session *session =
        (struct sw_session *)(void *)((char *)watch - offsetof(struct sw_session, watch));
    if ((events & ~(uint32_t)EPOLLOUT) != 0 && receive(session, NULL) != 0)
        hang_up(session);
}

bool sw_session_serve(void *self)
{
    struct sw_session *session = self;
    session->active = false;
    /* Events are taken singly, since a watch that is ready may end another. */
    struct epoll_event event;
    for (int i = 0; i < EVENTS_AT_A_TIME && epoll_wait(session->epoll, &event, 1, 0) == 1; i++) {
        struct sw_watch *watch = event.data.ptr;
        watch->ready(watch, event.events);
    }
    if (session->connection != NULL && flush(session, NULL) != 0)
        hang_up(session);
    return session->active;
}

/* ---- opening and closing ---- */

int sw_session_new(struct sw_session **out, const struct sw_session_options *options,
                   const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return sw_fail_memory(error);
    session->options = options;
    session->sink = sink;
    session->watch.ready = on_connection;
    sw_buffer_init(&session->batch, SW_MAX_GRPC_BATCH + 4 * PIECE);
    sw_cancel_init(&session->ended);
    session->received = calloc(options->outputs_count + 1, sizeof *session->received);
    for (size_t i = 0; session->received != NULL && i < options->outputs_count; i++)
        session->received[i].temporary = SW_TEMPORARY_NONE;
    session->epoll = epoll_create1(EPOLL_CLOEXEC);
    int code = session->received == NULL ? sw_fail_memory(error) : 0;
    if (code == 0 && session->epoll < 0)
        code = sw_fail_errno(error, SW_EENV, "cannot wait for a session");
    if (code == 0)
        code = sw_grpc_new(&session->grpc, methods, SW_COUNT(methods), session, error);
    if (code == 0)
        code = sw_call_token(session->id, error);
    if (code != 0) {
        sw_session_close(session);
        return code;
    }
    *out = session;
    return 0;
}

/* Set `headers` to a session's description of itself, under names that HTTP/2 takes; a NULL name ends them. */
static void describe(struct sw_pair headers[MOST_HEADERS + 1], const struct sw_session *session)
{
    _Static_assert(SW_COUNT(methods) + 3 <= MOST_HEADERS, "room for every method");
    size_t count = 0;
    headers[count++] = (struct sw_pair){"x-docker-expose-session-uuid", session->id};
    headers[count++] = (struct sw_pair){"x-docker-expose-session-name", "slipway"};
    headers[count++] = (struct sw_pair){"x-docker-expose-session-sharedkey", session->options->context_key};
    for (size_t i = 0; i < SW_COUNT(methods); i++)
        headers[count++] = (struct sw_pair){"x-docker-expose-session-grpc-method", methods[i].path};
    headers[count] = (struct sw_pair){NULL, NULL};
}

/* Connect by POST /session, as engines up to 29 have it. */
static int connect_upgraded(struct sw_session *session, const struct sw_endpoint *endpoint,
                            const struct sw_cancel *cancel, struct sw_error *error)
{
    enum { FIXED = 2 };
    struct sw_pair pairs[MOST_HEADERS + 1];
    const char *headers[FIXED + MOST_HEADERS + 1] = {"Connection: Upgrade", "Upgrade: h2c"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_HTTP_HEADERS);
    describe(pairs, session);
    for (size_t i = 0; pairs[i].name != NULL; i++) {
        headers[FIXED + i] = sw_arena_format(&arena, "%s: %s", pairs[i].name, pairs[i].value);
        if (headers[FIXED + i] == NULL)
            return sw_fail_memory(error);
    }
    return sw_connection_upgrade(&session->connection, endpoint, "/session", headers, cancel, error);
}

/* Within a call of BuildKit's own API, which engines from 29.2 on speak without an upgrade. */
static int connect_tunneled(struct sw_session *session, const struct sw_endpoint *endpoint,
                            const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_pair headers[MOST_HEADERS + 1];
    describe(headers, session);
    int code = sw_connection_open(&session->connection, endpoint, cancel, error);
    if (code == 0)
        code = sw_connection_tunnel(session->connection, headers, cancel, error);
    return code;
}

static int connect_session(struct sw_session *session, const struct sw_endpoint *endpoint,
                           const struct sw_cancel *cancel, struct sw_error *error)
{
    int code = endpoint->buildkit ? SW_ENOTFOUND : connect_upgraded(session, endpoint, cancel, error);
    if (code == SW_ENOTFOUND)
        code = connect_tunneled(session, endpoint, cancel, error);
    if (code == 0)
        code =
            sw_session_watch(session, sw_connection_fd(session->connection), EPOLLIN, &session->watch, error);
    if (code == 0)
        /* Bytes that came with the answer make no descriptor readable. */
        on_connection(&session->watch, EPOLLIN);
    return code;
}

int sw_session_open(struct sw_session **out, const struct sw_endpoint *endpoint,
                    const struct sw_session_options *options, const struct sw_sink *sink,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_session *session = NULL;
    int code = sw_session_new(&session, options, sink, error);
    if (code == 0)
        code = connect_session(session, endpoint, cancel, error);
    if (code != 0) {
        sw_session_close(session);
        return code;
    }
    (void)sw_session_serve(session);
    *out = session;
    return 0;
}

void sw_session_close(struct sw_session *session)
{
    if (session == NULL)
        return;
    hang_up(session);
    sw_session_end_lookups(session);
    sw_grpc_free(session->grpc);
    sw_session_drop_files(session);
    sw_fd_close(&session->epoll);
    sw_cancel_release(&session->ended);
    sw_buffer_release(&session->batch);
    free(session);
}

const char *sw_session_id(const struct sw_session *session)
{
    return session->id;
}

struct sw_grpc *sw_session_calls(const struct sw_session *session)
{
    return session->connection == NULL ? NULL : sw_connection_peer(session->connection);
}

bool sw_session_ended(const struct sw_session *session)
{
    return session->connection == NULL;
}

int sw_session_fd(const struct sw_session *session)
{
    return session->epoll;
}

int sw_session_check(const struct sw_session *session, struct sw_error *error)
{
    if (session->code != 0 && error != NULL)
        *error = session->error;
    return session->code;
}
