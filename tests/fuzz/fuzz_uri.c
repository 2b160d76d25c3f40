/* A URL, or two between a line end: what is resolved stays what it is when it is resolved again, and is safe to send and show. */
#include "base/limits.h"
#include "http/uri.h"

#include "fuzz.h"

int fuzz_uri(const uint8_t *data, size_t size)
{
    struct sw_str reference = {(const char *)data, size}, base = sw_str_cut(&reference, '\n');
    SW_BUFFER_AUTO once, twice, shown;
    sw_buffer_init(&once, SW_MAX_URL_SIZE);
    sw_buffer_init(&twice, SW_MAX_URL_SIZE);
    sw_buffer_init(&shown, 4 * SW_MAX_URL_SIZE);
    sw_uri_resolve(&once, SW_STR("https://u:p@host/a/b?c"), base);
    sw_uri_resolve(&twice, sw_buffer_str(&once), reference.p == NULL ? SW_STR("") : reference);
    sw_buffer_clear(&once);
    sw_uri_resolve(&once, SW_STR("https://host/a"), sw_buffer_str(&twice));
    const struct sw_uri uri = sw_uri_split(sw_buffer_str(&twice));
    if (once.state != SW_BUFFER_OK || twice.state != SW_BUFFER_OK || !sw_uri_is_web(&uri))
        return 0;
    if (strcmp(once.p, twice.p) != 0 || uri.user.p != NULL || uri.fragment.p != NULL)
        abort();
    sw_uri_add_shown(&shown, sw_buffer_str(&twice));
    for (size_t i = 0; i < twice.n; i++) {
        if (twice.p[i] <= ' ' || twice.p[i] >= 0x7F)
            abort();
    }
    sw_uri_decode(&shown, uri.path);
    sw_uri_file_name(&shown, &uri);
    return 0;
}
