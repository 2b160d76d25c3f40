/* gRPC's server side: calls that the peer makes. */
#include "base/limits.h"
#include "wire/grpc_internal.h"

enum { HEX_OF_NIBBLE = 16 };

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct sw_grpc *grpc = self;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct sw_grpc_call *call = sw_grpc_call_new(grpc, grpc->service);
    if (call == NULL)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* this stream is reset */
    call->id = frame->hd.stream_id;
    return nghttp2_session_set_stream_user_data(session, call->id, call);
}

static void begin(struct sw_grpc_call *call)
{
    static const struct sw_grpc_method unknown = {0};
    const struct sw_grpc *grpc = call->grpc;
    struct sw_str path = sw_grpc_header(call, ":path", 0);
    call->method = &unknown;
    for (size_t i = 0; i < grpc->methods_count; i++) {
        if (sw_str_is(path, grpc->methods[i].path))
            call->method = &grpc->methods[i];
    }
    if (call->method == &unknown)
        sw_grpc_finish(call, SW_GRPC_UNIMPLEMENTED, "not served here");
    else if (call->method->begin != NULL)
        call->method->begin(call, call->service);
}

static void ended(struct sw_grpc_call *call)
{
    if (!call->finished && call->in.n > 0)
        sw_grpc_finish(call, SW_GRPC_INVALID, "the message is not whole");
    else if (!call->finished && call->method->end != NULL)
        call->method->end(call, call->service);
    else if (!call->heard)
        sw_grpc_finish(call, SW_GRPC_INVALID, "there was no message");
}

static void answer(struct sw_grpc_call *call)
{
    const nghttp2_nv headers[] = {sw_grpc_nv(":status", "200"),
                                  sw_grpc_nv("content-type", "application/grpc")};
    const nghttp2_data_provider provider = {{.ptr = call}, sw_grpc_give};
    if (!call->answered)
        (void)nghttp2_submit_response(call->grpc->session, call->id, headers, SW_COUNT(headers), &provider);
    call->answered = true;
}

/* Bytes other than printable ASCII are percent-encoded. */
static void add_text(struct sw_buffer *out, struct sw_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= ' ' && c <= '~' && c != '%') {
            sw_buffer_add_char(out, (char)c);
        } else {
            const char encoded[] = {'%', digits[c / HEX_OF_NIBBLE], digits[c % HEX_OF_NIBBLE]};
            sw_buffer_add(out, encoded, sizeof encoded);
        }
    }
}

/* The status comes last, as trailers. */
static uint32_t trail(struct sw_grpc_call *call)
{
    char status[12];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 4 * SW_MAX_FAILURE_TEXT);
    (void)snprintf(status, sizeof status, "%d", call->status);
    add_text(&text, sw_buffer_str(&call->text));
    const nghttp2_nv trailer[] = {sw_grpc_nv("grpc-status", status), sw_grpc_nv("grpc-message", text.p)};
    (void)nghttp2_submit_trailer(call->grpc->session, call->id, trailer, text.n > 0 ? 2 : 1);
    return NGHTTP2_DATA_FLAG_NO_END_STREAM;
}

static void finish(struct sw_grpc_call *call)
{
    (void)call; /* the trailers say it */
}

int sw_grpc_new(struct sw_grpc **out, const struct sw_grpc_method *methods, size_t count, void *service,
                struct sw_error *error)
{
    static const struct sw_grpc_side server = {.on_begin = on_begin,
                                               .begin = begin,
                                               .ended = ended,
                                               .answer = answer,
                                               .trail = trail,
                                               .finish = finish};
    return sw_grpc_make(
        out,
        (struct sw_grpc){.side = &server, .methods = methods, .methods_count = count, .service = service},
        error);
}
