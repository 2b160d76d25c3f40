/* GET over HTTP and HTTPS: many requests at once over one set of connections, HTTP/2 where the server has it.
 *
 * Redirects are followed, at most SW_MAX_REDIRECTS, to http and https only and never from https to http. A login (a URL's
 * "user:password@", or netrc) goes to the scheme, host and port that it is for and nowhere else. What may pass by itself
 * (no connection, a connection lost, 429, 500, 502, 503, 504) is tried again, SW_MAX_FETCH_TRIES times in all, later where the
 * server says so. Errors name the URL without login and query. A fetcher serves one thread. */
#ifndef SLIPWAY_HTTP_FETCH_H
#define SLIPWAY_HTTP_FETCH_H

#include "base/buffer.h"
#include "base/cancel.h"

/* All texts must outlive the fetcher; NULL where there is none. */
struct sw_fetch_options {
    const char *ca_file;                             /* PEM; NULL: the system's */
    const char *netrc;                               /* a path; a missing file is none */
    const char *http_proxy, *https_proxy, *no_proxy; /* as curl takes them */
    const struct sw_cancel *cancel;
    int64_t stall_ns; /* an answer slower than 100 bytes/s for so long is given up; 0: 15 s */
    int64_t pause_ns; /* before the second try, then twice as long each time; 0: 250 ms */
};

/* The part of the body that is asked for. */
struct sw_fetch_range {
    uint64_t offset;
    uint64_t size; /* 0: the whole body */
    bool from_end; /* the last `size` bytes; `offset` is not used */
};

struct sw_fetch_request {
    const char *url;
    const char *accept;               /* media types; NULL: any */
    const char *etag, *last_modified; /* of the copy at hand, as the server gave them; NULL: none */
    struct sw_fetch_range range;
    size_t max; /* of the body as it is kept, in bytes; 0: SW_MAX_HTTP_BODY */
    /* Where the server sends everything instead of the range, this gets it all, piece by piece, and `body` stays
     * empty. An empty piece comes first, and again where a further try starts over. NULL: what was not asked for is
     * read past, as far as SW_MAX_FETCH_SKIP. */
    int (*whole)(void *self, struct sw_str piece, struct sw_error *error);
    void *whole_self;
};

struct sw_fetch_response {
    int code; /* 0: an answer of 2xx or 304; else `error` says why not: SW_ENOTFOUND for 404 and 410 */
    struct sw_error error; /* names the URL */
    long status;           /* of HTTP; 0 where no answer came */
    struct sw_buffer url;  /* where it came from, after redirects, without a login */
    struct sw_buffer headers, body;
    uint64_t total;      /* size of the whole where a range was asked for */
    bool ranges_ignored; /* the server sent everything; what was not asked for was read and dropped */
};

void sw_fetch_response_init(struct sw_fetch_response *response);
void sw_fetch_response_release(struct sw_fetch_response *response);
#define SW_FETCH_RESPONSE_AUTO SW_CLEANUP(sw_fetch_response_release) struct sw_fetch_response

struct sw_fetcher;

/* Opens no connection and loads no library yet. */
int sw_fetcher_new(struct sw_fetcher **out, const struct sw_fetch_options *options,
                   struct sw_error *error) SW_NODISCARD;
void sw_fetcher_free(struct sw_fetcher *fetcher); /* takes NULL */

/* Remember the login in `url`, where there is one, for all that is fetched from its scheme, host and port. */
int sw_fetcher_login(struct sw_fetcher *fetcher, struct sw_str url, struct sw_error *error) SW_NODISCARD;

/* Fetch all; the responses must be initialised, what they held is forgotten. 0 where each was tried and has its own
 * `code`; an error where none could be, or on a cancellation. */
int sw_fetch_all(struct sw_fetch_response *responses, struct sw_fetcher *fetcher,
                 const struct sw_fetch_request *requests, size_t count, struct sw_error *error) SW_NODISCARD;
/* A batch over items of the caller's, of which not each needs a fetch: `ask` fills in the request of one, or leaves its `url`
 * NULL; `take` gets the response, and may keep a buffer of it by leaving an initialised one in its place. */
struct sw_fetch_batch {
    int (*ask)(void *self, size_t item, struct sw_fetch_request *request, struct sw_error *error);
    void (*take)(void *self, size_t item, struct sw_fetch_response *response);
    void *self;
};
/* As sw_fetch_all(); where it fails, nothing is taken. */
int sw_fetch_batch(struct sw_fetcher *fetcher, const struct sw_fetch_batch *batch, size_t count,
                   struct sw_error *error) SW_NODISCARD;
/* One, whose failure is the function's. */
int sw_fetch(struct sw_fetch_response *response, struct sw_fetcher *fetcher,
             const struct sw_fetch_request *request, struct sw_error *error) SW_NODISCARD;

#endif
