#include "data/yaml_scalar.h"

#include "base/limits.h"
#include "data/node_internal.h"
#include "data/yaml.h"

#include <strings.h>

/* The code point of the valid sequence of `n` bytes at `p`. */
static unsigned decode(const char *p, size_t n)
{
    static const unsigned char first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned point = (unsigned char)p[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        point = point << 6 | ((unsigned char)p[i] & 0x3FU);
    return point;
}

/* Characters that can stand in quotes as they are: c-printable of YAML 1.2.2, section 5.1, without line
 * breaks (also those of YAML 1.1) and without the byte order mark. */
static bool is_printable(unsigned point)
{
    if (point < 0xA0)
        return point >= ' ' && point < 0x7F;
    return point != 0x2028 && point != 0x2029 && point != 0xFEFF && point != 0xFFFE && point != 0xFFFF;
}

static bool all_printable(struct sw_str text)
{
    while (text.n > 0) {
        size_t n = sw_utf8_length(text);
        if (n == 0 || !is_printable(decode(text.p, n)))
            return false;
        text.p += n;
        text.n -= n;
    }
    return true;
}

/* Return true if a YAML 1.1 reader may take the text for a boolean, a number, a time or a merge key; this
 * puts versions in quotes. */
static bool is_doubtful(struct sw_str text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "<<", "="};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (text.n == strlen(words[i]) && strncasecmp(text.p, words[i], text.n) == 0)
            return true;
    }
    if (text.n == 0 || strchr("+-.0123456789", text.p[0]) == NULL)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("+-.0123456789abcdefABCDEFoxTZ_: ", text.p[i]) == NULL)
            return false;
    }
    return true;
}

/* Return true if `before`, text and `after` make a list of one item, or a map of one key, that is this very
 * text. */
static bool reads_as(const char *before, struct sw_str text, const char *after)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    const char *yaml = sw_arena_format(&arena, "%s%.*s%s", before, SW_STR_FORMAT(text), after);
    if (yaml == NULL || sw_yaml_read(&root, &arena, sw_str_from(yaml), NULL, NULL) != 0 || root->count != 1)
        return false;
    if (root->type == SW_NODE_MAP)
        return sw_str_equal(root->members[0].key, text);
    const struct sw_node *item = root->items[0];
    return item->type == SW_NODE_TEXT && sw_str_equal(item->text, text);
}

static bool is_plain(const char *before, struct sw_str text, const char *after)
{
    return text.n > 0 && text.p[0] != '"' && text.p[0] != '\'' && all_printable(text) && !is_doubtful(text) &&
           reads_as(before, text, after);
}

static void add_single_quoted(struct sw_buffer *out, struct sw_str text)
{
    sw_buffer_add_char(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            sw_buffer_add_char(out, '\'');
        sw_buffer_add_char(out, text.p[i]);
    }
    sw_buffer_add_char(out, '\'');
}

static void add_escaped(struct sw_buffer *out, unsigned point)
{
    if (point == '\n')
        sw_buffer_add_text(out, "\\n");
    else if (point == '\t')
        sw_buffer_add_text(out, "\\t");
    else if (point <= 0xFF)
        sw_buffer_addf(out, "\\x%02X", point);
    else
        sw_buffer_addf(out, "\\u%04X", point);
}

static void add_double_quoted(struct sw_buffer *out, struct sw_str text)
{
    sw_buffer_add_char(out, '"');
    while (text.n > 0) {
        size_t n = sw_utf8_length(text);
        unsigned point = decode(text.p, n);
        if (point == '"' || point == '\\')
            sw_buffer_add_char(out, '\\');
        if (is_printable(point))
            sw_buffer_add(out, text.p, n);
        else
            add_escaped(out, point);
        text.p += n;
        text.n -= n;
    }
    sw_buffer_add_char(out, '"');
}

void sw_yaml_add_scalar(struct sw_buffer *out, struct sw_str text, enum sw_mark_style wanted, bool in_flow)
{
    if (wanted == SW_MARK_SINGLE && all_printable(text))
        add_single_quoted(out, text);
    else if (wanted == SW_MARK_DOUBLE || wanted == SW_MARK_SINGLE)
        add_double_quoted(out, text);
    else if (in_flow ? is_plain("[", text, "]") : is_plain("- ", text, "\n"))
        sw_buffer_add_str(out, text);
    else
        add_double_quoted(out, text);
}

void sw_yaml_add_key(struct sw_buffer *out, struct sw_str text)
{
    if (is_plain("{", text, ": x}"))
        sw_buffer_add_str(out, text);
    else
        add_double_quoted(out, text);
}
