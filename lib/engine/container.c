#include "engine/container_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "data/json.h"
#include "engine/call.h"
#include "wire/frames.h"

/* The greatest time between the end of the output and the end of the container. */
enum { END_SECONDS = 10 };

struct run {
    struct sw_engine *engine;
    const char *name;
    const struct sw_sink *sink;
    struct sw_frames frames;
    uint64_t printed; /* bytes */
    int64_t deadline;
    enum sw_container_end end;
    bool started;
};

static void container_target(struct sw_buffer *target, const struct sw_engine *engine, const char *name,
                             const char *rest)
{
    sw_buffer_clear(target);
    sw_call_target(target, engine, "/containers/");
    sw_query_add_path(target, name);
    sw_buffer_add_text(target, rest);
}

static int create(const struct run *run, const struct sw_container_request *request, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    SW_BUFFER_AUTO body;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&body, SW_MAX_JSON_SIZE);
    struct sw_builder builder = {.arena = &arena};
    const struct sw_node *config = sw_container_config(&builder, run->engine, request);
    if (builder.failed)
        return sw_fail_memory(error);
    sw_json_write(&body, config, SW_JSON_COMPACT);
    sw_call_target(&target, run->engine, "/containers/create");
    sw_query_add(&target, "name", run->name);
    int code = sw_buffer_check(&body, "the container's configuration", error);
    if (code != 0)
        return code;
    const struct sw_http_request call = {.method = "POST",
                                         .target = target.p,
                                         .content_type = "application/json",
                                         .body = sw_buffer_str(&body),
                                         .patience = SW_PATIENCE_WORK};
    return sw_call(&response, run->engine, &call, error);
}

static int call(const struct run *run, const char *method, const char *rest, int64_t timeout_ns,
                struct sw_http_response *response, struct sw_error *error)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, run->engine, run->name, rest);
    const struct sw_http_request request = {
        .method = method, .target = target.p, .timeout_ns = timeout_ns, .patience = SW_PATIENCE_WORK};
    return sw_call(response, run->engine, &request, error);
}

/* Start the container. The engine is listening by now, so that no byte of the output is lost. */
static int start(void *self, struct sw_error *error)
{
    struct run *run = self;
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    int code = call(run, "POST", "/start", 0, &response, error);
    /* Engines answer with 500 if they lack a device or a command. */
    if (code == SW_EENV && response.status != 0)
        code = error == NULL ? SW_ENO : (int)(error->code = SW_ENO);
    run->started = code == 0;
    return code;
}

static int take_output(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    struct run *run = self;
    run->printed += n;
    if (run->printed > SW_MAX_CONTAINER_OUTPUT) {
        run->end = SW_CONTAINER_FLOODING;
        return sw_fail(error, SW_ENO, "the container prints too much");
    }
    return sw_frames_feed(&run->frames, bytes, n, run->sink, SW_STR("run"), error);
}

/* Attach, start, and hear it out. The exchange has a client of its own, since the start goes over the engine's. */
static int hear(struct run *run, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    struct sw_client *client = NULL;
    const struct sw_receiver receiver = {take_output, run};
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, run->engine, run->name, "/attach?stream=1&stdout=1&stderr=1");
    const struct sw_http_request request = {.method = "POST",
                                            .target = target.p,
                                            .receiver = &receiver,
                                            .patience = SW_PATIENCE_STREAM,
                                            .begun = start,
                                            .beginner = run,
                                            /* libcurl counts whole milliseconds. */
                                            .timeout_ns =
                                                run->deadline - sw_clock_now() + 2 * SW_MILLISECOND_NS};
    int code = sw_client_new(&client, &run->engine->endpoint, error);
    if (code == 0)
        code = sw_call_over(&response, run->engine, client, &request, error);
    sw_client_free(client);
    if (run->end != SW_CONTAINER_ENDED)
        return 0;
    if (code == SW_EENV && run->started && sw_clock_now() >= run->deadline) {
        run->end = SW_CONTAINER_LATE;
        return 0;
    }
    return code;
}

static int read_result(struct sw_container_result *result, const struct run *run, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    SW_HTTP_RESPONSE_AUTO response;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_http_response_init(&response);
    const struct sw_node *root = NULL;
    int code = call(run, "POST", "/wait", END_SECONDS * SW_SECOND_NS, &response, error);
    if (code == 0)
        code = call(run, "GET", "/json", END_SECONDS * SW_SECOND_NS, &response, error);
    if (code == 0)
        code = sw_call_json(&root, &arena, &response, error);
    if (code != 0)
        return code;
    if (!sw_frames_whole(&run->frames))
        return sw_fail(error, SW_EENV, "the container's output broke off");
    const struct sw_node *state = sw_node_get(root, "State");
    result->exit_code = (int)sw_node_integer(sw_node_get(state, "ExitCode"), -1);
    result->oom = sw_node_boolean(sw_node_get(state, "OOMKilled"), false);
    return 0;
}

static void remove_container(const struct run *run)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, run->engine, run->name, "?force=1&v=1");
    sw_call_cleanup(run->engine, "DELETE", &target);
}

static int run_created(struct sw_container_result *result, struct run *run, struct sw_error *error)
{
    int code = hear(run, error);
    if (code != 0)
        return code;
    *result = (struct sw_container_result){.end = run->end, .exit_code = -1};
    return run->end == SW_CONTAINER_ENDED ? read_result(result, run, error) : 0;
}

int sw_container_run(struct sw_container_result *result, struct sw_engine *engine,
                     const struct sw_container_request *request, const struct sw_sink *sink,
                     struct sw_error *error)
{
    char token[SW_TOKEN_SIZE];
    char name[sizeof "slipway-" + sizeof token];
    int64_t timeout_ns =
        request->timeout_ns > 0 ? request->timeout_ns : SW_MAX_CONTAINER_SECONDS * SW_SECOND_NS;
    struct run run = {.engine = engine, .name = name, .sink = sink, .deadline = sw_clock_now() + timeout_ns};
    int code = sw_call_token(token, error);
    if (code != 0)
        return code;
    (void)snprintf(name, sizeof name, "slipway-%s", token);
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                    .step = SW_STR("run"),
                                    .text = sw_str_from(request->image)});
    code = create(&run, request, error);
    if (code == 0)
        code = run_created(result, &run, error);
    /* The engine may have made a container although its creation was cancelled. */
    remove_container(&run);
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                    .step = SW_STR("run"),
                                    .failed = code != 0,
                                    .text = sw_str_from(code != 0 && error != NULL ? error->text : "")});
    return code == 0 || code == SW_ECANCELED
               ? code
               : sw_error_context(code, error, "cannot run a container of '%s'", request->image);
}
