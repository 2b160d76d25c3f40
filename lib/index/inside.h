/* The metadata within wheels on servers, many at once.
 *
 * A wheel is read from what is at hand of it; where that does not reach, the reading stops, what it lacked is fetched for all
 * wheels in one round, and it is read again. Three rounds are usual: the end, the directory, the member. */
#ifndef SLIPWAY_INDEX_INSIDE_H
#define SLIPWAY_INDEX_INSIDE_H

#include "http/fetch.h"

struct sw_inside {
    const char *url, *name; /* of the wheel; `name` for errors */
    uint64_t size;          /* 0: unknown */
    struct sw_buffer *out;  /* gets the METADATA file */
    int code;               /* 0, or why not, with `error` */
    struct sw_error error;
};

/* 0 where each was tried and has its own code. */
int sw_inside_read(struct sw_inside *wheels, struct sw_fetcher *fetcher, size_t count,
                   struct sw_error *error) SW_NODISCARD;

#endif
