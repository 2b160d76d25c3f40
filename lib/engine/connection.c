#include "engine/connection.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "engine/alpn_internal.h"
#include "engine/patience.h"
#include "engine/reach_internal.h"

#include <poll.h>

enum { BLIND_POLL_MS = 50, POLL_MS = 1000 };
/* The size of a piece, and the most pieces received before others get their turn, so that an engine that
 * never falls silent keeps nothing else waiting. Together they are more than fits into `early`: bytes left
 * after it are still in the socket, which stays readable. */
enum { PIECE = 16384, PIECES_AT_A_TIME = 64 };

struct sw_connection {
    const struct sw_curl *curl;
    CURLM *multi;
    CURL *easy;
    curl_socket_t socket;
    /* The bytes that followed the answer's head. */
    struct sw_buffer early;
    struct sw_grpc *calls; /* NULL: the bytes are no calls of ours */
    struct sw_buffer raw;  /* of the calls, still to be sent */
    /* The tunnel in a call; NULL: the connection carries the socket's bytes as they are. */
    struct sw_tunnel *tunnel;
    bool full; /* the socket took no more */
    /* Bytes of the calls came since sw_connection_active(). */
    bool active;
    struct sw_reach reach;
};

/* ---- connecting ---- */

static int fail_connect(const struct sw_endpoint *endpoint, const char *why, struct sw_error *error)
{
    return sw_fail(error, SW_EENV, "cannot open a second connection to the engine at %s: %s", endpoint->url,
                   why);
}

/* Runs until the connection stands. */
static int drive(struct sw_connection *c, const struct sw_endpoint *endpoint, const struct sw_cancel *cancel,
                 struct sw_error *error)
{
    struct curl_waitfd wake = {.fd = cancel == NULL ? -1 : cancel->fd, .events = CURL_WAIT_POLLIN};
    int running = 1;
    while (running != 0) {
        CURLMcode failed = c->curl->multi_perform(c->multi, &running);
        if (sw_cancel_requested(cancel))
            return sw_fail_canceled(error);
        if (failed == CURLM_OK && running != 0)
            failed = c->curl->multi_poll(c->multi, &wake, wake.fd >= 0,
                                         wake.fd >= 0 ? POLL_MS : BLIND_POLL_MS, NULL);
        if (failed != CURLM_OK)
            return fail_connect(endpoint, c->curl->multi_strerror(failed), error);
    }
    int left;
    const CURLMsg *message = c->curl->multi_info_read(c->multi, &left);
    if (message == NULL)
        return fail_connect(endpoint, "it does not answer", error);
    if (message->data.result != CURLE_OK)
        return sw_reach_explain(&c->reach, c->easy, message->data.result, false, error);
    c->socket = CURL_SOCKET_BAD;
    (void)c->curl->easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->socket);
    return c->socket == CURL_SOCKET_BAD ? fail_connect(endpoint, "it has no socket", error) : 0;
}

static int connect_to(struct sw_connection *c, const struct sw_endpoint *endpoint, bool http2,
                      const struct sw_cancel *cancel, struct sw_error *error)
{
    c->easy = c->curl->easy_init();
    c->multi = c->curl->multi_init();
    if (c->easy == NULL || c->multi == NULL)
        return sw_fail_memory(error);
    sw_reach_init(&c->reach, c->curl, endpoint);
    sw_reach_set(&c->reach, c->easy);
    (void)c->curl->easy_setopt(c->easy, CURLOPT_URL, endpoint->base);
    if (http2)
        sw_alpn_offer_http2(c->curl, c->easy);
    (void)c->curl->easy_setopt(c->easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)c->curl->easy_setopt(c->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    return c->curl->multi_add_handle(c->multi, c->easy) == CURLM_OK ? drive(c, endpoint, cancel, error)
                                                                    : sw_fail_memory(error);
}

/* ---- the request and its answer ---- */

/* Until the socket is ready, the deadline or a cancellation. */
static int wait_for(const struct sw_connection *c, short events, int64_t deadline,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    struct pollfd waits[] = {{.fd = c->socket, .events = events},
                             {.fd = cancel == NULL ? -1 : cancel->fd, .events = POLLIN}};
    (void)poll(waits, SW_COUNT(waits), BLIND_POLL_MS);
    if (sw_cancel_requested(cancel))
        return sw_fail_canceled(error);
    return sw_clock_now() < deadline ? 0
                                     : sw_fail(error, SW_EENV, "the engine does not answer to an upgrade");
}

static int send_all(struct sw_connection *c, struct sw_str text, int64_t deadline,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    int code = 0;
    while (code == 0 && text.n > 0) {
        size_t sent = 0;
        code = sw_connection_send(c, text.p, text.n, &sent, error);
        text = sw_str_drop(text, sent);
        if (code == 0 && sent == 0)
            code = wait_for(c, POLLOUT, deadline, cancel, error);
    }
    return code;
}

static int read_head(struct sw_connection *c, struct sw_buffer *head, int64_t deadline,
                     const struct sw_cancel *cancel, struct sw_error *error)
{
    const struct sw_str end = SW_STR("\r\n\r\n");
    int code = 0;
    while (code == 0) {
        char piece[4096];
        size_t got = 0;
        code = sw_connection_receive(c, piece, sizeof piece, &got, error);
        sw_buffer_add(head, piece, got);
        size_t at = sw_str_find(sw_buffer_str(head), end);
        if (at < head->n) {
            sw_buffer_add_str(&c->early, sw_str_drop(sw_buffer_str(head), at + end.n));
            sw_buffer_truncate(head, at);
            return 0;
        }
        if (code == 0 && head->state != SW_BUFFER_OK)
            code = sw_fail(error, SW_EENV, "the head of the engine's answer is larger than %llu bytes",
                           SW_MAX_HTTP_HEADERS);
        if (code == 0 && got == 0)
            code = wait_for(c, POLLIN, deadline, cancel, error);
    }
    return code == SW_ENOTFOUND ? sw_fail(error, SW_EENV, "the engine hung up instead of an upgrade") : code;
}

/* "HTTP/1.1 101 Switching Protocols" … */
static int check_head(const struct sw_connection *c, const struct sw_buffer *head, struct sw_error *error)
{
    struct sw_str rest = sw_buffer_str(head), line = sw_str_trim(sw_str_cut(&rest, '\n'));
    struct sw_str words = line;
    (void)sw_str_cut(&words, ' ');
    struct sw_str number = sw_str_cut(&words, ' ');
    uint64_t status = 0;
    if (!sw_str_starts(line, "HTTP/1.") || !sw_str_to_u64(number, &status))
        return sw_fail(error, SW_EENV, "what the engine answers to an upgrade is no HTTP");
    if (status == 101)
        return 0;
    SW_BUFFER_AUTO said;
    sw_buffer_init(&said, SW_MAX_MESSAGE);
    sw_text_add_clean(&said, line);
    sw_buffer_add_char(&said, ' ');
    sw_text_add_clean(&said, (struct sw_str){c->early.p, c->early.n < 300 ? c->early.n : 300});
    enum sw_code code =
        status == 403 || status == 404 || status == 405 || status == 501 ? SW_ENOTFOUND : SW_EENV;
    return sw_fail(error, code, "the engine refuses an upgrade: %s", said.p);
}

/* `base` is "https://host:2376/below": the host is a header, the path stands before the target. */
static void write_request(struct sw_buffer *out, const char *base, const char *target,
                          const char *const *headers)
{
    struct sw_str rest = sw_str_from(base);
    rest = sw_str_drop(rest, sw_str_find(rest, SW_STR("://")) + 3);
    struct sw_str host = sw_str_cut(&rest, '/');
    sw_buffer_add_text(out, "POST ");
    if (rest.n > 0) {
        sw_buffer_add_char(out, '/');
        sw_buffer_add_str(out, rest);
    }
    sw_buffer_addf(out, "%s HTTP/1.1\r\nHost: %.*s\r\n", target, SW_STR_FORMAT(host));
    for (; *headers != NULL; headers++)
        sw_buffer_addf(out, "%s\r\n", *headers);
    sw_buffer_add_text(out, "\r\n");
}

static int upgrade(struct sw_connection *c, const struct sw_endpoint *endpoint, const char *target,
                   const char *const *headers, const struct sw_cancel *cancel, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_HTTP_HEADERS);
    int64_t deadline = sw_clock_now() + sw_patience_ns(endpoint, SW_PATIENCE_PING);
    write_request(&text, endpoint->base, target, headers);
    int code = sw_buffer_check(&text, "the request", error);
    if (code == 0)
        code = send_all(c, sw_buffer_str(&text), deadline, cancel, error);
    sw_buffer_clear(&text);
    if (code == 0)
        code = read_head(c, &text, deadline, cancel, error);
    return code != 0 ? code : check_head(c, &text, error);
}

static void disconnect(struct sw_connection *c)
{
    if (c->multi != NULL && c->easy != NULL)
        (void)c->curl->multi_remove_handle(c->multi, c->easy);
    if (c->easy != NULL)
        c->curl->easy_cleanup(c->easy);
    if (c->multi != NULL)
        (void)c->curl->multi_cleanup(c->multi);
    c->easy = NULL;
    c->multi = NULL;
    sw_reach_release(&c->reach);
}

static int open_version(struct sw_connection **out, const struct sw_endpoint *endpoint, bool http2,
                        const struct sw_cancel *cancel, struct sw_error *error)
{
    const struct sw_curl *curl = NULL;
    int code = sw_curl_load(&curl, error);
    if (code != 0)
        return code;
    struct sw_connection *made = calloc(1, sizeof *made);
    if (made == NULL)
        return sw_fail_memory(error);
    made->curl = curl;
    sw_buffer_init(&made->early, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&made->raw, 2 * SW_MAX_GRPC_BATCH);
    code = connect_to(made, endpoint, http2, cancel, error);
    if (code != 0) {
        sw_connection_close(made);
        return code;
    }
    *out = made;
    return 0;
}

int sw_connection_open(struct sw_connection **out, const struct sw_endpoint *endpoint,
                       const struct sw_cancel *cancel, struct sw_error *error)
{
    return open_version(out, endpoint, true, cancel, error);
}

int sw_connection_upgrade(struct sw_connection **out, const struct sw_endpoint *endpoint, const char *target,
                          const char *const *headers, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_connection *made = NULL;
    int code = open_version(&made, endpoint, false, cancel, error);
    if (code == 0)
        code = upgrade(made, endpoint, target, headers, cancel, error);
    if (code == SW_EENV && made != NULL) {
        disconnect(made);
        if (made->reach.ssh.words[0] != '\0')
            code = fail_connect(endpoint, made->reach.ssh.words, error);
    }
    if (code != 0) {
        sw_connection_close(made);
        return code;
    }
    *out = made;
    return 0;
}

void sw_connection_close(struct sw_connection *connection)
{
    if (connection == NULL)
        return;
    disconnect(connection);
    sw_grpc_free(connection->calls);
    sw_tunnel_free(connection->tunnel);
    sw_buffer_release(&connection->early);
    sw_buffer_release(&connection->raw);
    free(connection);
}

/* ---- bytes of the socket ---- */

int sw_connection_fd(const struct sw_connection *connection)
{
    return connection->socket;
}

/* A child says on its standard error why it ends. */
static int fail_broken(struct sw_connection *c, CURLcode result, struct sw_error *error)
{
    if (c->reach.endpoint->kind == SW_ENDPOINT_CHILD)
        return sw_reach_explain(&c->reach, c->easy, result, false, error);
    return sw_fail(error, SW_EENV, "the engine broke a connection off: %s", c->curl->easy_strerror(result));
}

static int receive_raw(struct sw_connection *c, void *out, size_t n, size_t *got, struct sw_error *error)
{
    struct sw_buffer *early = &c->early;
    *got = 0;
    if (early->n > 0) {
        *got = early->n < n ? early->n : n;
        memcpy(out, early->p, *got);
        sw_buffer_consume(early, *got);
        return 0;
    }
    size_t count = 0;
    CURLcode result = c->curl->easy_recv(c->easy, out, n, &count);
    if (result == CURLE_AGAIN)
        return 0;
    if (result != CURLE_OK)
        return fail_broken(c, result, error);
    *got = count;
    return count > 0 ? 0 : sw_fail(error, SW_ENOTFOUND, "the engine closed a connection");
}

static int send_raw(struct sw_connection *c, const void *bytes, size_t n, size_t *sent,
                    struct sw_error *error)
{
    size_t count = 0;
    CURLcode result = n == 0 ? CURLE_OK : c->curl->easy_send(c->easy, bytes, n, &count);
    c->full = result == CURLE_AGAIN || count < n;
    *sent = 0;
    if (result == CURLE_AGAIN)
        return 0;
    if (result != CURLE_OK)
        return fail_broken(c, result, error);
    *sent = count;
    return 0;
}

/* ---- calls, and bytes in one of them ---- */

/* Send the calls' waiting frames, as far as the socket takes them. */
static int flush(struct sw_connection *c, struct sw_error *error)
{
    int code = 0;
    while (code == 0) {
        struct sw_str frame = {"", 1};
        while (code == 0 && frame.n > 0 && c->raw.n < SW_MAX_GRPC_BATCH) {
            code = sw_grpc_send(c->calls, &frame, error);
            if (code == 0)
                sw_buffer_add_str(&c->raw, frame);
        }
        size_t sent = 0;
        if (code == 0)
            code = sw_buffer_check(&c->raw, "what is sent to the engine", error);
        if (code == 0)
            code = send_raw(c, c->raw.p, c->raw.n, &sent, error);
        sw_buffer_consume(&c->raw, sent);
        if (sent == 0)
            break;
    }
    return code;
}

/* Receive the socket's bytes for the calls; `*count` is 0 if there are none. */
static int hear(struct sw_connection *c, size_t *count, struct sw_error *error)
{
    char piece[PIECE];
    int code = receive_raw(c, piece, sizeof piece, count, error);
    c->active = c->active || (code == 0 && *count > 0);
    if (code == 0 && *count > 0)
        code = sw_grpc_receive(c->calls, piece, *count, error);
    return code == 0 ? flush(c, error) : code; /* send HTTP/2's own answers */
}

static int receive_tunnel(struct sw_connection *c, void *out, size_t n, size_t *got, struct sw_error *error)
{
    size_t count = 1;
    int code = 0;
    for (int i = 0; code == 0 && count > 0 && i < PIECES_AT_A_TIME && sw_tunnel_waiting(c->tunnel) == 0 &&
                    !sw_tunnel_ended(c->tunnel);
         i++)
        code = hear(c, &count, error);
    *got = sw_tunnel_take(c->tunnel, out, n);
    if (code == 0 && *got == 0 && sw_tunnel_ended(c->tunnel))
        return sw_fail(error, SW_ENOTFOUND, "the engine ended a call");
    return code;
}

static int send_tunnel(struct sw_connection *c, const void *bytes, size_t n, size_t *sent,
                       struct sw_error *error)
{
    *sent = sw_tunnel_put(c->tunnel, bytes, n);
    int code = flush(c, error);
    if (code == 0 && *sent == 0)
        *sent = sw_tunnel_put(c->tunnel, bytes, n); /* now there may be room */
    return code;
}

int sw_connection_calls(struct sw_grpc **out, struct sw_connection *connection, struct sw_error *error)
{
    int code = connection->calls == NULL ? sw_grpc_new_client(&connection->calls, error) : 0;
    if (code == 0)
        *out = connection->calls;
    return code;
}

struct sw_grpc *sw_connection_peer(const struct sw_connection *connection)
{
    return connection->calls;
}

int sw_connection_serve(struct sw_connection *connection, struct sw_error *error)
{
    size_t count = 1;
    int code = flush(connection, error);
    for (int i = 0; code == 0 && count > 0 && i < PIECES_AT_A_TIME; i++)
        code = hear(connection, &count, error);
    return code;
}

int sw_connection_tunnel(struct sw_connection *connection, const struct sw_pair *headers,
                         const struct sw_cancel *cancel, struct sw_error *error)
{
    int64_t deadline = sw_clock_now() + sw_patience_ns(connection->reach.endpoint, SW_PATIENCE_PING);
    struct sw_grpc *calls = NULL;
    int code = sw_connection_calls(&calls, connection, error);
    if (code == 0)
        code = sw_tunnel_new(&connection->tunnel, calls, headers, error);
    if (code == 0)
        code = flush(connection, error);
    /* The first bytes in the tunnel show that the other side has understood. */
    while (code == 0 && sw_tunnel_waiting(connection->tunnel) == 0) {
        size_t heard = 0;
        code = sw_tunnel_ended(connection->tunnel) ? SW_ENOTFOUND : hear(connection, &heard, error);
        if (code == 0 && heard == 0)
            code = wait_for(connection, POLLIN, deadline, cancel, error);
    }
    if (code == 0 || code == SW_ECANCELED)
        return code;
    return sw_fail(error, SW_ENOTFOUND, "the engine does not serve BuildKit's sessions");
}

/* ---- bytes of either ---- */

int sw_connection_receive(struct sw_connection *connection, void *out, size_t n, size_t *got,
                          struct sw_error *error)
{
    return connection->tunnel != NULL ? receive_tunnel(connection, out, n, got, error)
                                      : receive_raw(connection, out, n, got, error);
}

int sw_connection_send(struct sw_connection *connection, const void *bytes, size_t n, size_t *sent,
                       struct sw_error *error)
{
    return connection->tunnel != NULL ? send_tunnel(connection, bytes, n, sent, error)
                                      : send_raw(connection, bytes, n, sent, error);
}

bool sw_connection_active(struct sw_connection *connection)
{
    bool active = connection->active;
    connection->active = false;
    return active;
}

bool sw_connection_is_full(const struct sw_connection *connection)
{
    return connection->full;
}
