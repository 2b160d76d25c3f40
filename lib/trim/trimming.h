/* A library with less GPU code: the plan for its bytes, and the library written by it.
 *
 * Within a fat binary the kept entries move to the front, and its size tells their end; the bytes behind them are zero. Every other
 * byte of the file stays at its place. The plan for a file that was written by a plan is empty. */
#ifndef SLIPWAY_TRIM_TRIMMING_H
#define SLIPWAY_TRIM_TRIMMING_H

#include "trim/gpu_code.h"

enum { SW_TRIMMING_MOST_PIECES = 1 << 18, SW_TRIMMING_NOTE_SIZE = 160, SW_TRIMMING_DIGEST_SIZE = 44 };

/* Bytes of the new file that are not those at the same place of the old file. */
struct sw_trimming_piece {
    enum { SW_PIECE_ZERO, SW_PIECE_MOVED, SW_PIECE_NUMBER } kind;
    uint64_t to, size;
    /* SW_PIECE_MOVED: the offset in the old file; SW_PIECE_NUMBER: the number that is written, 64 bits. */
    uint64_t value;
};

struct sw_trimming {
    bool has_code; /* else the rest is empty */
    /* The kinds of loaded code that stay, and the kinds of which some is gone. */
    struct sw_device_codes kept, dropped;
    uint64_t code_before, code_after; /* bytes of entries */
    uint64_t fatbins;
    /* The fat binaries that were left whole as they hold something unknown. */
    uint64_t left;
    /* The reason for leaving the first of these, or the fault for which the whole file is left; empty if there is none. */
    char note[SW_TRIMMING_NOTE_SIZE];
    bool sound;                       /* false: the whole file is left */
    struct sw_trimming_piece *pieces; /* by `to`; none of them touches another */
    size_t count, room;
};

/* Make the plan for an open file; only headers are read. Return false without memory or if the file cannot be read. */
bool sw_trimming_plan(struct sw_trimming *library, int fd, uint64_t file_size,
                      const struct sw_device_targets *targets);
void sw_trimming_release(struct sw_trimming *library);

/* Write the planned file to `out`, which is empty, and its SHA-256 to `digest` as RECORD spells it (URL-safe base64 without
 * padding). Ranges of zeros become holes. Return false, with errno, if reading or writing fails. */
bool sw_trimming_write(char digest[SW_TRIMMING_DIGEST_SIZE], const struct sw_trimming *library, int fd,
                       uint64_t file_size, int out);

#endif
