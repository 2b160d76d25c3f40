#include "index/html_internal.h"

#include <strings.h>

static bool same(struct sw_str text, const char *name)
{
    return text.n == strlen(name) && strncasecmp(text.p, name, text.n) == 0;
}

/* The text behind the first `end`; nothing if it is missing. */
static struct sw_str after(struct sw_str text, struct sw_str end)
{
    size_t at = sw_str_find(text, end);
    return at == text.n ? sw_str_drop(text, text.n) : sw_str_drop(text, at + end.n);
}

static struct sw_str skip_space(struct sw_str text)
{
    while (text.n > 0 && sw_is_space((unsigned char)text.p[0]))
        text = sw_str_drop(text, 1);
    return text;
}

static struct sw_str take_until(struct sw_str *text, const char *ends)
{
    size_t n = 0;
    while (n < text->n && !sw_is_space((unsigned char)text->p[n]) &&
           memchr(ends, text->p[n], strlen(ends)) == NULL)
        n++;
    struct sw_str taken = {text->p, n};
    *text = sw_str_drop(*text, n);
    return taken;
}

/* Cut the next attribute off; false at the tag's end. A value without quotes ends with white space or '>'. */
static bool next_attribute(struct sw_str *rest, struct sw_str *name, struct sw_str *value)
{
    for (*rest = skip_space(*rest); rest->n > 0 && rest->p[0] == '/'; *rest = skip_space(*rest))
        *rest = sw_str_drop(*rest, 1);
    if (rest->n == 0 || rest->p[0] == '>')
        return false;
    const char *start = rest->p;
    /* A name may begin with '=', and has no '=' later. */
    if (rest->p[0] == '=')
        *rest = sw_str_drop(*rest, 1);
    struct sw_str tail = take_until(rest, "=/>");
    *name = (struct sw_str){start, (size_t)(tail.p + tail.n - start)};
    *value = SW_STR("");
    struct sw_str sign = skip_space(*rest);
    if (sign.n == 0 || sign.p[0] != '=')
        return true;
    *rest = skip_space(sw_str_drop(sign, 1));
    if (rest->n > 0 && (rest->p[0] == '"' || rest->p[0] == '\'')) {
        char quote = rest->p[0];
        *rest = sw_str_drop(*rest, 1);
        const char *end = memchr(rest->p, quote, rest->n);
        *value = (struct sw_str){rest->p, end == NULL ? rest->n : (size_t)(end - rest->p)};
        *rest = sw_str_drop(*rest, end == NULL ? rest->n : value->n + 1);
    } else {
        *value = take_until(rest, ">");
    }
    return true;
}

/* Elements whose text is no markup: the text ends with their end tag. */
static bool is_raw(struct sw_str name)
{
    static const char *const raw[] = {"script", "style",  "textarea", "title",
                                      "xmp",    "iframe", "noembed",  "noframes"};
    for (size_t i = 0; i < SW_COUNT(raw); i++) {
        if (same(name, raw[i]))
            return true;
    }
    return false;
}

static struct sw_str after_raw(struct sw_str text, struct sw_str name)
{
    for (;;) {
        text = after(text, SW_STR("</"));
        if (text.n < name.n)
            return sw_str_drop(text, text.n);
        if (strncasecmp(text.p, name.p, name.n) == 0 &&
            (text.n == name.n || !sw_is_alnum((unsigned char)text.p[name.n])))
            return after(text, SW_STR(">"));
    }
}

static struct sw_str after_comment(struct sw_str text)
{
    /* "<!-->" is a whole comment, and so is "<!--->". */
    if (sw_str_starts(text, ">"))
        return sw_str_drop(text, 1);
    return sw_str_starts(text, "->") ? sw_str_drop(text, 2) : after(text, SW_STR("-->"));
}

bool sw_html_next(struct sw_html *html, struct sw_html_tag *tag)
{
    struct sw_str rest = html->rest;
    while (rest.n > 0) {
        rest = after(rest, SW_STR("<"));
        if (sw_str_starts(rest, "!--")) {
            rest = after_comment(sw_str_drop(rest, 3));
        } else if (rest.n > 0 && (rest.p[0] == '!' || rest.p[0] == '?' || rest.p[0] == '/')) {
            rest = after(rest, SW_STR(">"));
        } else if (rest.n > 0 && sw_is_alpha((unsigned char)rest.p[0])) {
            struct sw_str name, value;
            tag->name = take_until(&rest, "/>");
            const char *start = rest.p;
            while (next_attribute(&rest, &name, &value))
                ;
            tag->attributes = (struct sw_str){start, (size_t)(rest.p - start)};
            rest = sw_str_drop(rest, rest.n > 0);
            html->rest = is_raw(tag->name) ? after_raw(rest, tag->name) : rest;
            return true;
        }
    }
    html->rest = rest;
    return false;
}

bool sw_html_is(const struct sw_html_tag *tag, const char *name)
{
    return same(tag->name, name);
}

static void add_code_point(struct sw_buffer *out, uint64_t c)
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    char bytes[4] = {(char)c};
    size_t n = 1;
    if (c >= 0x10000) {
        const char four[] = {(char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3F)),
                             (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F))};
        memcpy(bytes, four, n = sizeof four);
    } else if (c >= 0x800) {
        const char three[] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)),
                              (char)(0x80 | (c & 0x3F))};
        memcpy(bytes, three, n = sizeof three);
    } else if (c >= 0x80) {
        const char two[] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F))};
        memcpy(bytes, two, n = sizeof two);
    }
    sw_buffer_add(out, bytes, n);
}

/* Add "#62;" or "#x3e;" as its character; return its length, 0 if the text is no such reference. */
static size_t add_numeric(struct sw_buffer *out, struct sw_str text)
{
    bool hex = text.n > 1 && sw_lower((unsigned char)text.p[1]) == 'x';
    size_t start = hex ? 2 : 1, i = start;
    uint64_t c = 0;
    for (; i < text.n; i++) {
        int digit = sw_lower((unsigned char)text.p[i]);
        if (!sw_is_digit(digit) && !(hex && digit >= 'a' && digit <= 'f'))
            break;
        c = c * (hex ? 16 : 10) + (uint64_t)(sw_is_digit(digit) ? digit - '0' : digit - 'a' + 10);
        c = c > 0x110000 ? 0x110000 : c;
    }
    if (i == start)
        return 0;
    add_code_point(out, c);
    return i + (i < text.n && text.p[i] == ';');
}

/* Add the entity behind a '&'. Of the named entities only those that attributes of a link need are known. */
static size_t add_entity(struct sw_buffer *out, struct sw_str text)
{
    static const struct {
        const char *name, *text;
    } named[] = {{"amp;", "&"},   {"lt;", "<"},   {"gt;", ">"},
                 {"quot;", "\""}, {"apos;", "'"}, {"nbsp;", "\u00A0"}};
    if (sw_str_starts(text, "#"))
        return add_numeric(out, text);
    for (size_t i = 0; i < SW_COUNT(named); i++) {
        if (sw_str_starts(text, named[i].name)) {
            sw_buffer_add_text(out, named[i].text);
            return strlen(named[i].name);
        }
    }
    return 0;
}

static void add_value(struct sw_buffer *out, struct sw_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        size_t n = value.p[i] == '&' ? add_entity(out, sw_str_drop(value, i + 1)) : 0;
        if (n == 0)
            sw_buffer_add_char(out, value.p[i]);
        i += n;
    }
}

bool sw_html_attribute(struct sw_buffer *out, const struct sw_html_tag *tag, const char *name)
{
    struct sw_str rest = tag->attributes, found, value;
    while (next_attribute(&rest, &found, &value)) {
        if (same(found, name)) {
            add_value(out, value);
            return true;
        }
    }
    return false;
}
