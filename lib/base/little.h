/* Little-endian numbers at any address, as zip files, ELF and fat binaries have them. */
#ifndef SLIPWAY_BASE_LITTLE_H
#define SLIPWAY_BASE_LITTLE_H

#include <stdint.h>

static inline uint16_t sw_le16(const void *at)
{
    const unsigned char *u = at;
    return (uint16_t)(u[0] | (unsigned)u[1] << 8);
}

static inline uint32_t sw_le32(const void *at)
{
    const unsigned char *u = at;
    return sw_le16(u) | (uint32_t)sw_le16(u + 2) << 16;
}

static inline uint64_t sw_le64(const void *at)
{
    const unsigned char *u = at;
    return sw_le32(u) | (uint64_t)sw_le32(u + 4) << 32;
}

#endif
