/* What an engine sends within a call of BuildKit's API: HTTP/2, gRPC, protobuf. The corpus is what real engines sent. */
#include "base/limits.h"
#include "engine/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECE = 512 };

static int drain(struct sw_tunnel *tunnel)
{
    struct sw_str bytes = {"", 1};
    int code = 0;
    while (code == 0 && bytes.n > 0)
        code = sw_tunnel_send(tunnel, &bytes, NULL);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sw_tunnel_header header = {"x-docker-expose-session-uuid", "fuzz"};
    struct sw_tunnel *tunnel = NULL;
    if (sw_tunnel_new(&tunnel, "/moby.buildkit.v1.Control/Session", &header, 1, NULL) != 0)
        return 0;
    int code = drain(tunnel);
    for (size_t i = 0; code == 0 && i < size; i += PIECE) {
        char taken[PIECE];
        code = sw_tunnel_receive(tunnel, data + i, size - i < PIECE ? size - i : PIECE, NULL);
        if (code == 0)
            code = drain(tunnel);
        size_t n = sw_tunnel_take(tunnel, taken, sizeof taken);
        if (sw_tunnel_put(tunnel, taken, n) > n || sw_tunnel_waiting(tunnel) > SW_MAX_GRPC_QUEUE)
            abort();
    }
    sw_tunnel_free(tunnel);
    return 0;
}
