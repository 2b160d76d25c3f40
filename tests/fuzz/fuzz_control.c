/* What BuildKit's own API answers: HTTP/2 and gRPC to calls of ours, and the messages in them. The first byte chooses. */
#include "base/limits.h"
#include "build/solve_internal.h"
#include "engine/buildkitd_internal.h"
#include "stream/stream.h"
#include "wire/grpc.h"

#include "fuzz.h"

enum { PIECE = 512 };

static void take_status(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    (void)call;
    sw_build_stream_status(self, message);
}

static void end_call(struct sw_grpc_call *call, void *self)
{
    struct sw_str text, none = {"", 0};
    sw_build_stream_result(self, none, sw_grpc_result(call, &text) == SW_GRPC_OK ? none : text);
}

static void play(struct sw_grpc *grpc, const uint8_t *data, size_t size)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < size; i += PIECE) {
        struct sw_str bytes = {"", 1};
        while (code == 0 && bytes.n > 0)
            code = sw_grpc_send(grpc, &bytes, NULL);
        if (code == 0)
            code = sw_grpc_receive(grpc, data + i, size - i < PIECE ? size - i : PIECE, NULL);
    }
}

static void answer_calls(const uint8_t *data, size_t size)
{
    static const struct sw_grpc_method method = {
        .path = "/moby.buildkit.v1.Control/Status", .message = take_status, .end = end_call};
    struct sw_build_stream *stream = sw_build_stream_new(NULL);
    struct sw_build_outcome outcome = {0};
    struct sw_grpc *grpc = NULL;
    struct sw_grpc_call *call = NULL;
    if (stream != NULL && sw_grpc_new_client(&grpc, NULL) == 0 &&
        sw_grpc_call(&call, grpc, &method, stream, NULL, NULL) == 0)
        play(grpc, data, size);
    sw_grpc_free(grpc);
    if (stream != NULL && sw_build_stream_finish(stream, true, &outcome, NULL) == 0)
        sw_build_outcome_release(&outcome);
    sw_build_stream_free(stream);
}

int fuzz_control(const uint8_t *data, size_t size)
{
    struct sw_engine_info info;
    if (size == 0)
        return 0;
    const struct sw_str message = {(const char *)data + 1, size - 1};
    if (data[0] == 'w' && sw_worker_read(&info, message, NULL) == 0 && info.os[0] == '\0')
        abort();
    if (data[0] == 's' && sw_solve_value(message, "containerimage.digest").n > message.n)
        abort();
    if (data[0] == 'h')
        answer_calls(data + 1, size - 1);
    return 0;
}
