/* JSON objects (RFC 8259) that follow one another in a byte stream, cut out whole.
 *
 * Only braces, brackets and strings are looked at; whether an object is valid is for its reader to say. The
 * engines never put a line feed inside a string, so one there means that the object is damaged, and the next
 * line is a fresh start. */
#ifndef SLIPWAY_WIRE_JSON_STREAM_H
#define SLIPWAY_WIRE_JSON_STREAM_H

#include "base/buffer.h"

struct sw_json_stream {
    /* The bytes of the current object that have come. */
    struct sw_buffer object;
    /* The depth of braces and brackets; 0 between objects. */
    size_t depth;
    bool in_string, escaped;
    /* The current object is too large and is not kept. */
    bool skipping;
    /* The stream is inside a run of bytes that belong to no object. */
    bool stray;
};

/* Objects of up to `max` bytes are kept. */
void sw_json_stream_init(struct sw_json_stream *stream, size_t max);
void sw_json_stream_release(struct sw_json_stream *stream);

enum sw_json_item {
    SW_JSON_MORE, /* the input is used up */
    /* `*object` is an object, valid until the next call. */
    SW_JSON_OBJECT,
    /* An object larger than `max`, or than memory, has gone by. */
    SW_JSON_OVERSIZE,
    /* Bytes that belong to no object, or the beginning of a damaged object, have gone by. */
    SW_JSON_DAMAGED,
};
/* Call until SW_JSON_MORE; `*input` becomes the bytes that are still to be read. */
enum sw_json_item sw_json_stream_next(struct sw_json_stream *stream, struct sw_str *input,
                                      struct sw_str *object);

/* Return true if the stream may end here: no object is open. */
bool sw_json_stream_whole(const struct sw_json_stream *stream);

#endif
