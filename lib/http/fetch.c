/* Requests in parallel: each is a chain of hops, one for each redirect and each further try. */
#include "http/fetch.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/fetch_internal.h"
#include "http/header.h"

enum {
    PARALLEL = 48,
    CONNECTIONS_PER_HOST = 8, /* for servers without HTTP/2 */
    /* libcurl would close most connections at the end of a batch. */
    CONNECTIONS_KEPT = 64,
    POLL_MS = 1000,
    /* The interval if a cancellation cannot be polled for. */
    BLIND_POLL_MS = 50,
    PAUSE_MS = 250,
    LONGEST_PAUSE_SECONDS = 20, /* that a server may ask for */
};

enum state { WAITING, RUNNING, DONE };

struct item {
    struct sw_hop hop;
    enum state state;
    int64_t ready_at; /* WAITING */
    unsigned redirects, tries;
};

void sw_fetch_response_init(struct sw_fetch_response *response)
{
    *response = (struct sw_fetch_response){0};
    sw_buffer_init(&response->url, SW_MAX_URL_SIZE);
    sw_buffer_init(&response->headers, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&response->body, SW_MAX_HTTP_BODY);
}

void sw_fetch_response_release(struct sw_fetch_response *response)
{
    if (response == NULL)
        return;
    sw_buffer_release(&response->url);
    sw_buffer_release(&response->headers);
    sw_buffer_release(&response->body);
}

int sw_fetcher_new(struct sw_fetcher **out, const struct sw_fetch_options *options, struct sw_error *error)
{
    struct sw_fetcher *fetcher = calloc(1, sizeof *fetcher);
    if (fetcher == NULL)
        return sw_fail_memory(error);
    fetcher->options = *options;
    *out = fetcher;
    return 0;
}

static void release_login(struct sw_origin_login *login)
{
    free(login->url);
    free(login->user);
    free(login->password);
}

void sw_fetcher_free(struct sw_fetcher *fetcher)
{
    if (fetcher == NULL)
        return;
    if (fetcher->multi != NULL)
        (void)fetcher->curl->multi_cleanup(fetcher->multi);
    for (size_t i = 0; i < fetcher->login_count; i++)
        release_login(&fetcher->logins[i]);
    free(fetcher->logins);
    free(fetcher);
}

static char *decoded(struct sw_str text)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_URL_SIZE);
    sw_uri_decode(&out, text);
    return out.state == SW_BUFFER_OK && strlen(out.p) == out.n ? strndup(out.p, out.n) : NULL;
}

int sw_fetcher_login(struct sw_fetcher *fetcher, struct sw_str url, struct sw_error *error)
{
    const struct sw_uri uri = sw_uri_split(url);
    struct sw_str rest = uri.user;
    if (rest.n == 0)
        return 0;
    struct sw_origin_login login = {.url = strndup(url.p, url.n)};
    if (login.url != NULL)
        login.origin = sw_uri_split((struct sw_str){login.url, url.n});
    login.user = decoded(sw_str_cut(&rest, ':'));
    login.password = decoded(rest.p == NULL ? SW_STR("") : rest);
    struct sw_origin_login *logins =
        reallocarray(fetcher->logins, fetcher->login_count + 1, sizeof *fetcher->logins);
    if (logins != NULL)
        fetcher->logins = logins;
    if (logins == NULL || login.url == NULL || login.user == NULL || login.password == NULL) {
        release_login(&login);
        return sw_fail_memory(error);
    }
    for (size_t i = 0; i < fetcher->login_count; i++) {
        if (sw_uri_same_origin(&logins[i].origin, &login.origin)) {
            release_login(&logins[i]);
            logins[i] = login;
            return 0;
        }
    }
    logins[fetcher->login_count++] = login;
    return 0;
}

static int load(struct sw_fetcher *fetcher, struct sw_error *error)
{
    if (fetcher->multi != NULL)
        return 0;
    int code = sw_curl_load(&fetcher->curl, error);
    if (code != 0)
        return code;
    fetcher->multi = fetcher->curl->multi_init();
    if (fetcher->multi == NULL)
        return sw_fail_memory(error);
    (void)fetcher->curl->multi_setopt(fetcher->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                                      (long)CONNECTIONS_PER_HOST);
    (void)fetcher->curl->multi_setopt(fetcher->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return 0;
}

static void finish(struct item *item, int code)
{
    SW_BUFFER_AUTO shown;
    sw_buffer_init(&shown, sizeof item->hop.error.text / 2);
    struct sw_fetch_response *response = item->hop.response;
    item->state = DONE;
    response->code = code;
    if (code == 0)
        return;
    sw_uri_add_shown(&shown, sw_str_from(item->hop.request->url));
    (void)sw_error_context(code, &response->error, "cannot fetch '%s'", shown.p);
}

static int refuse(struct item *item, enum sw_code code, const char *what, struct sw_str url)
{
    SW_BUFFER_AUTO shown;
    sw_buffer_init(&shown, sizeof item->hop.error.text / 2);
    sw_uri_add_shown(&shown, url);
    return sw_fail(&item->hop.response->error, code, "%s: '%s'", what, shown.p);
}

/* Set the destination: a request's URL, or a redirect's from `base`. */
static int head_for(struct item *item, struct sw_str base, struct sw_str reference)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_URL_SIZE);
    sw_uri_resolve(&target, base, reference);
    int code = sw_buffer_check(&target, "its URL", &item->hop.response->error);
    if (code != 0)
        return code;
    const struct sw_uri from = sw_uri_split(base), to = sw_uri_split(sw_buffer_str(&target));
    if (!sw_uri_is_web(&to))
        return refuse(item, SW_EENV, "it is redirected to what is neither http nor https", reference);
    if (from.scheme.n > to.scheme.n)
        return refuse(item, SW_EENV, "it is redirected from https to http", reference);
    struct sw_buffer *url = &item->hop.response->url;
    sw_buffer_clear(url);
    sw_buffer_add_str(url, sw_buffer_str(&target));
    return sw_buffer_check(url, "its URL", &item->hop.response->error);
}

static int prepare(struct item *item, struct sw_fetcher *fetcher, const struct sw_fetch_request *request,
                   struct sw_fetch_response *response)
{
    struct sw_str text = sw_str_from(request->url);
    const struct sw_uri uri = sw_uri_split(text);
    item->hop.fetcher = fetcher;
    item->hop.request = request;
    item->hop.response = response;
    response->error = (struct sw_error){0};
    response->body.max = request->max == 0 ? SW_MAX_HTTP_BODY : request->max;
    if (!sw_uri_is_web(&uri))
        return sw_fail(&response->error, SW_EINPUT, "its URL is neither http nor https");
    int code = sw_fetcher_login(fetcher, text, &response->error);
    return code != 0 ? code : head_for(item, text, text);
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int redirect(struct item *item)
{
    struct sw_fetch_response *response = item->hop.response;
    SW_BUFFER_AUTO base;
    sw_buffer_init(&base, SW_MAX_URL_SIZE);
    sw_buffer_add_str(&base, sw_buffer_str(&response->url));
    struct sw_str to = sw_header_find(sw_buffer_str(&response->headers), "Location");
    if (to.n == 0)
        return sw_fail(&response->error, SW_EENV, "it is redirected to nowhere");
    if (++item->redirects > SW_MAX_REDIRECTS)
        return sw_fail(&response->error, SW_EENV, "it is redirected more than %d times", SW_MAX_REDIRECTS);
    return head_for(item, sw_buffer_str(&base), to);
}

/* Prepare the next try: false if there is none, or if the server wants a longer pause than is allowed. */
static bool again(struct item *item, int64_t asked_s)
{
    int64_t pause = item->hop.fetcher->options.pause_ns;
    if (pause == 0)
        pause = PAUSE_MS * SW_MILLISECOND_NS;
    if (++item->tries >= SW_MAX_FETCH_TRIES || asked_s > LONGEST_PAUSE_SECONDS)
        return false;
    pause <<= item->tries - 1;
    if (pause < asked_s * SW_SECOND_NS)
        pause = asked_s * SW_SECOND_NS;
    item->ready_at = sw_clock_now() + pause;
    item->state = WAITING;
    return true;
}

static bool status_passes(long status)
{
    return status == 429 || status == 500 || (status >= 502 && status <= 504);
}

/* A part must be as long as was asked for, or reach to the end. */
static int check_part(const struct item *item)
{
    const struct sw_fetch_range *range = &item->hop.request->range;
    struct sw_fetch_response *response = item->hop.response;
    bool whole = response->ranges_ignored && item->hop.request->whole != NULL;
    if (range->size == 0 || response->status == 304 || whole)
        return 0;
    /* The answer has no length: it was read to its end, or to the end of the part. */
    if (response->total == 0)
        response->total = range->offset + response->body.n;
    uint64_t left = range->from_end ? response->total
                                    : response->total -
                                          (range->offset < response->total ? range->offset : response->total);
    uint64_t expected = range->size < left ? range->size : left;
    if (response->body.n == expected)
        return 0;
    return sw_fail(&response->error, SW_EENV, "its answer has %zu bytes of the %llu that were asked for",
                   response->body.n, (unsigned long long)expected);
}

static int judge(const struct item *item)
{
    struct sw_fetch_response *response = item->hop.response;
    struct sw_error *error = &response->error;
    long status = response->status;
    if ((status >= 200 && status < 300) || status == 304)
        return check_part(item);
    if (status == 404 || status == 410)
        return sw_fail(error, SW_ENOTFOUND, "the server has no such thing (HTTP status %ld)", status);
    if (status == 401 || status == 403 || status == 407) {
        (void)sw_fail(error, SW_EENV, "the server refuses it (HTTP status %ld)", status);
        return sw_error_hint(error, "a login can stand in ~/.netrc or in the index's URL");
    }
    (void)sw_fail(error, SW_EENV, "HTTP status %ld", status);
    return item->tries < 2 ? SW_EENV : sw_error_context(SW_EENV, error, "after %u tries", item->tries);
}

/* Conclude an exchange: it is the end, or a redirect follows, or another try. */
static void conclude(struct item *item, CURLcode result)
{
    struct sw_hop *hop = &item->hop;
    struct sw_fetch_response *response = hop->response;
    const struct sw_curl *curl = hop->fetcher->curl;
    curl_off_t asked = 0;
    (void)curl->easy_getinfo(hop->easy, CURLINFO_RESPONSE_CODE, &response->status);
    (void)curl->easy_getinfo(hop->easy, CURLINFO_RETRY_AFTER, &asked);
    sw_hop_stop(hop);
    if (hop->code != 0) {
        response->error = hop->error;
        response->error.code = SW_EENV;
        finish(item, SW_EENV);
    } else if (result != CURLE_OK && !hop->enough) {
        if (!sw_hop_passes(result) || !again(item, 0))
            finish(item, sw_hop_explain(hop, result, &response->error));
    } else if (is_redirect(response->status)) {
        int code = redirect(item);
        item->state = WAITING;
        item->ready_at = 0;
        if (code != 0)
            finish(item, code);
    } else if (!status_passes(response->status) || !again(item, asked)) {
        finish(item, judge(item));
    }
}

/* A batch under way. */
struct batch {
    struct sw_fetcher *fetcher;
    struct item *items;
    size_t count, running, done;
    int64_t next_at; /* the earliest second try; INT64_MAX: none */
};

static int start_waiting(struct batch *batch, struct sw_error *error)
{
    int64_t now = sw_clock_now();
    batch->next_at = INT64_MAX;
    batch->running = batch->done = 0;
    for (size_t i = 0; i < batch->count; i++) {
        batch->running += batch->items[i].state == RUNNING;
        batch->done += batch->items[i].state == DONE;
    }
    for (size_t i = 0; i < batch->count && batch->running < PARALLEL; i++) {
        struct item *item = &batch->items[i];
        if (item->state != WAITING)
            continue;
        if (item->ready_at > now) {
            batch->next_at = item->ready_at < batch->next_at ? item->ready_at : batch->next_at;
            continue;
        }
        int code = sw_hop_start(&item->hop, error);
        if (code != 0)
            return code;
        item->state = RUNNING;
        batch->running++;
    }
    return 0;
}

static void collect(struct batch *batch)
{
    const struct sw_curl *curl = batch->fetcher->curl;
    int left;
    for (const CURLMsg *message; (message = curl->multi_info_read(batch->fetcher->multi, &left)) != NULL;) {
        CURLcode result = message->data.result;
        for (size_t i = 0; i < batch->count; i++) {
            if (batch->items[i].hop.easy == message->easy_handle) {
                conclude(&batch->items[i], result);
                break;
            }
        }
    }
}

static int wait_for_some(const struct batch *batch, struct sw_error *error)
{
    const struct sw_cancel *cancel = batch->fetcher->options.cancel;
    const struct sw_curl *curl = batch->fetcher->curl;
    struct curl_waitfd wake = {.fd = cancel == NULL ? -1 : cancel->fd, .events = CURL_WAIT_POLLIN};
    int pause = cancel != NULL && cancel->fd < 0 ? BLIND_POLL_MS : POLL_MS;
    int64_t left =
        batch->next_at == INT64_MAX ? pause : (batch->next_at - sw_clock_now()) / SW_MILLISECOND_NS + 1;
    if (left < 0)
        left = 0;
    CURLMcode failed =
        curl->multi_poll(batch->fetcher->multi, &wake, wake.fd >= 0, left < pause ? (int)left : pause, NULL);
    if (failed != CURLM_OK)
        return sw_fail(error, SW_EENV, "cannot wait for an answer: %s", curl->multi_strerror(failed));
    return 0;
}

static int drive(struct batch *batch, struct sw_error *error)
{
    const struct sw_curl *curl = batch->fetcher->curl;
    for (;;) {
        int running = 0, code = start_waiting(batch, error);
        if (code != 0 || batch->done == batch->count)
            return code;
        CURLMcode failed = curl->multi_perform(batch->fetcher->multi, &running);
        if (failed != CURLM_OK)
            return sw_fail(error, SW_EENV, "cannot fetch: %s", curl->multi_strerror(failed));
        collect(batch);
        if (sw_cancel_requested(batch->fetcher->options.cancel))
            return sw_fail_canceled(error);
        if ((size_t)running == batch->running)
            code = wait_for_some(batch, error);
        if (code != 0)
            return code;
    }
}

int sw_fetch_all(struct sw_fetch_response *responses, struct sw_fetcher *fetcher,
                 const struct sw_fetch_request *requests, size_t count, struct sw_error *error)
{
    int code = load(fetcher, error);
    if (code != 0 || count == 0)
        return code;
    struct batch batch = {.fetcher = fetcher, .items = calloc(count, sizeof *batch.items), .count = count};
    if (batch.items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        int refused = prepare(&batch.items[i], fetcher, &requests[i], &responses[i]);
        if (refused != 0)
            finish(&batch.items[i], refused);
    }
    code = drive(&batch, error);
    for (size_t i = 0; i < count; i++)
        sw_hop_stop(&batch.items[i].hop);
    free(batch.items);
    return code;
}

int sw_fetch_batch(struct sw_fetcher *fetcher, const struct sw_fetch_batch *batch, size_t count,
                   struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_fetch_request *requests = calloc(count + 1, sizeof *requests);
    struct sw_fetch_response *responses = calloc(count + 1, sizeof *responses);
    size_t *items = calloc(count + 1, sizeof *items);
    int code = requests == NULL || responses == NULL || items == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = batch->ask(batch->self, i, &requests[wanted], error);
        if (code == 0 && requests[wanted].url != NULL) {
            sw_fetch_response_init(&responses[wanted]);
            items[wanted++] = i;
        }
    }
    if (code == 0 && wanted > 0)
        code = sw_fetch_all(responses, fetcher, requests, wanted, error);
    for (size_t i = 0; i < wanted; i++) {
        if (code == 0)
            batch->take(batch->self, items[i], &responses[i]);
        sw_fetch_response_release(&responses[i]);
    }
    free(requests);
    free(responses);
    free(items);
    return code;
}

int sw_fetch(struct sw_fetch_response *response, struct sw_fetcher *fetcher,
             const struct sw_fetch_request *request, struct sw_error *error)
{
    int code = sw_fetch_all(response, fetcher, request, 1, error);
    if (code == 0 && response->code != 0) {
        code = response->code;
        if (error != NULL)
            *error = response->error;
    }
    return code;
}
