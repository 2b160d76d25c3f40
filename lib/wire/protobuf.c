#include "wire/protobuf.h"

enum { GROUP_START = 3, GROUP_END = 4 };

struct sw_proto sw_proto_from(struct sw_str message)
{
    return (struct sw_proto){.rest = message};
}

static bool take(struct sw_proto *reader, uint64_t n, struct sw_str *bytes)
{
    if (n > reader->rest.n) {
        reader->malformed = true;
        return false;
    }
    *bytes = (struct sw_str){reader->rest.p, (size_t)n};
    reader->rest = (struct sw_str){reader->rest.p + n, reader->rest.n - (size_t)n};
    return true;
}

/* Base 128, least significant group first, ten bytes at most; bits past the 64th are dropped. */
static bool take_varint(struct sw_proto *reader, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        struct sw_str byte;
        if (!take(reader, 1, &byte))
            return false;
        uint64_t group = (unsigned char)byte.p[0];
        *value |= shift < 64 ? (group & 0x7F) << shift : 0;
        if (group < 0x80)
            return true;
    }
    reader->malformed = true;
    return false;
}

static bool take_fixed(struct sw_proto *reader, size_t size, uint64_t *value)
{
    struct sw_str bytes;
    if (!take(reader, size, &bytes))
        return false;
    *value = 0;
    for (size_t i = size; i-- > 0;)
        *value = *value << 8 | (unsigned char)bytes.p[i];
    return true;
}

/* The value after a field's key; of a group's two ends there is none. */
static bool take_value(struct sw_proto *reader, unsigned type, struct sw_proto_field *field)
{
    switch (type) {
    case SW_PROTO_VARINT:
        return take_varint(reader, &field->value);
    case SW_PROTO_FIXED64:
        return take_fixed(reader, 8, &field->value);
    case SW_PROTO_FIXED32:
        return take_fixed(reader, 4, &field->value);
    case SW_PROTO_BYTES: {
        uint64_t n = 0;
        return take_varint(reader, &n) && take(reader, n, &field->bytes);
    }
    case GROUP_START:
    case GROUP_END:
        return true;
    default:
        reader->malformed = true;
        return false;
    }
}

bool sw_proto_next(struct sw_proto *reader, struct sw_proto_field *field)
{
    size_t depth = 0; /* of groups being passed over */
    while (!reader->malformed && reader->rest.n > 0) {
        uint64_t key = 0;
        struct sw_proto_field next = {0};
        if (!take_varint(reader, &key))
            return false;
        unsigned type = (unsigned)(key & 7);
        reader->malformed = key >> 3 == 0 || key >> 32 != 0 || (type == GROUP_END && depth == 0);
        if (reader->malformed || !take_value(reader, type, &next))
            return false;
        if (type == GROUP_START) {
            depth++;
        } else if (type == GROUP_END) {
            depth--;
        } else if (depth == 0) {
            next.number = (uint32_t)(key >> 3);
            next.type = (enum sw_proto_type)type;
            *field = next;
            return true;
        }
    }
    reader->malformed = reader->malformed || depth > 0;
    return false;
}

int64_t sw_proto_int(const struct sw_proto_field *field)
{
    return field->type == SW_PROTO_VARINT ? (int64_t)field->value : 0;
}

struct sw_str sw_proto_str(const struct sw_proto_field *field)
{
    return field->type == SW_PROTO_BYTES ? field->bytes : (struct sw_str){"", 0};
}

static void add_varint(struct sw_buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        sw_buffer_add_char(out, (char)(value | 0x80));
    sw_buffer_add_char(out, (char)value);
}

void sw_proto_add_int(struct sw_buffer *out, uint32_t number, uint64_t value)
{
    add_varint(out, (uint64_t)number << 3 | SW_PROTO_VARINT);
    add_varint(out, value);
}

void sw_proto_add_bytes(struct sw_buffer *out, uint32_t number, struct sw_str bytes)
{
    add_varint(out, (uint64_t)number << 3 | SW_PROTO_BYTES);
    add_varint(out, bytes.n);
    sw_buffer_add_str(out, bytes);
}
