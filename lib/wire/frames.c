#include "wire/frames.h"

/* The header is complete: how much follows it. Stream 0 is standard input, which engines use for output that
 * they could not tell apart. */
static int begin_payload(struct sw_frames *frames, struct sw_error *error)
{
    const unsigned char *h = frames->header;
    if (h[0] > SW_STDERR || h[1] != 0 || h[2] != 0 || h[3] != 0)
        return sw_fail(error, SW_EENV, "the container's output is not in Docker's stream format");
    frames->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | (uint32_t)h[7];
    if (frames->left == 0)
        frames->have = 0;
    return 0;
}

int sw_frames_feed(struct sw_frames *frames, const void *bytes, size_t n, const struct sw_sink *sink,
                   struct sw_str step, struct sw_error *error)
{
    const char *p = bytes;
    while (n > 0) {
        if (frames->have < SW_FRAME_HEADER) {
            frames->header[frames->have++] = (unsigned char)*p++;
            n--;
            int code = frames->have == SW_FRAME_HEADER ? begin_payload(frames, error) : 0;
            if (code != 0)
                return code;
            continue;
        }
        size_t part = n < frames->left ? n : frames->left;
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_LOG,
                                        .step = step,
                                        .text = {p, part},
                                        .stream = frames->header[0] == SW_STDERR ? SW_STDERR : SW_STDOUT});
        p += part;
        n -= part;
        frames->left -= (uint32_t)part;
        if (frames->left == 0)
            frames->have = 0;
    }
    return 0;
}

bool sw_frames_whole(const struct sw_frames *frames)
{
    return frames->have == 0;
}
