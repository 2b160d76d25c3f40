/* A container's output as engines multiplex it (Docker Engine API, "ContainerAttach", stream format): frames
 * of an 8-byte header {stream, 0, 0, 0, length in 4 bytes, big-endian} and as many bytes, cut into pieces
 * anywhere. */
#ifndef SLIPWAY_WIRE_FRAMES_H
#define SLIPWAY_WIRE_FRAMES_H

#include "base/error.h"
#include "base/event.h"

enum { SW_FRAME_HEADER = 8 };

/* A zeroed structure is ready for use. */
struct sw_frames {
    unsigned char header[SW_FRAME_HEADER];
    size_t have;   /* bytes of the header that have come */
    uint32_t left; /* bytes of the payload still to come */
};

/* Emit a LOG event of `step` for each piece of output. A header of no known stream is SW_EENV. */
int sw_frames_feed(struct sw_frames *frames, const void *bytes, size_t n, const struct sw_sink *sink,
                   struct sw_str step, struct sw_error *error) SW_NODISCARD;
/* Return true if the output ended between two frames. */
bool sw_frames_whole(const struct sw_frames *frames);

#endif
