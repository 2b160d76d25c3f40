/* What an engine sends on a session: HTTP/2, gRPC, protobuf, the packets of the file sync. The corpus is what real engines
 * sent. */
#include "session/session_internal.h"

#include "fuzz.h"

enum { PIECE = 512, MOST = 64 * 1024 * 1024 };

/* All that there is to send, of which nothing may be without end. */
static int drain(struct sw_session *session, size_t *sent)
{
    struct sw_str bytes = {"", 1};
    int code = 0;
    while (code == 0 && bytes.n > 0) {
        code = sw_grpc_send(session->grpc, &bytes, NULL);
        if (code == 0)
            *sent += bytes.n;
        if (*sent > MOST)
            abort();
    }
    return code;
}

static void play(struct sw_session *session, struct sw_str bytes)
{
    size_t sent = 0;
    int code = drain(session, &sent);
    while (code == 0 && bytes.n > 0) {
        size_t n = bytes.n < PIECE ? bytes.n : PIECE;
        code = sw_grpc_receive(session->grpc, bytes.p, n, NULL);
        bytes = sw_str_drop(bytes, n);
        if (code == 0)
            code = drain(session, &sent);
    }
}

int fuzz_session(const uint8_t *data, size_t size)
{
    static const struct sw_context_file files[] = {{.path = "Dockerfile", .content = {"FROM x", 6}},
                                                   {.path = "probe.py", .content = {"print()", 7}}};
    static const struct sw_context_options options = {
        .root = "/", .files = files, .files_count = SW_COUNT(files)};
    static const struct sw_secret secret = {"token", {"planted", 7}};
    static const struct sw_agent agent = {"default", "/dev/null/agent"};
    struct sw_context *context = NULL;
    struct sw_session *session = NULL;
    if (sw_context_scan(&context, &options, NULL) != 0)
        return 0;
    const struct sw_session_options offer = {
        .context = context,
        .context_key = "fuzz",
        .secrets = &secret,
        .secrets_count = 1,
        .agents = &agent,
        .agents_count = 1,
    };
    if (sw_session_new(&session, &offer, NULL, NULL) == 0)
        play(session, (struct sw_str){(const char *)data, size});
    sw_session_close(session);
    sw_context_free(context);
    return 0;
}
