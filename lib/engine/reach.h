/* libcurl's settings by which an endpoint is reached: socket, TLS files, limits (internal to this layer). */
#ifndef SLIPWAY_ENGINE_REACH_H
#define SLIPWAY_ENGINE_REACH_H

#include "engine/endpoint.h"
#include "http/curl.h"

/* `detail`, of CURL_ERROR_SIZE bytes, gets libcurl's own words for a failure. */
void sw_reach_set(const struct sw_curl *curl, CURL *easy, const struct sw_endpoint *endpoint, char *detail);

#endif
