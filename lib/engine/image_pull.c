#include "engine/image.h"

#include "base/limits.h"
#include "base/text.h"
#include "engine/call.h"
#include "engine/reference.h"
#include "engine/stream.h"

/* The engines and registries say why a pull failed in words only. */
static const struct {
    const char *words;
    enum sw_code code;
    const char *hint;
} pull_failures[] = {
    {"toomanyrequests", SW_EENV, "the registry limits pulls: log in with 'docker login', or wait"},
    {"Too Many Requests", SW_EENV, "the registry limits pulls: log in with 'docker login', or wait"},
    {"no matching manifest", SW_ENOTFOUND, "the image exists, but not for this platform"},
    {"no match for platform", SW_ENOTFOUND, "the image exists, but not for this platform"},
    {"does not exist or may require", SW_ENOTFOUND,
     "check the name; if the image is private, log in with 'docker login'"},
    {"manifest unknown", SW_ENOTFOUND, "check the tag: the registry does not have it"},
    {"name unknown", SW_ENOTFOUND, "check the name: the registry does not have it"},
    {"not found", SW_ENOTFOUND, "check the name and the tag: the registry does not have them"},
    {"unauthorized", SW_EENV, "the registry wants a login: 'docker login'"},
    {"no basic auth credentials", SW_EENV, "the registry wants a login: 'docker login'"},
    {"denied", SW_EENV, "the registry wants a login: 'docker login'"},
    {"no such host", SW_EENV, "the engine cannot resolve the registry's name: check its network"},
    {"server misbehaving", SW_EENV, "the engine cannot resolve the registry's name: check its network"},
    {"dial tcp", SW_EENV, "the engine cannot reach the registry: check its network and proxy settings"},
    {"Client.Timeout", SW_EENV, "the engine cannot reach the registry: check its network and proxy settings"},
    {"i/o timeout", SW_EENV, "the engine cannot reach the registry: check its network and proxy settings"},
    {"certificate", SW_EENV, "the engine does not trust the registry's certificate"},
    {"no space left", SW_EENV, "make room where the engine keeps its data"},
};

/* `failure` may be what says so, or the engine's going away. */
static int explain_pull(const char *name, struct sw_error *failure)
{
    for (size_t i = 0; i < SW_COUNT(pull_failures); i++) {
        if (strstr(failure->text, pull_failures[i].words) == NULL)
            continue;
        failure->code = pull_failures[i].code;
        (void)sw_error_hint(failure, "%s", pull_failures[i].hint);
        break;
    }
    return sw_error_context(failure, "cannot pull image '%s'", name);
}

static int take_stream(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    return sw_build_stream_feed(self, bytes, n, error);
}

/* The header that logs in; nobody does where there is no login or it cannot be had. */
static int add_login(struct sw_buffer *header, const struct sw_engine *engine,
                     const struct sw_credentials *credentials, const char *registry,
                     const struct sw_sink *sink, struct sw_error *error)
{
    SW_LOGIN_AUTO login = {.username = "", .password = "", .identity_token = "", .registry_token = ""};
    struct sw_error failure = {0};
    int code = credentials == NULL
                   ? 0
                   : sw_credentials_find(&login, credentials, registry, engine->cancel, &failure);
    if (code == SW_ECANCELED)
        return sw_fail_canceled(error);
    if (code != 0)
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(failure.text)});
    sw_buffer_add_text(header, "X-Registry-Auth: ");
    return sw_login_header(header, &login, registry, error);
}

static int send_pull(struct sw_engine *engine, const struct sw_reference *reference, const char *platform,
                     const char *login, struct sw_build_stream *stream, struct sw_error *error)
{
    const char *const headers[] = {login, NULL};
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/images/create");
    sw_query_add(&target, "fromImage", reference->repository);
    sw_query_add(&target, "tag", reference->tag); /* without one, all tags would come */
    sw_query_add(&target, "platform", platform);
    int code = sw_buffer_check(&target, "the request", error);
    if (code != 0)
        return code;
    const struct sw_receiver receiver = {take_stream, stream};
    const struct sw_http_request request = {
        .method = "POST", .target = target.p, .headers = headers, .receiver = &receiver};
    return sw_call(&response, engine, &request, error);
}

/* What the engine's stream ended with, as an error. */
static int read_outcome(struct sw_build_outcome *outcome, struct sw_error *error)
{
    if (!outcome->failed)
        return 0;
    char *clean = sw_text_clean(&outcome->arena, sw_str_from(outcome->failure_text));
    return clean == NULL ? sw_fail_memory(error) : sw_fail(error, SW_EENV, "the engine says: %s", clean);
}

int sw_image_pull(struct sw_engine *engine, const char *name, const char *platform,
                  const struct sw_credentials *credentials, const struct sw_sink *sink,
                  struct sw_error *error)
{
    SW_BUFFER_AUTO login;
    sw_buffer_init(&login, SW_MAX_HTTP_HEADERS);
    struct sw_reference reference;
    struct sw_error failure = {0};
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    int code = sw_reference_split(&reference, name, error);
    if (code == 0)
        code = add_login(&login, engine, credentials, reference.registry, sink, error);
    if (code != 0)
        return code;
    struct sw_build_stream *stream = sw_build_stream_new(sink);
    if (stream == NULL)
        return sw_fail_memory(error);
    code = send_pull(engine, &reference, platform, login.p, stream, &failure);
    int ended = sw_build_stream_finish(stream, code == 0, &outcome, code == 0 ? &failure : NULL);
    sw_build_stream_free(stream);
    if (code == 0)
        code = ended;
    if (code == 0)
        code = read_outcome(&outcome, &failure);
    if (code != 0 && code != SW_ECANCELED)
        code = explain_pull(name, &failure);
    if (code != 0 && error != NULL)
        *error = failure;
    return code;
}
