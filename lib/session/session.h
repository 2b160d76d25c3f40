/* A BuildKit session: all that a build may ask its client for while it goes on (internal to this layer).
 *
 * The client opens a connection, POST /session, and becomes the gRPC server on it (moby/buildkit, session/):
 * the engine asks for the context's files (session/filesync_internal.h), for logins at registries, for
 * secrets and for an SSH agent. All of it is served by the thread that waits for the build's answer, which
 * hands control over when the session's descriptor is readable; a credential helper, which may ask its user
 * something, runs beside it. */
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

/* An SSH agent by the name in `RUN --mount=type=ssh,id=…`, "default" if the mount has no id. A build may have
 * the agent list its keys and sign with them, and nothing else. */
struct sw_agent {
    const char *id;
    const char *socket;
};

/* The place of an output of the build. */
struct sw_output {
    /* NULL: the output has no place on this host. */
    const char *path;
    /* The output is a tar, to be unpacked at `path`; false: `path` becomes a file. */
    bool folder;
};

struct sw_session_options {
    struct sw_context *context;
    /* The engine keeps the files under this name, and compares them the next time. */
    const char *context_key;
    const struct sw_credentials *credentials; /* NULL: nobody logs in */
    const struct sw_secret *secrets;
    size_t secrets_count;
    const struct sw_agent *agents;
    size_t agents_count;
    const struct sw_output *outputs; /* by the numbers of the build's exporters */
    size_t outputs_count;
    /* The folders that the build may read and write (session/cache_folder.h), ended by NULL; or NULL. */
    const char *const *cache_folders;
};

struct sw_session;

/* Open a session. All that its options point to must outlive it. SW_ENOTFOUND if the engine has no sessions
 * (Podman). */
int sw_session_open(struct sw_session **out, const struct sw_endpoint *endpoint,
                    const struct sw_session_options *options, const struct sw_sink *sink,
                    const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
void sw_session_close(struct sw_session *session); /* takes NULL */

const char *sw_session_id(const struct sw_session *session);
/* The calls of BuildKit's API on the session's own connection, until the session ends; NULL if that
 * connection has no such calls. */
struct sw_grpc *sw_session_calls(const struct sw_session *session);
/* Return true if the engine has ended the session, or is gone. */
bool sw_session_ended(const struct sw_session *session);
int sw_session_fd(const struct sw_session *session);
/* Do the work that is ready, without waiting, and return true if anything went either way; `self` is the
 * session. */
bool sw_session_serve(void *self);
/* Put the build's exports in their places, after the build has succeeded. Without this call they are gone
 * with the session. */
int sw_session_settle(struct sw_session *session, struct sw_error *error) SW_NODISCARD;
/* Return the fault on this side that keeps the build from succeeding, such as a file that changed: SW_EINPUT
 * or SW_EENV, else 0. The engine is told of the fault and gives the build up. */
int sw_session_check(const struct sw_session *session, struct sw_error *error) SW_NODISCARD;

#endif
