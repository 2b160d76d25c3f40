/* Zip files, as wheels are: the directory at the end, and single members (APPNOTE.TXT 6.3.10, .ZIP File
 * Format Specification, sections 4.3 and 4.4; zip64 included; stored and deflated members).
 *
 * A zip file says most things twice, and readers that believe different copies see different files. Here both
 * copies have to agree, members may not overlap, and nothing may stand before the members, between the
 * directory and its end record, or behind the end record. Every error is SW_EINPUT and names the reader,
 * unless reading itself failed. */
#ifndef SLIPWAY_WHEEL_ZIP_H
#define SLIPWAY_WHEEL_ZIP_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/reader.h"

enum sw_zip_method { SW_ZIP_STORED = 0, SW_ZIP_DEFLATED = 8 };

struct sw_zip_member {
    /* UTF-8, as in the directory, NUL-terminated; a folder's name ends with a slash. */
    struct sw_str name;
    uint64_t size, compressed; /* bytes */
    uint64_t offset;           /* of its local header */
    /* All that belongs to the member ends before this offset. */
    uint64_t limit;
    uint32_t crc;
    /* enum sw_zip_method, or a method that sw_zip_stream() refuses. */
    uint16_t method;
    uint16_t flags;
};

struct sw_zip {
    const struct sw_reader *reader;
    const struct sw_zip_member *members; /* in order of name */
    size_t count;
};

/* Read the directory. It lies in `arena` and needs no release; `reader` must outlive it. */
int sw_zip_open(struct sw_zip *out, struct sw_arena *arena, const struct sw_reader *reader,
                struct sw_error *error) SW_NODISCARD;
/* NULL if there is no such member. */
const struct sw_zip_member *sw_zip_find(const struct sw_zip *zip, struct sw_str name);
/* The bytes of the file that hold the member, to announce with sw_reader_expect(). */
struct sw_range sw_zip_range(const struct sw_zip_member *member);

/* Takes a member's bytes piece by piece. It returns 0 to go on, SW_ZIP_ENOUGH to end the reading early, with no check of
 * the sum, or the code of an error. */
typedef int sw_zip_sink(void *self, struct sw_str bytes, struct sw_error *error);
enum { SW_ZIP_ENOUGH = 1 };
/* Read a member in bounded memory, whatever its size. A member that grows past its size, shrinks, has another
 * sum, or is packed more tightly than SW_MAX_ZIP_RATIO is an error. */
int sw_zip_stream(const struct sw_zip *zip, const struct sw_zip_member *member, sw_zip_sink *sink, void *self,
                  struct sw_error *error) SW_NODISCARD;
/* Append a member as a whole to `out`, whose maximum bounds it. */
int sw_zip_read(const struct sw_zip *zip, const struct sw_zip_member *member, struct sw_buffer *out,
                struct sw_error *error) SW_NODISCARD;

#endif
