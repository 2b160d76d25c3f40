#include "engine/endpoint_internal.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "data/json.h"

#include <unistd.h>

#define DEFAULT_SOCKET "/var/run/docker.sock"
#define BUILDKIT_SOCKET "/run/buildkit/buildkitd.sock"
#define BUILDKIT "buildkit+" /* before the URL of a BuildKit daemon */

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int refuse(struct sw_error *error, const char *url, const char *origin, const char *why,
                  const char *hint)
{
    (void)sw_fail(error, SW_EINPUT, "cannot use the engine '%s' (%s): %s", url, origin, why);
    return sw_error_hint(error, "%s", hint);
}

static int parse_unix(struct sw_endpoint *out, struct sw_arena *arena, const char *path)
{
    if (path[0] == '\0')
        path = out->buildkit ? BUILDKIT_SOCKET : DEFAULT_SOCKET;
    out->kind = SW_ENDPOINT_UNIX;
    out->socket = sw_arena_text(arena, path);
    out->base = "http://docker";
    out->url = sw_arena_format(arena, "%sunix://%s", out->buildkit ? BUILDKIT : "", path);
    return out->socket == NULL || out->url == NULL ? -1 : 0;
}

/* Return true if the authority has a port: a last colon that is not inside an IPv6 literal. */
static bool has_port(struct sw_str authority)
{
    const char *colon = memrchr(authority.p, ':', authority.n);
    const char *bracket = memrchr(authority.p, ']', authority.n);
    return colon != NULL && (bracket == NULL || bracket < colon);
}

static int parse_tcp(struct sw_endpoint *out, struct sw_arena *arena, const char *rest, bool tls)
{
    struct sw_str path = sw_str_from(rest);
    struct sw_str authority = sw_str_cut(&path, '/');
    const char *usual = out->buildkit ? ":1234" : tls ? ":2376" : ":2375";
    const char *port = has_port(authority) ? "" : usual;
    while (path.n > 0 && path.p[path.n - 1] == '/')
        path.n--;
    const char *slash = path.n == 0 ? "" : "/";
    out->kind = SW_ENDPOINT_TCP;
    out->verify = tls;
    out->base = sw_arena_format(arena, "%s://%.*s%s%s%.*s", tls ? "https" : "http", SW_STR_FORMAT(authority),
                                port, slash, (int)path.n, path.p == NULL ? "" : path.p);
    out->url =
        sw_arena_format(arena, "%stcp://%.*s%s%s%.*s", out->buildkit ? BUILDKIT : "",
                        SW_STR_FORMAT(authority), port, slash, (int)path.n, path.p == NULL ? "" : path.p);
    return out->base == NULL || out->url == NULL ? -1 : 0;
}

/* Return true if the text between "://" and the next slash can be a host, and no blank or control character
 * follows. */
static bool is_host(const char *rest)
{
    for (const char *p = rest; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7F || *p == '?' || *p == '#' || *p == '@')
            return false;
    }
    return rest[0] != '\0' && rest[0] != '/' && rest[0] != ':';
}

/* [USER@]HOST[:PORT][/PATH]. All of it becomes arguments of ssh and the path a word of the other machine's shell, so
 * that no character is let through which either could take for more than a name. */
struct ssh_parts {
    struct sw_str user, host, port, path;
};

static const char *read_ssh(struct ssh_parts *parts, struct sw_str rest)
{
    uint64_t port = 0;
    parts->host = sw_str_cut(&rest, '/');
    parts->path = rest; /* NULL and empty without a slash */
    const char *at = memrchr(parts->host.p, '@', parts->host.n);
    if (at != NULL) {
        parts->user = (struct sw_str){parts->host.p, (size_t)(at - parts->host.p)};
        parts->host = sw_str_drop(parts->host, parts->user.n + 1);
        if (memchr(parts->user.p, ':', parts->user.n) != NULL)
            return "a password cannot be given to ssh";
        if (!sw_str_is_plain(parts->user, "._-+"))
            return "that is no user's name";
    }
    if (has_port(parts->host)) {
        const char *colon = memrchr(parts->host.p, ':', parts->host.n);
        parts->port = sw_str_drop(parts->host, (size_t)(colon - parts->host.p) + 1);
        parts->host.n = (size_t)(colon - parts->host.p);
        if (!sw_str_to_u64(parts->port, &port) || port == 0 || port > UINT16_MAX)
            return "that is no port";
    }
    if (parts->host.n > 2 && parts->host.p[0] == '[' && parts->host.p[parts->host.n - 1] == ']')
        parts->host = (struct sw_str){parts->host.p + 1, parts->host.n - 2};
    if (!sw_str_is_plain(parts->host, "._-:%"))
        return parts->host.n == 0 ? "there is no host name in it" : "that is no host name";
    return parts->path.n > 0 && !sw_str_is_plain(parts->path, "._-+/@=,") ? "that is no path of a socket"
                                                                          : NULL;
}

static int parse_ssh(struct sw_endpoint *out, struct sw_arena *arena, const char *url, const char *origin,
                     struct sw_error *error)
{
    struct ssh_parts parts = {0};
    const char *fault = read_ssh(&parts, sw_str_from(url + strlen("ssh://")));
    if (fault != NULL)
        return refuse(error, url, origin, fault, "use ssh://[USER@]HOST[:PORT][/PATH/OF/SOCKET]");
    struct sw_endpoint parsed = {.kind = SW_ENDPOINT_CHILD, .origin = origin, .base = "http://docker"};
    parsed.url = sw_arena_text(arena, url);
    parsed.host = sw_arena_copy(arena, parts.host);
    bool failed = parsed.url == NULL || parsed.host == NULL;
    if (parts.user.n > 0)
        failed |= (parsed.user = sw_arena_copy(arena, parts.user)) == NULL;
    if (parts.port.n > 0)
        failed |= (parsed.port = sw_arena_copy(arena, parts.port)) == NULL;
    if (parts.path.n > 0)
        failed |= (parsed.socket = sw_arena_format(arena, "/%.*s", SW_STR_FORMAT(parts.path))) == NULL;
    if (failed)
        return sw_fail_memory(error);
    *out = parsed;
    return 0;
}

/* `tls`: whether tcp:// means TLS here, on which docker's default port depends. */
static int parse(struct sw_endpoint *out, struct sw_arena *arena, const char *url, const char *origin,
                 bool tls, struct sw_error *error)
{
    static const char forms[] = "use unix://PATH, tcp://HOST:PORT or ssh://USER@HOST";
    bool buildkit = strncmp(url, BUILDKIT, strlen(BUILDKIT)) == 0;
    struct sw_str text = sw_str_from(buildkit ? url + strlen(BUILDKIT) : url);
    struct sw_endpoint parsed = {.origin = origin, .buildkit = buildkit};
    const char *separator = strstr(text.p, "://");
    const char *rest = separator == NULL ? text.p : separator + strlen("://");
    int failed = 0;
    if (sw_str_starts(text, "unix://"))
        failed = parse_unix(&parsed, arena, rest);
    else if (sw_str_starts(text, "ssh://") && !buildkit)
        return parse_ssh(out, arena, url, origin, error);
    else if (separator != NULL && !sw_str_starts(text, "tcp://") && !sw_str_starts(text, "http://") &&
             !sw_str_starts(text, "https://"))
        return refuse(error, url, origin, "unknown kind of address", forms);
    else if (!is_host(rest))
        return refuse(error, url, origin, "there is no host name in it", forms);
    else
        failed = parse_tcp(&parsed, arena, rest, sw_str_starts(text, "https://") || tls);
    if (failed != 0)
        return sw_fail_memory(error);
    *out = parsed;
    return 0;
}

int sw_endpoint_parse(struct sw_endpoint *out, struct sw_arena *arena, const char *url, const char *origin,
                      struct sw_error *error)
{
    return parse(out, arena, url, origin, false, error);
}

/* The path of `name` in `folder`, or NULL if there is no such file. */
static const char *existing(struct sw_arena *arena, const char *folder, const char *name)
{
    const char *path = sw_path_join(arena, folder, name);
    return path != NULL && access(path, F_OK) == 0 ? path : NULL;
}

static void add_tls_files(struct sw_endpoint *endpoint, struct sw_arena *arena, const char *folder)
{
    endpoint->ca = existing(arena, folder, "ca.pem");
    endpoint->certificate = existing(arena, folder, "cert.pem");
    endpoint->key = existing(arena, folder, "key.pem");
}

/* An address from the option, DOCKER_HOST or BUILDKIT_HOST, to which DOCKER_TLS… and DOCKER_CERT_PATH apply. */
static int find_by_url(struct sw_endpoint *out, struct sw_arena *arena,
                       const struct sw_endpoint_wishes *wishes, const char *config, const char *url,
                       const char *origin, struct sw_error *error)
{
    bool tls = is_set(wishes->docker_tls_verify) || is_set(wishes->docker_tls);
    struct sw_endpoint found;
    int code = parse(&found, arena, url, origin, tls, error);
    if (code != 0)
        return code;
    if (found.verify) {
        const char *folder = is_set(wishes->docker_cert_path) ? wishes->docker_cert_path : config;
        found.verify = !is_set(wishes->docker_tls) || is_set(wishes->docker_tls_verify);
        if (folder != NULL)
            add_tls_files(&found, arena, folder);
    }
    *out = found;
    return 0;
}

int sw_endpoint_read_json(const struct sw_node **out, struct sw_arena *arena, const char *path,
                          struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = sw_file_read(&text, path, error);
    if (code != 0)
        return code;
    return sw_json_read(out, arena, sw_buffer_str(&text), path, error);
}

/* Find `currentContext` of config.json; NULL if there is no such file or key. */
static int current_context(const char **name, struct sw_arena *arena, const char *config,
                           struct sw_error *error)
{
    const char *path = existing(arena, config, "config.json");
    const struct sw_node *root = NULL;
    int code = path == NULL ? 0 : sw_endpoint_read_json(&root, arena, path, error);
    if (code == 0)
        *name = sw_node_text(sw_node_get(root, "currentContext"), NULL);
    return code;
}

/* The endpoint in a context's meta.json, with the TLS files kept beside it. */
static int read_context(struct sw_endpoint *out, struct sw_arena *arena, const char *config, const char *hash,
                        const char *path, const char *origin, struct sw_error *error)
{
    const struct sw_node *root = NULL;
    int code = sw_endpoint_read_json(&root, arena, path, error);
    if (code != 0)
        return code;
    const struct sw_node *docker = sw_node_get(sw_node_get(root, "Endpoints"), "docker");
    const char *host = sw_node_text(sw_node_get(docker, "Host"), "");
    bool skip_verify = sw_node_boolean(sw_node_get(docker, "SkipTLSVerify"), false);
    char *folder = sw_arena_format(arena, "%s/contexts/tls/%s/docker", config, hash);
    if (folder == NULL)
        return sw_fail_memory(error);
    if (host[0] == '\0')
        return sw_fail_at(error, SW_EINPUT, path, 0, 0, "%s has no docker endpoint", origin);
    bool tls = skip_verify || access(folder, F_OK) == 0;
    struct sw_endpoint found;
    code = parse(&found, arena, host, origin, tls, error);
    if (code != 0)
        return code;
    if (found.verify) {
        found.verify = !skip_verify;
        add_tls_files(&found, arena, folder);
    }
    *out = found;
    return 0;
}

/* The context store keeps each context under the SHA-256 of its name. */
int sw_endpoint_of_context(struct sw_endpoint *out, struct sw_arena *arena, const char *config,
                           const char *name, const char *who, struct sw_error *error)
{
    char hash[SW_SHA256_HEX_SIZE];
    const char *origin = sw_arena_format(arena, "docker context '%s'", name);
    if (!sw_str_is_plain(sw_str_from(name), "_.+-")) { /* never quoted: it could be a login */
        (void)sw_fail(error, SW_EINPUT, "%s is not the name of a docker context", who);
        return sw_error_hint(error, "see 'docker context ls', or name the engine with -H");
    }
    if (config == NULL)
        return sw_fail(error, SW_EINPUT,
                       "cannot look for docker context '%s' (%s): neither HOME nor DOCKER_CONFIG is set",
                       name, who);
    if (origin == NULL || !sw_sha256_hex(sw_str_from(name), hash))
        return sw_fail_memory(error);
    char *path = sw_arena_format(arena, "%s/contexts/meta/%s/meta.json", config, hash);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = read_context(out, arena, config, hash, path, origin, error);
    if (code != SW_ENOTFOUND)
        return code;
    (void)sw_fail(error, SW_EINPUT, "docker context '%s' (%s) does not exist in '%s'", name, who, config);
    return sw_error_hint(error, "see 'docker context ls', or name the engine with -H");
}

static bool is_context(const char *name)
{
    return is_set(name) && strcmp(name, "default") != 0;
}

enum place_root { IN_ROOT, IN_RUNTIME_DIR, IN_HOME };

/* The usual sockets of engines, best first. */
static const struct {
    enum place_root root;
    const char *path, *whose;
} usual_places[] = {
    {IN_ROOT, DEFAULT_SOCKET, "Docker's usual socket"},
    {IN_RUNTIME_DIR, "docker.sock", "rootless Docker's usual socket"},
    {IN_HOME, ".docker/run/docker.sock", "Docker Desktop's usual socket"},
    {IN_HOME, ".docker/desktop/docker.sock", "Docker Desktop's usual socket"},
    {IN_HOME, ".orbstack/run/docker.sock", "OrbStack's usual socket"},
    {IN_HOME, ".colima/default/docker.sock", "Colima's usual socket"},
    {IN_HOME, ".colima/docker.sock", "Colima's usual socket"},
    {IN_HOME, ".config/colima/default/docker.sock", "Colima's usual socket"},
    {IN_HOME, ".rd/docker.sock", "Rancher Desktop's usual socket"},
    {IN_HOME, ".lima/default/sock/docker.sock", "Lima's usual socket"},
    {IN_RUNTIME_DIR, "podman/podman.sock", "rootless Podman's usual socket"},
    {IN_ROOT, "/run/podman/podman.sock", "Podman's usual socket"},
    {IN_RUNTIME_DIR, "podman/podman-machine-default-api.sock", "Podman machine's usual socket"},
    {IN_HOME, ".local/share/containers/podman/machine/podman.sock", "Podman machine's usual socket"},
};

static int find_usual(struct sw_endpoints *out, struct sw_arena *arena,
                      const struct sw_endpoint_wishes *wishes, struct sw_error *error)
{
    const char *runtime = wishes->runtime_dir;
    if (!is_set(runtime))
        runtime = sw_arena_format(arena, "/run/user/%u", wishes->uid);
    const char *const roots[] = {[IN_ROOT] = "", [IN_RUNTIME_DIR] = runtime, [IN_HOME] = wishes->home};
    struct sw_endpoints found = {.items = sw_arena_array(arena, SW_COUNT(usual_places), sizeof *found.items)};
    if (runtime == NULL || found.items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < SW_COUNT(usual_places); i++) {
        const char *root = roots[usual_places[i].root];
        if (usual_places[i].root != IN_ROOT && !is_set(root))
            continue;
        struct sw_endpoint *endpoint = &found.items[found.count];
        endpoint->origin = usual_places[i].whose;
        endpoint->patience_ns = wishes->patience_ns;
        const char *path = sw_path_join(arena, root, usual_places[i].path);
        if (path == NULL || parse_unix(endpoint, arena, path) != 0)
            return sw_fail_memory(error);
        found.count++;
    }
    *out = found;
    return 0;
}

int sw_endpoints_find(struct sw_endpoints *out, struct sw_arena *arena,
                      const struct sw_endpoint_wishes *wishes, struct sw_error *error)
{
    const char *config = wishes->docker_config;
    if (!is_set(config))
        config = is_set(wishes->home) ? sw_path_join(arena, wishes->home, ".docker") : NULL;
    struct sw_endpoint *one = sw_arena_alloc(arena, sizeof *one);
    if (one == NULL)
        return sw_fail_memory(error);
    const char *context = wishes->docker_context, *who = "DOCKER_CONTEXT";
    int code = 0;
    if (is_set(wishes->builder)) {
        bool usual = false;
        code = sw_endpoint_of_builder(one, &usual, arena, wishes, config, error);
        if (code == 0 && usual)
            return find_usual(out, arena, wishes, error);
    } else if (is_set(wishes->host)) {
        code = find_by_url(one, arena, wishes, config, wishes->host, "-H", error);
    } else if (is_set(wishes->docker_host)) {
        code = find_by_url(one, arena, wishes, config, wishes->docker_host, "DOCKER_HOST", error);
    } else if (is_set(wishes->buildkit_host)) {
        const char *url = sw_arena_format(arena, BUILDKIT "%s", wishes->buildkit_host);
        code = url == NULL ? sw_fail_memory(error)
                           : find_by_url(one, arena, wishes, config, url, "BUILDKIT_HOST", error);
    } else {
        if (!is_set(context) && config != NULL) {
            who = "currentContext of config.json";
            code = current_context(&context, arena, config, error);
        }
        if (code == 0 && !is_context(context))
            return find_usual(out, arena, wishes, error);
        if (code == 0)
            code = sw_endpoint_of_context(one, arena, config, context, who, error);
    }
    if (code == 0) {
        one->environment = wishes->environment;
        one->patience_ns = wishes->patience_ns;
        *out = (struct sw_endpoints){one, 1, true};
    }
    return code;
}
