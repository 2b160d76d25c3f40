/* First: a structure of OpenSSL 3.0 has a member that is called like a banned function. */
#include <openssl/evp.h>

#include "base/sha256.h"

struct sw_sha256 {
    EVP_MD_CTX *context;
};

struct sw_sha256 *sw_sha256_new(void)
{
    struct sw_sha256 *hash = calloc(1, sizeof *hash);
    if (hash == NULL)
        return NULL;
    hash->context = EVP_MD_CTX_new();
    if (hash->context == NULL || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
        sw_sha256_free(hash);
        return NULL;
    }
    return hash;
}

void sw_sha256_add(struct sw_sha256 *hash, const void *bytes, size_t n)
{
    (void)EVP_DigestUpdate(hash->context, bytes, n);
}

void sw_sha256_finish(struct sw_sha256 *hash, char hex[SW_SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[32];
    unsigned length = 0;
    (void)EVP_DigestFinal_ex(hash->context, digest, &length);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[SW_SHA256_HEX_SIZE - 1] = '\0';
    sw_sha256_free(hash);
}

void sw_sha256_free(struct sw_sha256 *hash)
{
    if (hash == NULL)
        return;
    EVP_MD_CTX_free(hash->context);
    free(hash);
}

bool sw_sha256_hex(struct sw_str bytes, char hex[SW_SHA256_HEX_SIZE])
{
    struct sw_sha256 *hash = sw_sha256_new();
    if (hash == NULL) {
        hex[0] = '\0';
        return false;
    }
    sw_sha256_add(hash, bytes.p, bytes.n);
    sw_sha256_finish(hash, hex);
    return true;
}
