/* A BuildKit session: what a build may ask its client for while it goes on (internal to this layer).
 *
 * The client opens a connection, POST /session, and becomes the gRPC server on it (moby/buildkit, session/): the engine asks
 * for the context's files (session/filesync_internal.h), for logins at registries, for secrets and for an SSH agent. All of it is
 * served by the thread that waits for the build's answer, which hands control over when the session's descriptor is
 * readable; a credential helper, which may ask its user something, runs beside it. */
#ifndef SLIPWAY_SESSION_SESSION_H
#define SLIPWAY_SESSION_SESSION_H

#include "base/cancel.h"
#include "base/event.h"
#include "context/context.h"
#include "engine/credentials.h"
#include "engine/endpoint.h"
#include "wire/grpc.h"

/* A secret by the name that `RUN --mount=type=secret,id=…` gives it; at most SW_MAX_SECRET bytes. */
struct sw_secret {
    const char *id;
    struct sw_str value;
};

/* An SSH agent by the name in `RUN --mount=type=ssh,id=…`, "default" without one. A build may have it list its keys and sign
 * with them, and nothing else. */
struct sw_agent {
    const char *id;
    const char *socket;
};

/* Where something lies that the build exports. */
struct sw_output {
    const char *path; /* NULL: this one is not exported to here */
    bool folder;      /* what comes is a tar, to be unpacked there; else a file */
};

struct sw_session_options {
    struct sw_context *context;
    const char
        *context_key; /* the engine keeps what it was sent under this name, and compares the next time */
    const struct sw_credentials *credentials; /* NULL: nobody logs in */
    const struct sw_secret *secrets;
    size_t secrets_count;
    const struct sw_agent *agents;
    size_t agents_count;
    const struct sw_output *outputs; /* by the numbers of the build's exporters */
    size_t outputs_count;
    const char *const *
        cache_folders; /* that the build may read and write (session/cache_folder.h); ends with NULL; or NULL */
};

struct sw_session;

/* All that is pointed to must outlive the session. SW_ENOTFOUND where the engine has no sessions (Podman). */
int sw_session_open(struct sw_session **out, const struct sw_endpoint *endpoint,
                    const struct sw_session_options *options, const struct sw_sink *sink,
                    const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
void sw_session_close(struct sw_session *session); /* takes NULL */

const char *sw_session_id(const struct sw_session *session);
/* Where BuildKit's API is called on the session's own connection, until that ends; NULL where it has one that is no such. */
struct sw_grpc *sw_session_calls(const struct sw_session *session);
/* Whether the engine has ended it, or is gone. */
bool sw_session_ended(const struct sw_session *session);
int sw_session_fd(const struct sw_session *session);
/* Do what there is to do, without waiting, and return whether anything went either way; `self` is the session. */
bool sw_session_serve(void *self);
/* The build has succeeded: what it exported takes its place. Without this it is gone with the session. */
int sw_session_settle(struct sw_session *session, struct sw_error *error) SW_NODISCARD;
/* What on this side keeps the build from succeeding, such as a file that changed: SW_EINPUT or SW_EENV, else 0. The engine
 * is told of it and gives the build up. */
int sw_session_check(const struct sw_session *session, struct sw_error *error) SW_NODISCARD;

#endif
