/* TLS that agrees on HTTP/2 (ALPN, RFC 7301), for a connection whose bytes are then ours (internal to this layer).
 *
 * libcurl would go on to speak HTTP/2 by itself on a connection that it had agreed so on. So it is told of no ALPN, and its
 * OpenSSL of what to offer. With another TLS library nothing is offered, which gRPC servers since 2024 refuse. */
#ifndef SLIPWAY_ENGINE_ALPN_INTERNAL_H
#define SLIPWAY_ENGINE_ALPN_INTERNAL_H

#include "http/curl.h"

void sw_alpn_offer_http2(const struct sw_curl *curl, CURL *easy);

#endif
