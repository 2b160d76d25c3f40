/* The inside of wheels on servers, many at once.
 *
 * A wheel is read from the bytes at hand; if they do not reach, the reading stops, the missing bytes are
 * fetched for all wheels in one round, and the wheel is read again. Three rounds are usual: the end, the
 * directory, the members. */
#ifndef SLIPWAY_INDEX_INSIDE_INTERNAL_H
#define SLIPWAY_INDEX_INSIDE_INTERNAL_H

#include "base/reader.h"
#include "http/fetch.h"

struct sw_inside {
    const char *url, *name; /* of the wheel; `name` for errors */
    uint64_t size;          /* 0: unknown */
    /* The bytes that may be read; 0: SW_MAX_INSIDE_BYTES. */
    uint64_t most;
    /* The first bytes that are fetched are those at the start, and not those at the end. */
    bool from_start;
    /* Read the wanted parts. Called in each round anew, to begin from the start; it announces the ranges that
     * it will read, and fails if the reader fails. */
    int (*look)(void *self, const struct sw_reader *reader, struct sw_error *error);
    void *self;
    int code; /* 0, or why not, with `error` */
    struct sw_error error;
};

/* Read at most `most` bytes of each wheel. 0 if each was tried and has its own code. */
int sw_inside_read(struct sw_inside *wheels, struct sw_fetcher *fetcher, size_t count,
                   struct sw_error *error) SW_NODISCARD;

/* A `look` for the METADATA file, which replaces the content of `self`, a struct sw_buffer. */
int sw_inside_metadata(void *self, const struct sw_reader *reader, struct sw_error *error);

#endif
