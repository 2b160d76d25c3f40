#include "data/json.h"

#include "base/text.h"
#include "data/node_internal.h"

#include <math.h>

/* Characters beyond 16 bits are two surrogates. */
static void add_escape(struct sw_buffer *out, uint32_t code)
{
    if (code > 0xFFFF)
        sw_buffer_addf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((code - 0x10000) >> 10)),
                       (unsigned)(0xDC00 + ((code - 0x10000) & 0x3FF)));
    else
        sw_buffer_addf(out, "\\u%04x", (unsigned)code);
}

void sw_json_quote(struct sw_buffer *out, struct sw_str text)
{
    static const char escapes[] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    sw_buffer_add_char(out, '"');
    while (text.n > 0) {
        unsigned char c = (unsigned char)text.p[0];
        size_t n;
        uint32_t code;
        bool unsafe = sw_text_unsafe(text, &n, &code);
        bool command = c == '[' && out->n > 1 && out->p[out->n - 1] == '#' && out->p[out->n - 2] == '#';
        if (code == UINT32_MAX) {
            sw_buffer_add_text(out, "\xEF\xBF\xBD"); /* U+FFFD */
        } else if (c < sizeof escapes && escapes[c] != '\0') {
            const char escape[] = {'\\', escapes[c]};
            sw_buffer_add(out, escape, sizeof escape);
        } else if (unsafe || command) {
            add_escape(out, code);
        } else {
            sw_buffer_add(out, text.p, n);
        }
        text = sw_str_drop(text, n);
    }
    sw_buffer_add_char(out, '"');
}

void sw_json_quote_shown(struct sw_buffer *out, struct sw_str text)
{
    if (!sw_text_shows_login(text)) {
        sw_json_quote(out, text);
        return;
    }
    SW_BUFFER_AUTO redacted;
    sw_buffer_init(&redacted, 3 * text.n);
    sw_text_add_redacted(&redacted, text);
    sw_json_quote(out, sw_buffer_str(&redacted));
    if (redacted.state != SW_BUFFER_OK)
        out->state = redacted.state;
}

static size_t skip_digits(struct sw_str s, size_t at)
{
    while (at < s.n && sw_is_digit((unsigned char)s.p[at]))
        at++;
    return at;
}

/* A number of RFC 8259, section 6, with a fraction or an exponent: without one many readers take it for an
 * integer, which may be too large for them. */
static bool is_json_real(struct sw_str s)
{
    size_t at = sw_str_starts(s, "-");
    size_t end = skip_digits(s, at);
    size_t integer_end = end;
    if (end == at || (s.p[at] == '0' && end > at + 1))
        return false;
    if (end < s.n && s.p[end] == '.') {
        at = end + 1;
        end = skip_digits(s, at);
        if (end == at)
            return false;
    }
    if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
        at = end + 1;
        at += at < s.n && (s.p[at] == '+' || s.p[at] == '-');
        end = skip_digits(s, at);
        if (end == at)
            return false;
    }
    return end == s.n && end > integer_end;
}

static void write_real(struct sw_buffer *out, const struct sw_node *node)
{
    char text[SW_REAL_SIZE];
    if (!isfinite(node->real)) {
        sw_buffer_add_text(out, "null");
    } else if (is_json_real(node->text)) {
        sw_buffer_add_str(out, node->text);
    } else {
        sw_scalar_spell_real(text, node->real);
        sw_buffer_add_text(out, text);
    }
}

static bool is_pretty(enum sw_json_style style)
{
    return style == SW_JSON_PRETTY || style == SW_JSON_SHOWN_PRETTY;
}

static void write_text(struct sw_buffer *out, struct sw_str text, enum sw_json_style style)
{
    if (style == SW_JSON_SHOWN || style == SW_JSON_SHOWN_PRETTY)
        sw_json_quote_shown(out, text);
    else
        sw_json_quote(out, text);
}

static void new_line(struct sw_buffer *out, enum sw_json_style style, unsigned depth)
{
    if (!is_pretty(style))
        return;
    sw_buffer_add_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        sw_buffer_add_text(out, "  ");
}

static void write_value(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style,
                        unsigned depth);

static void write_collection(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style,
                             unsigned depth)
{
    bool map = node->type == SW_NODE_MAP;
    sw_buffer_add_char(out, map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            sw_buffer_add_char(out, ',');
        new_line(out, style, depth + 1);
        if (map) {
            write_text(out, node->members[i].key, style);
            sw_buffer_add_text(out, is_pretty(style) ? ": " : ":");
        }
        write_value(out, map ? node->members[i].value : node->items[i], style, depth + 1);
    }
    if (node->count > 0)
        new_line(out, style, depth);
    sw_buffer_add_char(out, map ? '}' : ']');
}

static void write_value(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style,
                        unsigned depth)
{
    switch (node->type) {
    case SW_NODE_NULL:
        sw_buffer_add_text(out, "null");
        break;
    case SW_NODE_BOOL:
        sw_buffer_add_text(out, node->boolean ? "true" : "false");
        break;
    case SW_NODE_INT:
        sw_buffer_addf(out, "%lld", (long long)node->integer);
        break;
    case SW_NODE_REAL:
        write_real(out, node);
        break;
    case SW_NODE_TEXT:
        write_text(out, node->text, style);
        break;
    case SW_NODE_LIST:
    case SW_NODE_MAP:
        write_collection(out, node, style, depth);
        break;
    }
}

void sw_json_write(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style)
{
    write_value(out, node, style, 0);
    if (is_pretty(style))
        sw_buffer_add_char(out, '\n');
}
