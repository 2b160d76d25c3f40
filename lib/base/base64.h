/* Base64 (RFC 4648), by OpenSSL's libcrypto. */
#ifndef SLIPWAY_BASE_BASE64_H
#define SLIPWAY_BASE_BASE64_H

#include "base/buffer.h"

/* Append the bytes that `text` encodes (section 4, with its padding); false if it is malformed, with `out` as
 * it was. */
bool sw_base64_decode(struct sw_buffer *out, struct sw_str text) SW_NODISCARD;
/* Append `bytes` in the alphabet for URLs (section 5), with the padding. */
void sw_base64_encode_url(struct sw_buffer *out, struct sw_str bytes);

#endif
