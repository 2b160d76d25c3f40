/* A Dockerfile with lines put behind its FROMs: without them it is the text that it was, and a line of it is found again. */
#include "base/limits.h"
#include "dockerfile/hold.h"

#include "fuzz.h"

/* No text of the corpus has it. */
#define LINES "COPY [\"\177held\", \"/\"]\nENV \177HELD=1\n"

/* Return true if `held` without the lines is `text`. */
static bool is_same_without(struct sw_str held, struct sw_str text, size_t *times)
{
    const struct sw_str lines = SW_STR(LINES);
    for (*times = 0; held.n > 0;) {
        size_t at = sw_str_find(held, lines);
        if (at > text.n || memcmp(held.p, text.p, at) != 0)
            return false;
        text = sw_str_drop(text, at);
        *times += at < held.n;
        held = sw_str_drop(held, at < held.n ? at + lines.n : at);
    }
    return text.n == 0;
}

static unsigned newlines(struct sw_str text)
{
    unsigned count = 0;
    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '\n';
    return count;
}

/* The line of the text that stands on `line` of `held`, as a count of lines tells it; 0 for a line that was put in. */
static unsigned counted_line(struct sw_str held, unsigned line)
{
    const struct sw_str lines = SW_STR(LINES);
    unsigned inserted = newlines(lines), before = 0;
    for (unsigned at = 1;; at++) {
        for (; sw_str_starts(held, LINES); at += inserted) {
            if (line < at + inserted)
                return 0;
            held = sw_str_drop(held, lines.n);
            before += inserted;
        }
        if (at >= line || held.n == 0)
            return line - before;
        (void)sw_str_cut(&held, '\n');
    }
}

/* One line an execution: to find all of them takes time with the square of the size. */
int fuzz_hold(const uint8_t *data, size_t size)
{
    const struct sw_str text = {(const char *)data, size}, lines = SW_STR(LINES);
    SW_BUFFER_AUTO out;
    size_t times = 0;
    sw_buffer_init(&out, SW_MAX_DOCKERFILE_SIZE);
    if (sw_str_find(text, SW_STR("\177")) < text.n || sw_dockerfile_hold(&out, text, lines, NULL) != 0)
        return 0;
    struct sw_str held = sw_buffer_str(&out);
    if (!is_same_without(held, text, &times) || held.n != text.n + times * lines.n)
        abort();
    unsigned line = 1 + (size == 0 ? 0 : data[size - 1] * 7u + (unsigned)size) % (1 + newlines(held));
    if (sw_dockerfile_held_line(text, lines, line) != counted_line(held, line))
        abort();
    return 0;
}
