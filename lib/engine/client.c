#include "engine/client.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "engine/reach_internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* The longest wait if the cancellation has a descriptor that ends it. */
    POLL_MS = 1000,
    /* The longest wait if the cancellation has none. */
    BLIND_POLL_MS = 50,
};

struct sw_client {
    const struct sw_curl *curl;
    struct sw_reach reach;
    CURLM *multi;              /* keeps the connections */
    struct exchange *exchange; /* the current exchange; NULL between two */
};

/* A request and its answer, as the callbacks see them. */
struct exchange {
    struct sw_client *client;
    /* Each exchange has its own handle. A handle that is used again makes libcurl 7.88 follow a pointer to a
     * header line of the answer before, which is gone, if the first header line of the next answer begins
     * with a blank. */
    CURL *easy;
    const struct sw_http_request *request;
    struct sw_http_response *response;
    /* The header of a successful answer has come and request->begun was not called yet. */
    bool answered;
    /* The engine's answer before sending failed. */
    struct sw_buffer last_words;
    /* The result of the callback that ended the transfer, with `error`. */
    int code;
    struct sw_error error;
    /* When bytes last went either way, and when on_silence() was last called for the silence since. */
    int64_t heard_ns, asked_ns;
    size_t heard_bytes; /* of the answer's body, since */
};

enum { SUBSTANCE = 1024 };

void sw_http_response_init(struct sw_http_response *response)
{
    response->status = 0;
    sw_buffer_init(&response->headers, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&response->body, SW_MAX_HTTP_BODY);
}

void sw_http_response_release(struct sw_http_response *response)
{
    sw_buffer_release(&response->headers);
    sw_buffer_release(&response->body);
}

/* An answer that drips is as good as silence: a line must end, or many bytes must come. */
static void note_answer(struct exchange *x, const char *bytes, size_t n)
{
    x->heard_bytes += n;
    if (x->heard_bytes < SUBSTANCE && memchr(bytes, '\n', n) == NULL)
        return;
    x->heard_bytes = 0;
    x->heard_ns = x->asked_ns = sw_clock_now();
}

/* libcurl calls these with its own types; `data` is the exchange or the client. */

/* An answer past its maximum is the engine's fault, not the user's input. */
static int check_size(struct exchange *x, const struct sw_buffer *buffer, const char *what)
{
    int code = sw_buffer_check(buffer, what, &x->error);
    if (code != 0)
        x->error.code = SW_EENV;
    return code == 0 ? 0 : SW_EENV;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    struct sw_buffer *headers = &x->response->headers;
    if (sw_str_starts((struct sw_str){bytes, size * n}, "HTTP/"))
        sw_buffer_clear(headers); /* drop an interim answer's: 100 or 102 */
    sw_buffer_add(headers, bytes, size * n);
    if (size * n == strlen("\r\n") && bytes[0] == '\r' && x->request->begun != NULL) {
        long status = 0;
        (void)x->client->curl->easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
        x->answered = status >= 200 && status < 300;
    }
    x->code = check_size(x, headers, "the header of the engine's answer");
    return x->code == 0 ? size * n : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    const struct sw_receiver *receiver = x->request->receiver;
    long status = 0;
    note_answer(x, bytes, size * n);
    (void)x->client->curl->easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    if (receiver != NULL && status >= 200 && status < 300) {
        x->code = receiver->take(receiver->self, bytes, size * n, &x->error);
    } else {
        sw_buffer_add(&x->response->body, bytes, size * n);
        x->code = check_size(x, &x->response->body, "the engine's answer");
    }
    return x->code == 0 ? size * n : 0;
}

static size_t on_upload(char *out, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    const struct sw_source *source = x->request->source;
    size_t got = 0;
    if (sw_cancel_requested(x->request->cancel))
        return CURL_READFUNC_ABORT;
    x->code = source->read(source->self, out, size * n, &got, &x->error);
    if (got > 0)
        x->heard_ns = x->asked_ns = sw_clock_now();
    return x->code == 0 ? got : CURL_READFUNC_ABORT;
}

/* An engine that refuses an upload may answer and close before libcurl has looked: sending then fails, and
 * the answer still waits in the socket. */
static int on_close(void *data, curl_socket_t socket)
{
    struct sw_client *client = data;
    struct exchange *x = client->exchange;
    if (x != NULL && x->request->source != NULL && x->response->headers.n == 0) {
        char chunk[4096];
        ssize_t n;
        while ((n = recv(socket, chunk, sizeof chunk, MSG_DONTWAIT)) > 0)
            sw_buffer_add(&x->last_words, chunk, (size_t)n);
    }
    sw_reach_close(&client->reach, socket);
    return 0;
}

/* "HTTP/1.1 400 Bad Request" … "\r\n\r\n" body. Whether the body came in chunks does not matter: the engine's
 * message is taken from between its braces. */
static bool hear_last_words(struct exchange *x)
{
    struct sw_str text = sw_buffer_str(&x->last_words);
    const char status_line[] = "HTTP/1.1 ";
    uint64_t status = 0;
    if (!sw_str_starts(text, status_line) || text.n < sizeof status_line + 3 ||
        !sw_str_to_u64((struct sw_str){text.p + sizeof status_line - 1, 3}, &status) || status < 400)
        return false;
    size_t end = sw_str_find(text, SW_STR("\r\n\r\n"));
    const char *brace = memchr(text.p + end, '{', text.n - end);
    const char *last = memrchr(text.p + end, '}', text.n - end);
    x->response->status = (long)status;
    if (brace != NULL && last != NULL && last > brace)
        sw_buffer_add(&x->response->body, brace, (size_t)(last - brace) + 1);
    return true;
}

static void set_common(struct sw_client *client, CURL *easy)
{
    const struct sw_curl *curl = client->curl;
    sw_reach_set(&client->reach, easy);
    (void)curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl->easy_setopt(easy, CURLOPT_USERAGENT, "slipway");
    (void)curl->easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl->easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, client);
}

int sw_client_new(struct sw_client **out, const struct sw_endpoint *endpoint, struct sw_error *error)
{
    const struct sw_curl *curl = NULL;
    int code = sw_curl_load(&curl, error);
    if (code != 0)
        return code;
    struct sw_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return sw_fail_memory(error);
    client->curl = curl;
    sw_reach_init(&client->reach, curl, endpoint);
    client->multi = curl->multi_init();
    if (client->multi == NULL) {
        sw_client_free(client);
        return sw_fail_memory(error);
    }
    *out = client;
    return 0;
}

void sw_client_free(struct sw_client *client)
{
    if (client == NULL)
        return;
    if (client->multi != NULL)
        (void)client->curl->multi_cleanup(client->multi);
    sw_reach_release(&client->reach);
    free(client);
}

/* "Name:" takes a header away that libcurl would send by itself. */
static struct curl_slist *make_headers(const struct sw_curl *curl, const struct sw_http_request *request)
{
    struct curl_slist *list = curl->slist_append(NULL, "Expect:");
    char type[128];
    (void)snprintf(type, sizeof type, "Content-Type:%s%s", request->content_type == NULL ? "" : " ",
                   request->content_type == NULL ? "" : request->content_type);
    const char *const fixed[] = {type, request->source == NULL ? NULL : "Transfer-Encoding: chunked", NULL};
    const char *const *const parts[] = {fixed, request->headers};
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        for (const char *const *header = parts[i]; list != NULL && header != NULL && *header != NULL;
             header++) {
            struct curl_slist *longer = curl->slist_append(list, *header);
            if (longer == NULL)
                curl->slist_free_all(list);
            list = longer;
        }
    }
    return list;
}

static void set_request(struct exchange *x, const char *url, struct curl_slist *headers)
{
    const struct sw_curl *curl = x->client->curl;
    CURL *easy = x->easy;
    const struct sw_http_request *request = x->request;
    set_common(x->client, easy);
    (void)curl->easy_setopt(easy, CURLOPT_URL, url);
    (void)curl->easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    (void)curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl->easy_setopt(easy, CURLOPT_HEADERDATA, x);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEDATA, x);
    if (request->timeout_ns > 0)
        (void)curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ns / SW_MILLISECOND_NS));
    if (strcmp(request->method, "HEAD") == 0) {
        (void)curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->source != NULL) {
        (void)curl->easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl->easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
        (void)curl->easy_setopt(easy, CURLOPT_READDATA, x);
        (void)curl->easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)(256 * SW_KIB));
        /* A source cannot be read twice: no connection that may turn out to be dead, and none left half used.
         */
        (void)curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        (void)curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    } else if (strcmp(request->method, "POST") == 0) {
        (void)curl->easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
        (void)curl->easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.n == 0 ? "" : request->body.p);
    }
    (void)curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                            strcmp(request->method, "HEAD") == 0 ? NULL : request->method);
}

/* The descriptors that wake a wait, and whether a cancellation has been seen. */
struct wait {
    struct curl_waitfd wakes[2];
    unsigned count;
    int pause_ms;
    bool canceled;
};

static void wake_by(struct wait *wait, int fd)
{
    wait->wakes[wait->count++] = (struct curl_waitfd){.fd = fd, .events = CURL_WAIT_POLLIN};
}

static struct wait make_wait(const struct sw_http_request *request)
{
    const struct sw_cancel *cancel = request->cancel;
    struct wait wait = {.pause_ms = POLL_MS};
    if (request->companion != NULL)
        wake_by(&wait, request->companion->fd);
    if (cancel != NULL && cancel->fd >= 0)
        wake_by(&wait, cancel->fd);
    else if (cancel != NULL)
        wait.pause_ms = BLIND_POLL_MS;
    return wait;
}

/* Return true if a cancellation has ended the exchange. */
static bool is_over(struct wait *wait, const struct sw_http_request *request)
{
    if (!sw_cancel_requested(request->cancel))
        return false;
    if (!wait->canceled) {
        wait->canceled = true;
        wait->count = request->companion != NULL; /* the flag's descriptor stays readable */
        wait->pause_ms = BLIND_POLL_MS;
        if (request->on_cancel != NULL)
            request->on_cancel(request->canceler);
    }
    return sw_cancel_age(request->cancel) >= request->grace_ns;
}

/* Serve the companion, and call on_silence() if there has been a silence of `quiet_ns`. */
static int attend(struct exchange *x, bool canceled, struct sw_error *error)
{
    const struct sw_http_request *request = x->request;
    int64_t now = sw_clock_now();
    if (request->companion != NULL && request->companion->serve(request->companion->self))
        x->heard_ns = x->asked_ns = now;
    if (canceled || request->on_silence == NULL || now - x->asked_ns < request->quiet_ns)
        return 0;
    int code = request->on_silence(request->listener, now - x->heard_ns, error);
    x->asked_ns = sw_clock_now();
    return code;
}

/* Tell the request that its answer begins. */
static int tell_begun(struct exchange *x, struct sw_error *error)
{
    if (!x->answered)
        return 0;
    x->answered = false;
    return x->request->begun(x->request->beginner, error);
}

/* Runs the transfer to its end, or until canceled. */
static int drive(struct exchange *x, CURLcode *result, struct sw_error *error)
{
    const struct sw_curl *curl = x->client->curl;
    CURLM *multi = x->client->multi;
    struct wait wait = make_wait(x->request);
    for (int running = 1; running != 0;) {
        CURLMcode failed = curl->multi_perform(multi, &running);
        if (is_over(&wait, x->request))
            return sw_fail_canceled(error);
        int code = tell_begun(x, error);
        if (code != 0)
            return code;
        if (failed == CURLM_OK && running != 0)
            failed = curl->multi_poll(multi, wait.wakes, wait.count, wait.pause_ms, NULL);
        if (failed != CURLM_OK)
            return sw_fail(error, SW_EENV, "cannot talk to the engine: %s", curl->multi_strerror(failed));
        code = attend(x, wait.canceled, error);
        if (code != 0)
            return code;
    }
    if (wait.canceled && x->request->on_cancel != NULL)
        return sw_fail_canceled(error);
    int left;
    const CURLMsg *message = curl->multi_info_read(multi, &left);
    *result = message == NULL ? CURLE_GOT_NOTHING : message->data.result;
    return 0;
}

/* Turn the transfer's result into the exchange's. */
static int settle(struct exchange *x, CURLcode result, struct sw_error *error)
{
    struct sw_client *client = x->client;
    if (x->code != 0) {
        if (error != NULL)
            *error = x->error;
        return x->code;
    }
    if (result == CURLE_SEND_ERROR && hear_last_words(x))
        return 0;
    if (result != CURLE_OK)
        return sw_reach_explain(&client->reach, x->easy, result, x->response->headers.n > 0, error);
    (void)client->curl->easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &x->response->status);
    return 0;
}

static int transfer(struct exchange *x, const char *url, struct sw_error *error)
{
    struct sw_client *client = x->client;
    CURLcode result = CURLE_OK;
    struct curl_slist *headers = make_headers(client->curl, x->request);
    x->easy = client->curl->easy_init();
    int code = headers == NULL || x->easy == NULL ? sw_fail_memory(error) : 0;
    client->exchange = x;
    if (code == 0) {
        set_request(x, url, headers);
        if (client->curl->multi_add_handle(client->multi, x->easy) != CURLM_OK)
            code = sw_fail_memory(error);
    }
    if (code == 0)
        code = drive(x, &result, error);
    if (x->easy != NULL)
        (void)client->curl->multi_remove_handle(client->multi, x->easy);
    client->exchange = NULL;
    if (code == 0)
        code = settle(x, result, error);
    client->curl->easy_cleanup(x->easy);
    client->curl->slist_free_all(headers);
    return code;
}

int sw_client_perform(struct sw_http_response *response, struct sw_client *client,
                      const struct sw_http_request *request, struct sw_error *error)
{
    int64_t now = sw_clock_now();
    struct exchange x = {
        .client = client, .request = request, .response = response, .heard_ns = now, .asked_ns = now};
    SW_BUFFER_AUTO url;
    response->status = 0;
    sw_buffer_clear(&response->headers);
    sw_buffer_clear(&response->body);
    sw_buffer_init(&url, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&x.last_words, SW_MAX_HTTP_HEADERS);
    sw_buffer_addf(&url, "%s%s", client->reach.endpoint->base, request->target);
    int code = sw_buffer_check(&url, "the request", error);
    if (code == 0)
        code = transfer(&x, url.p, error);
    sw_buffer_release(&x.last_words);
    return code;
}
