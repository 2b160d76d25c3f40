/* gRPC's client side: calls that the peer serves. */
#include "base/limits.h"
#include "http/uri.h"
#include "wire/grpc_internal.h"

enum { MOST_HEADERS = 48 };

/* The status, once nothing more can come. */
static void read_result(struct sw_grpc_call *call)
{
    struct sw_str status = sw_grpc_header(call, "grpc-status", 0);
    struct sw_str text = sw_grpc_header(call, "grpc-message", 0);
    struct sw_str http = sw_grpc_header(call, ":status", 0);
    uint64_t number = 0;
    if (sw_str_to_u64(status, &number) && number <= INT16_MAX) {
        call->status = (int)number;
        sw_uri_decode(&call->text, text);
        return;
    }
    call->status = SW_GRPC_BROKEN;
    if (http.n > 0 && !sw_str_is(http, "200"))
        sw_buffer_addf(&call->text, "HTTP status %.*s", SW_STR_FORMAT(http));
    else
        sw_buffer_add_text(&call->text, "the call was broken off");
}

static void ended(struct sw_grpc_call *call)
{
    if (!call->finished)
        read_result(call);
    call->finished = true;
    if (call->method->end != NULL)
        call->method->end(call, call->service);
}

static void nothing(struct sw_grpc_call *call)
{
    (void)call; /* the headers went with the request */
}

static uint32_t end_stream(struct sw_grpc_call *call)
{
    (void)call;
    return NGHTTP2_DATA_FLAG_NONE;
}

static void give_up(struct sw_grpc_call *call)
{
    (void)nghttp2_submit_rst_stream(call->grpc->session, NGHTTP2_FLAG_NONE, call->id, NGHTTP2_CANCEL);
}

int sw_grpc_new_client(struct sw_grpc **out, struct sw_error *error)
{
    static const struct sw_grpc_side client = {.is_client = true,
                                               .begin = nothing,
                                               .ended = ended,
                                               .answer = nothing,
                                               .trail = end_stream,
                                               .finish = give_up};
    return sw_grpc_make(out, (struct sw_grpc){.side = &client}, error);
}

int sw_grpc_call(struct sw_grpc_call **out, struct sw_grpc *grpc, const struct sw_grpc_method *method,
                 void *service, const struct sw_pair *headers, struct sw_error *error)
{
    nghttp2_nv all[MOST_HEADERS] = {
        sw_grpc_nv(":method", "POST"),     sw_grpc_nv(":scheme", "http"),
        sw_grpc_nv(":path", method->path), sw_grpc_nv(":authority", "docker"),
        sw_grpc_nv("te", "trailers"),      sw_grpc_nv("content-type", "application/grpc"),
    };
    size_t count = 6;
    for (; headers != NULL && headers->name != NULL && count < MOST_HEADERS; headers++)
        all[count++] = sw_grpc_nv(headers->name, headers->value);
    struct sw_grpc_call *call = sw_grpc_call_new(grpc, service);
    if (call == NULL)
        return sw_fail(error, SW_EENV, "too many calls of the engine at a time");
    call->method = method;
    const nghttp2_data_provider provider = {{.ptr = call}, sw_grpc_give};
    call->id = nghttp2_submit_request(grpc->session, NULL, all, count, &provider, call);
    if (call->id < 0) {
        int number = call->id;
        call->method = NULL; /* it never was */
        sw_grpc_call_free(call);
        return sw_grpc_fail(error, number);
    }
    *out = call;
    return 0;
}

void sw_grpc_forget(struct sw_grpc_call *call)
{
    static const struct sw_grpc_method nobody = {0};
    call->method = &nobody;
    sw_grpc_finish(call, SW_GRPC_CANCELED, NULL);
}

int sw_grpc_result(const struct sw_grpc_call *call, struct sw_str *text)
{
    *text = sw_buffer_str(&call->text);
    return call->status;
}
