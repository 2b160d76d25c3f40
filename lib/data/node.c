#include "data/node_internal.h"

const char *sw_node_type_name(enum sw_node_type type)
{
    switch (type) {
    case SW_NODE_NULL:
        return "null";
    case SW_NODE_BOOL:
        return "boolean";
    case SW_NODE_INT:
        return "integer";
    case SW_NODE_REAL:
        return "number";
    case SW_NODE_TEXT:
        return "text";
    case SW_NODE_LIST:
        return "list";
    case SW_NODE_MAP:
        break;
    }
    return "map";
}

const char *sw_node_type_words(enum sw_node_type type)
{
    static const char *const words[] = {
        [SW_NODE_NULL] = "null",     [SW_NODE_BOOL] = "a boolean", [SW_NODE_INT] = "an integer",
        [SW_NODE_REAL] = "a number", [SW_NODE_TEXT] = "text",      [SW_NODE_LIST] = "a list",
        [SW_NODE_MAP] = "a map"};
    return words[type];
}

enum sw_node_type sw_node_type(const struct sw_node *node)
{
    return node == NULL ? SW_NODE_NULL : node->type;
}

const char *sw_node_file(const struct sw_node *node)
{
    return node == NULL ? NULL : node->file;
}

unsigned sw_node_line(const struct sw_node *node)
{
    return node == NULL ? 0 : node->line;
}

unsigned sw_node_column(const struct sw_node *node)
{
    return node == NULL ? 0 : node->column;
}

size_t sw_node_count(const struct sw_node *list)
{
    return sw_node_type(list) == SW_NODE_LIST ? list->count : 0;
}

const struct sw_node *sw_node_item(const struct sw_node *list, size_t index)
{
    return index < sw_node_count(list) ? list->items[index] : NULL;
}

size_t sw_node_member_count(const struct sw_node *map)
{
    return sw_node_type(map) == SW_NODE_MAP ? map->count : 0;
}

const struct sw_member *sw_node_member_at(const struct sw_node *map, size_t index)
{
    return index < sw_node_member_count(map) ? &map->members[index] : NULL;
}

struct sw_member *sw_node_find(const struct sw_node *map, struct sw_str key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (sw_str_equal(map->members[i].key, key))
            return &map->members[i];
    }
    return NULL;
}

const struct sw_member *sw_node_member(const struct sw_node *map, const char *key)
{
    return sw_node_type(map) == SW_NODE_MAP ? sw_node_find(map, sw_str_from(key)) : NULL;
}

const struct sw_node *sw_node_get(const struct sw_node *map, const char *key)
{
    const struct sw_member *member = sw_node_member(map, key);
    return member == NULL ? NULL : member->value;
}

const char *sw_node_text(const struct sw_node *node, const char *otherwise)
{
    enum sw_node_type type = sw_node_type(node);
    return type == SW_NODE_NULL || type == SW_NODE_LIST || type == SW_NODE_MAP ? otherwise : node->text.p;
}

struct sw_str sw_node_str(const struct sw_node *node)
{
    enum sw_node_type type = sw_node_type(node);
    return node == NULL || type == SW_NODE_LIST || type == SW_NODE_MAP ? SW_STR("") : node->text;
}

int64_t sw_node_integer(const struct sw_node *node, int64_t otherwise)
{
    return sw_node_type(node) == SW_NODE_INT ? node->integer : otherwise;
}

int64_t sw_node_integer_within(const struct sw_node *node, int64_t least, int64_t most, int64_t otherwise)
{
    int64_t value = sw_node_integer(node, otherwise);
    return value >= least && value <= most ? value : otherwise;
}

bool sw_node_empty(const struct sw_node *node)
{
    enum sw_node_type type = sw_node_type(node);
    return type == SW_NODE_NULL || ((type == SW_NODE_LIST || type == SW_NODE_MAP) && node->count == 0);
}

bool sw_node_boolean(const struct sw_node *node, bool otherwise)
{
    return sw_node_type(node) == SW_NODE_BOOL ? node->boolean : otherwise;
}

double sw_node_real(const struct sw_node *node, double otherwise)
{
    return sw_node_type(node) == SW_NODE_REAL ? node->real : otherwise;
}

static bool lists_equal(const struct sw_node *a, const struct sw_node *b)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!sw_node_equal(a->items[i], b->items[i]))
            return false;
    }
    return true;
}

static bool maps_equal(const struct sw_node *a, const struct sw_node *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct sw_member *member = &b->members[i]; /* most often in the same order */
        if (!sw_str_equal(a->members[i].key, member->key))
            member = sw_node_find(b, a->members[i].key);
        if (member == NULL || !sw_node_equal(a->members[i].value, member->value))
            return false;
    }
    return true;
}

bool sw_node_equal(const struct sw_node *a, const struct sw_node *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->type != b->type || a->count != b->count)
        return false;
    switch (a->type) {
    case SW_NODE_NULL:
        return true;
    case SW_NODE_BOOL:
        return a->boolean == b->boolean;
    case SW_NODE_INT:
        return a->integer == b->integer;
    case SW_NODE_REAL:
        return a->real == b->real || (__builtin_isnan(a->real) && __builtin_isnan(b->real));
    case SW_NODE_TEXT:
        return sw_str_equal(a->text, b->text);
    case SW_NODE_LIST:
        return lists_equal(a, b);
    case SW_NODE_MAP:
        break;
    }
    return maps_equal(a, b);
}

void sw_error_place(struct sw_error *error, const struct sw_node *at)
{
    if (at == NULL || error->file[0] != '\0')
        return;
    (void)snprintf(error->file, sizeof error->file, "%s", sw_node_file(at));
    error->line = sw_node_line(at);
    error->column = sw_node_column(at);
}
