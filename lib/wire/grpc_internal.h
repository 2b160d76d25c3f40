/* The parts that both sides of gRPC share. */
#ifndef SLIPWAY_WIRE_GRPC_INTERNAL_H
#define SLIPWAY_WIRE_GRPC_INTERNAL_H

#include "wire/grpc.h"

#include <nghttp2/nghttp2.h>

struct sw_grpc_call {
    struct sw_grpc *grpc;
    struct sw_grpc_call *next;
    const struct sw_grpc_method *method; /* NULL: its headers are not whole yet */
    void *service;
    void *state;
    int32_t id;
    struct sw_buffer headers; /* NAME, NUL, VALUE, NUL, … */
    struct sw_buffer in;      /* of a message that is not whole yet */
    struct sw_buffer out;
    size_t taken; /* bytes of `out` that were sent */
    struct sw_buffer text;
    int status;
    bool finished; /* nothing is handed in any more */
    bool closing;  /* nothing is queued any more */
    bool answered; /* served: headers were sent */
    bool deferred; /* there was nothing to send */
    bool heard;    /* a message has come */
    bool peer_ended;
};

/* The functions that differ between the two sides. */
struct sw_grpc_side {
    bool is_client;
    nghttp2_on_begin_headers_callback on_begin; /* or NULL */
    /* The headers of a call that is to be served have come. */
    void (*begin)(struct sw_grpc_call *call);
    void (*ended)(struct sw_grpc_call *call); /* the peer sends no more */
    /* Bytes will be sent: send the headers first. */
    void (*answer)(struct sw_grpc_call *call);
    uint32_t (*trail)(struct sw_grpc_call *call); /* all was sent: flags of its last frame */
    void (*finish)(struct sw_grpc_call *call);
};

struct sw_grpc {
    nghttp2_session *session;
    const struct sw_grpc_side *side;
    const struct sw_grpc_method *methods; /* that are served */
    size_t methods_count;
    void *service;
    struct sw_grpc_call *calls;
    size_t calls_count;
};

int sw_grpc_make(struct sw_grpc **out, struct sw_grpc from, struct sw_error *error) SW_NODISCARD;
int sw_grpc_fail(struct sw_error *error, long long number);

/* NULL without memory, or if there are too many calls. */
struct sw_grpc_call *sw_grpc_call_new(struct sw_grpc *grpc, void *service);
void sw_grpc_call_free(struct sw_grpc_call *call);

/* The source of the queued bytes, for nghttp2. */
ssize_t sw_grpc_give(nghttp2_session *session, int32_t id, uint8_t *out, size_t n, uint32_t *flags,
                     nghttp2_data_source *source, void *self);
nghttp2_nv sw_grpc_nv(const char *name, const char *value);

#endif
