/* Endpoints: the places where an engine may be reached, by docker's own rules.
 *
 * The order is that of docker's client (docker/cli, cli/command/cli.go and opts/hosts.go): the option (--builder comes before -H),
 * DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json; BUILDKIT_HOST, of which docker knows nothing,
 * comes before the contexts. The first of these that is set is the only candidate, and an error in it is an
 * error: nothing else is tried in silence. If none is set, the usual sockets of Docker, its desktop relatives
 * and Podman are candidates, best first. Nothing here opens a connection. */
#ifndef SLIPWAY_ENGINE_ENDPOINT_H
#define SLIPWAY_ENGINE_ENDPOINT_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* The caller's options and environment; NULL and "" both mean unset. */
struct sw_endpoint_wishes {
    const char *host; /* the option -H */
    /* The option --builder: a builder of docker buildx. */
    const char *builder;
    const char *docker_host; /* DOCKER_HOST */
    /* BUILDKIT_HOST: an address as -H takes it behind "buildkit+". */
    const char *buildkit_host;
    const char *docker_context; /* DOCKER_CONTEXT */
    /* DOCKER_CONFIG, a folder; unset: .docker in `home`. */
    const char *docker_config;
    /* BUILDX_CONFIG, a folder; unset: buildx in `docker_config`. */
    const char *buildx_config;
    /* DOCKER_CERT_PATH, a folder; unset: `docker_config`. */
    const char *docker_cert_path;
    const char *docker_tls; /* DOCKER_TLS: any text asks for TLS */
    /* DOCKER_TLS_VERIFY: any text asks for TLS and verification. */
    const char *docker_tls_verify;
    const char *home;        /* HOME */
    const char *runtime_dir; /* XDG_RUNTIME_DIR; unset: /run/user/UID */
    unsigned uid;
    int64_t patience_ns; /* of every endpoint that is found */
    /* The user's variables, for ssh; they must outlive the endpoints. */
    const char *const *environment;
};

enum sw_endpoint_kind { SW_ENDPOINT_UNIX, SW_ENDPOINT_TCP, SW_ENDPOINT_CHILD };

/* Texts lie in the arena that the endpoint was made in. */
struct sw_endpoint {
    enum sw_endpoint_kind kind;
    /* The URL as docker would write it: "unix:///var/run/docker.sock", "tcp://host:2376". */
    const char *url;
    /* The source of the address, for messages: "-H", "DOCKER_HOST", "docker context 'x'". */
    const char *origin;
    /* SW_ENDPOINT_UNIX: the path; SW_ENDPOINT_CHILD: the path on the other machine, or NULL. */
    const char *socket;
    /* SW_ENDPOINT_CHILD: the words of the command whose input and output are the connection; NULL: ssh to `host`. */
    const char *const *command;
    /* SW_ENDPOINT_CHILD: a host as ssh's configuration may know it. */
    const char *host;
    const char *user, *port; /* of SW_ENDPOINT_CHILD, or NULL */
    /* The start of each request's URL, before its path: "http://docker", "https://host:2376/base". */
    const char *base;
    const char *ca, *certificate, *key; /* TLS files, each NULL if missing */
    bool verify;                        /* of https: check the server's certificate */
    /* SW_ENDPOINT_CHILD: the user's variables, not copied. */
    const char *const *environment;
    /* No wait for the engine may be longer (engine/patience.h); 0: the usual limits. */
    int64_t patience_ns;
    /* A BuildKit daemon listens there: HTTP/2 as it is, and no Docker API. */
    bool buildkit;
};

struct sw_endpoints {
    struct sw_endpoint *items;
    size_t count;
    /* Somebody named the endpoint; false: these are the usual places. */
    bool chosen;
};

/* Read a URL as docker does: unix://PATH, tcp://HOST[:PORT][/PATH], http://, https://, HOST:PORT or
 * ssh://[USER@]HOST[:PORT][/PATH]. With "buildkit+" before one of
 * all but the last, a BuildKit daemon's, whose own defaults are port 1234 and unix:///run/buildkit/buildkitd.sock. A form that is not understood, or not supported (npipe://, fd://), is SW_EINPUT with a
 * hint. */
int sw_endpoint_parse(struct sw_endpoint *out, struct sw_arena *arena, const char *url, const char *origin,
                      struct sw_error *error) SW_NODISCARD;

/* The candidates. A bad URL, an unreadable config.json and a context that does not exist are SW_EINPUT. */
int sw_endpoints_find(struct sw_endpoints *out, struct sw_arena *arena,
                      const struct sw_endpoint_wishes *wishes, struct sw_error *error) SW_NODISCARD;

#endif
