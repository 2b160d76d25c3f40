/* libcurl, loaded when the first connection is made: linking it would load the 30 libraries that it stands on at every start,
 * which takes longer than all that a command without an engine does. A binary that is linked statically has it in itself. */
#ifndef SLIPWAY_HTTP_CURL_H
#define SLIPWAY_HTTP_CURL_H

#include "base/error.h"

#include <stdbool.h>

/* The checks are macros around the functions' own names. */
#define CURL_DISABLE_TYPECHECK
/* CURLOPT_PROTOCOLS is deprecated. CURLOPT_PROTOCOLS_STR came with 7.85, and the libcurl of Ubuntu 22.04 is older. */
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

/* The functions in use, by their names without "curl_". */
#define SW_CURL_FUNCTIONS(X) \
    X(easy_cleanup)          \
    X(easy_getinfo)          \
    X(easy_init)             \
    X(easy_recv)             \
    X(easy_send)             \
    X(easy_setopt)           \
    X(easy_strerror)         \
    X(multi_add_handle)      \
    X(multi_cleanup)         \
    X(multi_info_read)       \
    X(multi_init)            \
    X(multi_perform)         \
    X(multi_poll)            \
    X(multi_remove_handle)   \
    X(multi_setopt)          \
    X(multi_strerror)        \
    X(slist_append)          \
    X(slist_free_all)        \
    X(version)

struct sw_curl {
#define SW_CURL_MEMBER(name) __typeof__(curl_##name) *(name);
    SW_CURL_FUNCTIONS(SW_CURL_MEMBER)
#undef SW_CURL_MEMBER
};

/* The library, loaded at the first call and never unloaded; safe from several threads. SW_EENV if it is
 * missing. */
int sw_curl_load(const struct sw_curl **curl, struct sw_error *error) SW_NODISCARD;

#endif
