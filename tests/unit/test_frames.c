#include "unit.h"

#include "base/buffer.h"
#include "wire/frames.h"

/* "ab\n" to standard output, "E" to standard error, nothing, "cd" to standard output again. */
static const char stream[] = "\1\0\0\0\0\0\0\3ab\n"
                             "\2\0\0\0\0\0\0\1E"
                             "\1\0\0\0\0\0\0\0"
                             "\1\0\0\0\0\0\0\2cd";

struct outputs {
    struct sw_buffer out, err;
};

static void collect(void *self, const struct sw_event *event)
{
    struct outputs *outputs = self;
    assert_int_equal(event->kind, SW_EVENT_LOG);
    assert_true(sw_str_is(event->step, "s"));
    sw_buffer_add_str(event->stream == SW_STDERR ? &outputs->err : &outputs->out, event->text);
}

static void check_pieces(size_t first, size_t second)
{
    struct outputs outputs;
    const struct sw_sink sink = {collect, &outputs};
    const size_t ends[] = {first, second, sizeof stream - 1};
    struct sw_frames frames = {0};
    struct sw_error error;
    size_t at = 0;
    sw_buffer_init(&outputs.out, 100);
    sw_buffer_init(&outputs.err, 100);
    for (size_t i = 0; i < SW_COUNT(ends); at = ends[i++])
        assert_int_equal(sw_frames_feed(&frames, stream + at, ends[i] - at, &sink, SW_STR("s"), &error), 0);
    assert_string_equal(outputs.out.p, "ab\ncd");
    assert_string_equal(outputs.err.p, "E");
    assert_true(sw_frames_whole(&frames));
    sw_buffer_release(&outputs.out);
    sw_buffer_release(&outputs.err);
}

static void frames_may_be_cut_anywhere(void **state)
{
    (void)state;
    for (size_t first = 0; first < sizeof stream; first++) {
        for (size_t second = first; second < sizeof stream; second++)
            check_pieces(first, second);
    }
}

static void an_end_inside_a_frame_is_seen(void **state)
{
    (void)state;
    for (size_t n = 1; n < SW_FRAME_HEADER + 3; n++) {
        struct sw_frames frames = {0};
        struct sw_error error;
        assert_int_equal(sw_frames_feed(&frames, stream, n, NULL, SW_STR("s"), &error), 0);
        assert_false(sw_frames_whole(&frames));
    }
}

static void other_formats_are_refused(void **state)
{
    (void)state;
    static const char *const streams[] = {"plain text, as with a terminal", "\3......."};
    for (size_t i = 0; i < SW_COUNT(streams); i++) {
        struct sw_frames frames = {0};
        struct sw_error error;
        assert_int_equal(sw_frames_feed(&frames, streams[i], strlen(streams[i]), NULL, SW_STR("s"), &error),
                         SW_EENV);
    }
}

int suite_frames(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_may_be_cut_anywhere),
        cmocka_unit_test(an_end_inside_a_frame_is_seen),
        cmocka_unit_test(other_formats_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
