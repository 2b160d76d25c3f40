#include "http/fetch_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/header.h"

#include <strings.h>

enum {
    CONNECT_SECONDS = 15,
    TOTAL_SECONDS = 300,
    SLOW_BYTES_PER_SECOND = 100,
    STALL_SECONDS = 15,
};

static long status_of(const struct sw_hop *hop)
{
    long status = 0;
    (void)hop->fetcher->curl->easy_getinfo(hop->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* End the transfer from this side; libcurl then says CURLE_WRITE_ERROR. */
static size_t stop(struct sw_hop *hop, int code)
{
    hop->code = code;
    return 0;
}

/* libcurl calls these with its own types. */

static size_t on_header(char *bytes, size_t size, size_t n, void *data)
{
    struct sw_hop *hop = data;
    struct sw_buffer *headers = &hop->response->headers;
    hop->head_size += size * n;
    if (hop->head_size > SW_MAX_HTTP_HEADERS)
        return stop(hop, sw_fail(&hop->error, SW_EENV, "the header of its answer is larger than %llu bytes",
                                 SW_MAX_HTTP_HEADERS));
    if (sw_str_starts((struct sw_str){bytes, size * n}, "HTTP/"))
        /* An interim answer, or a proxy's, came before this answer. */
        sw_buffer_clear(headers);
    sw_buffer_add(headers, bytes, size * n);
    int code = sw_buffer_check(headers, "the header of its answer", &hop->error);
    return code == 0 ? size * n : stop(hop, code);
}

static int begin_part(struct sw_hop *hop)
{
    const struct sw_fetch_range *range = &hop->request->range;
    uint64_t first = 0, total = 0;
    struct sw_str text = sw_header_find(sw_buffer_str(&hop->response->headers), "Content-Range");
    if (!sw_header_content_range(text, &first, &total))
        return sw_fail(&hop->error, SW_EENV, "its answer does not say which bytes it has");
    uint64_t wanted = !range->from_end ? range->offset : total > range->size ? total - range->size : 0;
    if (first != wanted)
        return sw_fail(&hop->error, SW_EENV, "its answer has bytes from %llu on, not from %llu",
                       (unsigned long long)first, (unsigned long long)wanted);
    hop->response->total = total;
    return 0;
}

/* The server sends the whole: read and drop the bytes before the range, as far as SW_MAX_FETCH_SKIP. */
static int begin_whole(struct sw_hop *hop)
{
    const struct sw_fetch_range *range = &hop->request->range;
    curl_off_t length = -1;
    (void)hop->fetcher->curl->easy_getinfo(hop->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    hop->response->ranges_ignored = true;
    hop->response->total = length < 0 ? 0 : (uint64_t)length;
    if (hop->request->whole != NULL)
        return hop->request->whole(hop->request->whole_self, SW_STR(""), &hop->error);
    hop->skip = range->offset;
    if (range->from_end)
        hop->skip = hop->response->total > range->size ? hop->response->total - range->size : 0;
    if ((range->from_end && length < 0) || hop->skip > SW_MAX_FETCH_SKIP) {
        (void)sw_fail(&hop->error, SW_EENV,
                      "the server serves no byte ranges, and what is wanted stands too far behind");
        return sw_error_hint(&hop->error,
                             "use an index whose server does, or download the file and name its path");
    }
    return 0;
}

static int begin(struct sw_hop *hop, long status)
{
    hop->begun = true;
    if (hop->request->range.size == 0)
        return 0;
    return status == 206 ? begin_part(hop) : begin_whole(hop);
}

static size_t keep(struct sw_hop *hop, const char *bytes, size_t n)
{
    if (hop->request->whole != NULL && hop->response->ranges_ignored) {
        int refused = hop->request->whole(hop->request->whole_self, (struct sw_str){bytes, n}, &hop->error);
        return refused == 0 ? n : stop(hop, refused);
    }
    struct sw_buffer *body = &hop->response->body;
    size_t dropped = hop->skip < n ? (size_t)hop->skip : n, kept = n - dropped;
    uint64_t wanted = hop->request->range.size;
    hop->skip -= dropped;
    if (wanted > 0 && kept > wanted - body->n)
        kept = (size_t)(wanted - body->n);
    sw_buffer_add(body, bytes + dropped, kept);
    int code = sw_buffer_check(body, "its answer", &hop->error);
    if (code != 0)
        return stop(hop, code);
    hop->enough = hop->response->ranges_ignored && body->n == wanted;
    return hop->enough ? 0 : n;
}

/* The body of a failure is of no interest: little of it is read, so that the connection can be used again. */
static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
    struct sw_hop *hop = data;
    long status = status_of(hop);
    if (status < 200 || status > 299) {
        hop->skip += size * n;
        hop->enough = hop->skip > SW_MAX_FAILURE_TEXT;
        return hop->enough ? 0 : size * n;
    }
    if (!hop->begun) {
        int code = begin(hop, status);
        if (code != 0)
            return stop(hop, code);
    }
    return keep(hop, bytes, size * n);
}

static const struct sw_origin_login *login_for(const struct sw_fetcher *fetcher, const struct sw_uri *uri)
{
    for (size_t i = 0; i < fetcher->login_count; i++) {
        if (sw_uri_same_origin(&fetcher->logins[i].origin, uri))
            return &fetcher->logins[i];
    }
    return NULL;
}

static void set_login(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    const struct sw_uri uri = sw_uri_split(sw_buffer_str(&hop->response->url));
    const struct sw_origin_login *login = login_for(hop->fetcher, &uri);
    if (login != NULL) {
        (void)curl->easy_setopt(hop->easy, CURLOPT_USERNAME, login->user);
        (void)curl->easy_setopt(hop->easy, CURLOPT_PASSWORD, login->password);
    } else if (hop->fetcher->options.netrc != NULL) {
        (void)curl->easy_setopt(hop->easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
        (void)curl->easy_setopt(hop->easy, CURLOPT_NETRC_FILE, hop->fetcher->options.netrc);
    }
}

/* Everything that libcurl would else take from the environment is set. */
static void set_surroundings(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    const struct sw_fetch_options *options = &hop->fetcher->options;
    bool https = strncasecmp(hop->response->url.p, "https:", 6) == 0;
    /* Rather wait whether a connection has room for more than open another; without TLS it never has. */
    (void)curl->easy_setopt(hop->easy, CURLOPT_PIPEWAIT, https ? 1L : 0L);
    const char *proxy = https ? options->https_proxy : options->http_proxy;
    (void)curl->easy_setopt(hop->easy, CURLOPT_PROXY, proxy == NULL ? "" : proxy);
    (void)curl->easy_setopt(hop->easy, CURLOPT_NOPROXY, options->no_proxy == NULL ? "" : options->no_proxy);
    if (options->ca_file != NULL)
        (void)curl->easy_setopt(hop->easy, CURLOPT_CAINFO, options->ca_file);
}

/* At least 1, as 0 would be no limit for libcurl. */
static long milliseconds(int64_t ns)
{
    return ns < SW_MILLISECOND_NS ? 1L : (long)(ns / SW_MILLISECOND_NS);
}

static void set_limits(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    const struct sw_fetch_options *options = &hop->fetcher->options;
    int64_t now = sw_clock_now();
    int64_t connect = options->connect_ns == 0 ? CONNECT_SECONDS * SW_SECOND_NS : options->connect_ns;
    int64_t total = options->total_ns == 0 ? TOTAL_SECONDS * SW_SECOND_NS : options->total_ns;
    int64_t stall = options->stall_ns == 0 ? STALL_SECONDS : options->stall_ns / SW_SECOND_NS;
    if (hop->ends_at == 0)
        hop->ends_at = now + total;
    (void)curl->easy_setopt(hop->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect));
    (void)curl->easy_setopt(hop->easy, CURLOPT_TIMEOUT_MS, milliseconds(hop->ends_at - now));
    (void)curl->easy_setopt(hop->easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_SECOND);
    (void)curl->easy_setopt(hop->easy, CURLOPT_LOW_SPEED_TIME, stall < 1 ? 1L : (long)stall);
}

static void set_range(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    const struct sw_fetch_range *range = &hop->request->range;
    char text[64];
    if (range->size == 0) {
        (void)curl->easy_setopt(hop->easy, CURLOPT_ACCEPT_ENCODING, "");
        return;
    }
    if (range->from_end)
        (void)snprintf(text, sizeof text, "-%llu", (unsigned long long)range->size);
    else
        (void)snprintf(text, sizeof text, "%llu-%llu", (unsigned long long)range->offset,
                       (unsigned long long)(range->offset + range->size - 1));
    (void)curl->easy_setopt(hop->easy, CURLOPT_RANGE, text);
}

static void set_options(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    CURL *easy = hop->easy;
    (void)curl->easy_setopt(easy, CURLOPT_PRIVATE, hop);
    (void)curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, hop->detail);
    (void)curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl->easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    (void)curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl->easy_setopt(easy, CURLOPT_PIPEWAIT,
                            /* Prefer a stream of an existing connection to a new connection. */
                            1L);
    (void)curl->easy_setopt(easy, CURLOPT_USERAGENT, "slipway");
    (void)curl->easy_setopt(easy, CURLOPT_URL, hop->response->url.p);
    (void)curl->easy_setopt(easy, CURLOPT_HTTPHEADER, hop->lines);
    (void)curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl->easy_setopt(easy, CURLOPT_HEADERDATA, hop);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEDATA, hop);
    set_surroundings(hop);
    set_limits(hop);
    set_login(hop);
    set_range(hop);
}

/* A validator comes from a file or a server: a value that is more than one line is left out. */
static bool add_line(struct sw_hop *hop, const char *name, const char *value)
{
    char line[1024];
    if (value == NULL || strpbrk(value, "\r\n") != NULL || strlen(name) + strlen(value) + 3 > sizeof line)
        return true;
    (void)snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = hop->fetcher->curl->slist_append(hop->lines, line);
    if (longer != NULL)
        hop->lines = longer;
    return longer != NULL;
}

int sw_hop_start(struct sw_hop *hop, struct sw_error *error)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    const struct sw_fetch_request *request = hop->request;
    sw_buffer_clear(&hop->response->headers);
    sw_buffer_clear(&hop->response->body);
    hop->response->status = 0;
    hop->response->total = 0;
    hop->response->ranges_ignored = false;
    hop->skip = 0;
    hop->head_size = 0;
    hop->begun = hop->enough = false;
    hop->code = 0;
    hop->detail[0] = '\0';
    hop->easy = curl->easy_init();
    bool ready = hop->easy != NULL && add_line(hop, "Accept", request->accept) &&
                 add_line(hop, "If-None-Match", request->etag) &&
                 add_line(hop, "If-Modified-Since", request->last_modified);
    if (ready) {
        set_options(hop);
        ready = curl->multi_add_handle(hop->fetcher->multi, hop->easy) == CURLM_OK;
    }
    if (!ready) {
        sw_hop_stop(hop);
        return sw_fail_memory(error);
    }
    return 0;
}

void sw_hop_stop(struct sw_hop *hop)
{
    const struct sw_curl *curl = hop->fetcher->curl;
    if (hop->easy != NULL) {
        (void)curl->multi_remove_handle(hop->fetcher->multi, hop->easy);
        curl->easy_cleanup(hop->easy);
    }
    curl->slist_free_all(hop->lines);
    hop->easy = NULL;
    hop->lines = NULL;
}

bool sw_hop_passes(CURLcode result)
{
    switch ((int)result) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
        return true;
    default:
        return false;
    }
}

int sw_hop_explain(const struct sw_hop *hop, CURLcode result, struct sw_error *error)
{
    const char *detail = hop->detail[0] == '\0' ? hop->fetcher->curl->easy_strerror(result) : hop->detail;
    switch ((int)result) {
    case CURLE_OUT_OF_MEMORY:
        return sw_fail_memory(error);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        (void)sw_fail(error, SW_EENV, "%s", detail);
        return sw_error_hint(
            error, "is there a network? a proxy is named by HTTPS_PROXY, a mirror by PIP_INDEX_URL");
    case CURLE_OPERATION_TIMEDOUT:
        return sw_fail(error, SW_EENV, "the server is too slow: %s", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        (void)sw_fail(error, SW_EENV, "%s", detail);
        return sw_error_hint(error, "name the certificates to trust by PIP_CERT or SSL_CERT_FILE");
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
        return sw_fail(error, SW_EENV, "the connection ended before the answer did");
    default:
        return sw_fail(error, SW_EENV, "%s", detail);
    }
}
