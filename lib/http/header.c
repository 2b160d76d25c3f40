#include "http/header.h"

#include <strings.h>

static bool same(struct sw_str text, const char *name)
{
    return text.n == strlen(name) && (text.n == 0 || strncasecmp(text.p, name, text.n) == 0);
}

struct sw_str sw_header_find(struct sw_str lines, const char *name)
{
    while (lines.p != NULL) {
        struct sw_str value = sw_str_cut(&lines, '\n');
        struct sw_str key = sw_str_cut(&value, ':');
        if (value.p != NULL && same(key, name))
            return sw_str_trim(value);
    }
    return (struct sw_str){NULL, 0};
}

bool sw_header_directive(struct sw_str list, const char *directive, struct sw_str *value)
{
    while (list.p != NULL) {
        struct sw_str rest = sw_str_cut(&list, ',');
        struct sw_str name = sw_str_trim(sw_str_cut(&rest, '='));
        if (!same(name, directive))
            continue;
        if (rest.p != NULL)
            rest = sw_str_trim(rest);
        if (rest.p != NULL && rest.n >= 2 && rest.p[0] == '"' && rest.p[rest.n - 1] == '"')
            rest = (struct sw_str){rest.p + 1, rest.n - 2};
        if (value != NULL)
            *value = rest;
        return true;
    }
    return false;
}

bool sw_header_content_range(struct sw_str value, uint64_t *first, uint64_t *total)
{
    static const char unit[] = "bytes ";
    uint64_t start = 0, last = 0, whole = 0;
    if (!sw_str_starts(value, unit))
        return false;
    value = sw_str_drop(value, sizeof unit - 1);
    struct sw_str range = sw_str_cut(&value, '/');
    struct sw_str begin = sw_str_cut(&range, '-');
    if (value.p == NULL || range.p == NULL || !sw_str_to_u64(begin, &start) || !sw_str_to_u64(range, &last) ||
        !sw_str_to_u64(value, &whole) || start > last || last >= whole)
        return false;
    *first = start;
    *total = whole;
    return true;
}
