#include "data/toml_internal.h"

#include "base/limits.h"

#include <math.h>

/* ---- strings ---- */

static bool looks_at(const struct sw_toml *toml, const char *text)
{
    return sw_str_starts((struct sw_str){toml->p, (size_t)(toml->end - toml->p)}, text);
}

static void add_utf8(struct sw_buffer *out, uint32_t c)
{
    static const struct {
        uint32_t most, first;
        unsigned more;
    } lengths[] = {{0x7F, 0, 0}, {0x7FF, 0xC0, 1}, {0xFFFF, 0xE0, 2}, {0x10FFFF, 0xF0, 3}};
    size_t i = 0;
    while (c > lengths[i].most)
        i++;
    unsigned more = lengths[i].more;
    sw_buffer_add_char(out, (char)(lengths[i].first | c >> (6 * more)));
    while (more-- > 0)
        sw_buffer_add_char(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

/* \uXXXX and \UXXXXXXXX, behind the letter. */
static int read_code_point(struct sw_buffer *out, struct sw_toml *toml, unsigned digits)
{
    uint32_t c = 0;
    for (; digits > 0; digits--, toml->p++) {
        int low = toml->p == toml->end ? 0 : sw_lower((unsigned char)*toml->p);
        if (!sw_is_digit(low) && (low < 'a' || low > 'f'))
            return sw_toml_refuse(toml, "an escape with too few digits");
        c = c * 16 + (uint32_t)(sw_is_digit(low) ? low - '0' : low - 'a' + 10);
    }
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return sw_toml_refuse(toml, "an escape that is no character");
    add_utf8(out, c);
    return 0;
}

/* A backslash at a line's end hides the white space up to the next text; false if something else stands in the line. */
static bool skip_line_end(struct sw_toml *toml)
{
    const char *at = toml->p;
    while (at < toml->end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == toml->end || *at != '\n')
        return false;
    while (at < toml->end && (*at == ' ' || *at == '\t' || *at == '\n'))
        at++;
    toml->p = at;
    return true;
}

static int read_escape(struct sw_buffer *out, struct sw_toml *toml, bool many_lines)
{
    static const char letters[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    toml->p++;
    if (many_lines && skip_line_end(toml))
        return 0;
    char c = toml->p == toml->end ? '\0' : *toml->p;
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter == NULL && c != 'u' && c != 'U')
        return sw_toml_refuse(toml, "an unknown escape");
    toml->p++;
    if (letter == NULL)
        return read_code_point(out, toml, c == 'u' ? 4 : 8);
    sw_buffer_add_char(out, values[letter - letters]);
    return 0;
}

/* At the end of a string of many lines, up to two quotes belong to it. */
static void take_quotes(struct sw_buffer *out, struct sw_toml *toml, char quote)
{
    toml->p += 3;
    for (int i = 0; i < 2 && toml->p < toml->end && *toml->p == quote; i++, toml->p++)
        sw_buffer_add_char(out, quote);
}

/* Take the next character of a string, or refuse it. */
static int take_string_char(struct sw_buffer *out, struct sw_toml *toml, char quote, bool many_lines)
{
    unsigned char c = toml->p == toml->end ? '\0' : (unsigned char)*toml->p;
    if (toml->p == toml->end || (c == '\n' && !many_lines))
        return sw_toml_refuse(toml, "a string does not end");
    if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7F)
        return sw_toml_refuse(toml, "a control character in a string");
    if (c == '\\' && quote == '"')
        return read_escape(out, toml, many_lines);
    sw_buffer_add_char(out, *toml->p++);
    return 0;
}

int sw_toml_string(struct sw_buffer *out, struct sw_toml *toml, bool one_line)
{
    const char quote = *toml->p, three[] = {quote, quote, quote, '\0'};
    bool many_lines = !one_line && looks_at(toml, three);
    const char *ending = many_lines ? three : three + 2;
    toml->p += many_lines ? 3 : 1;
    if (many_lines && looks_at(toml, "\n"))
        toml->p++;
    while (!looks_at(toml, ending)) {
        int code = take_string_char(out, toml, quote, many_lines);
        if (code != 0)
            return code;
    }
    if (many_lines)
        take_quotes(out, toml, quote);
    else
        toml->p++;
    return sw_buffer_check(out, "a string", toml->error);
}

/* ---- numbers, dates, true and false ---- */

/* Digits with single underscores between them; false if there are none. */
static bool take_digits(struct sw_str *rest, const char *allowed, struct sw_buffer *plain)
{
    bool digit = false, any = false;
    while (rest->n > 0 && (strchr(allowed, *rest->p) != NULL || (digit && *rest->p == '_'))) {
        digit = *rest->p != '_';
        any = true;
        if (digit)
            sw_buffer_add_char(plain, *rest->p);
        *rest = sw_str_drop(*rest, 1);
    }
    return any && digit;
}

static bool take_char(struct sw_str *rest, const char *allowed, struct sw_buffer *plain)
{
    if (rest->n == 0 || *rest->p == '\0' || strchr(allowed, *rest->p) == NULL)
        return false;
    sw_buffer_add_char(plain, *rest->p);
    *rest = sw_str_drop(*rest, 1);
    return true;
}

static const char decimal[] = "0123456789";

/* A number without its underscores, in a form that sw_scalar_resolve() knows. */
static bool read_number(struct sw_buffer *plain, struct sw_str text)
{
    struct sw_str rest = text;
    if (sw_str_starts(text, "0x") || sw_str_starts(text, "0o")) {
        sw_buffer_add(plain, text.p, 2);
        rest = sw_str_drop(text, 2);
        return take_digits(&rest, text.p[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567", plain) &&
               rest.n == 0;
    }
    (void)take_char(&rest, "+-", plain);
    bool zero = rest.n > 1 && rest.p[0] == '0' && (sw_is_digit((unsigned char)rest.p[1]) || rest.p[1] == '_');
    if (zero || !take_digits(&rest, decimal, plain))
        return false;
    if (take_char(&rest, ".", plain) && !take_digits(&rest, decimal, plain))
        return false;
    if (take_char(&rest, "eE", plain)) {
        (void)take_char(&rest, "+-", plain);
        if (!take_digits(&rest, decimal, plain))
            return false;
    }
    return rest.n == 0;
}

/* "0b101"; more than 64 bits become a number near it. */
static bool read_binary(struct sw_node *node, struct sw_str text)
{
    SW_BUFFER_AUTO plain;
    sw_buffer_init(&plain, SW_MAX_TOML_SIZE);
    struct sw_str rest = sw_str_drop(text, 2);
    if (!take_digits(&rest, "01", &plain) || rest.n > 0)
        return false;
    double near = 0;
    uint64_t value = 0;
    for (size_t i = 0; i < plain.n; i++) {
        near = near * 2 + (plain.p[i] - '0');
        value = value << 1 | (uint64_t)(plain.p[i] - '0');
    }
    node->type = near < 0x1p63 ? SW_NODE_INT : SW_NODE_REAL;
    if (node->type == SW_NODE_INT)
        node->integer = (int64_t)value;
    else
        node->real = near;
    return true;
}

static bool read_special(struct sw_node *node, struct sw_str text)
{
    bool negative = sw_str_starts(text, "-");
    struct sw_str word = sw_str_drop(text, negative || sw_str_starts(text, "+"));
    if (sw_str_is(text, "true") || sw_str_is(text, "false")) {
        node->type = SW_NODE_BOOL;
        node->boolean = text.n == 4;
    } else if (sw_str_is(word, "inf") || sw_str_is(word, "nan")) {
        node->type = SW_NODE_REAL;
        node->real = word.p[0] == 'n' ? (double)NAN : negative ? -(double)INFINITY : (double)INFINITY;
    } else {
        return sw_str_starts(text, "0b") && read_binary(node, text);
    }
    return true;
}

/* `count` digits of a value from `least` to `most`. */
static bool take_field(struct sw_str *rest, size_t count, unsigned least, unsigned most, unsigned *value)
{
    unsigned found = 0;
    if (rest->n < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!sw_is_digit((unsigned char)rest->p[i]))
            return false;
        found = found * 10 + (unsigned)(rest->p[i] - '0');
    }
    *rest = sw_str_drop(*rest, count);
    *value = found;
    return found >= least && found <= most;
}

static bool take_text(struct sw_str *rest, const char *one_of)
{
    if (rest->n == 0 || *rest->p == '\0' || strchr(one_of, *rest->p) == NULL)
        return false;
    *rest = sw_str_drop(*rest, 1);
    return true;
}

static bool take_date(struct sw_str *rest)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;
    if (!take_field(rest, 4, 1, 9999, &year) || !take_text(rest, "-") ||
        !take_field(rest, 2, 1, 12, &month) || !take_text(rest, "-") || !take_field(rest, 2, 1, 31, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (unsigned)(leap && month == 2);
}

static bool take_time(struct sw_str *rest)
{
    unsigned value;
    if (!take_field(rest, 2, 0, 23, &value) || !take_text(rest, ":") || !take_field(rest, 2, 0, 59, &value) ||
        !take_text(rest, ":") || !take_field(rest, 2, 0, 59, &value))
        return false;
    if (!take_text(rest, "."))
        return true;
    bool any = false;
    for (; rest->n > 0 && sw_is_digit((unsigned char)*rest->p); any = true)
        *rest = sw_str_drop(*rest, 1);
    return any;
}

static bool is_date_or_time(struct sw_str text)
{
    struct sw_str rest = text;
    unsigned value;
    if (take_time(&rest))
        return rest.n == 0;
    rest = text;
    if (!take_date(&rest))
        return false;
    if (rest.n == 0)
        return true;
    if (!take_text(&rest, "Tt ") || !take_time(&rest))
        return false;
    if (rest.n == 0 || take_text(&rest, "Zz"))
        return rest.n == 0;
    return take_text(&rest, "+-") && take_field(&rest, 2, 0, 23, &value) && take_text(&rest, ":") &&
           take_field(&rest, 2, 0, 59, &value) && rest.n == 0;
}

/* The word that begins here: up to white space, a comma or a bracket. A date may have a blank before its time. */
static struct sw_str look_at_word(const struct sw_toml *toml)
{
    const char *at = toml->p;
    while (at < toml->end && *at != '\0' && strchr(" \t\n,]}#", *at) == NULL)
        at++;
    struct sw_str word = {toml->p, (size_t)(at - toml->p)}, date = word;
    if (toml->end - at > 1 && *at == ' ' && sw_is_digit((unsigned char)at[1]) && take_date(&date) &&
        date.n == 0) {
        do
            at++;
        while (at < toml->end && *at != '\0' && strchr(" \t\n,]}#", *at) == NULL);
        word.n = (size_t)(at - toml->p);
    }
    return word;
}

static int read_word(struct sw_node **out, struct sw_toml *toml)
{
    struct sw_str word = look_at_word(toml);
    struct sw_node *node = NULL;
    SW_BUFFER_AUTO plain;
    sw_buffer_init(&plain, SW_MAX_TOML_SIZE);
    bool number = read_number(&plain, word);
    int code = sw_toml_new(&node, toml, SW_NODE_TEXT, number ? sw_buffer_str(&plain) : word);
    if (code != 0)
        return code;
    if (number)
        sw_scalar_resolve(node);
    else if (!read_special(node, word) && !is_date_or_time(word))
        return sw_toml_refuse(toml, "a value is missing here; a text stands in quotes");
    toml->p += word.n;
    *out = node;
    return 0;
}

/* ---- lists and inline tables ---- */

static int read_list(struct sw_node *list, struct sw_toml *toml)
{
    struct sw_node *item = NULL;
    toml->p++;
    for (;;) {
        int code = sw_toml_skip_lines(toml);
        if (code == 0 && looks_at(toml, "]"))
            break;
        if (code == 0)
            code = sw_toml_value(&item, toml);
        if (code != 0)
            return code;
        sw_build_append(&toml->b, list, item);
        code = toml->b.failed ? sw_fail_memory(toml->error) : sw_toml_skip_lines(toml);
        if (code != 0)
            return code;
        if (looks_at(toml, ","))
            toml->p++;
        else if (!looks_at(toml, "]"))
            return sw_toml_refuse(toml, "',' or ']' is missing in a list");
    }
    toml->p++;
    return 0;
}

static int read_inline_table(struct sw_node *table, struct sw_toml *toml)
{
    toml->p++;
    sw_toml_skip_blanks(toml);
    if (looks_at(toml, "}")) {
        toml->p++;
        return 0;
    }
    for (;;) {
        int code = sw_toml_pair(toml, table);
        if (code != 0)
            return code;
        sw_toml_skip_blanks(toml);
        bool more = looks_at(toml, ",");
        if (!more && !looks_at(toml, "}"))
            return sw_toml_refuse(toml, "',' or '}' is missing in a table");
        toml->p++;
        if (!more)
            return 0;
        sw_toml_skip_blanks(toml);
    }
}

static int read_several(struct sw_node **out, struct sw_toml *toml)
{
    bool list = *toml->p == '[';
    struct sw_node *node = NULL;
    if (toml->depth == SW_MAX_TOML_DEPTH)
        return sw_toml_refuse(toml, "values are nested too deep");
    int code = sw_toml_new(&node, toml, list ? SW_NODE_LIST : SW_NODE_MAP, SW_STR(""));
    toml->depth++;
    if (code == 0)
        code = list ? read_list(node, toml) : read_inline_table(node, toml);
    toml->depth--;
    if (code != 0)
        return code;
    node->integer = SW_TOML_FROZEN;
    *out = node;
    return 0;
}

int sw_toml_value(struct sw_node **out, struct sw_toml *toml)
{
    char c = toml->p == toml->end ? '\0' : *toml->p;
    if (c == '[' || c == '{')
        return read_several(out, toml);
    if (c != '"' && c != '\'')
        return read_word(out, toml);
    SW_BUFFER_AUTO text;
    struct sw_node *node = NULL;
    sw_buffer_init(&text, SW_MAX_TOML_SIZE);
    int code = sw_toml_new(&node, toml, SW_NODE_TEXT, SW_STR("")); /* at the quote */
    if (code == 0)
        code = sw_toml_string(&text, toml, false);
    char *copy = code == 0 ? sw_arena_copy(toml->b.arena, sw_buffer_str(&text)) : NULL;
    if (code == 0 && copy == NULL)
        code = sw_fail_memory(toml->error);
    if (code != 0)
        return code;
    node->text = (struct sw_str){copy, text.n};
    *out = node;
    return 0;
}
