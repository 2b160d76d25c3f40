#include "python/scanner.h"

#include "base/text.h"

#include <limits.h>
#include <stdarg.h>

struct sw_scanner sw_scanner_over(struct sw_str text)
{
    return (struct sw_scanner){text, 0};
}

bool sw_scanner_ended(const struct sw_scanner *s)
{
    return s->at == s->text.n;
}

char sw_scanner_peek(const struct sw_scanner *s)
{
    return sw_scanner_ended(s) ? '\0' : s->text.p[s->at];
}

struct sw_str sw_scanner_rest(const struct sw_scanner *s)
{
    return sw_scanner_ended(s) ? SW_STR("") : (struct sw_str){s->text.p + s->at, s->text.n - s->at};
}

struct sw_str sw_scanner_since(const struct sw_scanner *s, size_t start)
{
    return s->at == start ? SW_STR("") : (struct sw_str){s->text.p + start, s->at - start};
}

void sw_scanner_skip_blanks(struct sw_scanner *s)
{
    while (sw_scanner_peek(s) == ' ' || sw_scanner_peek(s) == '\t')
        s->at++;
}

void sw_scanner_skip_space(struct sw_scanner *s)
{
    while (sw_is_space((unsigned char)sw_scanner_peek(s)))
        s->at++;
}

bool sw_scanner_take(struct sw_scanner *s, const char *text)
{
    if (!sw_str_starts(sw_scanner_rest(s), text))
        return false;
    s->at += strlen(text);
    return true;
}

bool sw_scanner_take_word(struct sw_scanner *s, const char *word)
{
    size_t start = s->at;
    if (!sw_scanner_take(s, word))
        return false;
    int next = (unsigned char)sw_scanner_peek(s);
    if (!sw_is_alnum(next) && next != '_')
        return true;
    s->at = start;
    return false;
}

struct sw_str sw_scanner_take_digits(struct sw_scanner *s)
{
    size_t start = s->at;
    while (sw_is_digit((unsigned char)sw_scanner_peek(s)))
        s->at++;
    return sw_scanner_since(s, start);
}

const char *sw_shown(char out[SW_SHOWN_SIZE], struct sw_str s)
{
    char brief[SW_TEXT_BRIEF];
    sw_text_brief(brief, s);
    (void)snprintf(out, SW_SHOWN_SIZE, "'%s'", brief);
    return out;
}

int sw_scanner_fail(size_t at, struct sw_error *error, const char *format, ...)
{
    if (error == NULL)
        return SW_EINPUT;
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    unsigned column = at < UINT_MAX ? (unsigned)at + 1 : UINT_MAX;
    return sw_fail_at(error, SW_EINPUT, NULL, 0, column, "%s", text);
}
