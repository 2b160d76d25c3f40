/* This module reads one fat binary: a container's header and its entries' headers, strictly.
 *
 * NVIDIA does not document the format. A container has 16 bytes of header (magic, version, size of the header, size of the rest)
 * and then entries without a gap; an entry has a header (kind at 0, version at 2, size of the header at 4, padded size of the
 * payload at 8, architecture at 28, flags at 40) and its payload. tests/trim holds this against NVIDIA's cuobjdump. */
#ifndef SLIPWAY_TRIM_FATBIN_H
#define SLIPWAY_TRIM_FATBIN_H

#include "code.h"

enum { FATBIN_HEADER = 16, FATBIN_ENTRY_HEADER = 64, FATBIN_MOST_ENTRIES = 256 };

/* The answer to a header. */
enum fatbin_state {
    FATBIN_SOUND,
    /* The program does not know the kind, version or flag; the size can be relied on. */
    FATBIN_UNKNOWN,
    FATBIN_BROKEN, /* nothing can be relied on */
};

/* Read a container's header; `*size` becomes the size of its entries. */
enum fatbin_state fatbin_header(uint64_t *size, const unsigned char header[FATBIN_HEADER], uint64_t room);

struct fatbin_entry {
    struct code code;
    uint64_t size; /* header and payload */
};
/* Read the header of an entry that has `room` bytes until its container's end. */
enum fatbin_state fatbin_entry(struct fatbin_entry *entry, const unsigned char *header, uint64_t room);

#endif
