#include "wire/tunnel.h"

#include "base/limits.h"
#include "wire/protobuf.h"

enum { FIELD_DATA = 1, PIECE = 32 * 1024 };

struct sw_tunnel {
    struct sw_grpc_call *call; /* NULL once it has ended */
    struct sw_buffer in;       /* the bytes of the other side's messages */
};

static void take_message(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct sw_tunnel *tunnel = self;
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == FIELD_DATA)
            sw_buffer_add_str(&tunnel->in, sw_proto_str(&field));
    }
    if (tunnel->in.state != SW_BUFFER_OK)
        sw_grpc_finish(call, SW_GRPC_EXHAUSTED, "more than can be kept");
}

static void end(struct sw_grpc_call *call, void *self)
{
    (void)call;
    ((struct sw_tunnel *)self)->call = NULL;
}

int sw_tunnel_new(struct sw_tunnel **out, struct sw_grpc *grpc, const struct sw_pair *headers,
                  struct sw_error *error)
{
    static const struct sw_grpc_method method = {
        .path = "/moby.buildkit.v1.Control/Session", .message = take_message, .end = end, .release = end};
    struct sw_tunnel *tunnel = calloc(1, sizeof *tunnel);
    if (tunnel == NULL)
        return sw_fail_memory(error);
    sw_buffer_init(&tunnel->in, SW_MAX_GRPC_QUEUE);
    int code = sw_grpc_call(&tunnel->call, grpc, &method, tunnel, headers, error);
    if (code != 0) {
        sw_tunnel_free(tunnel);
        return code;
    }
    *out = tunnel;
    return 0;
}

void sw_tunnel_free(struct sw_tunnel *tunnel)
{
    if (tunnel == NULL)
        return;
    sw_buffer_release(&tunnel->in);
    free(tunnel);
}

size_t sw_tunnel_put(struct sw_tunnel *tunnel, const void *bytes, size_t n)
{
    if (tunnel->call == NULL || sw_grpc_queued(tunnel->call) >= SW_MAX_GRPC_BATCH || n == 0)
        return 0;
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, 2 * PIECE);
    n = n < PIECE ? n : PIECE;
    sw_proto_add_bytes(&message, FIELD_DATA, (struct sw_str){bytes, n});
    sw_grpc_put(tunnel->call, sw_buffer_str(&message));
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
    return tunnel->call == NULL;
}
