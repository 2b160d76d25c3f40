/* Bytes at any place: a file or a distant file, as a format with an index of its own is read. */
#ifndef SLIPWAY_BASE_READER_H
#define SLIPWAY_BASE_READER_H

#include "base/error.h"
#include "base/str.h"

struct sw_range {
    uint64_t offset, size;
};

struct sw_reader {
    /* Put the `n` bytes (n > 0) from `offset` on into `out`; fewer is an error. They lie within `size`. */
    int (*read)(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error);
    /* Announce the ranges that will be read soon, in order of offset and within `size`, so that a reader with
     * costly requests can get near ranges together. NULL if that helps nothing. */
    int (*expect)(void *self, const struct sw_range *ranges, size_t count, struct sw_error *error);
    void *self;
    uint64_t size;
    /* The name in errors: a path, a URL, a wheel's file name. */
    const char *name;
};

/* Read all `n` bytes from `offset` on; SW_EINPUT, naming the reader, if the range goes past the end. */
int sw_reader_read(const struct sw_reader *reader, void *out, uint64_t offset, size_t n,
                   struct sw_error *error) SW_NODISCARD;
int sw_reader_expect(const struct sw_reader *reader, const struct sw_range *ranges, size_t count,
                     struct sw_error *error) SW_NODISCARD;

/* Over bytes in memory; `bytes` and `name` must outlive it. */
struct sw_reader sw_reader_of_memory(struct sw_str *bytes, const char *name);

/* A file that is open for reading. */
struct sw_reader_file {
    int fd;
    const char *path; /* the caller's */
};
/* Open a regular file; SW_ENOTFOUND if it is missing, SW_EINPUT if it is not a regular file. `file` and
 * `path` must outlive the reader. */
int sw_reader_file_open(struct sw_reader_file *file, struct sw_reader *reader, const char *path,
                        struct sw_error *error) SW_NODISCARD;
/* Takes NULL, and a file that failed to open or was {-1}. */
void sw_reader_file_close(struct sw_reader_file *file);

#endif
