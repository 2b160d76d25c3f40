/* Little-endian numbers in bytes. */
#ifndef SLIPWAY_TRIM_LITTLE_H
#define SLIPWAY_TRIM_LITTLE_H

#include <stdint.h>

static inline unsigned le16(const unsigned char *bytes)
{
    return bytes[0] | (unsigned)bytes[1] << 8;
}

static inline uint32_t le32(const unsigned char *bytes)
{
    return le16(bytes) | (uint32_t)le16(bytes + 2) << 16;
}

static inline uint64_t le64(const unsigned char *bytes)
{
    return le32(bytes) | (uint64_t)le32(bytes + 4) << 32;
}

#endif
