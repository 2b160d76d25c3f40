/* An exchange with one server: the unit that a fetch is made of. */
#ifndef SLIPWAY_HTTP_FETCH_INTERNAL_H
#define SLIPWAY_HTTP_FETCH_INTERNAL_H

#include "http/curl.h"
#include "http/fetch.h"
#include "http/uri.h"

/* "user:password" for an origin. */
struct sw_origin_login {
    struct sw_uri origin; /* points into `url` */
    char *url;
    char *user, *password;
};

struct sw_fetcher {
    const struct sw_curl *curl; /* NULL until the first fetch */
    CURLM *multi;
    struct sw_fetch_options options;
    struct sw_origin_login *logins;
    size_t login_count;
};

struct sw_hop {
    const struct sw_fetcher *fetcher;
    const struct sw_fetch_request *request;
    struct sw_fetch_response *response;
    CURL *easy; /* NULL while none is under way */
    struct curl_slist *lines;
    /* The bytes of the body still to be dropped, before the requested range. */
    uint64_t skip;
    /* The bytes of all headers, those of interim answers included. */
    size_t head_size;
    /* When the request's time is over, by sw_clock_now(); 0 before its first exchange. */
    int64_t ends_at;
    bool begun; /* the body has */
    /* The requested range is complete: libcurl was told to stop. */
    bool enough;
    /* The code of the failure on this side, with `error`. */
    int code;
    struct sw_error error;
    char detail[CURL_ERROR_SIZE];
};

/* Begin an exchange: response->url is the destination. */
int sw_hop_start(struct sw_hop *hop, struct sw_error *error) SW_NODISCARD;
/* Take it off, done or not. */
void sw_hop_stop(struct sw_hop *hop);

/* SW_EENV for a transfer that libcurl ended, naming the URL. */
int sw_hop_explain(const struct sw_hop *hop, CURLcode result, struct sw_error *error);
/* Return true if a retry may succeed. */
bool sw_hop_passes(CURLcode result);

#endif
