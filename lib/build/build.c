#include "build/build.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "build/control_internal.h"
#include "build/exporters.h"
#include "data/json.h"
#include "engine/call.h"

/* A build while it runs. */
struct build {
    struct sw_engine *engine;
    struct sw_build_stream *stream;
    struct sw_session *session; /* NULL if the engine has none */
    struct sw_arena arena;
    /* The request's offer, and the places on this host for parts of the build. */
    struct sw_session_options offer;
    char id[SW_TOKEN_SIZE]; /* ours, by which BuildKit cancels it */
};

/* The argument that makes POST /build leave a cache in the image; NULL if no such cache is wanted. */
static const char *inlined(const struct sw_build_request *request)
{
    return request->cache_to != NULL && request->cache_to->type != NULL ? "BUILDKIT_INLINE_CACHE" : NULL;
}

static int add_json(struct sw_buffer *target, const char *name, const struct sw_builder *builder,
                    const struct sw_node *value, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_HTTP_HEADERS);
    if (builder->failed)
        return sw_fail_memory(error);
    sw_json_write(&text, value, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, name, error);
    if (code == 0)
        sw_query_add(target, name, text.p);
    return code;
}

/* Add pairs, and a flag or NULL, as the JSON object of the API, or nothing if there are none. */
static int add_pairs(struct sw_buffer *target, const char *name, const struct sw_pair *pairs,
                     const char *flag, struct sw_error *error)
{
    if ((pairs == NULL || pairs->name == NULL) && flag == NULL)
        return 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder builder = {.arena = &arena};
    struct sw_node *map = sw_build_map(&builder);
    for (; pairs != NULL && pairs->name != NULL; pairs++)
        sw_build_set(&builder, map, pairs->name, sw_build_text(&builder, pairs->value));
    if (flag != NULL)
        sw_build_set(&builder, map, flag, sw_build_text(&builder, "1"));
    return add_json(target, name, &builder, map, error);
}

/* Caches in registries, which POST /build takes as a list of references. */
static int add_caches(struct sw_buffer *target, const struct sw_build_part *caches, struct sw_error *error)
{
    if (caches == NULL || caches->type == NULL)
        return 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder builder = {.arena = &arena};
    struct sw_node *list = sw_build_list(&builder);
    for (; caches->type != NULL; caches++)
        sw_build_append(&builder, list, sw_build_text(&builder, sw_part_get(caches, "ref")));
    return add_json(target, "cachefrom", &builder, list, error);
}

static int make_target(struct sw_buffer *target, const struct build *build,
                       const struct sw_build_request *request, struct sw_error *error)
{
    const struct sw_engine_info *info = &build->engine->info;
    sw_call_target(target, build->engine, "/build?rm=1&forcerm=1");
    if (info->buildkit) {
        sw_query_add(target, "version", "2");
        sw_query_add(target, "buildid", build->id);
    }
    if (build->session != NULL) {
        sw_query_add(target, "session", sw_session_id(build->session));
        sw_query_add(target, "remote", "client-session");
    }
    sw_query_add(target, "dockerfile",
                 build->session == NULL || request->dockerfile == NULL ? request->dockerfile
                                                                       : sw_path_base(request->dockerfile));
    sw_query_add(target, "platform", request->platform);
    sw_query_add(target, "target", request->target);
    sw_query_add(target, "networkmode", request->network);
    sw_query_add(target, "nocache", request->no_cache ? "1" : NULL);
    sw_query_add(target, "pull", request->pull ? "1" : NULL);
    int code = add_pairs(target, "buildargs", request->arguments, inlined(request), error);
    if (code == 0)
        code = add_caches(target, request->cache_from, error);
    if (code == 0)
        code = add_pairs(target, "labels", request->labels, NULL, error);
    return code == 0 ? sw_buffer_check(target, "the build request", error) : code;
}

static int read_tar(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    return sw_context_read(self, out, n, got, error);
}

static int take_stream(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    const struct build *build = self;
    return sw_build_stream_feed(build->stream, bytes, n, error);
}

static void cancel_build(void *self)
{
    const struct build *build = self;
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, build->engine, "/build/cancel");
    sw_query_add(&target, "id", build->id);
    sw_call_cleanup(build->engine, "POST", &target);
}

static int send_build(struct build *build, const struct sw_build_request *request, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    int code = make_target(&target, build, request, error);
    if (code != 0)
        return code;
    const struct sw_source tar = {read_tar, request->offer.context};
    const struct sw_receiver receiver = {take_stream, build};
    struct sw_companion companion = {-1, sw_session_serve, build->session};
    if (build->session != NULL)
        companion.fd = sw_session_fd(build->session);
    bool stoppable = build->engine->info.buildkit;
    const struct sw_http_request call = {
        .method = "POST",
        .target = target.p,
        .content_type = "application/x-tar",
        .source = build->session != NULL ? NULL : &tar,
        .companion = build->session != NULL ? &companion : NULL,
        .receiver = &receiver,
        .patience = SW_PATIENCE_STREAM,
        .grace_ns = stoppable ? sw_patience_ns(&build->engine->endpoint, SW_PATIENCE_END) : 0,
        .on_cancel = stoppable ? cancel_build : NULL,
        .canceler = build,
    };
    return sw_call(&response, build->engine, &call, error);
}

static void warn_of_leftovers(const struct sw_engine *engine, const struct sw_sink *sink)
{
    if (engine->info.podman)
        sw_emit(sink, (struct sw_event){
                          .kind = SW_EVENT_WARNING,
                          .text = SW_STR("Podman cannot stop a step that runs: it goes on in the engine "
                                         "until it ends by itself")});
}

/* Offer the places of the outputs and caches that are files on this host. */
static int offer_places(struct build *build, const struct sw_build_request *request, struct sw_error *error)
{
    const struct sw_build_part *const caches[] = {request->cache_from, request->cache_to};
    size_t outputs = sw_parts_count(request->outputs), folders = 0;
    struct sw_output *places = sw_arena_array(&build->arena, outputs + 1, sizeof *places);
    const char **paths = sw_arena_array(
        &build->arena, sw_parts_count(caches[0]) + sw_parts_count(caches[1]) + 1, sizeof *paths);
    if (places == NULL || paths == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < outputs; i++)
        places[i] = (struct sw_output){request->outputs[i].path, sw_part_is(&request->outputs[i], "local")};
    for (size_t i = 0; i < SW_COUNT(caches); i++) {
        for (const struct sw_build_part *part = caches[i]; part != NULL && part->type != NULL; part++) {
            if (part->path != NULL)
                paths[folders++] = part->path;
        }
    }
    build->offer = request->offer;
    build->offer.outputs = places;
    build->offer.outputs_count = outputs;
    build->offer.cache_folders = paths;
    return 0;
}

/* An engine without sessions is no failure, unless the build requires a session. */
static int open_session(struct build *build, const struct sw_build_request *request,
                        const struct sw_sink *sink, struct sw_error *error)
{
    const struct sw_session_options *offer = &build->offer;
    const struct sw_engine *engine = build->engine;
    struct sw_error failure = {0};
    int code = SW_ENOTFOUND;
    if (engine->info.buildkit)
        code = sw_session_open(&build->session, &engine->endpoint, offer, sink, engine->cancel, &failure);
    if (code == SW_ENOTFOUND && !sw_parts_are_plain(request, &engine->info)) {
        (void)sw_fail(error, SW_EENV,
                      "the engine at %s does not serve BuildKit's sessions, which caches, outputs and "
                      "attestations need",
                      engine->endpoint.url);
        return sw_error_hint(error,
                             "something between here and the engine may keep POST /session and /grpc back");
    }
    if (code == SW_ENOTFOUND && offer->secrets_count == 0 && offer->agents_count == 0)
        return 0;
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, SW_EENV, "%s %s cannot be given secrets or an SSH agent for a build",
                      engine->info.product, engine->info.version);
        return sw_error_hint(error, "use an engine with BuildKit: Docker Engine 20.10 or newer");
    }
    if (code != 0 && error != NULL)
        *error = failure;
    return code;
}

static int run(struct build *build, struct sw_build_outcome *ended, const struct sw_build_request *request,
               const struct sw_sink *sink, struct sw_error *error)
{
    int code = offer_places(build, request, error);
    if (code == 0)
        code = open_session(build, request, sink, error);
    if (code == 0 && sw_parts_are_plain(request, &build->engine->info))
        code = send_build(build, request, error);
    else if (code == 0)
        code = sw_control_build(build->stream, build->engine, build->session, request, error);
    int finished = sw_build_stream_finish(build->stream, code == 0, ended, code == 0 ? error : NULL);
    /* A fault on this side is the cause of the engine's error. */
    if (code != SW_ECANCELED && build->session != NULL && (code != 0 || ended->failed)) {
        int fault = sw_session_check(build->session, error);
        if (fault != 0)
            return fault;
    }
    if (code == SW_EENV && finished == 0 && ended->step_name[0] != '\0')
        (void)sw_error_context(code, error, "during '%.200s'", ended->step_name);
    return code == 0 ? finished : code;
}

int sw_engine_build(struct sw_build_outcome *outcome, struct sw_engine *engine,
                    const struct sw_build_request *request, const struct sw_sink *sink,
                    struct sw_error *error)
{
    struct build build = {.engine = engine};
    struct sw_build_outcome ended = {0};
    int code = sw_engine_build_check(engine, request, error);
    if (code == 0)
        code = sw_call_token(build.id, error);
    if (code != 0)
        return code;
    sw_arena_init(&build.arena, SW_MAX_ARENA);
    build.stream = sw_build_stream_new(sink);
    if (build.stream == NULL)
        return sw_fail_memory(error);
    sw_build_stream_dockerfile(build.stream, request->dockerfile_text);
    code = run(&build, &ended, request, sink, error);
    sw_session_close(build.session);
    sw_build_stream_free(build.stream);
    sw_arena_release(&build.arena);
    if (code == SW_ECANCELED)
        warn_of_leftovers(engine, sink);
    if (code == 0)
        *outcome = ended;
    else
        sw_build_outcome_release(&ended);
    return code;
}
