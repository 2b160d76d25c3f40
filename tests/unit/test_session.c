#include "unit.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* An engine's side of a session, by nghttp2's client, without a connection in between. */

enum { MOST_CALLS = 100, PENDING = -1, RESET = -2 };

struct engine_call {
    struct sw_buffer body; /* still to be sent */
    size_t piece;          /* bytes of it a DATA frame */
    bool open;             /* more may follow */
    struct sw_buffer got;
    int status; /* of gRPC; or PENDING, or RESET */
};

struct place {
    struct sw_arena arena;
    char path[64];
    struct sw_context *context;
    struct sw_credentials *credentials;
    struct sw_session_options offer;
    struct sw_secret secrets[2];
    struct sw_agent agent;
    struct sw_session *session;
    nghttp2_session *engine;
    struct engine_call calls[2 * MOST_CALLS];
    size_t piece; /* bytes handed over at a time */
};

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *self)
{
    struct place *place = self;
    uint64_t status = 0;
    (void)session, (void)flags;
    if (sw_str_is((struct sw_str){(const char *)name, name_n}, "grpc-status") &&
        sw_str_to_u64((struct sw_str){(const char *)value, value_n}, &status))
        place->calls[frame->hd.stream_id].status = (int)status;
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *self)
{
    struct place *place = self;
    (void)session, (void)flags;
    sw_buffer_add(&place->calls[id].got, bytes, n);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *self)
{
    struct place *place = self;
    (void)session;
    if (place->calls[id].status == PENDING || code != NGHTTP2_NO_ERROR)
        place->calls[id].status = place->calls[id].status == PENDING ? RESET : place->calls[id].status;
    return 0;
}

static ssize_t give_body(nghttp2_session *session, int32_t id, uint8_t *out, size_t n, uint32_t *flags,
                         nghttp2_data_source *source, void *self)
{
    struct engine_call *call = source->ptr;
    (void)session, (void)id, (void)self;
    size_t count = call->body.n < call->piece ? call->body.n : call->piece;
    count = count < n ? count : n;
    memcpy(out, call->body.p, count);
    sw_buffer_consume(&call->body, count);
    if (call->body.n == 0 && !call->open)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return count == 0 && call->open ? NGHTTP2_ERR_DEFERRED : (ssize_t)count;
}

static const char *at(struct place *place, const char *name)
{
    return sw_path_join(&place->arena, place->path, name);
}

static int make_place(void **state)
{
    static const struct sw_context_file files[] = {{.path = "Dockerfile", .content = {"FROM x", 6}},
                                                   {.path = "n\xC3\xA9", .content = {"1", 1}}};
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    sw_arena_init(&place->arena, 1 << 20);
    (void)snprintf(place->path, sizeof place->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    const struct sw_context_options options = {
        .root = place->path, .files = files, .files_count = SW_COUNT(files)};
    assert_int_equal(sw_context_scan(&place->context, &options, NULL), 0);
    place->secrets[0] = (struct sw_secret){"token", {"planted\0\n", 9}};
    place->secrets[1] = (struct sw_secret){"empty", {"", 0}};
    place->agent = (struct sw_agent){"default", at(place, "agent")};
    place->offer = (struct sw_session_options){.context = place->context,
                                               .context_key = "k",
                                               .secrets = place->secrets,
                                               .secrets_count = 2,
                                               .agents = &place->agent,
                                               .agents_count = 1};
    assert_int_equal(sw_session_new(&place->session, &place->offer, NULL, NULL), 0);
    nghttp2_session_callbacks *callbacks = NULL;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    assert_int_equal(nghttp2_session_client_new(&place->engine, callbacks, place), 0);
    nghttp2_session_callbacks_del(callbacks);
    assert_int_equal(nghttp2_submit_settings(place->engine, NGHTTP2_FLAG_NONE, NULL, 0), 0);
    place->piece = 1 << 20;
    for (size_t i = 0; i < SW_COUNT(place->calls); i++) {
        sw_buffer_init(&place->calls[i].body, 1 << 20);
        sw_buffer_init(&place->calls[i].got, 1 << 20);
        place->calls[i].piece = 1 << 20;
        place->calls[i].status = PENDING;
    }
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    nghttp2_session_del(place->engine);
    sw_session_close(place->session);
    sw_credentials_free(place->credentials);
    sw_context_free(place->context);
    for (size_t i = 0; i < SW_COUNT(place->calls); i++) {
        sw_buffer_release(&place->calls[i].body);
        sw_buffer_release(&place->calls[i].got);
    }
    assert_int_equal(sw_dir_remove(place->path, NULL), 0);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

/* Carry bytes to and fro until both sides are silent. */
static void exchange(struct place *place)
{
    for (bool busy = true; busy;) {
        const uint8_t *sent = NULL;
        struct sw_str answer = {"", 0};
        ssize_t n = nghttp2_session_mem_send(place->engine, &sent);
        assert_true(n >= 0);
        for (size_t i = 0; i < (size_t)n; i += place->piece) {
            size_t count = (size_t)n - i < place->piece ? (size_t)n - i : place->piece;
            assert_int_equal(sw_grpc_receive(place->session->grpc, sent + i, count, NULL), 0);
        }
        assert_int_equal(sw_grpc_send(place->session->grpc, &answer, NULL), 0);
        assert_int_equal(nghttp2_session_mem_recv(place->engine, (const uint8_t *)answer.p, answer.n),
                         answer.n);
        busy = n > 0 || answer.n > 0;
    }
}

static nghttp2_nv pair(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
                        0};
}

/* Begin a call; one with `open` can be sent more. */
static struct engine_call *begin(struct place *place, const char *path, const char *header, const char *value,
                                 const void *body, size_t n, size_t piece, bool open)
{
    int32_t id = (int32_t)nghttp2_session_get_next_stream_id(place->engine);
    struct engine_call *call = &place->calls[id];
    const nghttp2_nv headers[] = {pair(":method", "POST"), pair(":scheme", "http"),
                                  pair(":path", path),     pair(":authority", "localhost"),
                                  pair(header, value),     pair("followpaths-encoded", "1")};
    const nghttp2_data_provider provider = {{.ptr = call}, give_body};
    sw_buffer_add(&call->body, body, n);
    call->piece = piece;
    call->open = open;
    size_t count = strcmp(header, "followpaths") == 0 ? SW_COUNT(headers) : SW_COUNT(headers) - 1;
    assert_int_equal(nghttp2_submit_request(place->engine, NULL, headers, count, &provider, NULL), id);
    exchange(place);
    return call;
}

static void add_message(struct sw_buffer *out, struct sw_str message)
{
    const char prefix[] = {0, 0, 0, (char)(message.n >> 8), (char)message.n};
    sw_buffer_add(out, prefix, sizeof prefix);
    sw_buffer_add_str(out, message);
}

static void say(struct place *place, struct engine_call *call, struct sw_str message)
{
    add_message(&call->body, message);
    assert_int_equal(nghttp2_session_resume_data(place->engine, (int32_t)(call - place->calls)), 0);
    exchange(place);
}

/* A call with one message, field 1 of which is `text`. */
static struct engine_call *ask(struct place *place, const char *path, const char *text, size_t piece)
{
    SW_BUFFER_AUTO message, body;
    sw_buffer_init(&message, 4096);
    sw_buffer_init(&body, 4096);
    sw_proto_add_bytes(&message, 1, sw_str_from(text));
    add_message(&body, sw_buffer_str(&message));
    return begin(place, path, "te", "trailers", body.p, body.n, piece, false);
}

static const char health[] = "/grpc.health.v1.Health/Check";
static const char get_secret[] = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
static const char credentials[] = "/moby.filesync.v1.Auth/Credentials";
static const char sync_files[] = "/moby.filesync.v1.FileSync/DiffCopy";
static const char forward[] = "/moby.sshforward.v1.SSH/ForwardAgent";

static void simple_calls_are_answered(void **state)
{
    struct place *place = *state;
    for (size_t piece = 1; piece < 40; piece += 3) {
        place->piece = piece;
        const struct engine_call *call = ask(place, health, "", piece);
        assert_int_equal(call->status, SW_GRPC_OK);
        assert_memory_equal(call->got.p, "\0\0\0\0\2\x08\1", 7);
    }
    const struct engine_call *call = ask(place, get_secret, "token", 2);
    assert_int_equal(call->status, SW_GRPC_OK);
    assert_int_equal(call->got.n, 5 + 11);
    assert_memory_equal(call->got.p, "\0\0\0\0\x0b\x0a\x09planted\0\n", 16);
    assert_int_equal(ask(place, get_secret, "empty", 99)->status, SW_GRPC_OK);
    assert_int_equal(ask(place, get_secret, "tok", 99)->status, SW_GRPC_NOT_FOUND);
    assert_int_equal(ask(place, get_secret, "HTTP_AUTH_TOKEN_x", 99)->status, SW_GRPC_NOT_FOUND);
    assert_int_equal(ask(place, "/moby.filesync.v1.Auth/GetTokenAuthority", "x", 99)->status,
                     SW_GRPC_UNIMPLEMENTED);
    assert_int_equal(ask(place, "/moby.sshforward.v1.SSH/CheckAgent", "", 99)->status, SW_GRPC_OK);
    assert_int_equal(ask(place, "/moby.sshforward.v1.SSH/CheckAgent", "other", 99)->status,
                     SW_GRPC_NOT_FOUND);
}

static void what_is_no_call_is_refused(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *body;
        size_t n;
        int status;
    } cases[] = {
        {"", 0, SW_GRPC_INVALID},
        {"\0\0\0", 3, SW_GRPC_INVALID},
        {"\0\0\0\0\5ab", 7, SW_GRPC_INVALID},
        {"\1\0\0\0\0", 5, SW_GRPC_EXHAUSTED},
        {"\0\x7f\0\0\0", 5, SW_GRPC_EXHAUSTED},
        {"\0\0\0\0\1\xff", 6, SW_GRPC_NOT_FOUND}, /* malformed, so that it names nothing */
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++)
        assert_int_equal(
            begin(place, get_secret, "te", "trailers", cases[i].body, cases[i].n, 99, false)->status,
            cases[i].status);
}

static void calls_and_headers_are_bounded(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < MOST_CALLS; i++)
        (void)begin(place, sync_files, "dir-name", "context", "", 0, 99, true);
    size_t served = 0;
    for (size_t i = 0; i < SW_COUNT(place->calls); i++)
        served += place->calls[i].got.n > 0;
    assert_int_equal(served, SW_MAX_GRPC_CALLS);
}

static void huge_headers_reset_the_call(void **state)
{
    struct place *place = *state;
    char *value = sw_arena_array(&place->arena, 1, 60000);
    memset(value, 'a', 59999);
    nghttp2_nv headers[12] = {pair(":method", "POST"), pair(":scheme", "http"), pair(":path", sync_files),
                              pair(":authority", "x")};
    for (size_t i = 4; i < SW_COUNT(headers); i++)
        headers[i] = pair("followpaths", value);
    (void)nghttp2_submit_request(place->engine, NULL, headers, SW_COUNT(headers), NULL, NULL);
    exchange(place);
    assert_int_equal(place->calls[1].status, RESET);
    assert_int_equal(ask(place, health, "", 99)->status, SW_GRPC_OK);
}

static void files_are_synced(void **state)
{
    struct place *place = *state;
    assert_int_equal(begin(place, sync_files, "dir-name", "elsewhere", "", 0, 99, true)->status,
                     SW_GRPC_NOT_FOUND);
    struct engine_call *call = begin(place, sync_files, "dir-name", "dockerfile", "", 0, 99, true);
    size_t told = call->got.n;
    assert_int_equal(call->status, PENDING);
    assert_true(told > 0);
    say(place, call, SW_STR("\x08\1\x18\0"));
    assert_memory_equal(call->got.p + told, "\0\0\0\0\x0c\x08\2\x18\0\x22\6FROM x\0\0\0\0\4\x08\2\x18\0",
                        5 + 12 + 5 + 4);
    say(place, call, SW_STR("\x08\3"));
    assert_int_equal(call->status, SW_GRPC_OK);
    /* "n\xC3\xA9", as Go's url.QueryEscape has it; but the call names no folder */
    assert_int_equal(begin(place, sync_files, "followpaths", "n%C3%a9", "", 0, 99, true)->status,
                     SW_GRPC_NOT_FOUND);
    /* It asks for what it was not offered; breaks off. */
    call = begin(place, sync_files, "dir-name", "context", "", 0, 99, true);
    say(place, call, SW_STR("\x08\1\x18\x7f"));
    assert_int_equal(call->status, SW_GRPC_UNKNOWN);
    assert_int_equal(begin(place, sync_files, "dir-name", "context", "", 0, 99, false)->status,
                     SW_GRPC_UNKNOWN);
    assert_int_equal(sw_session_check(place->session, NULL), 0); /* nothing of this is our fault */
}

/* Look-ups run beside the session: wait for them as the build's loop does. */
static void serve_until(struct place *place, const struct engine_call *call)
{
    int64_t end = sw_clock_now() + 30 * SW_SECOND_NS;
    while (call->status == PENDING && sw_clock_now() < end) {
        struct pollfd wait = {.fd = sw_session_fd(place->session), .events = POLLIN};
        (void)poll(&wait, 1, 1000);
        (void)sw_session_serve(place->session);
        exchange(place);
    }
}

static void put(struct place *place, const char *name, const char *text)
{
    assert_int_equal(sw_file_write(at(place, name), sw_str_from(text), 0700, NULL), 0);
    assert_int_equal(chmod(at(place, name), 0700), 0);
}

static void logins_are_looked_up(void **state)
{
    struct place *place = *state;
    const struct engine_call *call = ask(place, credentials, "plain", 99);
    assert_int_equal(call->status, SW_GRPC_OK); /* nobody */
    assert_int_equal(call->got.n, 5);
    put(place, "config.json",
        "{\"auths\": {\"plain\": {\"auth\": \"YTpi\"}, \"token\": {\"identitytoken\": \"t\"}}}");
    assert_int_equal(sw_credentials_read(&place->credentials, place->path, NULL, NULL), 0);
    place->offer.credentials = place->credentials;
    call = ask(place, credentials, "plain", 99);
    serve_until(place, call);
    assert_int_equal(call->status, SW_GRPC_OK);
    assert_memory_equal(call->got.p, "\0\0\0\0\6\x0a\1a\x12\1b", 11);
    call = ask(place, credentials, "token", 99);
    serve_until(place, call);
    assert_memory_equal(call->got.p, "\0\0\0\0\5\x0a\0\x12\1t", 10);
}

/* The engine gives up, and then the session ends, while helpers still wait for their user. */
static void a_session_does_not_wait_for_helpers(void **state)
{
    struct place *place = *state;
    const char *const variables[] = {
        sw_arena_format(&place->arena, "PATH=%s:%s", place->path, getenv("PATH")), NULL};
    put(place, "config.json", "{\"credsStore\": \"slow\"}");
    put(place, "docker-credential-slow", "#!/bin/sh\nexec sleep 60\n");
    assert_int_equal(sw_credentials_read(&place->credentials, place->path, variables, NULL), 0);
    place->offer.credentials = place->credentials;
    int64_t began = sw_clock_now();
    (void)ask(place, credentials, "a", 99);
    assert_int_equal(nghttp2_submit_rst_stream(place->engine, 0, 1, NGHTTP2_CANCEL), 0);
    exchange(place);
    (void)ask(place, credentials, "b", 99);
    assert_int_equal(ask(place, health, "", 99)->status, SW_GRPC_OK);
    sw_session_close(place->session);
    place->session = NULL;
    assert_true(sw_clock_now() - began < 20 * SW_SECOND_NS);
}

static void an_agent_gets_only_what_it_may(void **state)
{
    struct place *place = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_int_equal(begin(place, forward, "te", "trailers", "", 0, 99, true)->status, SW_GRPC_UNAVAILABLE);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", place->agent.socket);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(begin(place, forward, "buildkit.ssh.id", "other", "", 0, 99, true)->status,
                     SW_GRPC_NOT_FOUND);
    struct engine_call *call = begin(place, forward, "buildkit.ssh.id", "default", "", 0, 99, true);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    /* A list of keys, cut in two; to add a key; a signature. */
    say(place, call, SW_STR("\x0a\3\0\0\0"));
    say(place, call, SW_STR("\x0a\x0f\1\x0b\0\0\0\4\x11key\0\0\0\1\x0d"));
    char heard[64];
    assert_int_equal(recv(fd, heard, sizeof heard, 0), 15);
    assert_memory_equal(heard, "\0\0\0\1\x0b\0\0\0\1\xff\0\0\0\1\x0d", 15);
    assert_int_equal(send(fd, "answer", 6, 0), 6);
    (void)sw_session_serve(place->session);
    exchange(place);
    assert_memory_equal(call->got.p, "\0\0\0\0\x08\x0a\6answer", 13);
    assert_int_equal(close(fd), 0);
    serve_until(place, call);
    assert_int_equal(call->status, SW_GRPC_OK);
    assert_int_equal(close(listener), 0);
}

static void only_a_whole_export_gets_its_name(void **state)
{
    struct place *place = *state;
    static const char send[] = "/moby.filesync.v1.FileSend/DiffCopy";
    const struct sw_output output = {.path = at(place, "out")};
    struct sw_session *session = NULL;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 4096);
    /* A session reads its offer until it is closed. */
    sw_session_close(place->session);
    place->session = NULL;
    place->offer.outputs = &output;
    place->offer.outputs_count = 1;
    assert_int_equal(sw_session_new(&session, &place->offer, NULL, NULL), 0);
    place->session = session;
    struct engine_call *call = begin(place, send, "te", "trailers", "", 0, 99, true);
    say(place, call, SW_STR("\x0A\x04half"));
    assert_int_equal(sw_session_settle(session, NULL), SW_EENV);
    assert_int_not_equal(access(output.path, F_OK), 0);
    call->open = false;
    say(place, call,
        SW_STR("\x0A\x04"
               "done"));
    assert_int_equal(call->status, SW_GRPC_OK);
    assert_int_equal(sw_session_settle(session, NULL), 0);
    assert_int_equal(sw_file_read(&text, output.path, NULL), 0);
    assert_string_equal(text.p, "halfdone");
}

static void what_is_no_http2_ends_the_session(void **state)
{
    struct place *place = *state;
    struct sw_error error = {0};
    assert_int_equal(sw_grpc_receive(place->session->grpc, "GET / HTTP/1.1\r\n\r\n", 18, &error), SW_EENV);
    assert_non_null(strstr(error.text, "cannot be understood"));
}

int suite_session(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        TEST(simple_calls_are_answered),
        TEST(what_is_no_call_is_refused),
        TEST(calls_and_headers_are_bounded),
        TEST(huge_headers_reset_the_call),
        TEST(files_are_synced),
        TEST(logins_are_looked_up),
        TEST(a_session_does_not_wait_for_helpers),
        TEST(an_agent_gets_only_what_it_may),
        TEST(only_a_whole_export_gets_its_name),
        TEST(what_is_no_http2_ends_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
