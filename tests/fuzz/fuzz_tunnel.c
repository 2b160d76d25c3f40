/* What an engine sends within a call of BuildKit's API: HTTP/2, gRPC, protobuf. The corpus is what real engines sent. */
#include "base/limits.h"
#include "wire/tunnel.h"

#include "fuzz.h"

enum { PIECE = 512 };

static int drain(struct sw_grpc *grpc)
{
    struct sw_str bytes = {"", 1};
    int code = 0;
    while (code == 0 && bytes.n > 0)
        code = sw_grpc_send(grpc, &bytes, NULL);
    return code;
}

static void play(struct sw_grpc *grpc, struct sw_tunnel *tunnel, const uint8_t *data, size_t size)
{
    int code = drain(grpc);
    for (size_t i = 0; code == 0 && i < size; i += PIECE) {
        char taken[PIECE];
        code = sw_grpc_receive(grpc, data + i, size - i < PIECE ? size - i : PIECE, NULL);
        if (code == 0)
            code = drain(grpc);
        size_t n = sw_tunnel_take(tunnel, taken, sizeof taken);
        if (sw_tunnel_put(tunnel, taken, n) > n || sw_tunnel_waiting(tunnel) > SW_MAX_GRPC_QUEUE)
            abort();
    }
}

int fuzz_tunnel(const uint8_t *data, size_t size)
{
    static const struct sw_pair headers[] = {{"x-docker-expose-session-uuid", "fuzz"}, {NULL, NULL}};
    struct sw_grpc *grpc = NULL;
    struct sw_tunnel *tunnel = NULL;
    if (sw_grpc_new_client(&grpc, NULL) == 0 && sw_tunnel_new(&tunnel, grpc, headers, NULL) == 0)
        play(grpc, tunnel, data, size);
    sw_grpc_free(grpc);
    sw_tunnel_free(tunnel);
    return 0;
}
