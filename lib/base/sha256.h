/* SHA-256 (FIPS 180-4), by OpenSSL's libcrypto. */
#ifndef SLIPWAY_BASE_SHA256_H
#define SLIPWAY_BASE_SHA256_H

#include "base/str.h"

#define SW_SHA256_HEX_SIZE 65 /* 64 lower-case digits and the NUL */

/* In pieces: add, then finish once; finish or free ends it. NULL without memory. */
struct sw_sha256;
struct sw_sha256 *sw_sha256_new(void) SW_NODISCARD;
void sw_sha256_add(struct sw_sha256 *hash, const void *bytes, size_t n);
void sw_sha256_finish(struct sw_sha256 *hash, char hex[SW_SHA256_HEX_SIZE]); /* frees it */
void sw_sha256_free(struct sw_sha256 *hash);                                 /* takes NULL */

/* At once; false without memory, `hex` then being empty. */
bool sw_sha256_hex(struct sw_str bytes, char hex[SW_SHA256_HEX_SIZE]);

#endif
