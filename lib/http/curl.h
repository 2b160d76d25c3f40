/* libcurl, loaded when the first connection is made: linking it would load the 30 libraries that it stands on at every start,
 * which takes longer than all that a command without an engine does. */
#ifndef SLIPWAY_HTTP_CURL_H
#define SLIPWAY_HTTP_CURL_H

#include "base/error.h"

#include <stdbool.h>

/* The checks are macros around the functions' own names. */
#define CURL_DISABLE_TYPECHECK
/* CURLOPT_PROTOCOLS is deprecated. CURLOPT_PROTOCOLS_STR came with 7.85, and the libcurl of Ubuntu 22.04 is older. */
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

/* The functions in use, each by its own name. */
struct sw_curl {
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_recv) *easy_recv;
    __typeof__(curl_easy_send) *easy_send;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_info_read) *multi_info_read;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_poll) *multi_poll;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_setopt) *multi_setopt;
    __typeof__(curl_multi_strerror) *multi_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_version) *version;
};

/* The library, loaded at the first call and never unloaded; safe from several threads. SW_EENV if it is
 * missing. */
int sw_curl_load(const struct sw_curl **curl, struct sw_error *error) SW_NODISCARD;

#endif
