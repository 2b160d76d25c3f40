#include "data/node_internal.h"

#include <stdarg.h>

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

struct sw_node *sw_build_at(struct sw_node *node, const char *file, unsigned line, unsigned column)
{
    if (node != NULL) {
        node->file = file;
        node->line = line;
        node->column = column;
    }
    return node;
}

struct sw_node *sw_build_placed(struct sw_builder *b, const char *text, const struct sw_node *place)
{
    struct sw_node *node = sw_build_text(b, text);
    return place == NULL ? node : sw_build_at(node, place->file, place->line, place->column);
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
    struct sw_member *member = sw_node_find(map, sw_str_from(key));
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

void sw_build_sort(struct sw_node *list, int (*order)(const void *a, const void *b))
{
    if (sw_node_count(list) > 1)
        qsort((void *)list->items, list->count, sizeof *list->items, order);
}

static const struct sw_node *merge_maps(struct sw_builder *b, const struct sw_node *parent,
                                        const struct sw_node *child)
{
    struct sw_node *merged = sw_arena_alloc(b->arena, sizeof *merged);
    struct sw_member *members = sw_arena_array(b->arena, parent->count + child->count, sizeof *members);
    if (merged == NULL || members == NULL)
        return fail(b);
    *merged = *child;
    merged->members = members;
    merged->count = 0;
    for (size_t i = 0; i < parent->count; i++) {
        const struct sw_member *own = sw_node_find(child, parent->members[i].key);
        struct sw_member *member = &members[merged->count++];
        *member = own == NULL ? parent->members[i] : *own;
        if (own != NULL)
            member->value = sw_build_merged(b, parent->members[i].value, own->value);
    }
    for (size_t i = 0; i < child->count; i++) {
        if (sw_node_find(parent, child->members[i].key) == NULL)
            members[merged->count++] = child->members[i];
    }
    return merged;
}

static const struct sw_node *merge_lists(struct sw_builder *b, const struct sw_node *parent,
                                         const struct sw_node *child)
{
    struct sw_node *merged = sw_arena_alloc(b->arena, sizeof *merged);
    const struct sw_node **items = sw_arena_array(b->arena, parent->count + child->count, sizeof *items);
    if (merged == NULL || items == NULL)
        return fail(b);
    *merged = *child;
    merged->items = items;
    for (size_t i = 0; i < parent->count; i++)
        items[i] = parent->items[i];
    for (size_t i = 0; i < child->count; i++)
        items[parent->count + i] = child->items[i];
    merged->count = parent->count + child->count;
    return merged;
}

/* Depth is bounded by SW_MAX_YAML_DEPTH, which held when the trees were read. */
const struct sw_node *sw_build_merged(struct sw_builder *b, const struct sw_node *parent,
                                      const struct sw_node *child)
{
    if (sw_node_type(parent) == SW_NODE_MAP && sw_node_type(child) == SW_NODE_MAP)
        return merge_maps(b, parent, child);
    if (sw_node_type(parent) == SW_NODE_LIST && sw_node_type(child) == SW_NODE_LIST)
        return merge_lists(b, parent, child);
    return child;
}

const struct sw_node *sw_build_filtered(struct sw_builder *b, const struct sw_node *map,
                                        bool (*keep)(struct sw_str key))
{
    if (map == NULL)
        return fail(b);
    struct sw_node *copy = sw_arena_alloc(b->arena, sizeof *copy);
    struct sw_member *members = sw_arena_array(b->arena, sw_node_member_count(map), sizeof *members);
    if (copy == NULL || members == NULL)
        return fail(b);
    *copy = *map;
    copy->members = members;
    copy->count = 0;
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        if (keep(map->members[i].key))
            members[copy->count++] = map->members[i];
    }
    return copy;
}
