/* GET through a store on disk (RFC 9111, for a cache of one user).
 *
 * A page is used again until its max-age is over, or for ten minutes if its server names none, and is then
 * requested with its validators (ETag, Last-Modified); a page that the server forbids to keep is not kept.
 * Things that never change go to the store directly, under their digest. */
#ifndef SLIPWAY_HTTP_CACHE_H
#define SLIPWAY_HTTP_CACHE_H

#include "http/fetch.h"
#include "http/store.h"

struct sw_cache {
    struct sw_fetcher *fetcher;
    struct sw_store *store;
    /* Nothing is fetched, and everything in the store counts as fresh. */
    bool offline;
};

struct sw_cache_request {
    const char *url;
    const char *accept; /* as of a fetch */
    /* Convert the body to the form that is kept; `form` is the name of that form, and changes when the form
     * does. An answer that `convert` refuses is an error and is not kept. */
    int (*convert)(struct sw_buffer *out, const struct sw_fetch_response *response, struct sw_error *error);
    const char *form;
};

struct sw_cache_answer {
    /* 0, or the code of the failure, with `error`, which names the URL. */
    int code;
    struct sw_error error;
    struct sw_buffer content; /* converted */
};

void sw_cache_answer_init(struct sw_cache_answer *answer);
void sw_cache_answer_release(struct sw_cache_answer *answer);

/* Get all pages; those that have to be fetched are fetched together. The answers must be initialised. Errors
 * as sw_fetch_all(). */
int sw_cache_get_all(struct sw_cache_answer *answers, struct sw_cache *cache,
                     const struct sw_cache_request *requests, size_t count,
                     struct sw_error *error) SW_NODISCARD;

/* The facts kept of a page, in front of its content. Texts are empty if the server gave none. */
struct sw_cache_page {
    int64_t until; /* fresh before this second since 1970 */
    struct sw_str etag, last_modified;
    struct sw_str content;
};
/* False if the text is no kept page. */
bool sw_cache_page_parse(struct sw_cache_page *page, struct sw_str text);

#endif
