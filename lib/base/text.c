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
    /* CSI: parameters, intermediates, a final byte. */
    if (kind == '[') {
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

/* These characters are invisible, or change how other text is read: control characters, marks of writing
 * direction, blanks without width, line and paragraph separators, tags, and all that is ignored by default. */
static const struct {
    uint32_t first, last;
} unsafe[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0xFFFE, 0xFFFF}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

/* The code point of a valid sequence of `n` bytes. */
static uint32_t decode(const char *p, size_t n)
{
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)p[0] & masks[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)p[i] & 0x3F);
    return code;
}

bool sw_text_unsafe(struct sw_str s, size_t *length, uint32_t *code)
{
    *length = sw_utf8_length(s);
    if (*length == 0) {
        *length = 1;
        *code = UINT32_MAX;
        return true;
    }
    *code = decode(s.p, *length);
    size_t low = 0, high = SW_COUNT(unsafe);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (*code > unsafe[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < SW_COUNT(unsafe) && *code >= unsafe[low].first;
}

static void add_escape(struct sw_buffer *out, unsigned char byte, uint32_t code)
{
    if (code == UINT32_MAX || code < 0x80)
        sw_buffer_addf(out, "\\x%02x", byte);
    else
        sw_buffer_addf(out, code > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)code);
}

/* True if the last line of `out` may still become "::": nothing but blanks stands on it, or a first colon behind them. Blanks
 * beyond ASCII count, as a runner skips them too. */
static bool line_begins(const struct sw_buffer *out)
{
    size_t at = out->n;
    at -= at > 0 && out->p[at - 1] == ':';
    while (at > 0 && out->p[at - 1] != '\n' &&
           ((unsigned char)out->p[at - 1] <= ' ' || (out->p[at - 1] & 0x80) != 0))
        at--;
    return at == 0 || out->p[at - 1] == '\n';
}

/* Append a printable ASCII character so that no line becomes a command of GitHub's runner: a command is "::" behind
 * blanks at the start of a line, or "##[" anywhere. */
static void add_visible(struct sw_buffer *out, char c, bool *begins)
{
    bool before = out->n > 0 && out->p[out->n - 1] == ':';
    bool command = (c == ':' && *begins && before) ||
                   (c == '[' && out->n > 1 && out->p[out->n - 1] == '#' && out->p[out->n - 2] == '#');
    *begins = *begins && (c == ' ' || (c == ':' && !before));
    if (command)
        add_escape(out, (unsigned char)c, (unsigned char)c);
    else
        sw_buffer_add_char(out, c);
}

static void add_clean(struct sw_buffer *out, struct sw_str s)
{
    bool begins = line_begins(out);
    while (s.n > 0) {
        unsigned char c = (unsigned char)s.p[0];
        size_t n = 1;
        uint32_t code;
        if (c >= 0x20 && c < 0x7F)
            add_visible(out, (char)c, &begins);
        else if (c == ESC)
            n = escape_length(s);
        else if (c == '\t')
            add_visible(out, ' ', &begins);
        else if (sw_text_unsafe(s, &n, &code))
            add_escape(out, c, code);
        else
            sw_buffer_add(out, s.p, n);
        s = sw_str_drop(s, n);
    }
}

/* A scheme's name ends before "://". One of SSH names a user in public; all others' users are as good as passwords. */
static bool is_login(struct sw_str before, struct sw_str user)
{
    struct sw_str password = user;
    struct sw_str name = sw_str_cut(&password, ':');
    bool ssh = before.n >= 3 && strncasecmp(before.p + before.n - 3, "ssh", 3) == 0;
    if (password.p == NULL && (ssh || name.n == 0))
        return false;
    struct sw_str secret = password.p == NULL ? name : password;
    return secret.n == 0 ? name.n > 0 && !ssh : secret.p[0] != '$';
}

bool sw_text_find_login(struct sw_str *login, struct sw_str text)
{
    static const struct sw_str mark = {"://", 3};
    for (size_t at = 0; at < text.n;) {
        struct sw_str rest = sw_str_drop(text, at);
        size_t found = sw_str_find(rest, mark);
        if (found == rest.n)
            return false;
        size_t start = at + found + mark.n, end = start, user = start;
        for (; end < text.n && (unsigned char)text.p[end] > ' ' && strchr("/?#\"'<>`", text.p[end]) == NULL;
             end++)
            user = text.p[end] == '@' ? end : user;
        struct sw_str name = {text.p + start, user - start};
        if (user > start && is_login((struct sw_str){text.p, at + found}, name)) {
            *login = name;
            return true;
        }
        at = start;
    }
    return false;
}

/* Return true if a host's name begins with `s`: labels and dots, and a last label of letters. */
static bool is_host(struct sw_str s)
{
    size_t n = 0, label = 0;
    bool dotted = false, letters = true;
    for (; n < s.n && (sw_is_alnum((unsigned char)s.p[n]) || s.p[n] == '-' || s.p[n] == '.'); n++) {
        if (s.p[n] == '.') {
            dotted = dotted || n > 0;
            label = n + 1;
            letters = true;
        } else {
            letters = letters && sw_is_alpha((unsigned char)s.p[n]);
        }
    }
    return (dotted && letters && n >= label + 2) || (n == 9 && strncmp(s.p, "localhost", n) == 0);
}

/* The login before the '@' at `at`, if "user:password" stands there as a word of its own. */
static bool is_bare_login(struct sw_str *login, struct sw_str text, size_t at)
{
    enum { MOST = 256 };
    size_t start = at, colon = at;
    for (; start > 0 && at - start < MOST; start--) {
        char c = text.p[start - 1];
        if ((unsigned char)c <= ' ' || strchr("/?#\"'<>`=(),;[]", c) != NULL)
            break;
        colon = c == ':' ? start - 1 : colon;
    }
    struct sw_str user = {text.p + start, colon - start},
                  secret = {text.p + colon + 1, at - colon - (colon < at)};
    if (colon == at || user.n == 0 || secret.n == 0 || secret.p[0] == '$' || sw_str_is(user, "mailto"))
        return false;
    *login = (struct sw_str){text.p + start, at - start};
    return true;
}

static bool find_bare_login(struct sw_str *login, struct sw_str text)
{
    for (size_t at = 0; at < text.n; at++) {
        const char *sign = memchr(text.p + at, '@', text.n - at);
        if (sign == NULL)
            return false;
        at = (size_t)(sign - text.p);
        if (is_host(sw_str_drop(text, at + 1)) && is_bare_login(login, text, at))
            return true;
    }
    return false;
}

static void redact(struct sw_buffer *out, struct sw_str s, bool (*find)(struct sw_str *, struct sw_str))
{
    for (struct sw_str login; find(&login, s);) {
        sw_buffer_add(out, s.p, (size_t)(login.p - s.p));
        sw_buffer_add_text(out, "***");
        s = sw_str_drop(s, (size_t)(login.p - s.p) + login.n);
    }
    sw_buffer_add_str(out, s);
}

bool sw_text_shows_login(struct sw_str text)
{
    struct sw_str login;
    return sw_text_find_login(&login, text) || find_bare_login(&login, text);
}

void sw_text_add_redacted(struct sw_buffer *out, struct sw_str s)
{
    SW_BUFFER_AUTO once;
    sw_buffer_init(&once, 3 * s.n + 1);
    redact(&once, s, sw_text_find_login);
    redact(out, sw_buffer_str(&once), find_bare_login);
    if (once.state != SW_BUFFER_OK)
        out->state = once.state;
}

void sw_text_add_clean(struct sw_buffer *out, struct sw_str s)
{
    size_t start = out->n;
    add_clean(out, s);
    struct sw_str added = sw_str_drop(sw_buffer_str(out), start);
    if (!sw_text_shows_login(added))
        return;
    SW_BUFFER_AUTO whole;
    sw_buffer_init(&whole, added.n);
    sw_buffer_add_str(&whole, added);
    sw_buffer_truncate(out, start);
    sw_text_add_redacted(out, sw_buffer_str(&whole));
    if (whole.state != SW_BUFFER_OK)
        out->state = whole.state;
}

void sw_text_add_clean_lines(struct sw_buffer *out, struct sw_str s, const char *indent)
{
    while (s.p != NULL) {
        sw_text_add_clean(out, sw_str_cut(&s, '\n'));
        if (s.p != NULL) {
            sw_buffer_add_char(out, '\n');
            sw_buffer_add_text(out, s.n == 0 ? "" : indent);
        }
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

/* Clean the text before it is cut: half of a login could not be told from a host. */
void sw_text_brief(char out[SW_TEXT_BRIEF], struct sw_str s)
{
    enum { LONGEST = 60 };
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * s.n + 1);
    sw_text_add_clean(&clean, s);
    size_t shown = clean.n;
    if (shown > LONGEST && (s.n > LONGEST || shown > SW_TEXT_BRIEF - sizeof "..."))
        shown = LONGEST;
    while (shown > 0 && shown < clean.n &&
           ((unsigned char)clean.p[shown] & 0xC0) == 0x80) /* not within a character */
        shown--;
    (void)snprintf(out, SW_TEXT_BRIEF, "%.*s%s", (int)shown, clean.p, shown < clean.n ? "..." : "");
}

size_t sw_text_width(struct sw_str s)
{
    mbstate_t state = {0};
    size_t width = 0;
    while (s.n > 0) {
        wchar_t wide = 0;
        size_t n = mbrtowc(&wide, s.p, s.n, &state);
        int columns = 1;
        /* NUL, or not text in this locale: count UTF-8 code points. */
        if (n == 0 || n > s.n) {
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

const char *sw_text_time(struct sw_arena *arena, const char *rfc3339)
{
    if (strlen(rfc3339) < strlen("2026-11-21T01:22") || rfc3339[10] != 'T')
        return rfc3339;
    return sw_arena_format(arena, "%.10s %.5s", rfc3339, rfc3339 + 11);
}

void sw_text_add_shell_word(struct sw_buffer *out, struct sw_str text)
{
    sw_buffer_add_char(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            sw_buffer_add_text(out, "'\\''");
        else
            sw_buffer_add_char(out, text.p[i]);
    }
    sw_buffer_add_char(out, '\'');
}
