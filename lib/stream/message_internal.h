/* A JSON object of an engine's stream, with its known fields taken out (Docker Engine API, jsonmessage; by
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
    /* A chunk of output, or a line of the builder's own. */
    struct sw_str stream;
    struct sw_str status; /* of a pull or push: "Downloading" … */
    /* The subject of `status`, or the kind of message: "moby.buildkit.trace". */
    struct sw_str id;
    /* `aux` if it is a string: base64 of BuildKit's status message. */
    struct sw_str trace;
    struct sw_str image; /* aux.ID: an image's digest */
    /* aux.Digest, the digest of a pushed image. */
    struct sw_str digest;
    /* errorDetail.message, error, or the `message` of an answer that is an error. */
    struct sw_str failure;
    /* errorDetail.code, -1 if absent. */
    int64_t exit_code;
    /* progressDetail, -1 if absent. */
    int64_t current, total;
};

/* SW_EENV if the text is no JSON object. */
int sw_message_read(struct sw_message *message, struct sw_str object, struct sw_error *error) SW_NODISCARD;
void sw_message_release(struct sw_message *message); /* takes NULL and a zeroed message */
#define SW_MESSAGE_AUTO SW_CLEANUP(sw_message_release) struct sw_message

#endif
