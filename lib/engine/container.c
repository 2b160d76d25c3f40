#include "engine/container.h"

#include "base/limits.h"
#include "data/json.h"
#include "engine/call.h"
#include "wire/frames.h"

#include <sys/resource.h>

static void container_target(struct sw_buffer *target, const struct sw_engine *engine, const char *name,
                             const char *rest)
{
    sw_buffer_clear(target);
    sw_call_target(target, engine, "/containers/");
    sw_query_add_path(target, name);
    sw_buffer_add_text(target, rest);
}

static struct sw_node *list_of(struct sw_builder *b, const char *const *texts)
{
    struct sw_node *list = sw_build_list(b);
    for (; texts != NULL && *texts != NULL; texts++)
        sw_build_append(b, list, sw_build_text(b, *texts));
    return list;
}

/* What a verification needs, and no more than our own limits: Podman's defaults (2^20 open files for root)
 * fail where it may not raise its own that far. */
static const struct sw_node *make_limits(struct sw_builder *b)
{
    enum { ENOUGH = 32768 };
    static const struct {
        const char *name;
        __rlimit_resource_t resource;
    } limits[] = {{"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}};
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < SW_COUNT(limits); i++) {
        struct rlimit ours = {ENOUGH, ENOUGH};
        (void)getrlimit(limits[i].resource, &ours);
        int64_t most = ours.rlim_max < ENOUGH ? (int64_t)ours.rlim_max : ENOUGH;
        struct sw_node *item = sw_build_map(b);
        sw_build_set(b, item, "Name", sw_build_text(b, limits[i].name));
        sw_build_set(b, item, "Soft", sw_build_int(b, most));
        sw_build_set(b, item, "Hard", sw_build_int(b, most));
        sw_build_append(b, list, item);
    }
    return list;
}

static struct sw_node *make_host_config(struct sw_builder *b, const struct sw_engine *engine,
                                        const struct sw_container_request *request)
{
    struct sw_node *log = sw_build_map(b);
    struct sw_node *config = sw_build_map(b);
    const struct sw_node *more = request->host_config;
    /* The engine's own default may be one whose output cannot be read back. */
    sw_build_set(b, log, "Type", sw_build_text(b, "json-file"));
    sw_build_set(b, config, "LogConfig", log);
    if (engine->info.podman && engine->endpoint.kind == SW_ENDPOINT_UNIX)
        sw_build_set(b, config, "Ulimits", make_limits(b));
    if (request->network != NULL)
        sw_build_set(b, config, "NetworkMode", sw_build_text(b, request->network));
    if (request->memory > 0) {
        sw_build_set(b, config, "Memory", sw_build_int(b, (int64_t)request->memory));
        sw_build_set(b, config, "MemorySwap", sw_build_int(b, (int64_t)request->memory)); /* no swap on top */
    }
    for (size_t i = 0; i < sw_node_member_count(more); i++)
        sw_build_set(b, config, sw_node_member_at(more, i)->key.p, sw_node_member_at(more, i)->value);
    return config;
}

static const struct sw_node *make_config(struct sw_builder *b, const struct sw_engine *engine,
                                         const struct sw_container_request *request)
{
    struct sw_node *labels = sw_build_map(b);
    struct sw_node *config = sw_build_map(b);
    const char *const entry_point[] = {request->command[0], NULL};
    sw_build_set(b, labels, SW_CONTAINER_LABEL, sw_build_text(b, "1"));
    sw_build_set(b, config, "Image", sw_build_text(b, request->image));
    sw_build_set(b, config, "Entrypoint", list_of(b, entry_point));
    sw_build_set(b, config, "Cmd", list_of(b, request->command + 1));
    sw_build_set(b, config, "Env", list_of(b, request->environment));
    sw_build_set(b, config, "Labels", labels);
    sw_build_set(b, config, "HostConfig", make_host_config(b, engine, request));
    return config;
}

static int create(struct sw_engine *engine, const char *name, const struct sw_container_request *request,
                  struct sw_error *error)
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
    const struct sw_node *config = make_config(&builder, engine, request);
    if (builder.failed)
        return sw_fail_memory(error);
    sw_json_write(&body, config, SW_JSON_COMPACT);
    sw_call_target(&target, engine, "/containers/create");
    sw_query_add(&target, "name", name);
    int code = sw_buffer_check(&body, "the container's configuration", error);
    if (code != 0)
        return code;
    const struct sw_http_request call = {.method = "POST",
                                         .target = target.p,
                                         .content_type = "application/json",
                                         .body = sw_buffer_str(&body),
                                         .patience = SW_PATIENCE_WORK};
    return sw_call(&response, engine, &call, error);
}

struct output {
    struct sw_frames frames;
    const struct sw_sink *sink;
};

static int take_output(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    struct output *output = self;
    return sw_frames_feed(&output->frames, bytes, n, output->sink, SW_STR("run"), error);
}

/* The whole log, of a container that has ended: followed while it runs, a log can miss what came last. */
static int read_output(struct sw_engine *engine, const char *name, const struct sw_sink *sink,
                       struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    struct output output = {.sink = sink};
    const struct sw_receiver receiver = {take_output, &output};
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, engine, name, "/logs?stdout=1&stderr=1");
    const struct sw_http_request call = {
        .method = "GET", .target = target.p, .receiver = &receiver, .patience = SW_PATIENCE_WORK};
    int code = sw_call(&response, engine, &call, error);
    if (code == 0 && !sw_frames_whole(&output.frames))
        code = sw_fail(error, SW_EENV, "the container's output broke off");
    return code;
}

/* The end of a container is waited for as long as the engine answers. */
static int wait_for_end(struct sw_engine *engine, const char *name, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, engine, name, "/wait");
    const struct sw_http_request call = {
        .method = "POST", .target = target.p, .patience = SW_PATIENCE_STREAM};
    return sw_call(&response, engine, &call, error);
}

static int call(struct sw_engine *engine, const char *method, const char *name, const char *rest,
                struct sw_http_response *response, struct sw_error *error)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, engine, name, rest);
    return sw_call_simple(response, engine, method, &target, error);
}

static int read_result(struct sw_container_result *result, struct sw_engine *engine, const char *name,
                       struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    SW_HTTP_RESPONSE_AUTO response;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_http_response_init(&response);
    const struct sw_node *root = NULL;
    int code = call(engine, "GET", name, "/json", &response, error);
    if (code == 0)
        code = sw_call_json(&root, &arena, &response, error);
    if (code != 0)
        return code;
    const struct sw_node *state = sw_node_get(root, "State");
    result->exit_code = (int)sw_node_integer(sw_node_get(state, "ExitCode"), -1);
    result->oom = sw_node_boolean(sw_node_get(state, "OOMKilled"), false);
    return 0;
}

static int run_created(struct sw_container_result *result, struct sw_engine *engine, const char *name,
                       const struct sw_sink *sink, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    int code = call(engine, "POST", name, "/start", &response, error);
    if (code == SW_EENV &&
        response.status != 0) /* 500 is the engine's word for devices and commands it has not */
        code = error == NULL ? SW_ENO : (int)(error->code = SW_ENO);
    if (code == 0)
        code = wait_for_end(engine, name, error);
    if (code == 0)
        code = read_output(engine, name, sink, error);
    return code == 0 ? read_result(result, engine, name, error) : code;
}

static void remove_container(struct sw_engine *engine, const char *name)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    container_target(&target, engine, name, "?force=1&v=1");
    sw_call_cleanup(engine, "DELETE", &target);
}

int sw_container_run(struct sw_container_result *result, struct sw_engine *engine,
                     const struct sw_container_request *request, const struct sw_sink *sink,
                     struct sw_error *error)
{
    char token[SW_TOKEN_SIZE];
    char name[sizeof "slipway-" + sizeof token];
    int code = sw_call_token(token, error);
    if (code != 0)
        return code;
    (void)snprintf(name, sizeof name, "slipway-%s", token);
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                    .step = SW_STR("run"),
                                    .text = sw_str_from(request->image)});
    code = create(engine, name, request, error);
    if (code == 0)
        code = run_created(result, engine, name, sink, error);
    remove_container(engine, name); /* also one whose creation was cancelled before the engine could answer */
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                    .step = SW_STR("run"),
                                    .failed = code != 0,
                                    .text = sw_str_from(code != 0 && error != NULL ? error->text : "")});
    return code == 0 || code == SW_ECANCELED
               ? code
               : sw_error_context(error, "cannot run a container of '%s'", request->image);
}
