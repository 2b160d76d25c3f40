/* An engine's stream, whole and cut: the same events, the same outcome. */
#include "stream/stream.h"

#include "fuzz.h"

static void count(void *self, const struct sw_event *event)
{
    uint64_t *sum = self;
    *sum = *sum * 31 + (uint64_t)event->kind * 7 + event->text.n + (uint64_t)event->current;
    for (size_t i = 0; i < event->text.n; i++)
        *sum = *sum * 31 + (unsigned char)event->text.p[i];
}

static uint64_t read_cut(const uint8_t *data, size_t size, size_t piece)
{
    uint64_t sum = 0;
    struct sw_sink sink = {count, &sum};
    struct sw_build_stream *stream = sw_build_stream_new(&sink);
    if (stream == NULL)
        return 0;
    struct sw_error error;
    for (size_t at = 0; at < size; at += piece) {
        size_t n = piece < size - at ? piece : size - at;
        if (sw_build_stream_feed(stream, data + at, n, &error) != 0)
            break;
    }
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    if (sw_build_stream_finish(stream, true, &outcome, &error) != 0 ||
        (!outcome.failed && outcome.failure_text[0] != '\0'))
        abort();
    sum = sum * 31 + (uint64_t)outcome.failure;
    sw_build_stream_free(stream);
    return sum;
}

int fuzz_stream(const uint8_t *data, size_t size)
{
    uint64_t whole = read_cut(data, size, size == 0 ? 1 : size);
    if (whole != read_cut(data, size, 1) || whole != read_cut(data, size, 7))
        abort();
    return 0;
}
