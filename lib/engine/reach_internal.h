/* How libcurl reaches an endpoint: socket, ssh, TLS files, limits; and what its failures mean (internal to this layer). */
#ifndef SLIPWAY_ENGINE_REACH_INTERNAL_H
#define SLIPWAY_ENGINE_REACH_INTERNAL_H

#include "engine/endpoint.h"
#include "engine/ssh_internal.h"
#include "http/curl.h"

/* One for each libcurl handle; it stays where it is, and outlives the handle's connections. */
struct sw_reach {
    const struct sw_curl *curl;
    const struct sw_endpoint *endpoint;
    struct sw_ssh ssh;
    curl_socket_t opened;         /* the last one, until it is connected */
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words for a failure */
};

/* `endpoint` must outlive the reach. */
void sw_reach_init(struct sw_reach *reach, const struct sw_curl *curl, const struct sw_endpoint *endpoint);
/* After the handle's connections; a zeroed one is let be. */
void sw_reach_release(struct sw_reach *reach);
void sw_reach_set(struct sw_reach *reach, CURL *easy);
/* What CURLOPT_CLOSESOCKETFUNCTION must do; sw_reach_set() makes it so where the caller has no function of its own. */
void sw_reach_close(struct sw_reach *reach, curl_socket_t socket);

/* A transfer that ended with `result`, as an error; `answered`: after the head of an answer. */
int sw_reach_explain(struct sw_reach *reach, CURL *easy, CURLcode result, bool answered,
                     struct sw_error *error);

#endif
