#include "diagnose/phrase_internal.h"

int sw_names_find(const struct sw_names *names, struct sw_str name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (sw_str_is(name, names->items[i]))
            return (int)i;
    }
    return -1;
}

int sw_names_add(struct sw_names *names, struct sw_arena *arena, struct sw_str name)
{
    int known = sw_names_find(names, name);
    if (known >= 0 || names->count == SW_COUNT(names->items))
        return known;
    const char *copy = sw_arena_copy(arena, name);
    if (copy == NULL)
        return -1;
    names->items[names->count] = copy;
    return (int)names->count++;
}

static int add_part(struct sw_phrase *phrase, struct sw_arena *arena, struct sw_str text, int value,
                    struct sw_error *error)
{
    struct sw_phrase_part *parts =
        sw_arena_grow(arena, phrase->parts, phrase->count, sizeof(struct sw_phrase_part));
    if (parts == NULL)
        return sw_fail_memory(error);
    phrase->parts = parts;
    phrase->parts[phrase->count++] = (struct sw_phrase_part){text, value};
    return 0;
}

int sw_phrase_read(struct sw_phrase *out, struct sw_arena *arena, const struct sw_node *node,
                   const struct sw_names *names, struct sw_error *error)
{
    struct sw_phrase phrase = {0};
    struct sw_str rest = node == NULL ? (struct sw_str){NULL, 0} : sw_node_str(node);
    while (rest.n > 0) {
        size_t open = sw_str_find(rest, SW_STR("{{"));
        struct sw_str text = {rest.p, open};
        int value = -1;
        if (open < rest.n) {
            struct sw_str inner = {rest.p + open + 2, rest.n - open - 2};
            size_t close = sw_str_find(inner, SW_STR("}}"));
            if (close == inner.n)
                return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node),
                                  sw_node_column(node), "'{{' without '}}'");
            inner.n = close;
            value = sw_names_find(names, sw_str_trim(inner));
            if (value < 0) {
                (void)sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node),
                                 sw_node_column(node), "no group or derived value is named '%.*s'",
                                 SW_STR_FORMAT(inner));
                return sw_error_hint(error, "name a group of the rule's patterns: (?<name>…)");
            }
            open += close + 4;
        }
        int code = add_part(&phrase, arena, text, value, error);
        if (code != 0)
            return code;
        rest = (struct sw_str){rest.p + open, rest.n - open};
    }
    *out = phrase;
    return 0;
}

void sw_phrase_write(struct sw_buffer *out, const struct sw_phrase *phrase, const struct sw_values *values)
{
    for (size_t i = 0; i < phrase->count; i++) {
        sw_buffer_add_str(out, phrase->parts[i].text);
        if (phrase->parts[i].value >= 0)
            sw_buffer_add_str(out, values->items[phrase->parts[i].value]);
    }
}

bool sw_phrase_complete(const struct sw_phrase *phrase, const struct sw_values *values)
{
    for (size_t i = 0; i < phrase->count; i++) {
        if (phrase->parts[i].value >= 0 && values->items[phrase->parts[i].value].n == 0)
            return false;
    }
    return true;
}
