/* A connection to an engine that carries bytes both ways (internal to this layer): after an HTTP/1.1 Upgrade, or within a
 * gRPC call. */
#ifndef SLIPWAY_ENGINE_CONNECTION_H
#define SLIPWAY_ENGINE_CONNECTION_H

#include "base/cancel.h"
#include "engine/endpoint.h"
#include "wire/tunnel.h"

struct sw_connection;

/* POST `target` (path and query) with the lines `headers` ("Name: value", ended by NULL), which ask for the
 * upgrade. SW_ENOTFOUND if the engine does not know the target, or if something before it keeps the target
 * back (403, 404, 405 or 501); SW_EENV if the engine refuses or cannot be reached. */
int sw_connection_upgrade(struct sw_connection **out, const struct sw_endpoint *endpoint, const char *target,
                          const char *const *headers, const struct sw_cancel *cancel,
                          struct sw_error *error) SW_NODISCARD;
/* Open a connection without an upgrade, for an engine that speaks HTTP/2 at once. */
int sw_connection_open(struct sw_connection **out, const struct sw_endpoint *endpoint,
                       const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
/* Calls on the connection, which the engine must serve there; they end with it. */
int sw_connection_calls(struct sw_grpc **out, struct sw_connection *connection,
                        struct sw_error *error) SW_NODISCARD;
/* The calls if sw_connection_calls() has made them already; else NULL. */
struct sw_grpc *sw_connection_peer(const struct sw_connection *connection);
/* Receive the bytes that have come for the calls and send the calls' waiting frames, without waiting. The end
 * is SW_ENOTFOUND. */
int sw_connection_serve(struct sw_connection *connection, struct sw_error *error) SW_NODISCARD;
/* Open a session in a call; from then on the connection carries the content of the call's messages
 * (wire/tunnel.h), and other calls are served with it. SW_ENOTFOUND if the other side does not answer as
 * BuildKit does. */
int sw_connection_tunnel(struct sw_connection *connection, const struct sw_pair *headers,
                         const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
void sw_connection_close(struct sw_connection *connection); /* takes NULL */

/* A descriptor for poll(). When readable, call sw_connection_receive() until *got is 0. */
int sw_connection_fd(const struct sw_connection *connection);
/* Receive the bytes that are there, at most `n`; `*got` is 0 if there are none at the moment. The end is
 * SW_ENOTFOUND. */
int sw_connection_receive(struct sw_connection *connection, void *out, size_t n, size_t *got,
                          struct sw_error *error) SW_NODISCARD;
/* Send `*sent` of the `n` bytes, 0 if there is no room at the moment. With `n` 0, send the bytes that still
 * wait here. */
int sw_connection_send(struct sw_connection *connection, const void *bytes, size_t n, size_t *sent,
                       struct sw_error *error) SW_NODISCARD;
/* Return true if bytes of calls have come since the last call of this function. */
bool sw_connection_active(struct sw_connection *connection);
/* Return true if the socket must take more bytes before there is room. */
bool sw_connection_is_full(const struct sw_connection *connection);

#endif
