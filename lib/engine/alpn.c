#include "engine/alpn.h"

#include "base/library.h"

#include <dlfcn.h>

/* libcurl calls this with its SSL_CTX before the handshake. */
static CURLcode offer(CURL *easy, void *context, void *self)
{
    static const unsigned char http2[] = {2, 'h', '2'};
    int (*set)(void *, const unsigned char *, unsigned) = NULL;
    const struct sw_library_function functions[] = {{"SSL_CTX_set_alpn_protos", &set}};
    bool complete = false;
    void *library = sw_library_load("libssl.so.3", functions, SW_COUNT(functions), &complete);
    (void)easy, (void)self;
    if (complete)
        (void)set(context, http2, sizeof http2);
    if (library != NULL)
        (void)dlclose(library); /* libcurl keeps it */
    return CURLE_OK;
}

void sw_alpn_offer_http2(const struct sw_curl *curl, CURL *easy)
{
    (void)curl->easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    (void)curl->easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, offer);
}
