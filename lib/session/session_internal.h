/* Types and functions that the files of a session share. */
#ifndef SLIPWAY_SESSION_SESSION_INTERNAL_H
#define SLIPWAY_SESSION_SESSION_INTERNAL_H

#include "base/temporary.h"
#include "engine/call.h"
#include "engine/connection.h"
#include "session/session.h"
#include "wire/grpc.h"

/* Something that is waited for: `ready` is called with epoll's events. */
struct sw_watch {
    void (*ready)(struct sw_watch *watch, uint32_t events);
};

/* An output that is being exported to a file here. */
struct sw_received {
    const struct sw_output *output;
    /* No temporary: nothing has come, or the file has its name. */
    struct sw_temporary temporary;
    bool whole; /* the engine has said that this was all */
};

struct sw_session {
    const struct sw_session_options *options;
    const struct sw_sink *sink;
    char id[SW_TOKEN_SIZE];
    struct sw_connection *connection; /* NULL once it has ended */
    struct sw_grpc *grpc;
    struct sw_watch watch; /* of the connection */
    struct sw_buffer batch;
    size_t sent; /* bytes of `batch` */
    bool full;   /* the connection took no more */
    /* Bytes went either way since sw_session_serve() began. */
    bool active;
    int epoll;
    struct sw_cancel ended; /* stops the helpers that still run */
    struct sw_lookup *lookups;
    struct sw_received *received; /* as many as there are outputs */
    int code;                     /* the first fault on this side, in `error` */
    struct sw_error error;
};

/* A session that is not connected; sw_session_close() ends it. */
int sw_session_new(struct sw_session **out, const struct sw_session_options *options,
                   const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
int sw_session_watch(struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch,
                     struct sw_error *error) SW_NODISCARD;
void sw_session_rewatch(const struct sw_session *session, int fd, uint32_t events, struct sw_watch *watch);

/* The methods of the session's services (wire/grpc.h); `self` is the session.
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

/* moby.filesync.v1.FileSend: the outputs that the build exports. */
void sw_session_file_begin(struct sw_grpc_call *call, void *self);
void sw_session_file_message(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_file_end(struct sw_grpc_call *call, void *self);
void sw_session_drop_files(struct sw_session *session);

/* containerd.services.content.v1.Content: caches in folders. */
void sw_session_content_info(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_content_read(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_content_more(struct sw_grpc_call *call, void *self);
void sw_session_content_read_release(struct sw_grpc_call *call, void *self);
void sw_session_content_write(struct sw_grpc_call *call, void *self, struct sw_str message);
void sw_session_content_write_end(struct sw_grpc_call *call, void *self);
void sw_session_content_write_release(struct sw_grpc_call *call, void *self);
void sw_session_content_abort(struct sw_grpc_call *call, void *self, struct sw_str message);

/* End the build for a fault on this side: the engine is told of it, and sw_session_check() returns the first
 * such fault. */
void sw_session_fail_call(struct sw_grpc_call *call, struct sw_session *session,
                          const struct sw_error *error);

/* The first text or bytes of a field of a message; empty if the message has no such field. */
struct sw_str sw_session_field(struct sw_str message, uint32_t number);

#endif
