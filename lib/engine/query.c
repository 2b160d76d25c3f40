#include "engine/query.h"

static void add_escaped(struct sw_buffer *target, const char *text, const char *also)
{
    for (const char *p = text; *p != '\0'; p++) {
        bool plain = sw_is_alnum((unsigned char)*p) || strchr("-._~", *p) != NULL || strchr(also, *p) != NULL;
        if (plain)
            sw_buffer_add_char(target, *p);
        else
            sw_buffer_addf(target, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

void sw_query_add_path(struct sw_buffer *target, const char *text)
{
    add_escaped(target, text, "/:@");
}

void sw_query_add(struct sw_buffer *target, const char *name, const char *value)
{
    if (value == NULL)
        return;
    bool first = sw_str_find(sw_buffer_str(target), SW_STR("?")) == target->n;
    sw_buffer_add_char(target, first ? '?' : '&');
    sw_buffer_add_text(target, name);
    sw_buffer_add_char(target, '=');
    add_escaped(target, value, "");
}
