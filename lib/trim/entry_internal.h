/* This module reads one fat binary: a container's header and its entries' headers, strictly.
 *
 * NVIDIA does not document the format. A container has 16 bytes of header (magic, version, size of the header, size of the rest)
 * and then entries without a gap; an entry has a header (kind at 0, version at 2, size of the header at 4, padded size of the
 * payload at 8, architecture at 28, flags at 40) and its payload. tests/trim holds this against NVIDIA's cuobjdump. */
#ifndef SLIPWAY_TRIM_ENTRY_INTERNAL_H
#define SLIPWAY_TRIM_ENTRY_INTERNAL_H

#include "trim/gpu_code.h"

enum { SW_FATBIN_HEADER = 16, SW_FATBIN_ENTRY_HEADER = 64, SW_FATBIN_MOST_ENTRIES = 256 };

/* The answer to a header. */
enum sw_fatbin_state {
    SW_FATBIN_SOUND,
    /* The program does not know the kind, version or flag; the size can be relied on. */
    SW_FATBIN_UNKNOWN,
    SW_FATBIN_BROKEN, /* nothing can be relied on */
};

/* Read a container's header; `*size` becomes the size of its entries. */
enum sw_fatbin_state sw_fatbin_header(uint64_t *size, const unsigned char header[SW_FATBIN_HEADER],
                                      uint64_t room);

struct sw_fatbin_entry {
    struct sw_device_code code;
    uint64_t size; /* header and payload */
};
/* Read the header of an entry that has `room` bytes until its container's end. */
enum sw_fatbin_state sw_fatbin_entry(struct sw_fatbin_entry *entry, const unsigned char *header,
                                     uint64_t room);

#endif
