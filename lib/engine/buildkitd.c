#include "engine/buildkitd_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "engine/connection.h"
#include "engine/patience.h"
#include "wire/protobuf.h"

#include <poll.h>

enum { POLL_MS = 50 };
/* Field numbers of control.proto, worker.proto and ops.proto (moby/buildkit, api and solver/pb). */
enum { RESPONSE_RECORD = 1, RECORD_PLATFORMS = 3, RECORD_VERSION = 5, VERSION_VERSION = 2 };
enum { PLATFORM_ARCHITECTURE = 1, PLATFORM_OS = 2 };

static void read_field(char *out, size_t size, struct sw_str message, uint32_t number)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.number != number)
            continue;
        SW_BUFFER_AUTO clean;
        sw_buffer_init(&clean, SW_MAX_MESSAGE);
        sw_text_add_clean(&clean, sw_proto_str(&field));
        (void)snprintf(out, size, "%s", clean.p);
    }
}

int sw_worker_read(struct sw_engine_info *info, struct sw_str message, struct sw_error *error)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct sw_engine_info read = {
        .product = "BuildKit", .buildkit = true, .containerd = true, .builder = true};
    while (read.os[0] == '\0' && sw_proto_next(&reader, &field)) {
        struct sw_proto record = sw_proto_from(sw_proto_str(&field));
        while (field.number == RESPONSE_RECORD && sw_proto_next(&record, &field)) {
            struct sw_str value = sw_proto_str(&field);
            if (field.number == RECORD_VERSION)
                read_field(read.version, sizeof read.version, value, VERSION_VERSION);
            else if (field.number == RECORD_PLATFORMS && read.os[0] == '\0') {
                read_field(read.architecture, sizeof read.architecture, value, PLATFORM_ARCHITECTURE);
                read_field(read.os, sizeof read.os, value, PLATFORM_OS);
            }
            field.number = RESPONSE_RECORD;
        }
    }
    if (read.os[0] == '\0')
        return sw_fail(error, SW_EENV, "the BuildKit daemon has no worker");
    *info = read;
    return 0;
}

struct question {
    struct sw_buffer answer;
    int status;
    bool over;
    struct sw_error error;
};

static void take(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct question *question = self;
    (void)call;
    sw_buffer_clear(&question->answer);
    sw_buffer_add_str(&question->answer, message);
}

static void end(struct sw_grpc_call *call, void *self)
{
    struct question *question = self;
    struct sw_str text;
    SW_BUFFER_AUTO clean;
    question->status = sw_grpc_result(call, &text);
    question->over = true;
    sw_buffer_init(&clean, SW_MAX_MESSAGE);
    sw_text_add_clean(&clean, text);
    (void)sw_fail(&question->error, SW_EENV, "the BuildKit daemon says: %s", clean.p);
}

static int wait_for(const struct question *question, struct sw_connection *connection, int64_t patience_ns,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    int64_t deadline = sw_clock_now() + patience_ns;
    int code = sw_connection_serve(connection, error);
    while (code == 0 && !question->over) {
        struct pollfd wait = {.fd = sw_connection_fd(connection), .events = POLLIN};
        (void)poll(&wait, 1, POLL_MS);
        code = sw_connection_serve(connection, error);
        if (sw_cancel_requested(cancel))
            return sw_fail_canceled(error);
        if (code == 0 && sw_clock_now() >= deadline)
            return sw_fail(error, SW_EENV, "it does not answer");
    }
    if (question->over && question->status != SW_GRPC_OK) {
        if (error != NULL)
            *error = question->error;
        return SW_EENV;
    }
    return question->over ? 0 : code;
}

static int ask(struct question *question, const struct sw_endpoint *endpoint, const struct sw_cancel *cancel,
               struct sw_error *error)
{
    static const struct sw_grpc_method method = {
        .path = "/moby.buildkit.v1.Control/ListWorkers", .message = take, .end = end};
    struct sw_connection *connection = NULL;
    struct sw_grpc *calls = NULL;
    struct sw_grpc_call *call = NULL;
    int code = sw_connection_open(&connection, endpoint, cancel, error);
    if (code == 0)
        code = sw_connection_calls(&calls, connection, error);
    if (code == 0)
        code = sw_grpc_call(&call, calls, &method, question, NULL, error);
    if (code == 0) {
        sw_grpc_put(call, (struct sw_str){"", 0});
        sw_grpc_close(call);
        code = wait_for(question, connection, sw_patience_ns(endpoint, SW_PATIENCE_PING), cancel, error);
    }
    sw_connection_close(connection);
    return code;
}

int sw_worker_ask(struct sw_engine_info *info, const struct sw_endpoint *endpoint,
                  const struct sw_cancel *cancel, struct sw_error *error)
{
    struct question question = {0};
    sw_buffer_init(&question.answer, SW_MAX_GRPC_MESSAGE);
    int code = ask(&question, endpoint, cancel, error);
    if (code == 0)
        code = sw_worker_read(info, sw_buffer_str(&question.answer), error);
    else if (code != SW_ECANCELED) {
        code = SW_EENV;
        if (error != NULL)
            error->code = SW_EENV;
        (void)sw_error_context(code, error, "no BuildKit daemon at %s (%s)", endpoint->url, endpoint->origin);
    }
    sw_buffer_release(&question.answer);
    return code;
}
