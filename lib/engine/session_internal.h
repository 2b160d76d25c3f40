/* What the files of a session share. */
#ifndef SLIPWAY_ENGINE_SESSION_INTERNAL_H
#define SLIPWAY_ENGINE_SESSION_INTERNAL_H

#include "engine/call.h"
#include "engine/connection.h"
#include "engine/grpc.h"
#include "engine/session.h"

/* Something that is waited for: `ready` is called with epoll's events. */
struct sw_watch {
    void (*ready)(struct sw_watch *watch, uint32_t events);
};

struct sw_session {
    const struct sw_session_options *options;
    const struct sw_sink *sink;
    char id[SW_TOKEN_SIZE];
    struct sw_connection *connection; /* NULL where it ended */
    struct sw_grpc *grpc;
    struct sw_watch watch; /* of the connection */
    struct sw_buffer batch;
    size_t sent; /* bytes of `batch` */
    bool full;   /* the connection took no more */
    int epoll;
    struct sw_cancel ended; /* stops the helpers that still run */
    struct sw_lookup *lookups;
    int code; /* the first fault on this side, with `error` */
    struct sw_error error;
};

/* A session that is not connected; sw_session_close() ends it. */
int sw_session_new(struct sw_session **out, const struct sw_session_options *options,
                   const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
int sw_session_watch(struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch,
                     struct sw_error *error) SW_NODISCARD;
void sw_session_rewatch(const struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch);

/* What methods call (engine/grpc.h); `self` is the session.
 *
 * moby.filesync.v1.Auth: logins, looked up in threads of their own. */
void sw_session_credentials(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_credentials_release(struct sw_grpc_call *call, void *self);
void sw_session_end_lookups(struct sw_session *session);

/* moby.sshforward.v1.SSH: an agent's socket, carried into the build. */
void sw_session_agent_check(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_agent_begin(struct sw_grpc_call *call, void *self);
void sw_session_agent_message(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_agent_end(struct sw_grpc_call *call, void *self);
void sw_session_agent_release(struct sw_grpc_call *call, void *self);

/* The first text or bytes of a field of a message; empty where it has none. */
struct sw_str sw_session_field(struct sw_str message, uint32_t number);

#endif
