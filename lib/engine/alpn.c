#include "engine/alpn_internal.h"

#include <dlfcn.h>
#include <openssl/ssl.h>

/* libcurl calls this with its SSL_CTX before the handshake. */
#ifdef SW_LINKED_STATICALLY
static CURLcode offer(CURL *easy, void *context, void *self)
{
    static const unsigned char http2[] = {2, 'h', '2'};
    (void)easy, (void)self;
    (void)SSL_CTX_set_alpn_protos(context, http2, sizeof http2);
    return CURLE_OK;
}
#else
static CURLcode offer(CURL *easy, void *context, void *self)
{
    static const unsigned char http2[] = {2, 'h', '2'};
    int (*set)(void *, const unsigned char *, unsigned) = NULL;
    void *library = dlopen("libssl.so.3", RTLD_NOW | RTLD_NOLOAD); /* libcurl's own, or none */
    void *symbol = library == NULL ? NULL : dlsym(library, "SSL_CTX_set_alpn_protos");
    (void)easy, (void)self;
    /* POSIX lets a data pointer from dlsym() be read as a function's; C itself does not. */
    memcpy(&set, &symbol, sizeof set);
    if (set != NULL)
        (void)set(context, http2, sizeof http2);
    if (library != NULL)
        (void)dlclose(library); /* libcurl keeps it */
    return CURLE_OK;
}
#endif

void sw_alpn_offer_http2(const struct sw_curl *curl, CURL *easy)
{
    (void)curl->easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    (void)curl->easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, offer);
}
