/* GET over HTTP and HTTPS: many requests at once over one set of connections, with HTTP/2 if the server has
 * it.
 *
 * Redirects are followed, at most SW_MAX_REDIRECTS, to http and https only and never from https to http. A
 * login (a URL's "user:password@", or netrc) goes to its scheme, host and port and nowhere else. Transient
 * failures (no connection, a connection lost, 429, 500, 502, 503, 504) are retried, SW_MAX_FETCH_TRIES
 * attempts in all, later if the server says so. Errors name the URL without login and query. A fetcher serves
 * one thread. */
#ifndef SLIPWAY_HTTP_FETCH_H
#define SLIPWAY_HTTP_FETCH_H

#include "base/buffer.h"
#include "base/cancel.h"

/* All texts must outlive the fetcher; NULL if there is none. */
struct sw_fetch_options {
    const char *ca_file;                             /* PEM; NULL: the system's */
    const char *netrc;                               /* a path; a missing file is none */
    const char *http_proxy, *https_proxy, *no_proxy; /* as curl takes them */
    const struct sw_cancel *cancel;
    /* An answer slower than 100 bytes/s for this time is given up; 0: 15 s. */
    int64_t stall_ns;
    /* The time for a connection to be made, with its TLS; 0: 15 s. */
    int64_t connect_ns;
    /* The time for a request, with its redirects and retries; 0: 300 s. */
    int64_t total_ns;
    /* The pause before the second attempt, then twice as long each time; 0: 250 ms. */
    int64_t pause_ns;
};

/* The part of the body that is asked for. */
struct sw_fetch_range {
    uint64_t offset;
    uint64_t size; /* 0: the whole body */
    /* The last `size` bytes; `offset` is not used. */
    bool from_end;
};

struct sw_fetch_request {
    const char *url;
    const char *accept; /* media types; NULL: any */
    /* The validators of the copy at hand, as the server gave them; NULL: none. */
    const char *etag, *last_modified;
    struct sw_fetch_range range;
    /* The most bytes of the body that are kept; 0: SW_MAX_HTTP_BODY. */
    size_t max;
    /* If the server sends everything instead of the range, this function gets it all, piece by piece, and
     * `body` stays empty. An empty piece comes first, and again if a further attempt starts over. NULL: the
     * other bytes are read and dropped, as far as SW_MAX_FETCH_SKIP. */
    int (*whole)(void *self, struct sw_str piece, struct sw_error *error);
    void *whole_self;
};

struct sw_fetch_response {
    /* 0 for an answer of 2xx or 304; else `error` says why not: SW_ENOTFOUND for 404 and 410. */
    int code;
    struct sw_error error; /* names the URL */
    /* The status of HTTP; 0 if no answer came. */
    long status;
    /* The URL of the answer, after redirects, without a login. */
    struct sw_buffer url;
    struct sw_buffer headers, body;
    /* The size of the whole, if a range was requested. */
    uint64_t total;
    /* The server sent everything; the other bytes were read and dropped. */
    bool ranges_ignored;
};

void sw_fetch_response_init(struct sw_fetch_response *response);
void sw_fetch_response_release(struct sw_fetch_response *response);
#define SW_FETCH_RESPONSE_AUTO SW_CLEANUP(sw_fetch_response_release) struct sw_fetch_response

struct sw_fetcher;

/* Opens no connection and loads no library yet. */
int sw_fetcher_new(struct sw_fetcher **out, const struct sw_fetch_options *options,
                   struct sw_error *error) SW_NODISCARD;
void sw_fetcher_free(struct sw_fetcher *fetcher); /* takes NULL */

/* If `url` has a login, remember it for every request to its scheme, host and port. */
int sw_fetcher_login(struct sw_fetcher *fetcher, struct sw_str url, struct sw_error *error) SW_NODISCARD;

/* Fetch all; the responses must be initialised, their old content is dropped. 0 if each was tried and has its
 * own `code`; an error if none could be tried, or on a cancellation. */
int sw_fetch_all(struct sw_fetch_response *responses, struct sw_fetcher *fetcher,
                 const struct sw_fetch_request *requests, size_t count, struct sw_error *error) SW_NODISCARD;
/* A batch over items of the caller's, of which some need no fetch: `ask` fills in the request of an item, or
 * leaves its `url` NULL; `take` gets the response, and may keep a buffer of it by leaving an initialised
 * buffer in its place. */
struct sw_fetch_batch {
    int (*ask)(void *self, size_t item, struct sw_fetch_request *request, struct sw_error *error);
    void (*take)(void *self, size_t item, struct sw_fetch_response *response);
    void *self;
};
/* Fetch a batch as sw_fetch_all() does; if that fails, nothing is taken. */
int sw_fetch_batch(struct sw_fetcher *fetcher, const struct sw_fetch_batch *batch, size_t count,
                   struct sw_error *error) SW_NODISCARD;
/* Fetch a single URL; its failure is the function's. */
int sw_fetch(struct sw_fetch_response *response, struct sw_fetcher *fetcher,
             const struct sw_fetch_request *request, struct sw_error *error) SW_NODISCARD;

#endif
