#include "engine/reach.h"

enum { CONNECT_TIMEOUT_MS = 10000 };

void sw_reach_set(const struct sw_curl *curl, CURL *easy, const struct sw_endpoint *endpoint, char *detail)
{
    (void)curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
    (void)curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl->easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    if (endpoint->kind == SW_ENDPOINT_UNIX) {
        (void)curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint->socket);
        (void)curl->easy_setopt(easy, CURLOPT_PROXY, "");
    }
    (void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, endpoint->verify ? 1L : 0L);
    (void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, endpoint->verify ? 2L : 0L);
    if (endpoint->ca != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_CAINFO, endpoint->ca);
    if (endpoint->certificate != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_SSLCERT, endpoint->certificate);
    if (endpoint->key != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_SSLKEY, endpoint->key);
}
