/* A connection to an engine that carries bytes both ways (internal to this layer): after an HTTP/1.1 Upgrade, or within a
 * gRPC call. */
#ifndef SLIPWAY_ENGINE_CONNECTION_H
#define SLIPWAY_ENGINE_CONNECTION_H

#include "base/cancel.h"
#include "engine/endpoint.h"
#include "wire/tunnel.h"

struct sw_connection;

/* POST `target` (path and query) with the lines `headers` ("Name: value", ends with NULL), which ask for the upgrade.
 * SW_ENOTFOUND where the engine does not know the target, or something before it keeps it back (403, 404, 405 or 501);
 * SW_EENV where it refuses or cannot be reached. */
int sw_connection_upgrade(struct sw_connection **out, const struct sw_endpoint *endpoint, const char *target,
                          const char *const *headers, const struct sw_cancel *cancel,
                          struct sw_error *error) SW_NODISCARD;
/* A connection for what the engine speaks without an upgrade, which is HTTP/2. */
int sw_connection_open(struct sw_connection **out, const struct sw_endpoint *endpoint,
                       const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
/* Calls on the connection, which the engine must serve there; they end with it. */
int sw_connection_calls(struct sw_grpc **out, struct sw_connection *connection,
                        struct sw_error *error) SW_NODISCARD;
/* Where such calls were made already; else NULL. */
struct sw_grpc *sw_connection_peer(const struct sw_connection *connection);
/* Hear what has come for the calls and send what they have to say, without waiting. The end is SW_ENOTFOUND. */
int sw_connection_serve(struct sw_connection *connection, struct sw_error *error) SW_NODISCARD;
/* Open a session in a call; from then on the connection carries what the call's messages hold (wire/tunnel.h), and other
 * calls are served with it. SW_ENOTFOUND where the other side does not answer as BuildKit does. */
int sw_connection_tunnel(struct sw_connection *connection, const struct sw_pair *headers,
                         const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
void sw_connection_close(struct sw_connection *connection); /* takes NULL */

/* To wait on; readable also means that what was received may have to be asked for until nothing comes. */
int sw_connection_fd(const struct sw_connection *connection);
/* What is there, at most `n` bytes; `*got` is 0 where nothing is at the moment. The end is SW_ENOTFOUND. */
int sw_connection_receive(struct sw_connection *connection, void *out, size_t n, size_t *got,
                          struct sw_error *error) SW_NODISCARD;
/* `*sent` of the `n` bytes, 0 where there is no room at the moment. With no bytes: send what still waits here. */
int sw_connection_send(struct sw_connection *connection, const void *bytes, size_t n, size_t *sent,
                       struct sw_error *error) SW_NODISCARD;
/* Whether bytes of calls have come since this was last asked. */
bool sw_connection_active(struct sw_connection *connection);
/* Whether the socket must take more before there is room. */
bool sw_connection_is_full(const struct sw_connection *connection);

#endif
