#include "python/url_internal.h"

#include "python/name.h"

#include <arpa/inet.h>

static bool in_scheme(char c)
{
    return sw_is_alnum((unsigned char)c) || c == '+' || c == '-' || c == '.';
}

struct sw_str sw_url_scheme(struct sw_str url)
{
    size_t n = 0;
    while (n < url.n && in_scheme(url.p[n]))
        n++;
    bool is_scheme = n > 0 && n < url.n && url.p[n] == ':' && sw_is_alpha((unsigned char)url.p[0]);
    return is_scheme ? (struct sw_str){url.p, n} : SW_STR("");
}

/* IPvFuture: "v", hexadecimal digits, a dot and something. */
static bool is_future_address(struct sw_str address)
{
    size_t n = 1;
    while (n < address.n && strchr("0123456789abcdefABCDEF", address.p[n]) != NULL && address.p[n] != '\0')
        n++;
    return address.n > 0 && address.p[0] == 'v' && n > 1 && n + 1 < address.n && address.p[n] == '.';
}

static bool is_address(struct sw_str address)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char bytes[sizeof(struct in6_addr)];
    if (is_future_address(address))
        return true;
    if (address.n >= sizeof text || memchr(address.p, '\0', address.n) != NULL)
        return false;
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';
    return inet_pton(AF_INET6, text, bytes) == 1;
}

/* Brackets stand only around an address, with nothing but user and port beside it. */
static bool brackets_valid(struct sw_str authority)
{
    if (memchr(authority.p, '[', authority.n) == NULL && memchr(authority.p, ']', authority.n) == NULL)
        return true;
    const char *at = memrchr(authority.p, '@', authority.n);
    struct sw_str host = authority;
    if (at != NULL)
        host = (struct sw_str){at + 1, authority.n - (size_t)(at + 1 - authority.p)};
    if (!sw_str_starts(host, "["))
        return false;
    struct sw_str rest = {host.p + 1, host.n - 1};
    struct sw_str address = sw_str_cut(&rest, ']');
    return rest.p != NULL && (rest.n == 0 || rest.p[0] == ':') && is_address(address);
}

/* Return true for "file", and for a repository there: "git+file". */
static bool is_of_files(struct sw_str scheme)
{
    const char *plus = memrchr(scheme.p, '+', scheme.n);
    struct sw_str last =
        plus == NULL ? scheme : (struct sw_str){plus + 1, scheme.n - (size_t)(plus + 1 - scheme.p)};
    return sw_name_equal(last, SW_STR("file"));
}

bool sw_url_valid(struct sw_str url)
{
    struct sw_str scheme = sw_url_scheme(url);
    struct sw_str rest = {url.p + scheme.n, url.n - scheme.n};
    if (scheme.n == 0 || !sw_str_starts(rest, "://"))
        return false;
    struct sw_str authority = {rest.p + strlen("://"), 0};
    size_t most = rest.n - strlen("://");
    while (authority.n < most && memchr("/?#", authority.p[authority.n], 3) == NULL)
        authority.n++;
    return (authority.n > 0 || is_of_files(scheme)) && brackets_valid(authority);
}
