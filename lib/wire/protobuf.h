/* The protobuf wire format (encoding of proto2 and proto3), field by field, without a schema.
 *
 * In reading nothing is copied: `bytes` points into the input. Groups, which no message here has, are passed over whole
 * and without recursion. */
#ifndef SLIPWAY_WIRE_PROTOBUF_H
#define SLIPWAY_WIRE_PROTOBUF_H

#include "base/buffer.h"

struct sw_proto {
    struct sw_str rest;
    /* The input ended within a field, or is not protobuf; reading has stopped. */
    bool malformed;
};

enum sw_proto_type { SW_PROTO_VARINT = 0, SW_PROTO_FIXED64 = 1, SW_PROTO_BYTES = 2, SW_PROTO_FIXED32 = 5 };

struct sw_proto_field {
    uint32_t number;
    enum sw_proto_type type;
    uint64_t value; /* of the numeric types */
    /* The value of SW_PROTO_BYTES: a text, bytes or a message. */
    struct sw_str bytes;
};

struct sw_proto sw_proto_from(struct sw_str message);
/* Read the next field. Return false at the end, or if the message is malformed. */
bool sw_proto_next(struct sw_proto *reader, struct sw_proto_field *field);

/* A field that a schema knows, but only in the type that it has there: otherwise 0 or empty. */
int64_t sw_proto_int(const struct sw_proto_field *field);
struct sw_str sw_proto_str(const struct sw_proto_field *field);

/* Append a field, even if it has its default value. */
void sw_proto_add_int(struct sw_buffer *out, uint32_t number, uint64_t value);
void sw_proto_add_bytes(struct sw_buffer *out, uint32_t number, struct sw_str bytes);

#endif
