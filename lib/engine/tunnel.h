/* Bytes both ways within one gRPC call, as its client (internal to this layer): each message of either side is
 * `BytesMessage {bytes data = 1}`, as in BuildKit's Control.Session (moby/buildkit, api/services/control). Like engine/grpc.h it
 * does no I/O. */
#ifndef SLIPWAY_ENGINE_TUNNEL_H
#define SLIPWAY_ENGINE_TUNNEL_H

#include "base/buffer.h"

struct sw_tunnel;

/* A header of the call; its name is lower-case, may come several times, and must stay valid during the call only. */
struct sw_tunnel_header {
    const char *name, *value;
};

int sw_tunnel_new(struct sw_tunnel **out, const char *method, const struct sw_tunnel_header *headers,
                  size_t count, struct sw_error *error) SW_NODISCARD;
void sw_tunnel_free(struct sw_tunnel *tunnel); /* takes NULL */

/* What arrived of HTTP/2, and what is to be sent of it, as sw_grpc_receive() and sw_grpc_send(). */
int sw_tunnel_receive(struct sw_tunnel *tunnel, const void *bytes, size_t n,
                      struct sw_error *error) SW_NODISCARD;
int sw_tunnel_send(struct sw_tunnel *tunnel, struct sw_str *bytes, struct sw_error *error) SW_NODISCARD;

/* Bytes for the other side, at most `n`; returns how many it took, 0 where too much waits already. */
size_t sw_tunnel_put(struct sw_tunnel *tunnel, const void *bytes, size_t n);
/* Bytes from the other side, at most `n`. */
size_t sw_tunnel_take(struct sw_tunnel *tunnel, void *out, size_t n);
/* How many bytes from the other side wait to be taken. */
size_t sw_tunnel_waiting(const struct sw_tunnel *tunnel);
/* Whether the other side has ended the call. */
bool sw_tunnel_ended(const struct sw_tunnel *tunnel);

#endif
