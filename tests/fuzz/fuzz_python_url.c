/* Any bytes are a URL or not: a valid one starts with its scheme. */
#include "python/url_internal.h"

#include "fuzz.h"

int fuzz_python_url(const uint8_t *data, size_t size)
{
    struct sw_str url = {(const char *)data, size}, scheme = sw_url_scheme(url);
    if (scheme.n > 0 && (scheme.p != url.p || scheme.n >= url.n || url.p[scheme.n] != ':'))
        abort();
    if (sw_url_valid(url) && scheme.n == 0)
        abort();
    return 0;
}
