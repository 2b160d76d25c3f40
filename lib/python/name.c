#include "python/name.h"

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

size_t sw_name_length(struct sw_str text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (sw_is_alnum((unsigned char)text.p[i]))
            length = i + 1;
        else if (!is_separator(text.p[i]) || i == 0)
            break;
    }
    return length;
}

bool sw_name_valid(struct sw_str name)
{
    return name.n > 0 && sw_name_length(name) == name.n;
}

/* Take the next byte of the normalized form from `name`, which is not empty. */
static char take_normalized(struct sw_str *name)
{
    char c = name->p[0];
    size_t n = 1;
    if (is_separator(c)) {
        c = '-';
        while (n < name->n && is_separator(name->p[n]))
            n++;
    }
    name->p += n;
    name->n -= n;
    return (char)sw_lower(c);
}

void sw_name_normalize(struct sw_buffer *out, struct sw_str name)
{
    while (name.n > 0)
        sw_buffer_add_char(out, take_normalized(&name));
}

char *sw_name_normalized(struct sw_arena *arena, struct sw_str name)
{
    char *text = sw_arena_array(arena, name.n + 1, 1); /* it only gets shorter */
    if (text == NULL)
        return NULL;
    size_t n = 0;
    while (name.n > 0)
        text[n++] = take_normalized(&name);
    text[n] = '\0';
    return text;
}

bool sw_name_equal(struct sw_str a, struct sw_str b)
{
    while (a.n > 0 && b.n > 0) {
        if (take_normalized(&a) != take_normalized(&b))
            return false;
    }
    return a.n == b.n;
}
