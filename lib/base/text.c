#include "base/text.h"

#include "base/limits.h"

#include <wchar.h>

enum { ESC = 0x1B, BEL = 0x07 };

/* Length of the escape sequence at the start of `s`, which begins with ESC; an unfinished one takes the rest.
 */
static size_t escape_length(struct sw_str s)
{
    if (s.n < 2)
        return s.n;
    char kind = s.p[1];
    size_t i = 2;
    if (kind == '[') { /* CSI: parameters, intermediates, one final byte */
        while (i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x3F)
            i++;
        return i < s.n ? i + 1 : i;
    }
    if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' ||
        kind == '_') { /* a string up to BEL or ST */
        for (; i < s.n; i++) {
            if (s.p[i] == BEL)
                return i + 1;
            if (s.p[i] == ESC && i + 1 < s.n && s.p[i + 1] == '\\')
                return i + 2;
        }
        return s.n;
    }
    while (i < s.n && s.p[i - 1] >= 0x20 && s.p[i - 1] <= 0x2F) /* intermediates, then a final byte */
        i++;
    return i;
}

void sw_text_add_clean(struct sw_buffer *out, struct sw_str s)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    while (s.n > 0) {
        unsigned char c = (unsigned char)s.p[0];
        size_t n = 1;
        if (c == ESC) {
            n = escape_length(s);
        } else if (c == '\t') {
            sw_buffer_add_char(out, ' ');
        } else if (c < 0x20 || c == 0x7F || (n = sw_utf8_length(s)) == 0 ||
                   (n == 2 && c == 0xC2 && (unsigned char)s.p[1] < 0xA0)) { /* C0, DEL, invalid, C1 */
            n = n == 2 ? 2 : 1;
            sw_buffer_add_text(out, replacement);
        } else {
            sw_buffer_add(out, s.p, n);
        }
        s.p += n;
        s.n -= n;
    }
}

char *sw_text_clean(struct sw_arena *arena, struct sw_str s)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * SW_MAX_LOG_LINE);
    sw_text_add_clean(&clean, s);
    return sw_arena_copy(arena, sw_buffer_str(&clean));
}

static bool is_plain_word(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!sw_is_alnum((unsigned char)s.p[i]) && (s.p[i] == '\0' || strchr("/._-=:+,@%", s.p[i]) == NULL))
            return false;
    }
    return s.n > 0;
}

char *sw_text_shell_word(struct sw_arena *arena, struct sw_str s)
{
    if (is_plain_word(s))
        return sw_arena_copy(arena, s);
    SW_BUFFER_AUTO clean, word;
    sw_buffer_init(&clean, 4 * SW_MAX_LOG_LINE);
    sw_buffer_init(&word, 16 * SW_MAX_LOG_LINE);
    sw_text_add_clean(&clean, s);
    sw_buffer_add_char(&word, '\'');
    for (size_t i = 0; i < clean.n; i++) {
        if (clean.p[i] == '\'')
            sw_buffer_add_text(&word, "'\\'");
        sw_buffer_add_char(&word, clean.p[i]);
    }
    sw_buffer_add_char(&word, '\'');
    return sw_arena_copy(arena, sw_buffer_str(&word));
}

void sw_text_brief(char out[SW_TEXT_BRIEF], struct sw_str s)
{
    enum { LONGEST = 60 };
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 16 * SW_TEXT_BRIEF);
    bool cut = s.n > LONGEST;
    size_t n = cut ? LONGEST : s.n;
    while (cut && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) /* not within a character */
        n--;
    sw_text_add_clean(&clean, (struct sw_str){s.p, n});
    /* Each byte that is replaced becomes three: cut once more, between characters. */
    size_t shown = clean.n;
    while (shown > SW_TEXT_BRIEF - sizeof "..." ||
           (shown < clean.n && ((unsigned char)clean.p[shown] & 0xC0) == 0x80))
        shown--;
    cut = cut || shown < clean.n;
    (void)snprintf(out, SW_TEXT_BRIEF, "%.*s%s", (int)shown, clean.p, cut ? "..." : "");
}

size_t sw_text_width(struct sw_str s)
{
    mbstate_t state = {0};
    size_t width = 0;
    while (s.n > 0) {
        wchar_t wide = 0;
        size_t n = mbrtowc(&wide, s.p, s.n, &state);
        int columns = 1;
        if (n == 0 || n > s.n) { /* NUL, or not text in this locale: count UTF-8 code points */
            state = (mbstate_t){0};
            n = sw_utf8_length(s);
            n = n == 0 ? 1 : n;
        } else {
            columns = wcwidth(wide);
        }
        width += columns < 0 ? 0 : (size_t)columns;
        s.p += n;
        s.n -= n;
    }
    return width;
}

void sw_text_size(char out[16], uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        (void)snprintf(out, 16, "%u B", (unsigned)bytes);
        return;
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < SW_COUNT(units)) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, 16, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void sw_text_duration(char out[16], int64_t nanoseconds)
{
    int64_t tenths = nanoseconds / 100000000;
    int64_t seconds = tenths / 10;
    if (seconds < 60)
        (void)snprintf(out, 16, "%d.%ds", (int)seconds, (int)(tenths % 10));
    else if (seconds < 3600)
        (void)snprintf(out, 16, "%dm%02ds", (int)(seconds / 60), (int)(seconds % 60));
    else
        (void)snprintf(out, 16, "%dh%02dm", (int)(seconds / 3600 % 100000), (int)(seconds / 60 % 60));
}
