#include "data/node.h"

#include "data/node_internal.h"

#include <stdarg.h>

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

static struct sw_member *find_member(const struct sw_node *map, struct sw_str key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (sw_str_equal(map->members[i].key, key))
            return &map->members[i];
    }
    return NULL;
}

const struct sw_member *sw_node_member(const struct sw_node *map, const char *key)
{
    return sw_node_type(map) == SW_NODE_MAP ? find_member(map, sw_str_from(key)) : NULL;
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
    return sw_node_text(node, NULL) == NULL ? SW_STR("") : node->text;
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

bool sw_node_boolean(const struct sw_node *node, bool otherwise)
{
    return sw_node_type(node) == SW_NODE_BOOL ? node->boolean : otherwise;
}

int sw_node_want(const struct sw_node **out, const struct sw_node *map, const char *key,
                 enum sw_node_type type, struct sw_error *error)
{
    const struct sw_member *member = sw_node_member(map, key);
    if (member == NULL)
        return sw_fail_at(error, SW_EINPUT, map == NULL ? NULL : map->file, map == NULL ? 0 : map->line,
                          map == NULL ? 0 : map->column, "'%s' is missing", key);
    if (member->value->type != type)
        return sw_fail_at(error, SW_EINPUT, member->value->file, member->value->line, member->value->column,
                          "'%s' must be %s, not %s", key, sw_node_type_words(type),
                          sw_node_type_words(member->value->type));
    *out = member->value;
    return 0;
}

static struct sw_node *fail(struct sw_builder *b)
{
    b->failed = true;
    return NULL;
}

static struct sw_node *new_node(struct sw_builder *b, enum sw_node_type type, struct sw_str text)
{
    if (b->failed)
        return NULL;
    struct sw_node *node = sw_arena_alloc(b->arena, sizeof *node);
    char *copy = node == NULL ? NULL : sw_arena_copy(b->arena, text);
    if (copy == NULL)
        return fail(b);
    node->type = type;
    node->text = (struct sw_str){copy, text.n};
    return node;
}

struct sw_node *sw_build_null(struct sw_builder *b)
{
    return new_node(b, SW_NODE_NULL, SW_STR("null"));
}

struct sw_node *sw_build_bool(struct sw_builder *b, bool value)
{
    struct sw_node *node = new_node(b, SW_NODE_BOOL, value ? SW_STR("true") : SW_STR("false"));
    if (node != NULL)
        node->boolean = value;
    return node;
}

struct sw_node *sw_build_int(struct sw_builder *b, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    struct sw_node *node = new_node(b, SW_NODE_INT, sw_str_from(text));
    if (node != NULL)
        node->integer = value;
    return node;
}

struct sw_node *sw_build_real(struct sw_builder *b, double value)
{
    char text[SW_REAL_SIZE];
    sw_scalar_spell_real(text, value);
    struct sw_node *node = new_node(b, SW_NODE_REAL, sw_str_from(text));
    if (node != NULL)
        node->real = value;
    return node;
}

struct sw_node *sw_build_text(struct sw_builder *b, const char *text)
{
    return text == NULL ? sw_build_null(b) : sw_build_str(b, sw_str_from(text));
}

struct sw_node *sw_build_str(struct sw_builder *b, struct sw_str text)
{
    return new_node(b, SW_NODE_TEXT, text);
}

struct sw_node *sw_build_format(struct sw_builder *b, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int n = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (n < 0)
        return fail(b);
    struct sw_node *node = sw_build_str(b, (struct sw_str){text, (size_t)n});
    free(text);
    return node;
}

struct sw_node *sw_build_list(struct sw_builder *b)
{
    return new_node(b, SW_NODE_LIST, SW_STR(""));
}

struct sw_node *sw_build_map(struct sw_builder *b)
{
    return new_node(b, SW_NODE_MAP, SW_STR(""));
}

void sw_build_append(struct sw_builder *b, struct sw_node *list, const struct sw_node *item)
{
    if (list == NULL || item == NULL) {
        b->failed = true;
        return;
    }
    const struct sw_node **items = sw_arena_grow(b->arena, list->items, list->count, sizeof *items);
    if (items == NULL) {
        b->failed = true;
        return;
    }
    items[list->count++] = item;
    list->items = items;
}

void sw_build_set(struct sw_builder *b, struct sw_node *map, const char *key, const struct sw_node *value)
{
    if (map == NULL || value == NULL) {
        b->failed = true;
        return;
    }
    struct sw_member *member = find_member(map, sw_str_from(key));
    if (member != NULL) {
        member->value = value;
        return;
    }
    struct sw_member *members = sw_arena_grow(b->arena, map->members, map->count, sizeof *members);
    char *copy = members == NULL ? NULL : sw_arena_text(b->arena, key);
    if (copy == NULL) {
        b->failed = true;
        return;
    }
    members[map->count++] = (struct sw_member){.key = sw_str_from(copy), .value = value};
    map->members = members;
}

/* Depth is bounded by the limit that held when the tree was read. */
const struct sw_node *sw_build_copy(struct sw_builder *b, const struct sw_node *node)
{
    struct sw_node *copy = new_node(b, node->type, node->text);
    if (copy == NULL)
        return NULL;
    struct sw_str text = copy->text;
    *copy = *node;
    copy->text = text;
    copy->file = NULL;
    copy->items = NULL;
    copy->members = NULL;
    copy->count = 0;
    for (size_t i = 0; node->type == SW_NODE_LIST && i < node->count; i++)
        sw_build_append(b, copy, sw_build_copy(b, node->items[i]));
    for (size_t i = 0; node->type == SW_NODE_MAP && i < node->count; i++)
        sw_build_set(b, copy, node->members[i].key.p, sw_build_copy(b, node->members[i].value));
    return b->failed ? NULL : copy;
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
            member = find_member(b, a->members[i].key);
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
