/* Pull and push: transfers between engines and registries. */
#include "engine/image.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "engine/call.h"
#include "engine/reference.h"
#include "stream/stream.h"

/* The first pause between two tries; each further pause is four times as long. */
#define FIRST_PAUSE_NS SW_SECOND_NS

/* A pull or a push, with all tries one step of the display. */
struct transfer {
    struct sw_engine *engine;
    const char *verb, *name; /* "pull", the image */
    char step[300];          /* both */
    struct sw_reference reference;
    struct sw_buffer target, login;
    bool anonymous; /* no login is known */
    const struct sw_sink *sink;
};

/* Engines and registries say why it failed in words only. The first row that occurs decides. */
enum remedy { NONE, HINT, LOGIN, AGAIN /* it may pass by itself */ };
static const struct {
    const char *words;
    enum sw_code code;
    enum remedy remedy;
    const char *hint;
} failures[] = {
    {"toomanyrequests", SW_EENV, HINT, "the registry limits pulls: log in with 'docker login', or wait"},
    {"Too Many Requests", SW_EENV, HINT, "the registry limits pulls: log in with 'docker login', or wait"},
    {"no matching manifest", SW_ENOTFOUND, HINT, "the image exists, but not for this platform"},
    {"no match for platform", SW_ENOTFOUND, HINT, "the image exists, but not for this platform"},
    {"does not exist or may require", SW_ENOTFOUND, HINT,
     "check the name; if the image is private, log in with 'docker login'"},
    {"manifest unknown", SW_ENOTFOUND, HINT, "check the tag: the registry does not have it"},
    {"name unknown", SW_ENOTFOUND, HINT, "check the name: the registry does not have it"},
    {"unauthorized", SW_EENV, LOGIN, NULL},
    {"no basic auth credentials", SW_EENV, LOGIN, NULL},
    {"authentication required", SW_EENV, LOGIN, NULL},
    {"invalid username/password", SW_EENV, LOGIN, NULL},
    {"401 Unauthorized", SW_EENV, LOGIN, NULL},
    {"denied", SW_EENV, LOGIN, NULL},
    {"403 Forbidden", SW_EENV, LOGIN, NULL},
    {"not found", SW_ENOTFOUND, HINT, "check the name and the tag: the registry does not have them"},
    {"no such host", SW_EENV, HINT, "the engine cannot resolve the registry's name: check its network"},
    {"server misbehaving", SW_EENV, HINT, "the engine cannot resolve the registry's name: check its network"},
    {"no space left", SW_EENV, HINT, "make room where the engine keeps its data"},
    {"received unexpected HTTP status: 5", SW_EENV, AGAIN, NULL},
    {"500 Internal Server Error", SW_EENV, AGAIN, NULL},
    {"502 Bad Gateway", SW_EENV, AGAIN, NULL},
    {"503 Service Unavailable", SW_EENV, AGAIN, NULL},
    {"504 Gateway Time", SW_EENV, AGAIN, NULL},
    {"connection reset by peer", SW_EENV, AGAIN, NULL},
    {"broken pipe", SW_EENV, AGAIN, NULL},
    {"TLS handshake timeout", SW_EENV, AGAIN, NULL},
    {"EOF", SW_EENV, AGAIN, NULL},
    {"HTTP response to HTTPS client", SW_EENV, HINT,
     "the registry does not speak TLS: name it in the engine's insecure-registries, or give it a "
     "certificate"},
    {"certificate", SW_EENV, HINT, "the engine does not trust the registry's certificate"},
    {"dial tcp", SW_EENV, HINT, "the engine cannot reach the registry: check its network and proxy settings"},
    {"Client.Timeout", SW_EENV, HINT,
     "the engine cannot reach the registry: check its network and proxy settings"},
    {"i/o timeout", SW_EENV, HINT,
     "the engine cannot reach the registry: check its network and proxy settings"},
};

static int hint_login(const struct transfer *transfer, struct sw_error *failure)
{
    const char *registry = transfer->reference.registry;
    if (transfer->anonymous)
        return sw_error_hint(failure, "'%.100s' wants a login and docker has none: 'docker login %.100s'",
                             registry, registry);
    return sw_error_hint(failure,
                         "the login that docker has for '%.100s' is refused: log in as one who may, 'docker "
                         "login %.100s', or check the image's name",
                         registry, registry);
}

/* `failure` is in the engine's words: give it its code and a hint. */
static enum remedy explain(const struct transfer *transfer, struct sw_error *failure)
{
    for (size_t i = 0; i < SW_COUNT(failures); i++) {
        if (strstr(failure->text, failures[i].words) == NULL)
            continue;
        failure->code = failures[i].code;
        if (failures[i].remedy == LOGIN)
            (void)hint_login(transfer, failure);
        else if (failures[i].remedy == HINT)
            (void)sw_error_hint(failure, "%s", failures[i].hint);
        return failures[i].remedy;
    }
    return NONE;
}

static int take_stream(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    return sw_build_stream_feed(self, bytes, n, error);
}

/* Turn the end of the engine's stream into an error. Only a push must tell a digest. */
static int read_outcome(const struct transfer *transfer, struct sw_build_outcome *outcome,
                        struct sw_error *error)
{
    bool pushed = strcmp(transfer->verb, "push") == 0;
    if (!outcome->failed && pushed && !sw_is_sha256_digest(sw_str_from(outcome->digest)))
        return sw_fail(error, SW_EENV, "the engine ended the push with neither a digest nor an error");
    if (!outcome->failed)
        return 0;
    char *clean = sw_text_clean(&outcome->arena, sw_str_from(outcome->failure_text));
    return clean == NULL ? sw_fail_memory(error) : sw_fail(error, SW_EENV, "the engine says: %s", clean);
}

/* Try once. `again` is set if a retry may succeed. */
static int attempt(struct sw_build_outcome *outcome, bool *again, const struct transfer *transfer,
                   struct sw_error *error)
{
    const char *const headers[] = {transfer->login.p, NULL};
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    struct sw_build_stream *stream = sw_build_stream_new(transfer->sink);
    if (stream == NULL)
        return sw_fail_memory(error);
    sw_build_stream_transfer(stream, transfer->step);
    const struct sw_receiver receiver = {take_stream, stream};
    const struct sw_http_request request = {.method = "POST",
                                            .target = transfer->target.p,
                                            .headers = headers,
                                            .receiver = &receiver,
                                            .patience = SW_PATIENCE_STREAM};
    int code = sw_call(&response, transfer->engine, &request, error);
    /* Without an answer the engine is gone, and trying again is of no use. */
    bool answered = response.status != 0;
    int ended = sw_build_stream_finish(stream, code == 0, outcome, code == 0 ? error : NULL);
    sw_build_stream_free(stream);
    if (code == 0)
        code = ended;
    if (code == 0)
        code = read_outcome(transfer, outcome, error);
    enum remedy remedy = code != 0 && code != SW_ECANCELED && answered ? explain(transfer, error) : NONE;
    *again = remedy == AGAIN && !outcome->retried;
    return code == 0 ? 0 : (int)error->code;
}

/* Tries until it succeeds, fails for good or has failed often enough. */
static int try_often(struct sw_build_outcome *outcome, const struct transfer *transfer,
                     struct sw_error *error)
{
    int64_t pause_ns = FIRST_PAUSE_NS;
    for (unsigned tries = 1;; tries++) {
        struct sw_build_outcome ended = {0};
        bool again = false;
        int code = attempt(&ended, &again, transfer, error);
        if (code == 0) {
            *outcome = ended;
            return 0;
        }
        sw_build_outcome_release(&ended);
        if (again && tries == SW_MAX_FETCH_TRIES)
            return sw_error_context(code, error, "after %u tries", tries);
        if (!again)
            return code;
        char text[SW_MAX_MESSAGE];
        (void)snprintf(text, sizeof text, "%s; trying again in %d s", error->text,
                       (int)(pause_ns / SW_SECOND_NS));
        sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_WARNING,
                                                  .step = sw_str_from(transfer->step),
                                                  .text = sw_str_from(text)});
        sw_cancel_wait(transfer->engine->cancel, pause_ns);
        if (sw_cancel_requested(transfer->engine->cancel))
            return sw_fail_canceled(error);
        pause_ns *= 4;
    }
}

static int run(struct sw_build_outcome *outcome, const struct transfer *transfer, struct sw_error *error)
{
    struct sw_str step = sw_str_from(transfer->step);
    struct sw_error failure = {0};
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED, .step = step, .text = step});
    int code = sw_buffer_check(&transfer->target, "the request", &failure);
    if (code == 0)
        code = try_often(outcome, transfer, &failure);
    const char *why = code == 0 ? "" : code == SW_ECANCELED ? "context canceled" : failure.text;
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                              .step = step,
                                              .text = sw_str_from(why),
                                              .cached = code == 0 && outcome->cached,
                                              .failed = code != 0});
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_error_context(code, &failure, "cannot %s image '%s'", transfer->verb, transfer->name);
    if (code != 0 && error != NULL)
        *error = failure;
    return code;
}

/* Add the header that logs in; it is an anonymous header if there is no login or if the login cannot be had. */
static int add_login(struct transfer *transfer, const struct sw_credentials *credentials,
                     struct sw_error *error)
{
    SW_LOGIN_AUTO login = {.username = "", .password = "", .identity_token = "", .registry_token = ""};
    const char *registry = transfer->reference.registry;
    struct sw_error failure = {0};
    int code = credentials == NULL
                   ? 0
                   : sw_credentials_find(&login, credentials, registry, transfer->engine->cancel, &failure);
    if (code == SW_ECANCELED)
        return sw_fail_canceled(error);
    if (code != 0)
        sw_emit(transfer->sink,
                (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(failure.text)});
    transfer->anonymous =
        login.username[0] == '\0' && login.identity_token[0] == '\0' && login.registry_token[0] == '\0';
    sw_buffer_add_text(&transfer->login, "X-Registry-Auth: ");
    return sw_login_header(&transfer->login, &login, registry, error);
}

/* Prepare a transfer. release() must follow, also if this fails. */
static int start(struct transfer *transfer, struct sw_engine *engine, const char *verb, const char *name,
                 const struct sw_credentials *credentials, const struct sw_sink *sink, struct sw_error *error)
{
    *transfer = (struct transfer){.engine = engine, .verb = verb, .name = name, .sink = sink};
    (void)snprintf(transfer->step, sizeof transfer->step, "%s %s", verb, name);
    sw_buffer_init(&transfer->login, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&transfer->target, SW_MAX_HTTP_HEADERS);
    int code = sw_reference_split(&transfer->reference, name, error);
    return code == 0 ? add_login(transfer, credentials, error) : code;
}

static void release(struct transfer *transfer)
{
    sw_buffer_release(&transfer->login);
    sw_buffer_release(&transfer->target);
}

int sw_image_pull(struct sw_engine *engine, const char *name, const char *platform,
                  const struct sw_credentials *credentials, const struct sw_sink *sink,
                  struct sw_error *error)
{
    struct transfer transfer;
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    int code = start(&transfer, engine, "pull", name, credentials, sink, error);
    if (code == 0) {
        sw_call_target(&transfer.target, engine, "/images/create");
        sw_query_add(&transfer.target, "fromImage", transfer.reference.repository);
        /* Without a tag the engine would pull all tags. */
        sw_query_add(&transfer.target, "tag", transfer.reference.tag);
        sw_query_add(&transfer.target, "platform", platform);
        code = run(&outcome, &transfer, error);
    }
    release(&transfer);
    return code;
}

int sw_image_push(char digest[SW_IMAGE_DIGEST_SIZE], struct sw_engine *engine, const char *name,
                  const struct sw_credentials *credentials, const struct sw_sink *sink,
                  struct sw_error *error)
{
    struct transfer transfer;
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    int code = start(&transfer, engine, "push", name, credentials, sink, error);
    if (code == 0) {
        sw_call_target(&transfer.target, engine, "/images/");
        sw_query_add_path(&transfer.target, transfer.reference.repository);
        sw_buffer_add_text(&transfer.target, "/push");
        sw_query_add(&transfer.target, "tag", transfer.reference.tag);
        code = run(&outcome, &transfer, error);
    }
    if (code == 0)
        (void)snprintf(digest, SW_IMAGE_DIGEST_SIZE, "%s", outcome.digest);
    release(&transfer);
    return code;
}
