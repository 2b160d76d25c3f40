/* A wheel on a server, read by ranges: a few requests of some kilobytes replace a download.
 *
 * Opening takes one request, for the end of the file. Ranges that were announced are fetched at once, near
 * ranges in one request, and kept in the store under the wheel's digest, so that the next reader needs no
 * request. If the server serves no ranges, a warning says so and the whole wheel is read once, into a file on
 * disk that no other user sees; never into memory. */
#ifndef SLIPWAY_WHEEL_REMOTE_H
#define SLIPWAY_WHEEL_REMOTE_H

#include "base/event.h"
#include "base/reader.h"
#include "http/fetch.h"
#include "http/store.h"

/* All must outlive the remote. */
struct sw_remote_options {
    struct sw_fetcher *fetcher;
    struct sw_store *store; /* NULL: nothing is kept */
    const char *url;
    const char *name; /* of the wheel, for errors */
    /* The wheel's digest, 64 lower-case digits; NULL if unknown: nothing is kept. */
    const char *sha256;
    /* A folder for a wheel that has to be read whole; NULL: /tmp. */
    const char *folder;
    const struct sw_sink *sink; /* NULL: none */
    /* Bytes that are not in the store are SW_EENV. */
    bool offline;
};

struct sw_remote_use {
    /* The cost of opening and reading so far. */
    uint64_t requests, bytes;
};

struct sw_remote;
/* `reader` works as long as the remote. */
int sw_remote_open(struct sw_remote **out, struct sw_reader *reader, const struct sw_remote_options *options,
                   struct sw_error *error) SW_NODISCARD;
void sw_remote_free(struct sw_remote *remote); /* takes NULL */
struct sw_remote_use sw_remote_use(const struct sw_remote *remote);

#endif
