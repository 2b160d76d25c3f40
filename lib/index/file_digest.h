/* The SHA-256 of a file whose index, or URL, gives none. */
#ifndef SLIPWAY_INDEX_FILE_DIGEST_H
#define SLIPWAY_INDEX_FILE_DIGEST_H

#include "base/sha256.h"
#include "index/index.h"

/* Read the whole file once and keep its digest and size by its URL, as pip's own cache takes it: the file behind a URL stays. SW_EENV if
 * the file cannot be had, or has more than SW_MAX_HASHED_FILE. */
int sw_index_file_digest(char digest[SW_SHA256_HEX_SIZE], uint64_t *size, struct sw_index *index,
                         const char *url, const char *name, struct sw_error *error) SW_NODISCARD;

#endif
