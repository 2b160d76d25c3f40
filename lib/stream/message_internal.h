/* One JSON object of an engine's stream, its known fields taken out (Docker Engine API, jsonmessage; by
 * jansson).
 *
 * Strings that are not UTF-8, and halves of surrogate pairs, are read with U+FFFD in their place. */
#ifndef SLIPWAY_STREAM_MESSAGE_INTERNAL_H
#define SLIPWAY_STREAM_MESSAGE_INTERNAL_H

#include "base/error.h"
#include "base/str.h"

/* The texts live as long as the message; those absent are {NULL, 0}. */
struct sw_message {
    void *root;
    struct sw_str stream;   /* a chunk of output, or a line of the builder's own */
    struct sw_str status;   /* of a pull or push: "Downloading" … */
    struct sw_str id;       /* what `status` is about, or what kind of message it is: "moby.buildkit.trace" */
    struct sw_str trace;    /* `aux` where it is a string: base64 of BuildKit's status message */
    struct sw_str image;    /* aux.ID: an image's digest */
    struct sw_str digest;   /* aux.Digest: of what was pushed */
    struct sw_str failure;  /* errorDetail.message, error, or the `message` of an answer that is an error */
    int64_t exit_code;      /* errorDetail.code, -1 where absent */
    int64_t current, total; /* progressDetail, -1 where absent */
};

/* SW_EINPUT where the text is no JSON object. */
int sw_message_read(struct sw_message *message, struct sw_str object, struct sw_error *error) SW_NODISCARD;
void sw_message_release(struct sw_message *message); /* takes NULL and a zeroed message */
#define SW_MESSAGE_AUTO SW_CLEANUP(sw_message_release) struct sw_message

#endif
