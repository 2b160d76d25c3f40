#include "engine/grpc.h"

#include "base/limits.h"

#include <nghttp2/nghttp2.h>

enum { PREFIX = 5 /* one byte: compressed; four: length */, HEX_OF_NIBBLE = 16 };

struct sw_grpc_call {
    struct sw_grpc *grpc;
    struct sw_grpc_call *next;
    const struct sw_grpc_method *method; /* NULL: not served */
    void *state;
    int32_t id;
    struct sw_buffer headers; /* NAME, NUL, VALUE, NUL, … */
    struct sw_buffer in;      /* of a message that is not whole yet */
    struct sw_buffer out;
    size_t taken; /* bytes of `out` that were sent */
    struct sw_buffer text;
    enum sw_grpc_status status;
    bool begun, finished, answered /* headers were sent */, deferred, heard /* a message */, peer_ended;
};

struct sw_grpc {
    nghttp2_session *session;
    const struct sw_grpc_method *methods;
    size_t methods_count;
    void *service;
    struct sw_grpc_call *calls;
    size_t calls_count;
};

static int fail_http2(struct sw_error *error, long long number)
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

static nghttp2_nv pair(const char *name, const char *value)
{
    /* nghttp2 copies both, and changes neither. */
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
                        NGHTTP2_NV_FLAG_NONE};
}

/* The status comes last, as trailers. */
static void submit_trailer(struct sw_grpc_call *call)
{
    char status[12];
    (void)snprintf(status, sizeof status, "%d", (int)call->status);
    const nghttp2_nv trailer[] = {pair("grpc-status", status), pair("grpc-message", call->text.p)};
    (void)nghttp2_submit_trailer(call->grpc->session, call->id, trailer, call->text.n > 0 ? 2 : 1);
}

static ssize_t give_data(nghttp2_session *session, int32_t id, uint8_t *out, size_t n, uint32_t *flags,
                         nghttp2_data_source *source, void *self)
{
    struct sw_grpc_call *call = source->ptr;
    (void)session, (void)id, (void)self;
    if (sw_grpc_queued(call) == 0 && !call->finished && call->method->drained != NULL)
        call->method->drained(call, call->grpc->service);
    size_t count = sw_grpc_queued(call);
    if (call->out.state != SW_BUFFER_OK)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (count > 0) {
        count = count < n ? count : n;
        memcpy(out, call->out.p + call->taken, count);
        call->taken += count;
        return (ssize_t)count;
    }
    if (!call->finished) {
        call->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailer(call);
    return 0;
}

/* See that what is queued is sent. */
static void wake(struct sw_grpc_call *call)
{
    nghttp2_session *session = call->grpc->session;
    if (!call->answered) {
        const nghttp2_nv headers[] = {pair(":status", "200"), pair("content-type", "application/grpc")};
        const nghttp2_data_provider provider = {{.ptr = call}, give_data};
        call->answered = true;
        (void)nghttp2_submit_response(session, call->id, headers, SW_COUNT(headers), &provider);
    } else if (call->deferred) {
        call->deferred = false;
        (void)nghttp2_session_resume_data(session, call->id);
    }
}

void sw_grpc_reply(struct sw_grpc_call *call, struct sw_str message)
{
    if (call->finished)
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

/* What is not printable ASCII is percent-encoded. */
static void add_text(struct sw_buffer *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= ' ' && c <= '~' && c != '%') {
            sw_buffer_add_char(out, *p);
        } else {
            const char encoded[] = {'%', digits[c / HEX_OF_NIBBLE], digits[c % HEX_OF_NIBBLE]};
            sw_buffer_add(out, encoded, sizeof encoded);
        }
    }
}

void sw_grpc_finish(struct sw_grpc_call *call, enum sw_grpc_status status, const char *text)
{
    if (call->finished)
        return;
    call->finished = true;
    call->status = status;
    add_text(&call->text, text == NULL ? "" : text);
    wake(call);
}

static void free_call(struct sw_grpc_call *call)
{
    if (call->begun && call->method->release != NULL)
        call->method->release(call, call->grpc->service);
    sw_buffer_release(&call->headers);
    sw_buffer_release(&call->in);
    sw_buffer_release(&call->out);
    sw_buffer_release(&call->text);
    free(call);
}

/* ---- what the peer sends; nghttp2 calls these with its own types ---- */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct sw_grpc *grpc = self;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct sw_grpc_call *call = grpc->calls_count < SW_MAX_GRPC_CALLS ? calloc(1, sizeof *call) : NULL;
    if (call == NULL)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* this stream is reset */
    call->grpc = grpc;
    call->id = frame->hd.stream_id;
    call->next = grpc->calls;
    grpc->calls = call;
    grpc->calls_count++;
    sw_buffer_init(&call->headers, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&call->in, PREFIX + SW_MAX_GRPC_MESSAGE);
    sw_buffer_init(&call->out, SW_MAX_GRPC_QUEUE);
    sw_buffer_init(&call->text, 4 * SW_MAX_MESSAGE);
    return nghttp2_session_set_stream_user_data(session, call->id, call);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *self)
{
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags, (void)self;
    if (call == NULL || call->begun) /* trailers say nothing that is needed */
        return 0;
    sw_buffer_add(&call->headers, name, name_n);
    sw_buffer_add_char(&call->headers, '\0');
    sw_buffer_add(&call->headers, value, value_n);
    sw_buffer_add_char(&call->headers, '\0');
    return call->headers.state == SW_BUFFER_OK ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void begin_call(struct sw_grpc *grpc, struct sw_grpc_call *call)
{
    static const struct sw_grpc_method unknown = {0};
    struct sw_str path = sw_grpc_header(call, ":path", 0);
    call->begun = true;
    call->method = &unknown;
    for (size_t i = 0; i < grpc->methods_count; i++) {
        if (sw_str_is(path, grpc->methods[i].path))
            call->method = &grpc->methods[i];
    }
    if (call->method == &unknown)
        sw_grpc_finish(call, SW_GRPC_UNIMPLEMENTED, "not served here");
    else if (call->method->begin != NULL)
        call->method->begin(call, grpc->service);
}

static void end_call(struct sw_grpc *grpc, struct sw_grpc_call *call)
{
    call->peer_ended = true;
    if (!call->finished && call->in.n > 0)
        sw_grpc_finish(call, SW_GRPC_INVALID, "the message is not whole");
    else if (!call->finished && call->method->end != NULL)
        call->method->end(call, grpc->service);
    else if (!call->heard)
        sw_grpc_finish(call, SW_GRPC_INVALID, "there was no message");
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct sw_grpc *grpc = self;
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (call == NULL || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (!call->begun)
        begin_call(grpc, call);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && !call->peer_ended)
        end_call(grpc, call);
    return 0;
}

/* Hand in the first message of `bytes` where it is whole; false where it is not. */
static bool take_message(struct sw_grpc *grpc, struct sw_grpc_call *call, struct sw_str *bytes)
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
        call->method->message(call, grpc->service, (struct sw_str){bytes->p + PREFIX, n});
    *bytes = sw_str_drop(*bytes, PREFIX + n);
    return true;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *self)
{
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, id);
    struct sw_str rest = {(const char *)bytes, n};
    (void)flags;
    if (call == NULL || call->finished)
        return 0;
    if (call->in.n > 0) {
        sw_buffer_add_str(&call->in, rest);
        rest = sw_buffer_str(&call->in);
    }
    while (!call->finished && take_message(self, call, &rest))
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
    struct sw_grpc *grpc = self;
    struct sw_grpc_call *call = nghttp2_session_get_stream_user_data(session, id);
    (void)code;
    for (struct sw_grpc_call **at = &grpc->calls; call != NULL && *at != NULL; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            grpc->calls_count--;
            free_call(call);
            break;
        }
    }
    return 0;
}

/* ---- the connection ---- */

static int start(struct sw_grpc *grpc)
{
    nghttp2_session_callbacks *callbacks = NULL;
    int code = nghttp2_session_callbacks_new(&callbacks);
    if (code != 0)
        return code;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    code = nghttp2_session_server_new(&grpc->session, callbacks, grpc);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, SW_MAX_GRPC_CALLS}};
    return code != 0
               ? code
               : nghttp2_submit_settings(grpc->session, NGHTTP2_FLAG_NONE, settings, SW_COUNT(settings));
}

int sw_grpc_new(struct sw_grpc **out, const struct sw_grpc_method *methods, size_t count, void *service,
                struct sw_error *error)
{
    struct sw_grpc *grpc = calloc(1, sizeof *grpc);
    if (grpc == NULL)
        return sw_fail_memory(error);
    *grpc = (struct sw_grpc){.methods = methods, .methods_count = count, .service = service};
    int code = start(grpc);
    if (code != 0) {
        sw_grpc_free(grpc);
        return fail_http2(error, code);
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
        free_call(call);
    }
    nghttp2_session_del(grpc->session);
    free(grpc);
}

int sw_grpc_receive(struct sw_grpc *grpc, const void *bytes, size_t n, struct sw_error *error)
{
    ssize_t taken = nghttp2_session_mem_recv(grpc->session, bytes, n);
    if (taken < 0)
        return fail_http2(error, taken);
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
        return fail_http2(error, n);
    *bytes = (struct sw_str){(const char *)p, (size_t)n};
    return 0;
}
