#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "build/exporters.h"
#include "build/solve_internal.h"
#include "engine/buildkitd_internal.h"
#include "engine/call.h"
#include "session/cache_folder.h"
#include "wire/grpc.h"
#include "wire/protobuf.h"

#include <sys/stat.h>

/* ---- gRPC, both sides of it, without a connection in between ---- */

struct talk {
    struct sw_grpc *client, *server;
    struct sw_buffer heard; /* by the client */
    int status;
    struct sw_buffer text;
    int ends, releases;
};

static void echo(struct sw_grpc_call *call, void *service, struct sw_str message)
{
    (void)service;
    sw_grpc_put(call, message);
}

static void say_no(struct sw_grpc_call *call, void *service)
{
    (void)service;
    sw_grpc_finish(call, SW_GRPC_EXISTS, "100 % of it\nis there, \xC3\xA9");
}

static void take(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    (void)call;
    sw_buffer_add_str(&((struct talk *)self)->heard, message);
}

static void ended(struct sw_grpc_call *call, void *self)
{
    struct talk *talk = self;
    struct sw_str text;
    talk->status = sw_grpc_result(call, &text);
    sw_buffer_add_str(&talk->text, text);
    talk->ends++;
}

static void released(struct sw_grpc_call *call, void *self)
{
    (void)call;
    ((struct talk *)self)->releases++;
}

static const struct sw_grpc_method served[] = {{.path = "/test.Test/Echo", .message = echo, .end = say_no}};
static const struct sw_grpc_method called = {
    .path = "/test.Test/Echo", .message = take, .end = ended, .release = released};
static const struct sw_grpc_method not_served = {
    .path = "/test.Test/Nothing", .end = ended, .release = released};

/* Bytes both ways until there are none. */
static void exchange(struct talk *talk)
{
    for (bool moved = true; moved;) {
        moved = false;
        struct sw_grpc *const sides[] = {talk->client, talk->server};
        for (size_t i = 0; i < 2; i++) {
            struct sw_str bytes = {"", 0};
            assert_int_equal(sw_grpc_send(sides[i], &bytes, NULL), 0);
            if (bytes.n > 0)
                assert_int_equal(sw_grpc_receive(sides[1 - i], bytes.p, bytes.n, NULL), 0);
            moved = moved || bytes.n > 0;
        }
    }
}

static int open_talk(void **state)
{
    struct talk *talk = calloc(1, sizeof *talk);
    assert_non_null(talk);
    sw_buffer_init(&talk->heard, 2 * SW_MAX_GRPC_MESSAGE);
    sw_buffer_init(&talk->text, SW_MAX_MESSAGE);
    assert_int_equal(sw_grpc_new_client(&talk->client, NULL), 0);
    assert_int_equal(sw_grpc_new(&talk->server, served, SW_COUNT(served), NULL, NULL), 0);
    *state = talk;
    return 0;
}

static int close_talk(void **state)
{
    struct talk *talk = *state;
    sw_grpc_free(talk->client);
    sw_grpc_free(talk->server);
    sw_buffer_release(&talk->heard);
    sw_buffer_release(&talk->text);
    free(talk);
    return 0;
}

static void a_call_is_answered_with_its_status(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    sw_grpc_put(call, SW_STR("one, "));
    exchange(talk);
    sw_grpc_put(call, SW_STR("two"));
    exchange(talk);
    assert_string_equal(talk->heard.p, "one, two");
    assert_int_equal(talk->ends, 0);
    sw_grpc_close(call);
    exchange(talk);
    assert_int_equal(talk->status, SW_GRPC_EXISTS);
    assert_string_equal(talk->text.p, "100 % of it\nis there, \xC3\xA9");
    assert_int_equal(talk->ends, 1);
    assert_int_equal(talk->releases, 1);
}

static void the_largest_message_leaves_room_for_the_next(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    char *large = calloc(1, SW_MAX_GRPC_MESSAGE);
    assert_non_null(large);
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    sw_grpc_put(call, (struct sw_str){large, SW_MAX_GRPC_MESSAGE});
    sw_grpc_put(call, SW_STR("next"));
    exchange(talk);
    assert_int_equal(talk->heard.n, SW_MAX_GRPC_MESSAGE + 4);
    assert_string_equal(talk->heard.p + SW_MAX_GRPC_MESSAGE, "next");
    free(large);
}

/* Only what the peer says itself has one of gRPC's numbers. */
static void a_call_that_breaks_off_has_no_status(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    /* The server's preface, headers, and a reset of the call. */
    static const char bytes[] = "\0\0\0\4\0\0\0\0\0"
                                "\0\0\1\1\4\0\0\0\1\x88"
                                "\0\0\4\3\0\0\0\0\1\0\0\0\2";
    struct sw_str sent = {"", 1};
    while (sent.n > 0)
        assert_int_equal(sw_grpc_send(talk->client, &sent, NULL), 0);
    assert_int_equal(sw_grpc_receive(talk->client, bytes, sizeof bytes - 1, NULL), 0);
    assert_int_equal(talk->ends, 1);
    assert_int_equal(talk->status, SW_GRPC_BROKEN);
    assert_int_equal(talk->releases, 1);
}

static void a_method_that_is_not_served_is_told(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    assert_int_equal(sw_grpc_call(&call, talk->client, &not_served, talk, NULL, NULL), 0);
    sw_grpc_close(call);
    exchange(talk);
    assert_int_equal(talk->status, SW_GRPC_UNIMPLEMENTED);
}

static void a_call_that_is_given_up_ends_once(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    exchange(talk);
    sw_grpc_finish(call, SW_GRPC_CANCELED, "enough");
    exchange(talk);
    assert_int_equal(talk->status, SW_GRPC_CANCELED);
    assert_string_equal(talk->text.p, "enough");
    assert_int_equal(talk->ends, 1);
    assert_int_equal(talk->releases, 1);
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    exchange(talk);
    sw_grpc_forget(call);
    exchange(talk);
    assert_int_equal(talk->ends, 1);
    assert_int_equal(talk->releases, 1);
}

static void a_server_that_is_none_is_an_error(void **state)
{
    struct talk *talk = *state;
    struct sw_grpc_call *call = NULL;
    struct sw_error error;
    const struct sw_str answer = SW_STR("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_int_equal(sw_grpc_call(&call, talk->client, &called, talk, NULL, NULL), 0);
    int code = 0;
    for (int i = 0; code == 0 && i < 3; i++) { /* it may say good-bye first */
        struct sw_str bytes = {"", 1};
        while (bytes.n > 0)
            assert_int_equal(sw_grpc_send(talk->client, &bytes, NULL), 0);
        code = sw_grpc_receive(talk->client, answer.p, answer.n, &error);
    }
    assert_int_equal(code, SW_EENV);
    assert_non_null(strstr(error.text, "HTTP/2 cannot be understood"));
    assert_int_equal(talk->ends, 0);
}

/* ---- the request ---- */

/* All fields of a number, each followed by a newline; of a map, KEY=VALUE. */
static const char *fields(struct sw_buffer *out, struct sw_str message, uint32_t number, bool map)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    sw_buffer_clear(out);
    while (sw_proto_next(&reader, &field)) {
        struct sw_str value = sw_proto_str(&field);
        struct sw_proto entry = sw_proto_from(value);
        if (field.number != number)
            continue;
        for (struct sw_proto_field part; map && sw_proto_next(&entry, &part);) {
            sw_buffer_add_str(out, sw_proto_str(&part));
            sw_buffer_add_char(out, part.number == 1 ? '=' : '\n');
        }
        if (!map)
            sw_buffer_addf(out, "%.*s\n", SW_STR_FORMAT(value));
    }
    assert_false(reader.malformed);
    return out->p;
}

static void a_request_says_all_that_was_asked(void **state)
{
    static const struct sw_pair reference[] = {{"ref", "localhost:5000/c:1"}, {NULL, NULL}};
    static const struct sw_pair maximum[] = {{"mode", "max"}, {"builder-id", "x"}, {NULL, NULL}};
    static const struct sw_pair arguments[] = {{"A", "1"}, {"NONE", NULL}, {NULL, NULL}};
    static const struct sw_build_part cache[] = {{.type = "registry", .attributes = reference}, {0}};
    static const struct sw_build_part attestations[] = {{.type = "provenance", .attributes = maximum}, {0}};
    static const struct sw_build_part outputs[] = {{.type = "oci", .path = "x.tar"}, {0}};
    static const char *const tags[] = {"a:1", "b:2", NULL};
    const struct sw_build_request request = {.tags = tags,
                                             .arguments = arguments,
                                             .platform = "linux/arm64",
                                             .network = "host",
                                             .cache_from = cache,
                                             .cache_to = cache,
                                             .outputs = outputs,
                                             .attestations = attestations};
    const struct sw_engine_info info = {.buildkit = true};
    SW_BUFFER_AUTO message, out;
    (void)state;
    sw_buffer_init(&message, SW_MAX_SOLVE_REQUEST);
    sw_buffer_init(&out, SW_MAX_SOLVE_REQUEST);
    assert_int_equal(sw_solve_write(&message, &request, &info, "R", "S", NULL), 0);
    struct sw_str text = sw_buffer_str(&message);
    assert_string_equal(fields(&out, text, 1, false), "R\n");
    assert_string_equal(fields(&out, text, 5, false), "S\n");
    assert_string_equal(fields(&out, text, 6, false), "dockerfile.v0\n");
    assert_string_equal(fields(&out, text, 3, false), "oci\n");
    assert_string_equal(fields(&out, text, 4, true), "name=a:1,b:2\n");
    assert_string_equal(fields(&out, text, 9, false), "network.host\n");
    assert_string_equal(
        fields(&out, text, 7, true),
        "filename=Dockerfile\nplatform=linux/arm64\nforce-network-mode=host\n"
        "image-resolve-mode=default\nbuild-arg:A=1\nattest:provenance=mode=max,builder-id=x\n"
        "cache-imports=[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"localhost:5000/c:1\"}}]\n");
}

static void where_an_image_goes_is_its_exporter(void **state)
{
    static const struct {
        const char *type, *path, *engine, *daemon;
    } rows[] = {
        {NULL, NULL, "moby", "image"},       {"docker", NULL, "moby", "image"},
        {"docker", "f", "docker", "docker"}, {"registry", NULL, "moby", "image"},
        {"image", NULL, "moby", "image"},    {"local", "d", "tar", "tar"},
        {"tar", "f", "tar", "tar"},          {"cacheonly", NULL, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        const struct sw_build_part outputs[] = {{.type = rows[i].type, .path = rows[i].path}, {0}};
        const struct sw_build_request request = {.outputs = outputs};
        for (int daemon = 0; daemon < 2; daemon++) {
            const struct sw_engine_info info = {.builder = daemon != 0};
            const char *wanted = daemon != 0 ? rows[i].daemon : rows[i].engine;
            SW_BUFFER_AUTO message, out, line;
            sw_buffer_init(&message, SW_MAX_SOLVE_REQUEST);
            sw_buffer_init(&out, SW_MAX_SOLVE_REQUEST);
            sw_buffer_init(&line, SW_MAX_MESSAGE);
            sw_buffer_addf(&line, "%s%s", wanted, wanted[0] == '\0' ? "" : "\n");
            assert_int_equal(sw_solve_write(&message, &request, &info, "R", "S", NULL), 0);
            assert_string_equal(fields(&out, sw_buffer_str(&message), 3, false), line.p);
        }
    }
}

static void zstd_is_for_layers_that_stay_as_they_are_made(void **state)
{
    static const struct sw_pair gzip[] = {{"compression", "gzip"}, {NULL, NULL}};
    static const char zstd[] = "compression=zstd\nforce-compression=true\noci-mediatypes=true\n";
    static const struct {
        struct sw_build_part output;
        bool containerd;
        const char *attributes;
    } rows[] = {
        {{.type = "docker"}, true, zstd},
        {{.type = "docker"}, false, ""},
        {{.type = "oci", .path = "f"}, true, zstd},
        {{.type = "local", .path = "d"}, true, ""},
        {{.type = "image", .attributes = gzip}, true, "compression=gzip\n"},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        const struct sw_build_part outputs[] = {rows[i].output, {0}};
        const struct sw_build_request request = {.outputs = outputs, .zstd = true};
        const struct sw_engine_info info = {.buildkit = true, .containerd = rows[i].containerd};
        SW_BUFFER_AUTO message, out;
        sw_buffer_init(&message, SW_MAX_SOLVE_REQUEST);
        sw_buffer_init(&out, SW_MAX_SOLVE_REQUEST);
        assert_int_equal(sw_solve_write(&message, &request, &info, "R", "S", NULL), 0);
        assert_string_equal(fields(&out, sw_buffer_str(&message), 4, true), rows[i].attributes);
    }
    const struct sw_build_request plain = {.zstd = true};
    assert_false(sw_parts_are_plain(&plain, &(struct sw_engine_info){.containerd = true}));
    assert_true(sw_parts_are_plain(&plain, &(struct sw_engine_info){.containerd = false}));
}

static void only_what_needs_it_takes_the_other_road(void **state)
{
    static const struct sw_pair reference[] = {{"ref", "r"}, {NULL, NULL}};
    static const struct sw_pair more[] = {{"ref", "r"}, {"insecure", "true"}, {NULL, NULL}};
    static const struct sw_build_part registry[] = {{.type = "registry", .attributes = reference}, {0}};
    static const struct sw_build_part insecure[] = {{.type = "registry", .attributes = more}, {0}};
    static const struct sw_build_part in_image[] = {{.type = "inline"}, {0}};
    static const struct sw_build_part engine[] = {{.type = "docker"}, {0}};
    static const struct sw_build_part file[] = {{.type = "docker", .path = "f"}, {0}};
    static const struct sw_pair name[] = {{"name", "n"}, {NULL, NULL}};
    static const struct sw_build_part named[] = {{.type = "docker", .attributes = name}, {0}};
    static const struct sw_build_part sbom[] = {{.type = "sbom"}, {0}};
    const struct sw_engine_info docker = {.buildkit = true}, daemon = {.builder = true};
    const struct {
        struct sw_build_request request;
        bool plain;
    } rows[] = {
        {{.dockerfile = NULL}, true},
        {{.cache_from = registry, .cache_to = in_image, .outputs = engine}, true},
        {{.cache_from = insecure}, false},
        {{.cache_to = registry}, false},
        {{.outputs = file}, false},
        {{.outputs = named}, false},
        {{.attestations = sbom}, false},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        assert_int_equal(sw_parts_are_plain(&rows[i].request, &docker), rows[i].plain);
        assert_false(sw_parts_are_plain(&rows[i].request, &daemon));
    }
}

static void an_old_engine_takes_one_output(void **state)
{
    static const struct sw_build_part outputs[] = {{.type = "docker"}, {.type = "image"}, {0}};
    const struct sw_build_request two = {.outputs = outputs}, one = {.outputs = outputs + 1};
    static const struct {
        const char *version;
        int code;
    } rows[] = {
        {"20.10.24+dfsg1", SW_ENO}, {"25.0.5", SW_ENO}, {"26.1.5+dfsg1", 0}, {"29.2.0", 0}, {"dev", 0}};
    struct sw_error error;
    (void)state;
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_engine engine = {
            .info = {.product = "Docker Engine", .buildkit = true, .containerd = i > 0}};
        (void)snprintf(engine.info.version, sizeof engine.info.version, "%s", rows[i].version);
        assert_int_equal(sw_engine_build_check(&engine, &two, &error), rows[i].code);
        assert_int_equal(sw_engine_build_check(&engine, &one, &error), 0);
    }
}

/* ---- answers ---- */

static void values_of_an_answer_are_found(void **state)
{
    static const char answer[] = "\x0A\x08\x0A\x01"
                                 "a\x12\x03"
                                 "one\x0A\x06\x0A\x01"
                                 "b\x12\x01"
                                 "2";
    const struct sw_str message = {answer, sizeof answer - 1};
    (void)state;
    assert_true(sw_str_is(sw_solve_value(message, "a"), "one"));
    assert_true(sw_str_is(sw_solve_value(message, "b"), "2"));
    assert_int_equal(sw_solve_value(message, "c").n, 0);
}

static void a_daemon_says_what_it_is(void **state)
{
    struct sw_engine_info info = {0};
    struct sw_error error;
    SW_BUFFER_AUTO platform, version, record, message;
    (void)state;
    sw_buffer_init(&platform, SW_MAX_MESSAGE);
    sw_buffer_init(&version, SW_MAX_MESSAGE);
    sw_buffer_init(&record, SW_MAX_MESSAGE);
    sw_buffer_init(&message, SW_MAX_MESSAGE);
    assert_int_equal(sw_worker_read(&info, sw_buffer_str(&message), &error), SW_EENV);
    sw_proto_add_bytes(&platform, 1, SW_STR("arm64"));
    sw_proto_add_bytes(&platform, 2, SW_STR("linux"));
    sw_proto_add_bytes(&version, 2, SW_STR("v0.\x1B[31m25"));
    sw_proto_add_bytes(&record, 1, SW_STR("worker"));
    sw_proto_add_bytes(&record, 3, sw_buffer_str(&platform));
    sw_proto_add_bytes(&record, 5, sw_buffer_str(&version));
    sw_proto_add_bytes(&message, 1, sw_buffer_str(&record));
    assert_int_equal(sw_worker_read(&info, sw_buffer_str(&message), &error), 0);
    assert_string_equal(info.product, "BuildKit");
    assert_string_equal(info.architecture, "arm64");
    assert_string_equal(info.os, "linux");
    assert_null(strchr(info.version, '\x1B'));
    assert_true(info.builder && info.buildkit);
}

/* ---- caches in folders ---- */

static void a_tag_is_found_and_replaced(void **state)
{
    char folder[] = "/tmp/slipway-test-XXXXXX";
    const char *digest = NULL;
    struct sw_error error;
    SW_ARENA_AUTO arena;
    (void)state;
    sw_arena_init(&arena, 1 << 20);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(sw_cache_folder_find(&digest, &arena, folder, "latest", &error), SW_ENOTFOUND);
    assert_int_equal(
        sw_cache_folder_put(folder, "latest", SW_STR("{\"digest\": \"sha256:1\", \"size\": 7}"), &error), 0);
    assert_int_equal(sw_cache_folder_put(folder, "other", SW_STR("{\"digest\": \"sha256:2\"}"), &error), 0);
    assert_int_equal(sw_cache_folder_put(folder, "latest", SW_STR("{\"digest\": \"sha256:3\"}"), &error), 0);
    assert_int_equal(sw_cache_folder_find(&digest, &arena, folder, "latest", &error), 0);
    assert_string_equal(digest, "sha256:3");
    assert_int_equal(sw_cache_folder_find(&digest, &arena, folder, "other", &error), 0);
    assert_string_equal(digest, "sha256:2");
    assert_int_equal(sw_file_write(sw_path_join(&arena, folder, "index.json"), SW_STR("{"), 0666, NULL), 0);
    assert_int_equal(sw_cache_folder_find(&digest, &arena, folder, "latest", &error), SW_EINPUT);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
}

static void only_a_digest_is_a_path(void **state)
{
    static const char *const rows[] = {
        "",
        "sha256:",
        "sha512:00",
        "sha256:../../../../etc/passwd",
        "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"};
    SW_ARENA_AUTO arena;
    (void)state;
    sw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_null(sw_cache_folder_blob(&arena, "f", sw_str_from(rows[i])));
    const char *path = sw_cache_folder_blob(
        &arena, "f", SW_STR("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
    assert_string_equal(path,
                        "f/blobs/sha256/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

int suite_control(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_is_answered_with_its_status, open_talk, close_talk),
        cmocka_unit_test_setup_teardown(the_largest_message_leaves_room_for_the_next, open_talk, close_talk),
        cmocka_unit_test_setup_teardown(a_call_that_breaks_off_has_no_status, open_talk, close_talk),
        cmocka_unit_test_setup_teardown(a_method_that_is_not_served_is_told, open_talk, close_talk),
        cmocka_unit_test_setup_teardown(a_call_that_is_given_up_ends_once, open_talk, close_talk),
        cmocka_unit_test_setup_teardown(a_server_that_is_none_is_an_error, open_talk, close_talk),
        cmocka_unit_test(a_request_says_all_that_was_asked),
        cmocka_unit_test(where_an_image_goes_is_its_exporter),
        cmocka_unit_test(only_what_needs_it_takes_the_other_road),
        cmocka_unit_test(zstd_is_for_layers_that_stay_as_they_are_made),
        cmocka_unit_test(an_old_engine_takes_one_output),
        cmocka_unit_test(values_of_an_answer_are_found),
        cmocka_unit_test(a_daemon_says_what_it_is),
        cmocka_unit_test(a_tag_is_found_and_replaced),
        cmocka_unit_test(only_a_digest_is_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
