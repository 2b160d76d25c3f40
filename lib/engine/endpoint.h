/* Endpoints: where an engine may be reached, by docker's own rules.
 *
 * The order is that of docker's client (docker/cli, cli/command/cli.go and opts/hosts.go): the option,
 * DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json; BUILDKIT_HOST, of which docker knows nothing,
 * comes before the contexts. The first of these that is set is the only candidate, and an error in it is an
 * error: nothing else is tried in silence. Where none is set, the usual sockets of Docker, its desktop
 * relatives and Podman are candidates, best first. Nothing here opens a connection. */
#ifndef SLIPWAY_ENGINE_ENDPOINT_H
#define SLIPWAY_ENGINE_ENDPOINT_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* What the caller read from its options and environment; NULL and "" both mean unset. */
struct sw_endpoint_wishes {
    const char *host;              /* the option -H */
    const char *docker_host;       /* DOCKER_HOST */
    const char *buildkit_host;     /* BUILDKIT_HOST: what -H takes behind "buildkit+" */
    const char *docker_context;    /* DOCKER_CONTEXT */
    const char *docker_config;     /* DOCKER_CONFIG, a folder; unset: .docker in `home` */
    const char *docker_cert_path;  /* DOCKER_CERT_PATH, a folder; unset: `docker_config` */
    const char *docker_tls;        /* DOCKER_TLS: any text asks for TLS */
    const char *docker_tls_verify; /* DOCKER_TLS_VERIFY: any text asks for TLS and verification */
    const char *home;              /* HOME */
    const char *runtime_dir;       /* XDG_RUNTIME_DIR; unset: /run/user/UID */
    unsigned uid;
    int64_t patience_ns;            /* of every endpoint that is found */
    const char *const *environment; /* the user's variables, for ssh; must outlive the endpoints */
};

enum sw_endpoint_kind { SW_ENDPOINT_UNIX, SW_ENDPOINT_TCP, SW_ENDPOINT_SSH };

/* Texts lie in the arena that the endpoint was made in. */
struct sw_endpoint {
    enum sw_endpoint_kind kind;
    const char *url;    /* as docker would write it: "unix:///var/run/docker.sock", "tcp://host:2376" */
    const char *origin; /* who named it, for messages: "-H", "DOCKER_HOST", "docker context 'x'" */
    const char *socket; /* of SW_ENDPOINT_UNIX: the path; of SW_ENDPOINT_SSH: on the other machine, or NULL */
    const char *host;   /* of SW_ENDPOINT_SSH: as its configuration may know it */
    const char *user, *port; /* of SW_ENDPOINT_SSH, or NULL */
    const char *base; /* what request paths are put behind: "http://docker", "https://host:2376/base" */
    const char *ca, *certificate, *key; /* TLS files, NULL where there are none */
    bool verify;                        /* of https: check the server's certificate */
    const char *const *environment;     /* of SW_ENDPOINT_SSH: the user's variables, not copied */
    int64_t patience_ns; /* no wait for the engine may be longer (engine/patience.h); 0: the usual limits */
    bool buildkit;       /* what listens there is a BuildKit daemon: HTTP/2 as it is, and no Docker API */
};

struct sw_endpoints {
    struct sw_endpoint *items;
    size_t count;
    bool chosen; /* one that somebody named, not the usual places */
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
