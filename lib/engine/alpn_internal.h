/* TLS that agrees on HTTP/2 (ALPN, RFC 7301), for a connection whose bytes slipway then reads itself
 * (internal to this layer).
 *
 * If libcurl had agreed on HTTP/2, it would go on to speak HTTP/2 by itself. So slipway switches ALPN off in
 * libcurl and sets the protocol to offer in libcurl's OpenSSL. With another TLS library nothing is offered,
 * which gRPC servers since 2024 refuse. */
#ifndef SLIPWAY_ENGINE_ALPN_INTERNAL_H
#define SLIPWAY_ENGINE_ALPN_INTERNAL_H

#include "http/curl.h"

void sw_alpn_offer_http2(const struct sw_curl *curl, CURL *easy);

#endif
