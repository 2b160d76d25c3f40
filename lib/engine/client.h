/* HTTP/1.1 with an engine, over libcurl (internal to this layer).
 *
 * A client keeps one connection open between requests. Every wait ends within 100 ms of a cancellation. It
 * never sends `Expect: 100-continue` (engines from 29.5 on break a build over it), follows no redirect and
 * uses no proxy on a Unix socket. One client serves one thread. */
#ifndef SLIPWAY_ENGINE_CLIENT_H
#define SLIPWAY_ENGINE_CLIENT_H

#include "base/buffer.h"
#include "base/cancel.h"
#include "base/source.h"
#include "engine/endpoint.h"
#include "engine/patience.h"

struct sw_client;

/* Takes the body of a successful answer, in pieces of any size. */
struct sw_receiver {
    int (*take)(void *self, const void *bytes, size_t n, struct sw_error *error);
    void *self;
};

/* Work that is served beside an exchange, by the same thread: when `fd` is readable, and now and then.
 * `serve` returns true if anything went either way. */
struct sw_companion {
    int fd;
    bool (*serve)(void *self);
    void *self;
};

struct sw_http_request {
    const char *method;
    /* The path and query, escaped: "/v1.41/images/json?all=1". */
    const char *target;
    const char *content_type; /* of the body; NULL: none is named */
    /* More lines "Name: value", ended by NULL; or NULL. */
    const char *const *headers;
    struct sw_str body;
    /* The body in pieces, sent chunked; instead of `body`. */
    const struct sw_source *source;
    const struct sw_receiver *receiver; /* NULL: the answer's body is collected */
    /* Called once, when the header of a successful answer has come and its body is still to come; a failure ends the exchange. It
     * may use other clients. NULL: nothing is to be done. */
    int (*begun)(void *self, struct sw_error *error);
    void *beginner;
    const struct sw_companion *companion; /* NULL: none */
    /* For sw_call(), which sets the time limits below by it. */
    enum sw_patience patience;
    int64_t timeout_ns; /* for the whole exchange; 0: none */
    /* Called each time that for `quiet_ns` no byte has gone either way, with the length of the whole silence; a failure ends the
     * exchange. It may use other clients. NULL: any silence is borne. */
    int (*on_silence)(void *self, int64_t silence_ns, struct sw_error *error);
    void *listener;
    int64_t quiet_ns;
    const struct sw_cancel *cancel;
    /* The time for which the exchange may go on after a cancellation. */
    int64_t grace_ns;
    /* Called once at a cancellation, before the answer is read on; the exchange is SW_ECANCELED even if it ends in time. NULL:
     * an exchange that ends in time has its answer. */
    void (*on_cancel)(void *self);
    void *canceler;
};

struct sw_http_response {
    long status;
    struct sw_buffer headers; /* all header lines as received */
    /* The collected body, of at most SW_MAX_HTTP_BODY bytes; also that of a failure, if there is a receiver. */
    struct sw_buffer body;
};

void sw_http_response_init(struct sw_http_response *response);
void sw_http_response_release(struct sw_http_response *response);
#define SW_HTTP_RESPONSE_AUTO SW_CLEANUP(sw_http_response_release) struct sw_http_response

/* `endpoint` must outlive the client. */
int sw_client_new(struct sw_client **out, const struct sw_endpoint *endpoint,
                  struct sw_error *error) SW_NODISCARD;
void sw_client_free(struct sw_client *client); /* takes NULL */

/* Perform one exchange. 0 means that a whole answer was received, whatever its status says. No answer, an answer that
 * is not HTTP and a connection lost halfway are SW_EENV. `response` must be initialised; its former content
 * is cleared. */
int sw_client_perform(struct sw_http_response *response, struct sw_client *client,
                      const struct sw_http_request *request, struct sw_error *error) SW_NODISCARD;

#endif
