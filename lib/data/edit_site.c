#include "data/edit_site_internal.h"

#include "base/limits.h"

#include <stdarg.h>

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

size_t sw_line_start(struct sw_str text, size_t at)
{
    while (at > 0 && !is_break(text.p[at - 1]))
        at--;
    return at;
}

size_t sw_line_end(struct sw_str text, size_t at)
{
    while (at < text.n && !is_break(text.p[at]))
        at++;
    return at;
}

size_t sw_line_next(struct sw_str text, size_t at)
{
    at = sw_line_end(text, at);
    if (at < text.n && text.p[at] == '\r')
        at++;
    if (at < text.n && text.p[at] == '\n')
        at++;
    return at;
}

bool sw_line_begins_at(struct sw_str text, size_t at)
{
    while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
        at--;
    return at == 0 || is_break(text.p[at - 1]);
}

size_t sw_line_end_before(struct sw_str text, size_t at)
{
    if (at > 0 && text.p[at - 1] == '\n')
        at--;
    if (at > 0 && text.p[at - 1] == '\r')
        at--;
    return at;
}

size_t sw_line_end_of_value(struct sw_str text, size_t end)
{
    bool after_break = end > 0 && is_break(text.p[end - 1]);
    return after_break ? sw_line_end_before(text, end) : sw_line_end(text, end);
}

struct sw_str sw_line_break(struct sw_str text)
{
    size_t end = sw_line_end(text, 0);
    size_t next = sw_line_next(text, 0);
    return end < next ? (struct sw_str){text.p + end, next - end} : SW_STR("\n");
}

size_t sw_edit_entry(struct sw_str text, const struct sw_mark *collection, size_t n)
{
    return n == 0 ? collection->content : sw_yaml_skip_space(text, collection->items[n - 1]->end);
}

int sw_edit_splice(struct sw_edit_site *site, size_t start, size_t end, struct sw_str text)
{
    const char *copy = sw_arena_copy(site->arena, text);
    if (copy == NULL)
        return sw_fail_memory(site->error);
    site->splices[site->splices_count++] = (struct sw_splice){start, end, {copy, text.n}};
    return 0;
}

int sw_edit_misfit(struct sw_edit_site *site, const char *format, ...)
{
    char text[SW_MAX_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return sw_fail(site->error, SW_ENOTFOUND, "'%s' %s", site->edit->path, text);
}
