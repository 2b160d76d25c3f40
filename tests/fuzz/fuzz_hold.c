/* A Dockerfile with lines put behind its FROMs: without them it is the text that it was, and each line is found again. */
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

int fuzz_hold(const uint8_t *data, size_t size)
{
    const struct sw_str text = {(const char *)data, size}, lines = SW_STR(LINES);
    SW_BUFFER_AUTO out;
    size_t times = 0;
    unsigned count = 1, last = 0;
    sw_buffer_init(&out, SW_MAX_DOCKERFILE_SIZE);
    if (sw_str_find(text, SW_STR("\177")) < text.n || sw_dockerfile_hold(&out, text, lines, NULL) != 0)
        return 0;
    struct sw_str held = sw_buffer_str(&out);
    if (!is_same_without(held, text, &times) || held.n != text.n + times * lines.n)
        abort();
    for (size_t i = 0; i < held.n; i++)
        count += held.p[i] == '\n';
    for (unsigned line = 1; line <= count; line++) {
        unsigned own = sw_dockerfile_held_line(text, lines, line);
        if (own != 0 && own != last + 1)
            abort();
        last = own == 0 ? last : own;
    }
    return 0;
}
