/* The way of libcurl to an endpoint: socket, ssh, TLS files, limits; and the meaning of its failures
 * (internal to this layer). */
#ifndef SLIPWAY_ENGINE_REACH_INTERNAL_H
#define SLIPWAY_ENGINE_REACH_INTERNAL_H

#include "engine/endpoint.h"
#include "engine/ssh_internal.h"
#include "http/curl.h"

/* Each libcurl handle has its own; it must not move, and outlives the handle's connections. */
struct sw_reach {
    const struct sw_curl *curl;
    const struct sw_endpoint *endpoint;
    struct sw_ssh ssh;
    /* The last socket opened, until it is connected; else -1. */
    curl_socket_t opened;
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words for a failure */
};

/* `endpoint` must outlive the reach. */
void sw_reach_init(struct sw_reach *reach, const struct sw_curl *curl, const struct sw_endpoint *endpoint);
/* Call this after the handle's connections are closed. A zeroed reach is left alone. */
void sw_reach_release(struct sw_reach *reach);
void sw_reach_set(struct sw_reach *reach, CURL *easy);
/* Do the work of CURLOPT_CLOSESOCKETFUNCTION. sw_reach_set() sets a function that calls this; a caller with a
 * function of its own must call this there. */
void sw_reach_close(struct sw_reach *reach, curl_socket_t socket);

/* A transfer that ended with `result`, as an error; `answered`: after the head of an answer. */
int sw_reach_explain(struct sw_reach *reach, CURL *easy, CURLcode result, bool answered,
                     struct sw_error *error);

#endif
