#include "index/own_index.h"

#include "base/str.h"
#include "index/package_index.h"

const char *sw_own_index(void)
{
    return PACKAGE_INDEX;
}

/* "index.example.org" of "https://index.example.org/simple"; empty if the text is no URL with a host. */
static struct sw_str host_of(const char *url)
{
    const char *start = strstr(url, "://");
    struct sw_str rest = sw_str_from(start == NULL ? "" : start + strlen("://"));
    return sw_str_cut(&rest, '/');
}

bool sw_own_index_is(const char *url)
{
    struct sw_str own = host_of(PACKAGE_INDEX);
    return own.n > 0 && sw_str_equal(host_of(url), own);
}
