/* A library with less GPU code: the plan for its bytes, and the library written by it.
 *
 * Within a fat binary the kept entries move to the front, and its size tells their end; the bytes behind them are zero. Every other
 * byte of the file stays at its place. The plan for a file that was written by a plan is empty. */
#ifndef SLIPWAY_TRIM_LIBRARY_H
#define SLIPWAY_TRIM_LIBRARY_H

#include "code.h"

enum { LIBRARY_MOST_PIECES = 1 << 18, LIBRARY_NOTE_SIZE = 160, LIBRARY_DIGEST_SIZE = 44 };

/* Bytes of the new file that are not those at the same place of the old file. */
struct piece {
    enum { PIECE_ZERO, PIECE_MOVED, PIECE_NUMBER } kind;
    uint64_t to, size;
    /* PIECE_MOVED: the offset in the old file; PIECE_NUMBER: the number that is written, 64 bits. */
    uint64_t value;
};

struct library {
    bool has_code; /* else the rest is empty */
    /* The kinds of loaded code that stay, and the kinds of which some is gone. */
    struct codes kept, dropped;
    uint64_t code_before, code_after; /* bytes of entries */
    uint64_t fatbins;
    /* The fat binaries that were left whole as they hold something unknown. */
    uint64_t left;
    /* The reason for leaving the first of these, or the fault for which the whole file is left; empty if there is none. */
    char note[LIBRARY_NOTE_SIZE];
    bool sound;           /* false: the whole file is left */
    struct piece *pieces; /* by `to`; none of them touches another */
    size_t count, room;
};

/* Make the plan for an open file; only headers are read. Return false without memory or if the file cannot be read. */
bool library_plan(struct library *library, int fd, uint64_t file_size, const struct targets *targets);
void library_release(struct library *library);

/* Write the planned file to `out`, which is empty, and its SHA-256 to `digest` as RECORD spells it (URL-safe base64 without
 * padding). Ranges of zeros become holes. Return false, with errno, if reading or writing fails. */
bool library_write(char digest[LIBRARY_DIGEST_SIZE], const struct library *library, int fd,
                   uint64_t file_size, int out);

#endif
