/* gRPC over HTTP/2 as the server or the client of one connection, by nghttp2.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 *
 * The module does no I/O: the caller hands in the bytes that arrived and asks for the bytes to send. The
 * memory that a peer can occupy is bounded: the calls at a time, their headers, one message. No function
 * waits, so no handler may wait either. */
#ifndef SLIPWAY_WIRE_GRPC_H
#define SLIPWAY_WIRE_GRPC_H

#include "base/buffer.h"

struct sw_grpc;
struct sw_grpc_call;

/* The numbers are gRPC's own, but for the first. */
enum sw_grpc_status {
    SW_GRPC_BROKEN = -1, /* a call of ours whose end nobody told */
    SW_GRPC_OK = 0,
    SW_GRPC_CANCELED = 1,
    SW_GRPC_UNKNOWN = 2,
    SW_GRPC_INVALID = 3,
    SW_GRPC_NOT_FOUND = 5,
    SW_GRPC_EXISTS = 6,
    SW_GRPC_EXHAUSTED = 8,
    SW_GRPC_UNIMPLEMENTED = 12,
    SW_GRPC_UNAVAILABLE = 14
};

/* A method that is served or called; each function but `path` may be NULL. `service` is the pointer that was
 * given to sw_grpc_new() or sw_grpc_call(). A peer that calls a method that is not served gets UNIMPLEMENTED. */
struct sw_grpc_method {
    const char *path;                                        /* "/grpc.health.v1.Health/Check" */
    void (*begin)(struct sw_grpc_call *call, void *service); /* served: the headers have come */
    void (*message)(struct sw_grpc_call *call, void *service, struct sw_str message);
    /* The peer sends no more messages. Of a call of ours: it is over, sw_grpc_result() tells how. */
    void (*end)(struct sw_grpc_call *call, void *service);
    /* Nothing waits to be sent: queue more, if there is any. */
    void (*drained)(struct sw_grpc_call *call, void *service);
    void (*release)(struct sw_grpc_call *call, void *service); /* the call is gone, by whatever cause */
};

/* Serve. The methods must outlive it. */
int sw_grpc_new(struct sw_grpc **out, const struct sw_grpc_method *methods, size_t count, void *service,
                struct sw_error *error) SW_NODISCARD;
/* Call. */
int sw_grpc_new_client(struct sw_grpc **out, struct sw_error *error) SW_NODISCARD;
/* Release the connection and the calls that go on; takes NULL. */
void sw_grpc_free(struct sw_grpc *grpc);

/* Hand in bytes of the peer, in pieces of any size. SW_EENV if they are not HTTP/2; no call may follow then. */
int sw_grpc_receive(struct sw_grpc *grpc, const void *bytes, size_t n, struct sw_error *error) SW_NODISCARD;
/* The next bytes to send, valid until the next call of any function here; `bytes->n` is 0 if there are none
 * at the moment. */
int sw_grpc_send(struct sw_grpc *grpc, struct sw_str *bytes, struct sw_error *error) SW_NODISCARD;

/* The value number `index` of a header of the request, or of the answer to an outgoing call; {NULL, 0} if
 * there are fewer values. */
struct sw_str sw_grpc_header(const struct sw_grpc_call *call, const char *name, size_t index);
/* A pointer that a handler keeps with its call. */
void sw_grpc_set_state(struct sw_grpc_call *call, void *state);
void *sw_grpc_state(const struct sw_grpc_call *call);

/* Queue a message. */
void sw_grpc_put(struct sw_grpc_call *call, struct sw_str message);
/* The bytes that are queued: a handler stops at some amount, and goes on when `drained` is called. */
size_t sw_grpc_queued(const struct sw_grpc_call *call);
/* End a served call after its queued bytes are sent, or give up an outgoing call at once. Later messages and
 * ends do nothing, and no more messages are handed in. `text` is for people; NULL: none. */
void sw_grpc_finish(struct sw_grpc_call *call, enum sw_grpc_status status, const char *text);

/* Start a call of a client. `headers` end with a NULL name, and need not outlive this; `method` must outlive the call, which
 * goes on until its `release`. */
int sw_grpc_call(struct sw_grpc_call **out, struct sw_grpc *grpc, const struct sw_grpc_method *method,
                 void *service, const struct sw_pair *headers, struct sw_error *error) SW_NODISCARD;
/* Give a call of ours up and tell nothing more of it. */
void sw_grpc_forget(struct sw_grpc_call *call);
/* That was all that is sent on a call of ours. */
void sw_grpc_close(struct sw_grpc_call *call);
/* The result of an outgoing call, from its `end` on: the status number, which may be unknown here, and the
 * peer's words. */
int sw_grpc_result(const struct sw_grpc_call *call, struct sw_str *text);

#endif
