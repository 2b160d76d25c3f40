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
