/* A container's multiplexed output, cut in two where the first byte says. */
#include "wire/frames.h"

#include "fuzz.h"

static void touch(void *self, const struct sw_event *event)
{
    uint64_t *sum = self;
    for (size_t i = 0; i < event->text.n; i++)
        *sum += (unsigned char)event->text.p[i];
}

int fuzz_frames(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    const struct sw_sink sink = {touch, &sum};
    struct sw_frames frames = {0};
    struct sw_error error;
    if (size == 0)
        return 0;
    size_t cut = data[0] < size ? data[0] : size;
    if (sw_frames_feed(&frames, data, cut, &sink, SW_STR("s"), &error) == 0 &&
        sw_frames_feed(&frames, data + cut, size - cut, &sink, SW_STR("s"), &error) == 0)
        (void)sw_frames_whole(&frames);
    return 0;
}
