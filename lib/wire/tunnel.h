/* Bytes both ways within one gRPC call that we make (internal to this layer): each message of either side is
 * `BytesMessage {bytes data = 1}`, as in BuildKit's Control.Session (moby/buildkit, api/services/control). It does no I/O. */
#ifndef SLIPWAY_WIRE_TUNNEL_H
#define SLIPWAY_WIRE_TUNNEL_H

#include "wire/grpc.h"

struct sw_tunnel;

/* Call "/moby.buildkit.v1.Control/Session" of the client `grpc`, which must outlive it. `headers` end with a NULL name. */
int sw_tunnel_new(struct sw_tunnel **out, struct sw_grpc *grpc, const struct sw_pair *headers,
                  struct sw_error *error) SW_NODISCARD;
void sw_tunnel_free(struct sw_tunnel *tunnel); /* takes NULL */

/* Put bytes for the other side, at most `n`. Returns how many were taken; 0 if too many bytes wait already. */
size_t sw_tunnel_put(struct sw_tunnel *tunnel, const void *bytes, size_t n);
/* Bytes from the other side, at most `n`. */
size_t sw_tunnel_take(struct sw_tunnel *tunnel, void *out, size_t n);
/* The count of the bytes from the other side that wait to be taken. */
size_t sw_tunnel_waiting(const struct sw_tunnel *tunnel);
/* Return true if the other side has ended the call. */
bool sw_tunnel_ended(const struct sw_tunnel *tunnel);

#endif
