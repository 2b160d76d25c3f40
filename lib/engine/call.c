#include "engine/call.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "engine/buildkitd_internal.h"

#include <sys/random.h>

enum { MESSAGE_SIZE = 600 };

void sw_call_target(struct sw_buffer *target, const struct sw_engine *engine, const char *path)
{
    sw_buffer_addf(target, "/v%s%s", engine->info.api_version, path);
}

/* {"message": "…"}, or the text as it is: one line that is safe to show. */
static void explain(struct sw_buffer *out, const struct sw_http_response *response)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    struct sw_str text = sw_str_trim(sw_buffer_str(&response->body));
    if (sw_json_read(&root, &arena, text, NULL, NULL) == 0 && sw_node_get(root, "message") != NULL)
        text = sw_str_from(sw_node_text(sw_node_get(root, "message"), ""));
    text = sw_str_trim(text);
    sw_text_add_clean(out, (struct sw_str){text.p, text.n < MESSAGE_SIZE ? text.n : MESSAGE_SIZE});
    if (out->n == 0)
        sw_buffer_addf(out, "HTTP status %ld and nothing else", response->status);
}

static int refused(const struct sw_http_response *response, struct sw_error *error)
{
    bool refusal = response->status >= 400 && response->status < 500;
    enum sw_code code = response->status == 404 ? SW_ENOTFOUND : refusal ? SW_ENO : SW_EENV;
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, 4 * MESSAGE_SIZE);
    explain(&message, response);
    return sw_fail(error, code, "the engine says: %s", message.p);
}

static int refuse_builder(const struct sw_engine *engine, struct sw_error *error)
{
    (void)sw_fail(error, SW_EENV,
                  "the BuildKit daemon at %s only builds: it keeps no images and runs nothing",
                  engine->endpoint.url);
    return sw_error_hint(error, "name a Docker Engine or Podman with -H or DOCKER_HOST");
}

/* Ask whether the engine answers at all, over a connection of its own since the engine's own connection is in
 * use. */
static int ping(const struct sw_engine *engine, struct sw_error *error)
{
    struct sw_engine_info info;
    if (engine->info.builder)
        return sw_worker_ask(&info, &engine->endpoint, engine->cancel, error);
    struct sw_client *client = NULL;
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    const struct sw_http_request request = {.method = "GET",
                                            .target = "/_ping",
                                            .timeout_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_PING),
                                            .cancel = engine->cancel};
    int code = sw_client_new(&client, &engine->endpoint, error);
    if (code == 0)
        code = sw_client_perform(&response, client, &request, error);
    sw_client_free(client);
    return code;
}

int sw_call_silence(void *self, int64_t silence_ns, struct sw_error *error)
{
    const struct sw_engine *engine = self;
    int64_t most_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_STREAM);
    if (silence_ns < most_ns)
        return ping(engine, error);
    (void)sw_fail(error, SW_EENV, "the engine at %s has said nothing of its work for %lld s",
                  engine->endpoint.url, (long long)(silence_ns / SW_SECOND_NS));
    return sw_error_hint(error, "see the engine's own log");
}

/* Set the maximum duration of the call, by the kind that its request names. */
static void set_patience(struct sw_http_request *request, struct sw_engine *engine)
{
    if (request->patience != SW_PATIENCE_STREAM) {
        if (request->timeout_ns == 0)
            request->timeout_ns = sw_patience_ns(&engine->endpoint, request->patience);
        return;
    }
    request->on_silence = sw_call_silence;
    request->listener = engine;
    request->quiet_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_QUIET);
}

int sw_call_over(struct sw_http_response *response, struct sw_engine *engine, struct sw_client *client,
                 const struct sw_http_request *request, struct sw_error *error)
{
    struct sw_http_request canceled = *request;
    if (engine->info.builder)
        return refuse_builder(engine, error);
    canceled.cancel = engine->cancel;
    if (engine->grace)
        canceled.grace_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_END);
    set_patience(&canceled, engine);
    int code = sw_client_perform(response, client, &canceled, error);
    if (code == 0 && (response->status < 200 || response->status >= 300))
        code = refused(response, error);
    return code;
}

int sw_call(struct sw_http_response *response, struct sw_engine *engine,
            const struct sw_http_request *request, struct sw_error *error)
{
    return sw_call_over(response, engine, engine->client, request, error);
}

int sw_call_simple(struct sw_http_response *response, struct sw_engine *engine, const char *method,
                   const struct sw_buffer *target, struct sw_error *error)
{
    int code = sw_buffer_check(target, "the request", error);
    if (code != 0)
        return code;
    bool question = strcmp(method, "GET") == 0;
    const struct sw_http_request request = {
        .method = method, .target = target->p, .patience = question ? SW_PATIENCE_ANSWER : SW_PATIENCE_WORK};
    return sw_call(response, engine, &request, error);
}

/* After a cancellation, all cleaning up together ends after SW_PATIENCE_END, but each call has a moment. */
static int64_t cleanup_patience(const struct sw_engine *engine)
{
    const int64_t least_ns = 100 * SW_MILLISECOND_NS;
    int64_t age_ns = sw_cancel_age(engine->cancel);
    if (age_ns < 0)
        return sw_patience_ns(&engine->endpoint, SW_PATIENCE_CLEANUP);
    int64_t left_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_END) - age_ns;
    return left_ns > least_ns ? left_ns : least_ns;
}

void sw_call_cleanup(const struct sw_engine *engine, const char *method, const struct sw_buffer *target)
{
    struct sw_client *client = NULL;
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    const struct sw_http_request request = {
        .method = method, .target = target->p, .timeout_ns = cleanup_patience(engine)};
    int code = sw_buffer_check(target, "the request", NULL);
    if (code == 0)
        code = sw_client_new(&client, &engine->endpoint, NULL);
    if (code == 0)
        code = sw_client_perform(&response, client, &request, NULL);
    (void)code;
    sw_client_free(client);
}

int sw_call_token(char token[SW_TOKEN_SIZE], struct sw_error *error)
{
    unsigned char bytes[(SW_TOKEN_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return sw_fail_errno(error, SW_EENV, "cannot get random bytes");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

int sw_call_json(const struct sw_node **out, struct sw_arena *arena, const struct sw_http_response *response,
                 struct sw_error *error)
{
    int code = sw_json_read(out, arena, sw_buffer_str(&response->body), NULL, error);
    if (code == SW_EINPUT) {
        (void)sw_error_context(code, error, "the engine's answer cannot be read");
        if (error != NULL)
            error->code = SW_EENV;
        code = SW_EENV;
    }
    return code;
}

int sw_call_info(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                 struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/info");
    int code = sw_call_simple(&response, engine, "GET", &target, error);
    return code != 0 ? code : sw_call_json(out, arena, &response, error);
}

void sw_engine_set_grace(struct sw_engine *engine, bool grace)
{
    engine->grace = grace;
}

const struct sw_engine_info *sw_engine_info(const struct sw_engine *engine)
{
    return &engine->info;
}

const struct sw_endpoint *sw_engine_endpoint(const struct sw_engine *engine)
{
    return &engine->endpoint;
}

int sw_engine_root(const char **out, struct sw_arena *arena, struct sw_engine *engine, struct sw_error *error)
{
    const struct sw_node *info = NULL;
    int code = sw_call_info(&info, arena, engine, error);
    if (code == 0)
        *out = sw_node_text(sw_node_get(info, "DockerRootDir"), "");
    return code;
}
