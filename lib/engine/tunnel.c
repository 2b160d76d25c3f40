#include "engine/tunnel.h"

#include "base/limits.h"
#include "engine/protobuf.h"

#include <nghttp2/nghttp2.h>

enum { PREFIX = 5, FIELD_DATA = 1, MOST_HEADERS = 32, PIECE = 32 * 1024 };

struct sw_tunnel {
    nghttp2_session *http2;
    struct sw_buffer message; /* of the other side, not whole yet */
    struct sw_buffer in;      /* what its messages held */
    struct sw_buffer out;     /* our messages */
    size_t taken;             /* bytes of `out` that were sent */
    int32_t id;
    bool deferred, ended;
};

static int fail_http2(struct sw_error *error, long long number)
{
    if (number == NGHTTP2_ERR_NOMEM)
        return sw_fail_memory(error);
    return sw_fail(error, SW_EENV, "the engine's HTTP/2 cannot be understood: %s",
                   nghttp2_strerror((int)number));
}

/* ---- nghttp2 calls these with its own types ---- */

static ssize_t give_data(nghttp2_session *session, int32_t id, uint8_t *out, size_t n, uint32_t *flags,
                         nghttp2_data_source *source, void *self)
{
    struct sw_tunnel *tunnel = self;
    (void)session, (void)id, (void)source;
    *flags = NGHTTP2_DATA_FLAG_NONE; /* our side has no end but that of the connection */
    size_t count = tunnel->out.n - tunnel->taken;
    tunnel->deferred = count == 0;
    if (tunnel->deferred)
        return NGHTTP2_ERR_DEFERRED;
    count = count < n ? count : n;
    memcpy(out, tunnel->out.p + tunnel->taken, count);
    tunnel->taken += count;
    return (ssize_t)count;
}

static bool take_message(struct sw_tunnel *tunnel)
{
    struct sw_buffer *message = &tunnel->message;
    const unsigned char *p = (const unsigned char *)message->p;
    if (message->n < PREFIX)
        return false;
    size_t n = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
    if (message->n - PREFIX < n)
        return false;
    struct sw_proto reader = sw_proto_from((struct sw_str){message->p + PREFIX, n});
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == FIELD_DATA)
            sw_buffer_add_str(&tunnel->in, sw_proto_str(&field));
    }
    sw_buffer_consume(message, PREFIX + n);
    return true;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *self)
{
    struct sw_tunnel *tunnel = self;
    (void)session, (void)flags, (void)id;
    sw_buffer_add(&tunnel->message, bytes, n);
    while (take_message(tunnel))
        ;
    bool fits = tunnel->message.state == SW_BUFFER_OK && tunnel->in.state == SW_BUFFER_OK;
    return fits ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *self)
{
    struct sw_tunnel *tunnel = self;
    (void)session, (void)code;
    tunnel->ended = tunnel->ended || id == tunnel->id;
    return 0;
}

/* The last frame of the other side; ours goes on, which nobody hears. */
static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct sw_tunnel *tunnel = self;
    (void)session;
    if (frame->hd.stream_id == tunnel->id && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
        (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA))
        tunnel->ended = true;
    tunnel->ended = tunnel->ended || frame->hd.type == NGHTTP2_GOAWAY;
    return 0;
}

/* ---- the call ---- */

static nghttp2_nv pair(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
                        NGHTTP2_NV_FLAG_NONE};
}

static int start(struct sw_tunnel *tunnel, const char *method, const struct sw_tunnel_header *headers,
                 size_t count)
{
    nghttp2_session_callbacks *callbacks = NULL;
    int code = nghttp2_session_callbacks_new(&callbacks);
    if (code != 0)
        return code;
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    code = nghttp2_session_client_new(&tunnel->http2, callbacks, tunnel);
    nghttp2_session_callbacks_del(callbacks);
    if (code == 0)
        code = nghttp2_submit_settings(tunnel->http2, NGHTTP2_FLAG_NONE, NULL, 0);
    nghttp2_nv all[MOST_HEADERS] = {
        pair(":method", "POST"),      pair(":scheme", "http"), pair(":path", method),
        pair(":authority", "docker"), pair("te", "trailers"),  pair("content-type", "application/grpc"),
    };
    enum { OURS = 6 };
    for (size_t i = 0; i < count; i++)
        all[OURS + i] = pair(headers[i].name, headers[i].value);
    const nghttp2_data_provider provider = {{.ptr = NULL}, give_data};
    if (code == 0)
        tunnel->id = nghttp2_submit_request(tunnel->http2, NULL, all, OURS + count, &provider, NULL);
    return tunnel->id < 0 ? tunnel->id : code;
}

int sw_tunnel_new(struct sw_tunnel **out, const char *method, const struct sw_tunnel_header *headers,
                  size_t count, struct sw_error *error)
{
    struct sw_tunnel *tunnel = calloc(1, sizeof *tunnel);
    if (tunnel == NULL)
        return sw_fail_memory(error);
    sw_buffer_init(&tunnel->message, PREFIX + SW_MAX_GRPC_MESSAGE);
    sw_buffer_init(&tunnel->in, SW_MAX_GRPC_QUEUE);
    sw_buffer_init(&tunnel->out, SW_MAX_GRPC_QUEUE);
    int code = start(tunnel, method, headers, count);
    if (code != 0) {
        sw_tunnel_free(tunnel);
        return fail_http2(error, code);
    }
    *out = tunnel;
    return 0;
}

void sw_tunnel_free(struct sw_tunnel *tunnel)
{
    if (tunnel == NULL)
        return;
    nghttp2_session_del(tunnel->http2);
    sw_buffer_release(&tunnel->message);
    sw_buffer_release(&tunnel->in);
    sw_buffer_release(&tunnel->out);
    free(tunnel);
}

int sw_tunnel_receive(struct sw_tunnel *tunnel, const void *bytes, size_t n, struct sw_error *error)
{
    ssize_t taken = nghttp2_session_mem_recv(tunnel->http2, bytes, n);
    if (taken < 0)
        return fail_http2(error, taken);
    /* After a breach of the protocol nghttp2 only says good-bye. */
    return nghttp2_session_want_read(tunnel->http2) != 0
               ? 0
               : sw_fail(error, SW_EENV, "the engine's HTTP/2 cannot be understood");
}

int sw_tunnel_send(struct sw_tunnel *tunnel, struct sw_str *bytes, struct sw_error *error)
{
    const uint8_t *p = NULL;
    ssize_t n = nghttp2_session_mem_send(tunnel->http2, &p);
    if (n < 0)
        return fail_http2(error, n);
    *bytes = (struct sw_str){(const char *)p, (size_t)n};
    return 0;
}

size_t sw_tunnel_put(struct sw_tunnel *tunnel, const void *bytes, size_t n)
{
    if (tunnel->taken == tunnel->out.n || tunnel->taken >= SW_MAX_GRPC_BATCH) {
        sw_buffer_consume(&tunnel->out, tunnel->taken);
        tunnel->taken = 0;
    }
    if (tunnel->out.n - tunnel->taken >= SW_MAX_GRPC_BATCH || n == 0)
        return 0;
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, 2 * PIECE);
    n = n < PIECE ? n : PIECE;
    sw_proto_add_bytes(&message, FIELD_DATA, (struct sw_str){bytes, n});
    const char prefix[PREFIX] = {0, (char)(message.n >> 24), (char)(message.n >> 16), (char)(message.n >> 8),
                                 (char)message.n};
    sw_buffer_add(&tunnel->out, prefix, sizeof prefix);
    sw_buffer_add_str(&tunnel->out, sw_buffer_str(&message));
    if (tunnel->deferred)
        (void)nghttp2_session_resume_data(tunnel->http2, tunnel->id);
    return n;
}

size_t sw_tunnel_take(struct sw_tunnel *tunnel, void *out, size_t n)
{
    size_t count = tunnel->in.n < n ? tunnel->in.n : n;
    memcpy(out, tunnel->in.p, count);
    sw_buffer_consume(&tunnel->in, count);
    return count;
}

size_t sw_tunnel_waiting(const struct sw_tunnel *tunnel)
{
    return tunnel->in.n;
}

bool sw_tunnel_ended(const struct sw_tunnel *tunnel)
{
    return tunnel->ended;
}
