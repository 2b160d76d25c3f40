#include "engine/open.h"

#include "base/clock.h"
#include "base/limits.h"
#include "engine/buildkitd_internal.h"
#include "engine/call.h"
#include "http/header.h"

#include <errno.h>
#include <unistd.h>

enum {
    API_MAJOR = 1,
    /* The first version with BuildKit behind POST /build. */
    API_LEAST = 39,
    /* The newest version known when this was written: Docker Engine 29.7. */
    API_MOST = 55,
};

/* "1.41" → 41; 0 for anything else. */
static unsigned api_minor(struct sw_str version)
{
    uint64_t major = 0, minor = 0;
    struct sw_str first = sw_str_cut(&version, '.');
    if (version.p == NULL || !sw_str_to_u64(first, &major) || !sw_str_to_u64(version, &minor) ||
        major != API_MAJOR || minor > 9999)
        return 0;
    return (unsigned)minor;
}

static int not_an_engine(const struct sw_engine *engine, const char *why, struct sw_error *error)
{
    (void)sw_fail(error, SW_EENV, "what listens at %s (%s) is not a container engine: %s",
                  engine->endpoint.url, engine->endpoint.origin, why);
    return sw_error_hint(error, "name the engine's socket with -H or DOCKER_HOST");
}

/* HEAD is enough for a ping, but not everything between us and an engine lets it pass. */
static int ping(struct sw_http_response *response, struct sw_engine *engine, struct sw_error *error)
{
    struct sw_http_request request = {.method = "GET",
                                      .target = "/_ping",
                                      .timeout_ns = sw_patience_ns(&engine->endpoint, SW_PATIENCE_PING),
                                      .cancel = engine->cancel};
    int code = sw_client_perform(response, engine->client, &request, error);
    if (code != 0)
        return code;
    if (sw_str_find(sw_buffer_str(&response->body), SW_STR("HTTP request to an HTTPS server")) <
        response->body.n) {
        (void)sw_fail(error, SW_EENV, "the engine at %s (%s) is to be reached by TLS", engine->endpoint.url,
                      engine->endpoint.origin);
        return sw_error_hint(
            error, "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of the certificates");
    }
    if (sw_header_find(sw_buffer_str(&response->headers), "Api-Version").p == NULL)
        return not_an_engine(engine, "its answer to a ping names no API version", error);
    if (response->status != 200)
        return sw_fail(error, SW_EENV, "the engine at %s answers a ping with HTTP status %ld",
                       engine->endpoint.url, response->status);
    return 0;
}

/* The version in all paths: the one asked for, else the newest that both sides know. */
static int negotiate(struct sw_engine *engine, const struct sw_http_response *response, const char *wish,
                     struct sw_error *error)
{
    struct sw_str offered = sw_header_find(sw_buffer_str(&response->headers), "Api-Version");
    unsigned theirs = api_minor(offered);
    if (theirs == 0)
        return not_an_engine(engine, "it names no API version of Docker's", error);
    unsigned ours = theirs < API_MOST ? theirs : API_MOST;
    if (wish != NULL && wish[0] != '\0') {
        ours = api_minor(sw_str_from(wish));
        if (ours == 0)
            return sw_fail(error, SW_EINPUT, "DOCKER_API_VERSION is '%s', which is no version such as 1.41",
                           wish);
    }
    if (ours < API_LEAST) {
        (void)sw_fail(error, SW_EENV,
                      "the engine at %s would speak API 1.%u; 1.%d is the oldest that can be used",
                      engine->endpoint.url, ours, API_LEAST);
        return sw_error_hint(error, "%s",
                             wish != NULL && wish[0] != '\0'
                                 ? "unset DOCKER_API_VERSION"
                                 : "update the engine: Docker 18.09 or Podman 4 is enough");
    }
    (void)snprintf(engine->info.api_version, sizeof engine->info.api_version, "%d.%u", API_MAJOR, ours);
    return 0;
}

/* uname's words for a machine, which Docker's /info uses, in Go's. */
static const char *go_architecture(const char *machine)
{
    static const char *const names[][2] = {
        {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"armv7l", "arm"}, {"i686", "386"}};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(machine, names[i][0]) == 0)
            return names[i][1];
    }
    return machine;
}

static bool is_rootless(const struct sw_node *root)
{
    const struct sw_node *options = sw_node_get(root, "SecurityOptions");
    for (size_t i = 0; i < sw_node_count(options); i++) {
        if (strstr(sw_node_text(sw_node_item(options, i), ""), "name=rootless") != NULL)
            return true;
    }
    return sw_node_boolean(sw_node_get(root, "Rootless"), false); /* Podman's own */
}

/* [["driver-type", "io.containerd.snapshotter.v1"]], which Docker alone says. */
static bool is_containerd(const struct sw_node *root)
{
    const struct sw_node *status = sw_node_get(root, "DriverStatus");
    for (size_t i = 0; i < sw_node_count(status); i++) {
        const struct sw_node *row = sw_node_item(status, i);
        if (sw_node_type(row) == SW_NODE_LIST && sw_node_count(row) == 2 &&
            strcmp(sw_node_text(sw_node_item(row, 0), ""), "driver-type") == 0 &&
            strncmp(sw_node_text(sw_node_item(row, 1), ""), "io.containerd.snapshotter", 25) == 0)
            return true;
    }
    return false;
}

static int read_info(struct sw_engine *engine, struct sw_error *error)
{
    struct sw_engine_info *info = &engine->info;
    SW_ARENA_AUTO arena;
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/info");
    const struct sw_node *root = NULL;
    int code = sw_call_simple(&response, engine, "GET", &target, error);
    if (code == 0)
        code = sw_call_json(&root, &arena, &response, error);
    if (code != 0)
        return code;
    const char *architecture = sw_node_text(sw_node_get(root, "Architecture"), "");
    (void)snprintf(info->version, sizeof info->version, "%s",
                   sw_node_text(sw_node_get(root, "ServerVersion"), ""));
    (void)snprintf(info->os, sizeof info->os, "%s", sw_node_text(sw_node_get(root, "OSType"), ""));
    (void)snprintf(info->architecture, sizeof info->architecture, "%s", go_architecture(architecture));
    (void)snprintf(info->storage, sizeof info->storage, "%s", sw_node_text(sw_node_get(root, "Driver"), ""));
    info->containerd = is_containerd(root);
    info->rootless = is_rootless(root);
    info->buildkit = !info->podman && strcmp(info->os, "linux") == 0;
    return 0;
}

static const char *copy(struct sw_engine *engine, const char *text, bool *failed)
{
    const char *copied = text == NULL ? NULL : sw_arena_text(&engine->arena, text);
    *failed |= text != NULL && copied == NULL;
    return copied;
}

/* A copy of a command's words with the NULL behind them; NULL without a command. */
static const char *const *copy_command(struct sw_engine *engine, const char *const *words, bool *failed)
{
    size_t count = 0;
    if (words == NULL)
        return NULL;
    while (words[count] != NULL)
        count++;
    const char **copied = sw_arena_array(&engine->arena, count + 1, sizeof *copied);
    *failed |= copied == NULL;
    for (size_t i = 0; copied != NULL && i < count; i++)
        copied[i] = copy(engine, words[i], failed);
    return copied;
}

static int copy_endpoint(struct sw_engine *engine, const struct sw_endpoint *from)
{
    bool failed = false;
    engine->endpoint = (struct sw_endpoint){
        .kind = from->kind,
        .url = copy(engine, from->url, &failed),
        .origin = copy(engine, from->origin, &failed),
        .socket = copy(engine, from->socket, &failed),
        .command = copy_command(engine, from->command, &failed),
        .host = copy(engine, from->host, &failed),
        .user = copy(engine, from->user, &failed),
        .port = copy(engine, from->port, &failed),
        .base = copy(engine, from->base, &failed),
        .ca = copy(engine, from->ca, &failed),
        .certificate = copy(engine, from->certificate, &failed),
        .key = copy(engine, from->key, &failed),
        .verify = from->verify,
        .patience_ns = from->patience_ns,
        .environment = from->environment,
        .buildkit = from->buildkit,
    };
    return failed ? -1 : 0;
}

static int shake_hands(struct sw_engine *engine, const char *api_version, struct sw_error *error)
{
    if (engine->endpoint.buildkit)
        return sw_worker_ask(&engine->info, &engine->endpoint, engine->cancel, error);
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    int code = ping(&response, engine, error);
    if (code == 0)
        code = negotiate(engine, &response, api_version, error);
    if (code != 0)
        return code;
    engine->info.podman = sw_header_find(sw_buffer_str(&response.headers), "Libpod-Api-Version").p != NULL;
    (void)snprintf(engine->info.product, sizeof engine->info.product, "%s",
                   engine->info.podman ? "Podman" : "Docker");
    return read_info(engine, error);
}

int sw_engine_open_endpoint(struct sw_engine **out, const struct sw_endpoint *endpoint,
                            const char *api_version, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&engine->arena, SW_MAX_ARENA);
    engine->cancel = cancel;
    int code = copy_endpoint(engine, endpoint) == 0 ? 0 : sw_fail_memory(error);
    if (code == 0)
        code = sw_client_new(&engine->client, &engine->endpoint, error);
    if (code == 0)
        code = shake_hands(engine, api_version, error);
    if (code == 0)
        *out = engine;
    else
        sw_engine_close(engine);
    return code;
}

void sw_engine_close(struct sw_engine *engine)
{
    if (engine == NULL)
        return;
    sw_client_free(engine->client);
    sw_arena_release(&engine->arena);
    free(engine);
}

/* The attempts that failed, for one error. */
struct attempts {
    struct sw_buffer failures; /* texts, joined */
    struct sw_buffer absent;   /* paths, joined */
    struct sw_error first;     /* whose hint serves for all */
};

static void note_failure(struct attempts *attempts, const struct sw_error *failure)
{
    if (attempts->failures.n == 0)
        attempts->first = *failure;
    sw_buffer_addf(&attempts->failures, "%s%s", attempts->failures.n == 0 ? "" : "; ", failure->text);
}

static int nothing_found(const struct attempts *attempts, struct sw_error *error)
{
    if (attempts->failures.n == 0) {
        (void)sw_fail(error, SW_EENV, "no container engine found: there is no socket at %s",
                      attempts->absent.p);
        return sw_error_hint(error, "start Docker or Podman, or name an engine with -H or DOCKER_HOST");
    }
    (void)sw_fail(error, SW_EENV, "%s", attempts->failures.p);
    return sw_error_hint(error, "%s", attempts->first.hint);
}

static void tell(const struct sw_engine *engine, const struct sw_sink *sink)
{
    char text[512];
    int n = snprintf(text, sizeof text, "using %s %s at %s", engine->info.product, engine->info.version,
                     engine->endpoint.url);
    if (n > 0)
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
}

static int open_first(struct sw_engine **out, const struct sw_endpoints *found,
                      const struct sw_engine_options *options, const struct sw_sink *sink,
                      struct attempts *attempts, struct sw_error *error)
{
    for (size_t i = 0; i < found->count; i++) {
        struct sw_error failure;
        const char *socket = found->items[i].socket;
        if (access(socket, F_OK) != 0 && errno == ENOENT) {
            sw_buffer_addf(&attempts->absent, "%s%s", attempts->absent.n == 0 ? "" : ", ", socket);
            continue;
        }
        int code =
            sw_engine_open_endpoint(out, &found->items[i], options->api_version, options->cancel, &failure);
        if (code == 0) {
            tell(*out, sink);
            return 0;
        }
        if (code == SW_ECANCELED)
            return sw_fail_canceled(error);
        note_failure(attempts, &failure);
    }
    return nothing_found(attempts, error);
}

int sw_engine_open(struct sw_engine **out, const struct sw_engine_options *options,
                   const struct sw_sink *sink, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    struct sw_endpoints found;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_endpoints_find(&found, &arena, &options->wishes, error);
    if (code != 0)
        return code;
    if (found.chosen)
        return sw_engine_open_endpoint(out, &found.items[0], options->api_version, options->cancel, error);
    struct attempts attempts = {0};
    sw_buffer_init(&attempts.failures, sizeof error->text);
    sw_buffer_init(&attempts.absent, sizeof error->text);
    code = open_first(out, &found, options, sink, &attempts, error);
    sw_buffer_release(&attempts.failures);
    sw_buffer_release(&attempts.absent);
    return code;
}
