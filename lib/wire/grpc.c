#include "wire/grpc_internal.h"

#include "base/limits.h"

enum { PREFIX = 5 /* one byte: compressed; four: length */ };
/* The largest frame of HTTP/2, unless told otherwise: the next messages may begin in the frame that holds a
 * message's end. */
enum { FRAME = 16384 };
/* The bytes that a peer may send ahead of being read: enough to keep a fast connection busy. */
enum { WINDOW = 1024 * 1024, CONNECTION_WINDOW = 4 * WINDOW };

int sw_grpc_fail(struct sw_error *error, long long number)
{
    if (number == NGHTTP2_ERR_NOMEM)
        return sw_fail_memory(error);
    return sw_fail(error, SW_EENV, "the engine's HTTP/2 cannot be understood: %s",
                   nghttp2_strerror((int)number));
}

/* ---- calls ---- */

struct sw_str sw_grpc_header(const struct sw_grpc_call *call, const char *name, size_t index)
{
    struct sw_str rest = sw_buffer_str(&call->headers);
    while (rest.n > 0) {
        struct sw_str key = sw_str_cut(&rest, '\0');
        struct sw_str value = sw_str_cut(&rest, '\0');
        if (sw_str_is(key, name) && index-- == 0)
            return value;
    }
    return (struct sw_str){NULL, 0};
}

void sw_grpc_set_state(struct sw_grpc_call *call, void *state)
{
    call->state = state;
}

void *sw_grpc_state(const struct sw_grpc_call *call)
{
    return call->state;
}

size_t sw_grpc_queued(const struct sw_grpc_call *call)
{
    return call->out.n - call->taken;
}

nghttp2_nv sw_grpc_nv(const char *name, const char *value)
{
    /* nghttp2 copies both, and changes neither. */
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
                        NGHTTP2_NV_FLAG_NONE};
}

ssize_t sw_grpc_give(nghttp2_session *session, int32_t id, uint8_t *out, size_t n, uint32_t *flags,
                     nghttp2_data_source *source, void *self)
{
    struct sw_grpc_call *call = source->ptr;
    (void)session, (void)id, (void)self;
    if (sw_grpc_queued(call) == 0 && !call->closing && call->method->drained != NULL)
        call->method->drained(call, call->service);
    size_t count = sw_grpc_queued(call);
    if (call->out.state != SW_BUFFER_OK)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (count > 0) {
        count = count < n ? count : n;
        memcpy(out, call->out.p + call->taken, count);
        call->taken += count;
        return (ssize_t)count;
    }
    if (!call->closing) {
        call->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    *flags |= call->grpc->side->trail(call);
    return 0;
}

/* Make sure that the queued bytes are sent. */
static void wake(struct sw_grpc_call *call)
{
    call->grpc->side->answer(call);
    if (call->deferred) {
        call->deferred = false;
        (void)nghttp2_session_resume_data(call->grpc->session, call->id);
    }
}

void sw_grpc_put(struct sw_grpc_call *call, struct sw_str message)
{
    if (call->closing)
        return;
    const unsigned char prefix[PREFIX] = {0, (unsigned char)(message.n >> 24),
                                          (unsigned char)(message.n >> 16), (unsigned char)(message.n >> 8),
                                          (unsigned char)message.n};
    if (sw_grpc_queued(call) == 0 || call->taken >= SW_MAX_GRPC_BATCH) {
        sw_buffer_consume(&call->out, call->taken);
        call->taken = 0;
    }
    sw_buffer_add(&call->out, prefix, sizeof prefix);
    sw_buffer_add_str(&call->out, message);
    wake(call);
}

void sw_grpc_close(struct sw_grpc_call *call)
{
    if (call->closing)
        return;
    call->closing = true;
    wake(call);
}

void sw_grpc_finish(struct sw_grpc_call *call, enum sw_grpc_status status, const char *text)
{
    if (call->finished)
        return;
    call->finished = true;
    call->status = (int)status;
    sw_buffer_clear(&call->text);
    sw_buffer_add_text(&call->text, text == NULL ? "" : text);
    call->grpc->side->finish(call);
    sw_grpc_close(call);
}

struct sw_grpc_call *sw_grpc_call_new(struct sw_grpc *grpc, void *service)
{
    struct sw_grpc_call *call = grpc->calls_count < SW_MAX_GRPC_CALLS ? calloc(1, sizeof *call) : NULL;
    if (call == NULL)
        return NULL;
    call->grpc = grpc;
    call->service = service;
    call->next = grpc->calls;
    grpc->calls = call;
    grpc->calls_count++;
    sw_buffer_init(&call->headers, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&call->in, PREFIX + SW_MAX_GRPC_MESSAGE + FRAME);
    sw_buffer_init(&call->out, SW_MAX_GRPC_QUEUE);
    sw_buffer_init(&call->text, 4 * SW_MAX_FAILURE_TEXT);
    return call;
}

void sw_grpc_call_free(struct sw_grpc_call *call)
{
    struct sw_grpc *grpc = call->grpc;
    for (struct sw_grpc_call **at = &grpc->calls; *at != NULL; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            grpc->calls_count--;
            break;
        }
    }
    if (call->method != NULL && call->method->release != NULL)
        call->method->release(call, call->service);
    sw_buffer_release(&call->headers);
    sw_buffer_release(&call->in);
    sw_buffer_release(&call->out);
    sw_buffer_release(&call->text);
    free(call);
}

/* ---- the peer's side; nghttp2 calls these functions with its own types ---- */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *self)
{
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags, (void)self;
    if (call == NULL)
        return 0;
    sw_buffer_add(&call->headers, name, name_n);
    sw_buffer_add_char(&call->headers, '\0');
    sw_buffer_add(&call->headers, value, value_n);
    sw_buffer_add_char(&call->headers, '\0');
    return call->headers.state == SW_BUFFER_OK ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void end_call(struct sw_grpc_call *call)
{
    if (!call->peer_ended) {
        call->peer_ended = true;
        call->grpc->side->ended(call);
    }
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    const struct sw_grpc *grpc = self;
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (call == NULL || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (call->method == NULL)
        grpc->side->begin(call);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        end_call(call);
    return 0;
}

/* Hand in the first message of `bytes`. Return false if it is not whole. */
static bool take_message(struct sw_grpc_call *call, struct sw_str *bytes)
{
    const unsigned char *p = (const unsigned char *)bytes->p;
    if (bytes->n < PREFIX)
        return false;
    size_t n = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
    if (p[0] != 0 || n > SW_MAX_GRPC_MESSAGE) {
        sw_grpc_finish(call, SW_GRPC_EXHAUSTED, "the message is compressed or too large");
        return false;
    }
    if (bytes->n - PREFIX < n)
        return false;
    call->heard = true;
    if (call->method->message != NULL)
        call->method->message(call, call->service, (struct sw_str){bytes->p + PREFIX, n});
    *bytes = sw_str_drop(*bytes, PREFIX + n);
    return true;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *self)
{
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, id);
    struct sw_str rest = {(const char *)bytes, n};
    (void)flags, (void)self;
    if (call == NULL || call->finished)
        return 0;
    if (call->in.n > 0) {
        sw_buffer_add_str(&call->in, rest);
        rest = sw_buffer_str(&call->in);
    }
    while (!call->finished && take_message(call, &rest))
        ;
    if (call->finished)
        sw_buffer_clear(&call->in);
    else if (call->in.n > 0)
        sw_buffer_consume(&call->in, call->in.n - rest.n);
    else
        sw_buffer_add_str(&call->in, rest);
    return call->in.state == SW_BUFFER_OK ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *self)
{
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, id);
    (void)code, (void)self;
    if (call != NULL && call->grpc->side->is_client)
        end_call(call);
    if (call != NULL)
        sw_grpc_call_free(call);
    return 0;
}

/* ---- the connection ---- */

static int start(struct sw_grpc *grpc)
{
    nghttp2_session_callbacks *callbacks = NULL;
    int code = nghttp2_session_callbacks_new(&callbacks);
    if (code != 0)
        return code;
    if (grpc->side->on_begin != NULL)
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, grpc->side->on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    code = grpc->side->is_client ? nghttp2_session_client_new(&grpc->session, callbacks, grpc)
                                 : nghttp2_session_server_new(&grpc->session, callbacks, grpc);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {
        {grpc->side->is_client ? NGHTTP2_SETTINGS_ENABLE_PUSH : NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
         grpc->side->is_client ? 0 : SW_MAX_GRPC_CALLS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
    };
    if (code == 0)
        code = nghttp2_submit_settings(grpc->session, NGHTTP2_FLAG_NONE, settings, SW_COUNT(settings));
    if (code == 0)
        code = nghttp2_session_set_local_window_size(grpc->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW);
    return code;
}

int sw_grpc_make(struct sw_grpc **out, struct sw_grpc from, struct sw_error *error)
{
    struct sw_grpc *grpc = calloc(1, sizeof *grpc);
    if (grpc == NULL)
        return sw_fail_memory(error);
    *grpc = from;
    int code = start(grpc);
    if (code != 0) {
        sw_grpc_free(grpc);
        return sw_grpc_fail(error, code);
    }
    *out = grpc;
    return 0;
}

void sw_grpc_free(struct sw_grpc *grpc)
{
    if (grpc == NULL)
        return;
    while (grpc->calls != NULL) {
        struct sw_grpc_call *call = grpc->calls;
        grpc->calls = call->next;
        sw_grpc_call_free(call);
    }
    nghttp2_session_del(grpc->session);
    free(grpc);
}

int sw_grpc_receive(struct sw_grpc *grpc, const void *bytes, size_t n, struct sw_error *error)
{
    ssize_t taken = nghttp2_session_mem_recv(grpc->session, bytes, n);
    if (taken < 0)
        return sw_grpc_fail(error, taken);
    /* After a breach of the protocol nghttp2 only says good-bye. */
    return nghttp2_session_want_read(grpc->session) != 0
               ? 0
               : sw_fail(error, SW_EENV, "the engine's HTTP/2 cannot be understood");
}

int sw_grpc_send(struct sw_grpc *grpc, struct sw_str *bytes, struct sw_error *error)
{
    const uint8_t *p = NULL;
    ssize_t n = nghttp2_session_mem_send(grpc->session, &p);
    if (n < 0)
        return sw_grpc_fail(error, n);
    *bytes = (struct sw_str){(const char *)p, (size_t)n};
    return 0;
}
