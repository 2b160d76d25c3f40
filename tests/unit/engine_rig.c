#include "engine_rig.h"

#include "base/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORTION = 65536 };

/* ---- images; the caller has the mutex ---- */

static struct engine_image *find(struct engine_rig *rig, const char *name)
{
    for (size_t i = 0; i < rig->image_count; i++) {
        struct engine_image *image = &rig->images[i];
        if (image->id[0] == '\0')
            continue;
        if (strcmp(image->id, name) == 0 || (image->digest[0] != '\0' && strcmp(image->digest, name) == 0))
            return image;
        for (size_t k = 0; k < ENGINE_MOST_NAMES; k++) {
            if (image->names[k][0] != '\0' && strcmp(image->names[k], name) == 0)
                return image;
        }
    }
    return NULL;
}

static struct engine_image *add(struct engine_rig *rig, const char *id)
{
    assert_true(rig->image_count < ENGINE_MOST_IMAGES);
    struct engine_image *image = &rig->images[rig->image_count++];
    *image = (struct engine_image){0};
    (void)snprintf(image->id, sizeof image->id, "%s", id);
    return image;
}

static bool unname(struct engine_rig *rig, const char *name)
{
    for (size_t i = 0; i < rig->image_count; i++) {
        for (size_t k = 0; k < ENGINE_MOST_NAMES; k++) {
            if (strcmp(rig->images[i].names[k], name) != 0)
                continue;
            rig->images[i].names[k][0] = '\0';
            return true;
        }
    }
    return false;
}

static void give_name(struct engine_rig *rig, struct engine_image *image, const char *name)
{
    (void)unname(rig, name);
    for (size_t k = 0; k < ENGINE_MOST_NAMES; k++) {
        if (image->names[k][0] == '\0') {
            (void)snprintf(image->names[k], sizeof image->names[k], "%s", name);
            return;
        }
    }
    fail_msg("%s has too many names", image->id);
}

/* An ID that no image has: its number, 64 digits long. */
static struct engine_image *make(struct engine_rig *rig)
{
    char id[ENGINE_TEXT];
    (void)snprintf(id, sizeof id, "sha256:%064zx", 0xb000 + rig->image_count);
    return add(rig, id);
}

/* ---- requests and answers ---- */

struct request {
    struct engine_rig *rig;
    int socket;
    char method[16];
    char target[2048]; /* unquoted, without the API's version */
    struct sw_buffer body;
};

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static void unquote(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
            *to++ = (char)(hex(at[1]) * 16 + hex(at[2]));
            at += 2;
        } else
            *to++ = *at;
    }
    *to = '\0';
}

static void send_all(int socket, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(socket, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void answer(const struct request *request, int status, const char *body)
{
    char head[512];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d X\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\nContent-Type: "
                     "application/json\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     status, status == 204 ? 0 : strlen(body));
    send_all(request->socket, head, (size_t)n);
    if (status != 204)
        send_all(request->socket, body, strlen(body));
}

static void answer_missing(const struct request *request)
{
    answer(request, 404, "{\"message\": \"no such image\"}");
}

/* The value of a parameter of the target; empty if there is none. */
static void parameter(char *out, size_t size, const struct request *request, const char *name)
{
    char pattern[32];
    (void)snprintf(pattern, sizeof pattern, "%s=", name);
    out[0] = '\0';
    for (const char *at = strchr(request->target, '?'); at != NULL; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, pattern, strlen(pattern)) != 0)
            continue;
        const char *value = at + 1 + strlen(pattern);
        (void)snprintf(out, size, "%.*s", (int)strcspn(value, "&"), value);
        return;
    }
}

/* Copy the part of the path between "/images/" and `end`; return false if the path has no such parts. */
static bool image_of(char *out, size_t size, const struct request *request, const char *end)
{
    const char *first = request->target + strlen("/images/"), *query = strchr(first, '?');
    size_t n = query == NULL ? strlen(first) : (size_t)(query - first), tail = strlen(end);
    if (n < tail || strncmp(first + n - tail, end, tail) != 0)
        return false;
    (void)snprintf(out, size, "%.*s", (int)(n - tail), first);
    return true;
}

static void inspect(const struct request *request, const struct engine_image *image)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    sw_buffer_addf(&text, "{\"Id\": \"%s\", \"Size\": 1000, \"RepoDigests\": [", image->id);
    if (image->digest[0] != '\0')
        sw_buffer_addf(&text, "\"%s\"", image->digest);
    sw_buffer_addf(&text,
                   "], \"RootFS\": {\"Layers\": [\"sha256:%064d\"]}, \"Config\": {\"Env\": "
                   "[\"PATH=/usr/bin\"], \"Labels\": {",
                   7);
    if (image->plan[0] != '\0')
        sw_buffer_addf(&text, "\"io.slipway.plan\": \"%s\"", image->plan);
    sw_buffer_addf(&text, "}%s}}", image->config == NULL ? "" : image->config);
    answer(request, 200, text.p);
}

/* Take the label of the plan from the files that were sent. */
static void build(const struct request *request)
{
    static const char label[] = "io.slipway.plan";
    struct engine_rig *rig = request->rig;
    char body[256];
    sw_buffer_clear(&rig->sent);
    sw_buffer_add_str(&rig->sent, sw_buffer_str(&request->body));
    if (rig->build != NULL) {
        answer(request, 200, rig->build);
        return;
    }
    struct engine_image *image = make(rig);
    const char *at = memmem(request->body.p, request->body.n, label, strlen(label));
    size_t left = at == NULL ? 0 : request->body.n - (size_t)(at - request->body.p);
    for (size_t i = strlen(label); i + 64 < left && image->plan[0] == '\0'; i++) {
        if (isxdigit((unsigned char)at[i]))
            (void)snprintf(image->plan, sizeof image->plan, "%.64s", at + i);
    }
    (void)snprintf(body, sizeof body,
                   "{\"stream\": \"STEP 1/1: FROM base\\n\"}\n{\"aux\": {\"ID\": \"%s\"}}\n", image->id);
    answer(request, 200, body);
}

static void push(const struct request *request, const char *repository)
{
    char tag[ENGINE_TEXT], name[ENGINE_TEXT * 2], digest[80], body[256];
    parameter(tag, sizeof tag, request, "tag");
    (void)snprintf(name, sizeof name, "%.120s:%s", repository, tag);
    struct engine_image *image = find(request->rig, name);
    if (image == NULL) {
        answer_missing(request);
        return;
    }
    (void)snprintf(digest, sizeof digest, "sha256:%064zx", 0xd000 + (size_t)(image - request->rig->images));
    (void)snprintf(image->digest, sizeof image->digest, "%.40s@%s", repository, digest);
    (void)snprintf(body, sizeof body, "{\"status\": \"%.100s: digest: %s size: 10\"}\n", tag, digest);
    answer(request, 200, body);
}

static void pull(const struct request *request)
{
    char repository[ENGINE_TEXT], tag[ENGINE_TEXT], name[ENGINE_TEXT];
    parameter(repository, sizeof repository, request, "fromImage");
    parameter(tag, sizeof tag, request, "tag");
    bool digest = strncmp(tag, "sha256:", strlen("sha256:")) == 0;
    (void)snprintf(name, sizeof name, "%.40s%c%.80s", repository, digest ? '@' : ':', tag);
    struct engine_image *image = make(request->rig);
    if (digest)
        (void)snprintf(image->digest, sizeof image->digest, "%s", name);
    else
        give_name(request->rig, image, name);
    answer(request, 200, "{\"status\": \"Pull complete\"}\n");
}

static void tag(const struct request *request, const char *name)
{
    char repository[ENGINE_TEXT], tagged[ENGINE_TEXT], full[ENGINE_TEXT * 2];
    struct engine_image *image = find(request->rig, name);
    if (image == NULL) {
        answer_missing(request);
        return;
    }
    parameter(repository, sizeof repository, request, "repo");
    parameter(tagged, sizeof tagged, request, "tag");
    (void)snprintf(full, sizeof full, "%s:%s", repository, tagged);
    give_name(request->rig, image, full);
    answer(request, 201, "");
}

static void serve_image(const struct request *request)
{
    char name[512];
    bool get = strcmp(request->method, "GET") == 0, post = strcmp(request->method, "POST") == 0;
    if (strncmp(request->target, "/images/create?", strlen("/images/create?")) == 0)
        pull(request);
    else if (get && image_of(name, sizeof name, request, "/json")) {
        const struct engine_image *image = find(request->rig, name);
        if (image == NULL)
            answer_missing(request);
        else
            inspect(request, image);
    } else if (get && image_of(name, sizeof name, request, "/get")) {
        char archive[600];
        (void)snprintf(archive, sizeof archive, "the archive of %s", name);
        answer(request, 200, archive);
    } else if (post && image_of(name, sizeof name, request, "/tag"))
        tag(request, name);
    else if (post && image_of(name, sizeof name, request, "/push"))
        push(request, name);
    else if (strcmp(request->method, "DELETE") == 0 && image_of(name, sizeof name, request, "") &&
             unname(request->rig, name))
        answer(request, 200, "[]");
    else
        answer_missing(request);
}

/* ---- the container of a probe ---- */

static void create(const struct request *request)
{
    struct engine_rig *rig = request->rig;
    static const char option[] = "\"--nonce\",\"";
    const char *at = request->body.p == NULL ? NULL : strstr(request->body.p, option);
    rig->nonce[0] = '\0';
    if (at != NULL)
        (void)snprintf(rig->nonce, sizeof rig->nonce, "%.*s", (int)strcspn(at + strlen(option), "\""),
                       at + strlen(option));
    rig->started = false;
    answer(request, 201, "{\"Id\": \"c1\", \"Warnings\": []}");
}

/* The probe's answer as a frame of the standard output, with the number of the run. */
static void say(const struct request *request)
{
    struct engine_rig *rig = request->rig;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    const char *rest = rig->answer;
    for (const char *at = strstr(rest, "NONCE"); at != NULL; at = strstr(rest, "NONCE")) {
        sw_buffer_add_str(&text, (struct sw_str){rest, (size_t)(at - rest)});
        sw_buffer_add_text(&text, rig->nonce);
        rest = at + strlen("NONCE");
    }
    sw_buffer_add_text(&text, rest);
    const unsigned char head[8] = {
        1, 0, 0, 0, 0, (unsigned char)(text.n >> 16), (unsigned char)(text.n >> 8), (unsigned char)text.n};
    send_all(request->socket, (const char *)head, sizeof head);
    send_all(request->socket, text.p, text.n);
}

static void attach(const struct request *request)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: close\r\n\r\n";
    struct engine_rig *rig = request->rig;
    send_all(request->socket, head, strlen(head));
    while (!rig->started && !rig->stopping)
        pthread_cond_wait(&rig->changed, &rig->mutex);
    if (rig->started && rig->answer != NULL)
        say(request);
}

static void serve_container(const struct request *request)
{
    struct engine_rig *rig = request->rig;
    char state[ENGINE_TEXT];
    if (strncmp(request->target, "/containers/create", strlen("/containers/create")) == 0)
        create(request);
    else if (strcmp(request->method, "DELETE") == 0)
        answer(request, 204, "");
    else if (strstr(request->target, "/attach") != NULL)
        attach(request);
    else if (strstr(request->target, "/start") != NULL) {
        rig->started = true;
        pthread_cond_broadcast(&rig->changed);
        answer(request, 204, "");
    } else if (strstr(request->target, "/wait") != NULL)
        answer(request, 200, "{\"StatusCode\": 0}");
    else if (strncmp(request->target, "/containers/json", strlen("/containers/json")) == 0)
        answer(request, 200, "[]");
    else {
        (void)snprintf(state, sizeof state, "{\"State\": {\"ExitCode\": %d, \"OOMKilled\": false}}",
                       rig->exit_code);
        answer(request, 200, state);
    }
}

/* ---- connections ---- */

/* Return true if the request got the answer of the fault. */
static bool is_faulty(const struct request *request)
{
    struct engine_fault *fault = &request->rig->fault;
    char line[2080];
    (void)snprintf(line, sizeof line, "%s %s", request->method, request->target);
    if (fault->request == NULL || strncmp(line, fault->request, strlen(fault->request)) != 0 ||
        fault->skip-- > 0 || fault->times == 0)
        return false;
    fault->times--;
    if (fault->status == 0)
        (void)shutdown(request->socket, SHUT_RDWR);
    else
        answer(request, fault->status, fault->body);
    return true;
}

static void serve(const struct request *request)
{
    struct engine_rig *rig = request->rig;
    pthread_mutex_lock(&rig->mutex);
    sw_buffer_addf(&rig->requests, "%s %s\n", request->method, request->target);
    if (is_faulty(request)) {
        /* The fault is the answer. */
    } else if (strcmp(request->target, "/_ping") == 0)
        answer(request, 200, "OK");
    else if (strcmp(request->target, "/info") == 0)
        answer(request, 200,
               "{\"ServerVersion\": \"4.3.1\", \"OSType\": \"linux\", \"Architecture\": \"x86_64\", "
               "\"Driver\": \"overlay\"}");
    else if (strncmp(request->target, "/images/", strlen("/images/")) == 0)
        serve_image(request);
    else if (strncmp(request->target, "/containers/", strlen("/containers/")) == 0)
        serve_container(request);
    else if (strncmp(request->target, "/build?", strlen("/build?")) == 0)
        build(request);
    else if (strncmp(request->target, "/commit?", strlen("/commit?")) == 0) {
        char body[256];
        (void)snprintf(body, sizeof body, "{\"Id\": \"%s\"}", make(rig)->id);
        answer(request, 201, body);
    } else
        answer(request, 404, "{\"message\": \"page not found\"}");
    pthread_mutex_unlock(&rig->mutex);
}

/* Read until the buffer has `n` bytes; return false at the end of the connection. */
static bool fill(int socket, struct sw_buffer *in, size_t n)
{
    char bytes[PORTION];
    while (in->n < n) {
        ssize_t got = recv(socket, bytes, sizeof bytes, 0);
        if (got <= 0)
            return false;
        sw_buffer_add(in, bytes, (size_t)got);
    }
    return true;
}

static void drop(struct sw_buffer *in, size_t n)
{
    SW_BUFFER_AUTO rest;
    sw_buffer_init(&rest, 64 * SW_MIB);
    sw_buffer_add(&rest, in->p + n, in->n - n);
    sw_buffer_clear(in);
    sw_buffer_add_str(in, sw_buffer_str(&rest));
}

/* Read up to and with `end`; return its length, 0 at the end of the connection. */
static size_t fill_to(int socket, struct sw_buffer *in, const char *end)
{
    for (;;) {
        const char *at = in->n == 0 ? NULL : memmem(in->p, in->n, end, strlen(end));
        if (at != NULL)
            return (size_t)(at - in->p) + strlen(end);
        if (!fill(socket, in, in->n + 1))
            return 0;
    }
}

static bool read_chunks(struct request *request, struct sw_buffer *in)
{
    for (;;) {
        size_t line = fill_to(request->socket, in, "\r\n");
        size_t n = line == 0 ? 0 : strtoul(in->p, NULL, 16);
        if (line == 0 || !fill(request->socket, in, line + n + 2))
            return false;
        sw_buffer_add(&request->body, in->p + line, n);
        drop(in, line + n + 2);
        if (n == 0)
            return true;
    }
}

static bool read_request(struct request *request, struct sw_buffer *in)
{
    char path[sizeof request->target];
    size_t head = fill_to(request->socket, in, "\r\n\r\n");
    if (head == 0 || sscanf(in->p, "%15s %2047s", request->method, path) != 2)
        return false;
    const char *from = strncmp(path, "/v1.", 4) == 0 ? strchr(path + 1, '/') : path;
    (void)snprintf(request->target, sizeof request->target, "%s", from);
    unquote(request->target);
    const char *length = strcasestr(in->p, "\r\nContent-Length:"),
               *chunked = strcasestr(in->p, "\r\nTransfer-Encoding:");
    bool whole = chunked != NULL && chunked < in->p + head;
    size_t n = length != NULL && length < in->p + head
                   ? strtoul(length + strlen("\r\nContent-Length:"), NULL, 10)
                   : 0;
    drop(in, head);
    sw_buffer_clear(&request->body);
    if (whole)
        return read_chunks(request, in);
    if (!fill(request->socket, in, n))
        return false;
    sw_buffer_add(&request->body, in->p, n);
    drop(in, n);
    return true;
}

struct exchange {
    struct engine_rig *rig;
    int socket;
};

static void *converse(void *self)
{
    struct exchange exchange = *(struct exchange *)self;
    struct request request = {.rig = exchange.rig, .socket = exchange.socket};
    SW_BUFFER_AUTO in;
    sw_buffer_init(&in, 64 * SW_MIB);
    sw_buffer_init(&request.body, 64 * SW_MIB);
    free(self);
    while (read_request(&request, &in)) {
        serve(&request);
        if (strstr(request.target, "/attach?") != NULL)
            break;
    }
    (void)shutdown(exchange.socket, SHUT_RDWR);
    sw_buffer_release(&request.body);
    return NULL;
}

static void *listen_on(void *self)
{
    struct engine_rig *rig = self;
    for (;;) {
        int socket = accept(rig->socket, NULL, NULL);
        if (socket < 0)
            return NULL;
        struct exchange *exchange = calloc(1, sizeof *exchange);
        pthread_mutex_lock(&rig->mutex);
        bool fits = exchange != NULL && rig->exchange_count < ENGINE_MOST_EXCHANGES && !rig->stopping;
        if (fits) {
            *exchange = (struct exchange){rig, socket};
            rig->sockets[rig->exchange_count] = socket;
            fits = pthread_create(&rig->exchanges[rig->exchange_count], NULL, converse, exchange) == 0;
            rig->exchange_count += fits;
        }
        pthread_mutex_unlock(&rig->mutex);
        if (!fits) {
            free(exchange);
            (void)close(socket);
        }
    }
}

struct engine_rig *engine_rig_start(const char *base)
{
    struct engine_rig *rig = calloc(1, sizeof *rig);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/slipway-engine-XXXXXX";
    assert_non_null(rig);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(rig->path, sizeof rig->path, "%s/engine.sock", folder);
    (void)snprintf(rig->url, sizeof rig->url, "unix://%s", rig->path);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", rig->path);
    sw_buffer_init(&rig->requests, SW_MIB);
    sw_buffer_init(&rig->sent, 64 * SW_MIB);
    give_name(rig, make(rig), base);
    rig->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(rig->socket >= 0);
    assert_int_equal(bind(rig->socket, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(rig->socket, ENGINE_MOST_EXCHANGES), 0);
    assert_int_equal(pthread_mutex_init(&rig->mutex, NULL), 0);
    assert_int_equal(pthread_cond_init(&rig->changed, NULL), 0);
    assert_int_equal(pthread_create(&rig->listening, NULL, listen_on, rig), 0);
    return rig;
}

void engine_rig_stop(struct engine_rig *rig)
{
    pthread_mutex_lock(&rig->mutex);
    rig->stopping = true;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->mutex);
    (void)shutdown(rig->socket, SHUT_RDWR);
    assert_int_equal(pthread_join(rig->listening, NULL), 0);
    (void)close(rig->socket);
    for (size_t i = 0; i < rig->exchange_count; i++) {
        (void)shutdown(rig->sockets[i], SHUT_RDWR);
        assert_int_equal(pthread_join(rig->exchanges[i], NULL), 0);
        (void)close(rig->sockets[i]);
    }
    (void)unlink(rig->path);
    *strrchr(rig->path, '/') = '\0';
    (void)rmdir(rig->path);
    (void)pthread_cond_destroy(&rig->changed);
    (void)pthread_mutex_destroy(&rig->mutex);
    sw_buffer_release(&rig->requests);
    sw_buffer_release(&rig->sent);
    free(rig);
}

/* ---- for tests ---- */

struct engine_image *engine_image(struct engine_rig *rig, const char *name)
{
    pthread_mutex_lock(&rig->mutex);
    struct engine_image *image = find(rig, name);
    pthread_mutex_unlock(&rig->mutex);
    return image;
}

void engine_name(struct engine_rig *rig, const char *id, const char *name)
{
    pthread_mutex_lock(&rig->mutex);
    struct engine_image *image = find(rig, id);
    give_name(rig, image == NULL ? add(rig, id) : image, name);
    pthread_mutex_unlock(&rig->mutex);
}

void engine_forget(struct engine_rig *rig, const char *id)
{
    pthread_mutex_lock(&rig->mutex);
    struct engine_image *image = find(rig, id);
    assert_non_null(image);
    image->id[0] = image->digest[0] = '\0';
    memset(image->names, 0, sizeof image->names);
    pthread_mutex_unlock(&rig->mutex);
}

int engine_asked(struct engine_rig *rig, const char *request)
{
    int count = 0;
    pthread_mutex_lock(&rig->mutex);
    struct sw_str rest = sw_buffer_str(&rig->requests);
    while (rest.n > 0)
        count += sw_str_starts(sw_str_cut(&rest, '\n'), request);
    pthread_mutex_unlock(&rig->mutex);
    return count;
}
