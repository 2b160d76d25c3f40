#include "build/control_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "build/exporters.h"
#include "build/solve_internal.h"
#include "engine/call.h"
#include "engine/connection.h"
#include "session/cache_folder.h"
#include "wire/protobuf.h"

#include <poll.h>

#define IMAGE_DIGEST "containerimage.digest" /* in the answer to Solve */

enum { STATUS_REF = 1, POLL_MS = 1000, BLIND_POLL_MS = 50 };

struct control {
    struct sw_engine *engine;
    struct sw_session *session;
    struct sw_build_stream *stream;
    struct sw_connection *connection;    /* our own; NULL: the session's is used */
    struct sw_grpc_call *solve, *status; /* NULL once they are over */
    bool stays;                          /* the image becomes one of the engine's */
    bool answered, succeeded;            /* the result is known; it is a success */
    struct sw_buffer response;           /* of Solve */
    int64_t deadline;                    /* 0: none yet */
    /* When bytes last went either way, and when sw_call_silence() was last asked about the silence since. */
    int64_t heard_ns, asked_ns;
    bool silent; /* for too long */
};

/* ---- the two calls ---- */

static void take_status(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    const struct control *control = self;
    (void)call;
    sw_build_stream_status(control->stream, message);
}

static void release_status(struct sw_grpc_call *call, void *self)
{
    (void)call;
    ((struct control *)self)->status = NULL;
}

static void take_response(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct control *control = self;
    (void)call;
    sw_buffer_clear(&control->response);
    sw_buffer_add_str(&control->response, message);
}

static void end_solve(struct sw_grpc_call *call, void *self)
{
    struct control *control = self;
    struct sw_str text, none = {"", 0};
    int status = sw_grpc_result(call, &text);
    if (status == SW_GRPC_BROKEN || status == SW_GRPC_CANCELED)
        return; /* nobody knows how it ended */
    control->answered = true;
    control->succeeded = status == SW_GRPC_OK;
    if (status != SW_GRPC_OK)
        sw_build_stream_result(control->stream, none,
                               text.n > 0 ? text : SW_STR("the engine does not say why"));
    else
        sw_build_stream_result(
            control->stream,
            control->stays ? sw_solve_value(sw_buffer_str(&control->response), IMAGE_DIGEST) : none, none);
}

static void release_solve(struct sw_grpc_call *call, void *self)
{
    (void)call;
    ((struct control *)self)->solve = NULL;
}

static const struct sw_grpc_method solve_method = {.path = "/moby.buildkit.v1.Control/Solve",
                                                   .message = take_response,
                                                   .end = end_solve,
                                                   .release = release_solve};
static const struct sw_grpc_method status_method = {
    .path = "/moby.buildkit.v1.Control/Status", .message = take_status, .release = release_status};

/* A call with one message. */
static int ask(struct sw_grpc_call **call, struct control *control, struct sw_grpc *grpc,
               const struct sw_grpc_method *method, const struct sw_buffer *message, struct sw_error *error)
{
    int code = sw_grpc_call(call, grpc, method, control, NULL, error);
    if (code == 0) {
        sw_grpc_put(*call, sw_buffer_str(message));
        sw_grpc_close(*call);
    }
    return code;
}

/* Status may be asked for before the build is known: the engine then waits for it. */
static int start(struct control *control, struct sw_grpc *grpc, const struct sw_build_request *request,
                 struct sw_error *error)
{
    char ref[SW_TOKEN_SIZE];
    SW_BUFFER_AUTO build, status;
    sw_buffer_init(&build, SW_MAX_SOLVE_REQUEST);
    sw_buffer_init(&status, SW_MAX_MESSAGE);
    int code = sw_call_token(ref, error);
    if (code == 0)
        code = sw_solve_write(&build, request, &control->engine->info, ref, sw_session_id(control->session),
                              error);
    sw_proto_add_bytes(&status, STATUS_REF, sw_str_from(code == 0 ? ref : ""));
    if (code == 0)
        code = ask(&control->solve, control, grpc, &solve_method, &build, error);
    return code == 0 ? ask(&control->status, control, grpc, &status_method, &status, error) : code;
}

static int connect_control(struct control *control, struct sw_grpc **grpc, struct sw_error *error)
{
    static const char *const headers[] = {"Connection: Upgrade", "Upgrade: h2c", NULL};
    const struct sw_engine *engine = control->engine;
    *grpc = sw_session_calls(control->session);
    if (*grpc != NULL)
        return 0;
    int code = sw_connection_upgrade(&control->connection, &engine->endpoint, "/grpc", headers,
                                     engine->cancel, error);
    if (code == 0)
        return sw_connection_calls(grpc, control->connection, error);
    return code == SW_ENOTFOUND ? sw_fail(error, SW_EENV, "the engine at %s does not serve BuildKit's API",
                                          engine->endpoint.url)
                                : code;
}

/* ---- until both are over ---- */

static void wait_for(const struct control *control)
{
    const struct sw_cancel *cancel = control->engine->cancel;
    bool full = control->connection != NULL && sw_connection_is_full(control->connection);
    /* Once requested, the flag's descriptor stays readable. */
    int flag = cancel == NULL || sw_cancel_requested(cancel) ? -1 : cancel->fd;
    struct pollfd waits[] = {
        {.fd = sw_session_fd(control->session), .events = POLLIN},
        {.fd = control->connection == NULL ? -1 : sw_connection_fd(control->connection),
         .events = (short)(full ? POLLIN | POLLOUT : POLLIN)},
        {.fd = flag, .events = POLLIN},
    };
    (void)poll(waits, SW_COUNT(waits), flag >= 0 ? POLL_MS : BLIND_POLL_MS);
}

/* Return true if the wait for the end is over. */
static bool is_late(struct control *control)
{
    bool canceled = sw_cancel_requested(control->engine->cancel);
    if (canceled && control->solve != NULL)
        sw_grpc_finish(control->solve, SW_GRPC_CANCELED, "interrupted");
    /* The build may take so long to end after a cancellation, and its last status messages after the result. */
    if (control->deadline == 0 && (canceled || control->solve == NULL))
        control->deadline = sw_clock_now() + sw_patience_ns(&control->engine->endpoint,
                                                            canceled ? SW_PATIENCE_END : SW_PATIENCE_CLEANUP);
    return control->deadline != 0 && sw_clock_now() >= control->deadline;
}

/* Serve both connections; a connection that broke and a silence that lasts too long are failures. */
static int attend(struct control *control, struct sw_error *error)
{
    struct sw_engine *engine = control->engine;
    int64_t now = sw_clock_now();
    bool active = sw_session_serve(control->session);
    int code = control->connection == NULL ? 0 : sw_connection_serve(control->connection, NULL);
    active |= control->connection != NULL && sw_connection_active(control->connection);
    if (active)
        control->heard_ns = control->asked_ns = now;
    if (code != 0 || now - control->asked_ns < sw_patience_ns(&engine->endpoint, SW_PATIENCE_QUIET))
        return code;
    code = sw_call_silence(engine, now - control->heard_ns, error);
    control->silent = code != 0;
    control->asked_ns = sw_clock_now();
    return code;
}

static int drive(struct control *control, struct sw_error *error)
{
    int code = 0;
    control->heard_ns = control->asked_ns = sw_clock_now();
    while (code == 0 && (control->solve != NULL || control->status != NULL) && !is_late(control)) {
        code = attend(control, error);
        if (code == 0 && (control->solve != NULL || control->status != NULL))
            wait_for(control);
    }
    if (sw_cancel_requested(control->engine->cancel))
        return sw_fail_canceled(error);
    if (control->answered)
        return 0;
    if (control->silent)
        return code;
    (void)sw_fail(error, SW_EENV, "the engine at %s went away in the middle of its answer",
                  control->engine->endpoint.url);
    return sw_error_hint(error, "see the engine's own log; what was built so far stays in its cache");
}

/* BuildKit before 0.13 skips several outputs in silence, and calls that a success. */
static int check_image(const struct control *control, const struct sw_build_request *request,
                       struct sw_error *error)
{
    struct sw_str digest = sw_solve_value(sw_buffer_str(&control->response), IMAGE_DIGEST);
    if (!sw_parts_stay(request) || digest.n > 0)
        return 0;
    (void)sw_fail(error, SW_EENV, "the engine at %s built the image and put it nowhere",
                  control->engine->endpoint.url);
    return sw_error_hint(error, "only Docker Engine 26 and BuildKit 0.13 or newer take several outputs");
}

/* Put the exports in their places: files, folders, and the indexes of caches. */
static int settle(const struct control *control, const struct sw_build_request *request,
                  struct sw_error *error)
{
    int code = check_image(control, request, error);
    if (code == 0)
        code = sw_session_settle(control->session, error);
    struct sw_str manifest = sw_solve_value(sw_buffer_str(&control->response), "cache.manifest");
    for (const struct sw_build_part *part = request->cache_to;
         code == 0 && part != NULL && part->type != NULL; part++) {
        const char *tag = sw_part_get(part, "tag");
        if (part->path != NULL && manifest.n > 0)
            code = sw_cache_folder_put(part->path, tag == NULL ? "latest" : tag, manifest, error);
    }
    return code;
}

int sw_control_build(struct sw_build_stream *stream, struct sw_engine *engine, struct sw_session *session,
                     const struct sw_build_request *request, struct sw_error *error)
{
    struct control control = {.engine = engine,
                              .session = session,
                              .stream = stream,
                              .stays = !engine->info.builder && sw_parts_stay(request)};
    struct sw_grpc *grpc = NULL;
    sw_buffer_init(&control.response, SW_MAX_GRPC_MESSAGE);
    int code = connect_control(&control, &grpc, error);
    if (code == 0)
        code = start(&control, grpc, request, error);
    if (code == 0)
        code = drive(&control, error);
    if (code == 0 && control.succeeded)
        code = settle(&control, request, error);
    /* On the session's connection the calls would outlive their state. */
    if (control.solve != NULL)
        sw_grpc_forget(control.solve);
    if (control.status != NULL)
        sw_grpc_forget(control.status);
    sw_connection_close(control.connection);
    sw_buffer_release(&control.response);
    return code;
}
