#include "wire/json_stream.h"

void sw_json_stream_init(struct sw_json_stream *stream, size_t max)
{
    *stream = (struct sw_json_stream){0};
    sw_buffer_init(&stream->object, max);
}

void sw_json_stream_release(struct sw_json_stream *stream)
{
    sw_buffer_release(&stream->object);
}

static void start_over(struct sw_json_stream *stream)
{
    stream->depth = 0;
    stream->in_string = stream->escaped = stream->skipping = false;
}

/* Bytes between two objects: how many, up to the next brace. `*odd` tells whether others than white space
 * were among them. */
static size_t gap_length(struct sw_str input, bool *odd)
{
    size_t i = 0;
    for (*odd = false; i < input.n && input.p[i] != '{'; i++)
        *odd = *odd || !sw_is_space(input.p[i]);
    return i;
}

enum scan { SCAN_MORE, SCAN_END, SCAN_DAMAGED };

/* Continue in the current object, up to its end if the end has come; `*used` counts the bytes. */
static enum scan scan(struct sw_json_stream *stream, struct sw_str input, size_t *used)
{
    enum scan result = SCAN_MORE;
    size_t i = 0;
    while (i < input.n && result == SCAN_MORE) {
        char c = input.p[i++];
        if (stream->in_string) {
            if (c == '\n')
                result = SCAN_DAMAGED;
            else if (stream->escaped)
                stream->escaped = false;
            else if (c == '\\')
                stream->escaped = true;
            else if (c == '"')
                stream->in_string = false;
        } else if (c == '"') {
            stream->in_string = true;
        } else if (c == '{' || c == '[') {
            stream->depth++;
        } else if ((c == '}' || c == ']') && --stream->depth == 0) {
            result = SCAN_END;
        }
    }
    *used = i;
    return result;
}

static void keep(struct sw_json_stream *stream, struct sw_str bytes)
{
    if (stream->skipping)
        return;
    sw_buffer_add(&stream->object, bytes.p, bytes.n);
    if (stream->object.state != SW_BUFFER_OK) {
        stream->skipping = true;
        sw_buffer_clear(&stream->object);
    }
}

enum sw_json_item sw_json_stream_next(struct sw_json_stream *stream, struct sw_str *input,
                                      struct sw_str *object)
{
    if (stream->depth == 0) {
        bool odd = false;
        size_t gap = gap_length(*input, &odd);
        *input = (struct sw_str){input->p + gap, input->n - gap};
        bool report = odd && !stream->stray;
        stream->stray = input->n == 0 && (odd || stream->stray);
        if (report)
            return SW_JSON_DAMAGED;
        if (input->n == 0)
            return SW_JSON_MORE;
        sw_buffer_clear(&stream->object);
    }
    size_t used = 0;
    enum scan result = scan(stream, *input, &used);
    keep(stream, (struct sw_str){input->p, used});
    *input = (struct sw_str){input->p + used, input->n - used};
    if (result == SCAN_MORE)
        return SW_JSON_MORE;
    bool skipped = stream->skipping;
    start_over(stream);
    if (result == SCAN_DAMAGED)
        return SW_JSON_DAMAGED;
    *object = sw_buffer_str(&stream->object);
    return skipped ? SW_JSON_OVERSIZE : SW_JSON_OBJECT;
}

bool sw_json_stream_whole(const struct sw_json_stream *stream)
{
    return stream->depth == 0;
}
