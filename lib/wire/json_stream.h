/* JSON objects (RFC 8259) that follow one another in a byte stream, cut out whole.
 *
 * Only braces, brackets and strings are looked at; whether an object is valid is for its reader to say. The
 * engines never put a line feed inside a string, so one there means that the object is damaged, and the next
 * line is a fresh start. */
#ifndef SLIPWAY_WIRE_JSON_STREAM_H
#define SLIPWAY_WIRE_JSON_STREAM_H

#include "base/buffer.h"

struct sw_json_stream {
    struct sw_buffer object; /* the part of the current object that has come */
    size_t depth;            /* of braces and brackets; 0 between objects */
    bool in_string, escaped;
    bool skipping; /* the current object is too large and not kept */
    bool stray;    /* inside a run of bytes that belong to no object */
};

/* Objects of up to `max` bytes are kept. */
void sw_json_stream_init(struct sw_json_stream *stream, size_t max);
void sw_json_stream_release(struct sw_json_stream *stream);

enum sw_json_item {
    SW_JSON_MORE,     /* the input is used up */
    SW_JSON_OBJECT,   /* `*object` is one, up to the next call */
    SW_JSON_OVERSIZE, /* one that was larger than `max`, or than memory, has gone by */
    SW_JSON_DAMAGED,  /* bytes that belong to no object, or the beginning of a damaged one, have gone by */
};
/* Call until SW_JSON_MORE; `*input` becomes what is still to be looked at. */
enum sw_json_item sw_json_stream_next(struct sw_json_stream *stream, struct sw_str *input,
                                      struct sw_str *object);

/* Whether the stream may end here: no object is open. */
bool sw_json_stream_whole(const struct sw_json_stream *stream);

#endif
