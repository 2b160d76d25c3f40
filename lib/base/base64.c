/* First: a structure of OpenSSL 3.0 has a member that is called like a banned function. */
#include <openssl/evp.h>

#include "base/base64.h"

enum { GROUP = 3, LINE = 16 * GROUP };

bool sw_base64_decode(struct sw_buffer *out, struct sw_str text)
{
    size_t before = out->n;
    if (text.n > INT32_MAX)
        return false;
    sw_buffer_add_str(out, text); /* makes room: three bytes come of four */
    if (text.n == 0 || out->state != SW_BUFFER_OK)
        return out->state == SW_BUFFER_OK;
    int n = EVP_DecodeBlock((unsigned char *)out->p + before, (const unsigned char *)text.p, (int)text.n);
    for (size_t i = text.n; i > 0 && n > 0 && text.p[i - 1] == '='; i--)
        n--;
    sw_buffer_truncate(out, before + (n < 0 ? 0 : (size_t)n));
    return n >= 0;
}

void sw_base64_encode_url(struct sw_buffer *out, struct sw_str bytes)
{
    while (bytes.n > 0) {
        unsigned char line[LINE / GROUP * 4 + 1];
        size_t n = bytes.n < LINE ? bytes.n : LINE;
        int length = EVP_EncodeBlock(line, (const unsigned char *)bytes.p, (int)n);
        for (int i = 0; i < length; i++)
            sw_buffer_add_char(out, line[i] == '+' ? '-' : line[i] == '/' ? '_' : (char)line[i]);
        bytes = sw_str_drop(bytes, n);
    }
}
