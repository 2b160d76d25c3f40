/* Request targets: paths and queries, percent-encoded (RFC 3986, sections 2 and 3.4). */
#ifndef SLIPWAY_ENGINE_QUERY_H
#define SLIPWAY_ENGINE_QUERY_H

#include "base/buffer.h"

/* Append text as part of a path: slashes, colons and at signs stand, as in image names. */
void sw_query_add_path(struct sw_buffer *target, const char *text);
/* Append "?NAME=VALUE", or "&NAME=VALUE" if there is a query already. `name` is taken as it is. Add nothing
 * if `value` is NULL. */
void sw_query_add(struct sw_buffer *target, const char *name, const char *value);

#endif
