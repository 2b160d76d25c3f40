/* The status lines of a pull or push as events: of each layer how much is downloaded, extracted or pushed. */
#ifndef SLIPWAY_STREAM_TRANSFER_INTERNAL_H
#define SLIPWAY_STREAM_TRANSFER_INTERNAL_H

#include "base/arena.h"
#include "base/event.h"
#include "stream/message_internal.h"

enum sw_transfer_phase { SW_DOWNLOADING, SW_EXTRACTING, SW_PUSHING, SW_TRANSFER_PHASES };

struct sw_transfer_layer {
    const char *id;
    int64_t current[SW_TRANSFER_PHASES],
        total[SW_TRANSFER_PHASES]; /* as last told; total 0: not in this phase */
    /* Seconds until the engine tries the layer again, as last told. */
    uint64_t pause_s;
};

struct sw_transfer {
    const struct sw_sink *sink;
    struct sw_arena arena;
    struct sw_transfer_layer *layers;
    size_t count;
    const char *step; /* of events outside of a build's steps */
    /* The image that was to be pulled was there already. */
    bool cached;
    /* The engine has tried a layer again by itself. */
    bool retried;
    /* The digest of the pulled or pushed image; empty if unknown. */
    char digest[80];
};

void sw_transfer_init(struct sw_transfer *transfer, const struct sw_sink *sink);
void sw_transfer_release(struct sw_transfer *transfer);

/* A message with a "status". `step` is the build's step that pulls, or empty. */
void sw_transfer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message);

#endif
