/* What stands within wheels on servers, many at once.
 *
 * A wheel is read from what is at hand of it; where that does not reach, the reading stops, what it lacked is fetched for all
 * wheels in one round, and it is read again. Three rounds are usual: the end, the directory, the members. */
#ifndef SLIPWAY_INDEX_INSIDE_INTERNAL_H
#define SLIPWAY_INDEX_INSIDE_INTERNAL_H

#include "base/reader.h"
#include "http/fetch.h"

struct sw_inside {
    const char *url, *name; /* of the wheel; `name` for errors */
    uint64_t size;          /* 0: unknown */
    /* Reads what is wanted of it. Called in each round anew, to begin from the start; it announces what it will read, and where the
     * reader fails, so does it. */
    int (*look)(void *self, const struct sw_reader *reader, struct sw_error *error);
    void *self;
    int code; /* 0, or why not, with `error` */
    struct sw_error error;
};

/* At most SW_MAX_INSIDE_BYTES of each. 0 where each was tried and has its own code. */
int sw_inside_read(struct sw_inside *wheels, struct sw_fetcher *fetcher, size_t count,
                   struct sw_error *error) SW_NODISCARD;

/* A `look` for the METADATA file, which replaces what `self`, a struct sw_buffer, holds. */
int sw_inside_metadata(void *self, const struct sw_reader *reader, struct sw_error *error);

#endif
