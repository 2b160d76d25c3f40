/* One exchange with one server: what a fetch is made of (internal to fetching). */
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
    uint64_t skip; /* bytes of the body still to be dropped, before those that were asked for */
    bool begun;    /* the body has */
    bool enough;   /* all that was asked for is there: libcurl was told to stop */
    int code;      /* of what ended it here, with `error` */
    struct sw_error error;
    char detail[CURL_ERROR_SIZE];
};

/* Begin one: response->url says where to. */
int sw_hop_start(struct sw_hop *hop, struct sw_error *error) SW_NODISCARD;
/* Take it off, done or not. */
void sw_hop_stop(struct sw_hop *hop);

/* SW_EENV for a transfer that libcurl ended, naming the URL. */
int sw_hop_explain(const struct sw_hop *hop, CURLcode result, struct sw_error *error);
/* Whether it may pass by itself. */
bool sw_hop_passes(CURLcode result);

#endif
