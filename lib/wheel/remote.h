/* A wheel on a server, read by ranges: what a few requests of some kilobytes can tell need not be downloaded.
 *
 * Opening takes one request, for the end of the file. Ranges that were announced are fetched at once, near ones in
 * one request, and kept in the store under the wheel's digest, so that the same question needs no request the next
 * time. Where the server serves no ranges, a warning says so and the wheel goes by once, into a file on disk that
 * nobody else sees; never into memory. */
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
    const char *name;   /* of the wheel, for errors */
    const char *sha256; /* its digest, 64 lower-case digits; NULL where it is not known: nothing is kept */
    const char *folder; /* for a wheel that has to be read whole; NULL: /tmp */
    const struct sw_sink *sink; /* NULL: none */
    bool offline;               /* what is not in the store is SW_EENV */
};

struct sw_remote_use {
    uint64_t requests, bytes; /* what opening and reading have cost so far */
};

struct sw_remote;
/* `reader` works as long as the remote. */
int sw_remote_open(struct sw_remote **out, struct sw_reader *reader, const struct sw_remote_options *options,
                   struct sw_error *error) SW_NODISCARD;
void sw_remote_free(struct sw_remote *remote); /* takes NULL */
struct sw_remote_use sw_remote_use(const struct sw_remote *remote);

#endif
