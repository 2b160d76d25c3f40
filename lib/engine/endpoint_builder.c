/* The builders of docker buildx, by the files that it keeps of them (docker/buildx, store/nodegroup.go, and driver/ for each driver).
 *
 * A builder of the driver `docker` has no file: it has the name of a docker context. `remote` is a BuildKit daemon at an address.
 * `docker-container` and `kubernetes` run the daemon in a container or pod, which docker's and Kubernetes' own clients reach, as
 * buildx does: `buildctl dial-stdio` in there is the connection. */
#include "engine/endpoint_internal.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/path.h"
#include "http/uri.h"

#define BUILDKIT "buildkit+"
enum { MOST_WORDS = 16 };

/* A node of a builder, on the way to its endpoint. */
struct node {
    struct sw_arena *arena;
    const char *builder;          /* its name */
    const char *origin;           /* for messages */
    const char *name, *address;   /* the node's own */
    const struct sw_node *config; /* its DriverOpts */
    struct sw_str query;          /* of an address that is a URL */
};

static int refuse(const struct node *node, const char *why, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "cannot use %s: %s", node->origin, why);
    return sw_error_hint(error, "see 'docker buildx inspect %s', or name the engine with -H", node->builder);
}

/* A connection through a command; the words are plain texts of the builder's file or our own. */
static int through(struct sw_endpoint *out, const struct node *node, const char *const *words, size_t count,
                   struct sw_error *error)
{
    const char **command = sw_arena_array(node->arena, count + 1, sizeof *command);
    if (command == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        command[i] = words[i];
    *out = (struct sw_endpoint){.kind = SW_ENDPOINT_CHILD,
                                .url = sw_arena_format(node->arena, "buildx://%s", node->builder),
                                .origin = node->origin,
                                .base = "http://docker",
                                .command = command,
                                .buildkit = true};
    return out->url == NULL ? sw_fail_memory(error) : 0;
}

static bool is_name(const char *text)
{
    return text != NULL && text[0] != '-' && sw_str_is_plain(sw_str_from(text), "_.-");
}

/* ---- docker-container ---- */

/* The words that name the docker engine at the node's address: a URL or a context. NULL: the address is neither. */
static const char *engine_option(const struct node *node)
{
    if (strstr(node->address, "://") != NULL)
        return "--host";
    return is_name(node->address) ? "--context" : NULL;
}

static int by_container(struct sw_endpoint *out, const struct node *node, const char *container,
                        struct sw_error *error)
{
    const char *option = node->address[0] == '\0' ? "" : engine_option(node);
    const char *words[MOST_WORDS] = {"docker"};
    size_t n = 1;
    if (!is_name(container) || option == NULL)
        return refuse(node, "its file names no container or no docker engine", error);
    if (option[0] != '\0') {
        words[n++] = option;
        words[n++] = node->address;
    }
    static const char *const before[] = {"exec", "-i"}, *const behind[] = {"buildctl", "dial-stdio"};
    for (size_t i = 0; i < SW_COUNT(before); i++)
        words[n++] = before[i];
    words[n++] = container;
    for (size_t i = 0; i < SW_COUNT(behind); i++)
        words[n++] = behind[i];
    return through(out, node, words, n, error);
}

/* ---- kubernetes ---- */

/* The value of a key in the query of the node's address, decoded, as text in the arena; NULL without it. */
static const char *query_value(const struct node *node, const char *key)
{
    struct sw_str rest = node->query;
    while (rest.n > 0) {
        struct sw_str value = sw_str_cut(&rest, '&'), name = sw_str_cut(&value, '=');
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_PATH_SIZE);
        sw_uri_decode(&text, value);
        if (sw_str_is(name, key) && text.n > 0)
            return sw_arena_copy(node->arena, sw_buffer_str(&text));
    }
    return NULL;
}

static const char *option_value(const struct node *node, const char *key)
{
    const char *value = sw_node_text(sw_node_get(node->config, key), "");
    return value[0] == '\0' ? NULL : value;
}

/* buildx names the deployment of a node without a name of its own by the node, with dashes. */
static const char *deployment_of(const struct node *node)
{
    const char *named = query_value(node, "deployment");
    char *own = sw_arena_text(node->arena, named == NULL ? node->name : named);
    for (char *c = own; named == NULL && c != NULL && *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c;
    return own;
}

static int by_kubectl(struct sw_endpoint *out, const struct node *node, const char *pod,
                      struct sw_error *error)
{
    const char *space = option_value(node, "namespace"), *context = query_value(node, "context"),
               *file = query_value(node, "kubeconfig");
    const char *words[MOST_WORDS] = {"kubectl"};
    size_t n = 1;
    space = space == NULL ? query_value(node, "namespace") : space;
    const struct {
        const char *option, *value;
        bool is_path;
    } options[] = {
        {"--namespace", space, false}, {"--context", context, false}, {"--kubeconfig", file, true}};
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        const char *value = options[i].value;
        if (value == NULL)
            continue;
        if (options[i].is_path ? value[0] != '/' : !is_name(value))
            return refuse(node, "its namespace, context or kubeconfig is no plain text", error);
        words[n++] = options[i].option;
        words[n++] = value;
    }
    if (pod == NULL)
        return sw_fail_memory(error);
    if (!sw_str_is_plain(sw_str_from(pod), "_.-/") || pod[0] == '-')
        return refuse(node, "its file names no pod", error);
    static const char *const before[] = {"exec", "-i"}, *const behind[] = {"--", "buildctl", "dial-stdio"};
    for (size_t i = 0; i < SW_COUNT(before); i++)
        words[n++] = before[i];
    words[n++] = pod;
    for (size_t i = 0; i < SW_COUNT(behind); i++)
        words[n++] = behind[i];
    return through(out, node, words, n, error);
}

/* ---- remote ---- */

static int by_address(struct sw_endpoint *out, const struct node *node, struct sw_error *error)
{
    struct sw_str address = sw_str_from(node->address);
    const char *ca = option_value(node, "cacert"), *certificate = option_value(node, "cert"),
               *key = option_value(node, "key");
    bool tls = (ca != NULL || certificate != NULL) && sw_str_starts(address, "tcp://");
    if (sw_str_starts(address, "docker-container://")) {
        struct node inner = *node;
        inner.address = "";
        return by_container(out, &inner, node->address + strlen("docker-container://"), error);
    }
    if (sw_str_starts(address, "kube-pod://"))
        return by_kubectl(out, node, sw_arena_copy(node->arena, sw_str_drop(address, strlen("kube-pod://"))),
                          error);
    if (!sw_str_starts(address, "tcp://") && !sw_str_starts(address, "unix://"))
        return refuse(node, "its address is of a kind that slipway does not reach", error);
    if (option_value(node, "servername") != NULL)
        return refuse(node, "its certificate is for another name than its address (servername)", error);
    const char *url = sw_arena_format(node->arena, BUILDKIT "%s%s", tls ? "https" : "",
                                      tls ? node->address + strlen("tcp") : node->address);
    if (url == NULL)
        return sw_fail_memory(error);
    int code = sw_endpoint_parse(out, node->arena, url, node->origin, error);
    if (code == 0 && tls) {
        out->ca = ca;
        out->certificate = certificate;
        out->key = key;
    }
    return code;
}

/* ---- the builder's file ---- */

static int by_driver(struct sw_endpoint *out, struct node *node, const char *driver, struct sw_error *error)
{
    struct sw_str rest = sw_str_from(node->address);
    (void)sw_str_cut(&rest, '?');
    node->query = rest;
    if (node->query.p != NULL)
        node->address =
            sw_arena_copy(node->arena, (struct sw_str){node->address, (size_t)(rest.p - 1 - node->address)});
    if (node->address == NULL)
        return sw_fail_memory(error);
    if (strcmp(driver, "remote") == 0)
        return by_address(out, node, error);
    if (strcmp(driver, "docker-container") == 0) {
        const char *container = sw_arena_format(node->arena, "buildx_buildkit_%s", node->name);
        return container == NULL ? sw_fail_memory(error) : by_container(out, node, container, error);
    }
    if (strcmp(driver, "kubernetes") != 0)
        return refuse(node, "slipway does not know its driver", error);
    const char *deployment = deployment_of(node);
    return by_kubectl(
        out, node, deployment == NULL ? NULL : sw_arena_format(node->arena, "deploy/%s", deployment), error);
}

/* Read the builder's file; its first node builds. */
static int read_builder(struct sw_endpoint *out, struct sw_arena *arena, const char *name, const char *path,
                        struct sw_error *error)
{
    const struct sw_node *root = NULL;
    int code = sw_endpoint_read_json(&root, arena, path, error);
    if (code != 0)
        return code;
    const struct sw_node *nodes = sw_node_get(root, "Nodes"), *first = sw_node_item(nodes, 0);
    size_t count = sw_node_count(nodes);
    struct node node = {
        .arena = arena,
        .builder = name,
        .origin = count > 1 ? sw_arena_format(arena, "the first of %zu nodes of builder '%s'", count, name)
                            : sw_arena_format(arena, "builder '%s'", name),
        .name = sw_node_text(sw_node_get(first, "Name"), ""),
        .address = sw_node_text(sw_node_get(first, "Endpoint"), ""),
        .config = sw_node_get(first, "DriverOpts")};
    if (node.origin == NULL)
        return sw_fail_memory(error);
    return by_driver(out, &node, sw_node_text(sw_node_get(root, "Driver"), "docker-container"), error);
}

int sw_endpoint_of_builder(struct sw_endpoint *out, bool *usual, struct sw_arena *arena,
                           const struct sw_endpoint_wishes *wishes, const char *config,
                           struct sw_error *error)
{
    const char *name = wishes->builder, *folder = wishes->buildx_config;
    if (!is_name(name)) { /* never quoted: it could be a login */
        (void)sw_fail(error, SW_EINPUT, "--builder names no builder of docker buildx");
        return sw_error_hint(error, "see 'docker buildx ls', or name the engine with -H");
    }
    if (folder == NULL || folder[0] == '\0')
        folder = config == NULL ? NULL : sw_path_join(arena, config, "buildx");
    const char *path = folder == NULL ? NULL : sw_arena_format(arena, "%s/instances/%s", folder, name);
    int code = path == NULL ? SW_ENOTFOUND : read_builder(out, arena, name, path, error);
    if (code != SW_ENOTFOUND)
        return code;
    *usual = strcmp(name, "default") == 0;
    if (*usual)
        return 0;
    code = sw_endpoint_of_context(out, arena, config, name, "--builder", error);
    return code == 0 ? 0 : sw_error_hint(error, "see 'docker buildx ls', or name the engine with -H");
}
