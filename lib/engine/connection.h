/* A connection to an engine that leaves HTTP/1.1 by an Upgrade and then carries bytes both ways (internal to this layer). */
#ifndef SLIPWAY_ENGINE_CONNECTION_H
#define SLIPWAY_ENGINE_CONNECTION_H

#include "base/cancel.h"
#include "engine/endpoint.h"

struct sw_connection;

/* POST `target` (path and query) with the lines `headers` ("Name: value", ends with NULL), which ask for the upgrade.
 * SW_ENOTFOUND where the engine does not know the target (404, 405 or 501), SW_EENV where it refuses or cannot be reached. */
int sw_connection_upgrade(struct sw_connection **out, const struct sw_endpoint *endpoint, const char *target,
                          const char *const *headers, const struct sw_cancel *cancel,
                          struct sw_error *error) SW_NODISCARD;
void sw_connection_close(struct sw_connection *connection); /* takes NULL */

/* To wait on; readable also means that what was received may have to be asked for until nothing comes. */
int sw_connection_fd(const struct sw_connection *connection);
/* What is there, at most `n` bytes; `*got` is 0 where nothing is at the moment. The end is SW_ENOTFOUND. */
int sw_connection_receive(struct sw_connection *connection, void *out, size_t n, size_t *got,
                          struct sw_error *error) SW_NODISCARD;
/* `*sent` of the `n` bytes, 0 where there is no room at the moment. */
int sw_connection_send(struct sw_connection *connection, const void *bytes, size_t n, size_t *sent,
                       struct sw_error *error) SW_NODISCARD;

#endif
