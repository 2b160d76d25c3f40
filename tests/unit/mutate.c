#include "mutate.h"

#include "unit.h"

#include "base/limits.h"
#include "data/json.h"

enum { DEEP = 40 }; /* within SW_MAX_JSON_DEPTH, below any place of these documents */

/* What stands in a value's place; NULL: nothing does. */
static const char *const values[] = {
    NULL,
    "null",
    "true",
    "7",
    "-1",
    "0.5",
    "9223372036854775807",
    "1e300",
    "\"\"",
    "\"text\"",
    "\"..\\u002f\\u001b[31m\\u0000\\n::error::\"",
    "[]",
    "{}",
    "[null]",
    "[[\"a\"],{\"b\":[]},7]",
    "{\"\":null,\"0\":[],\"name\":{}}",
    "deep",
    "long",
};

struct mutation {
    struct sw_builder b;
    size_t at, target; /* counts values in the order of the walk */
    const struct sw_node *value;
};

static const struct sw_node *nested(struct sw_builder *b, bool lists)
{
    struct sw_node *node = sw_build_text(b, "deep");
    for (int i = 0; i < DEEP; i++) {
        struct sw_node *outer = lists ? sw_build_list(b) : sw_build_map(b);
        if (lists)
            sw_build_append(b, outer, node);
        else
            sw_build_set(b, outer, "a", node);
        node = outer;
    }
    return node;
}

static const struct sw_node *long_text(struct sw_builder *b)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 100000);
    while (text.n < 100000)
        sw_buffer_add_char(&text, 'x');
    return sw_build_str(b, sw_buffer_str(&text));
}

static const struct sw_node *value_of(struct sw_builder *b, const char *text, size_t target)
{
    const struct sw_node *value = NULL;
    if (text == NULL)
        return NULL;
    if (strcmp(text, "deep") == 0)
        return nested(b, target % 2 == 0);
    if (strcmp(text, "long") == 0)
        return long_text(b);
    assert_int_equal(sw_json_read(&value, b->arena, sw_str_from(text), NULL, NULL), 0);
    return value;
}

/* The tree with another value at the target; NULL at the target if nothing stands there. */
static const struct sw_node *copy(struct mutation *m, const struct sw_node *node)
{
    if (m->at++ == m->target)
        return m->value;
    bool list = sw_node_type(node) == SW_NODE_LIST, map = sw_node_type(node) == SW_NODE_MAP;
    if (!list && !map)
        return sw_build_copy(&m->b, node);
    struct sw_node *made = list ? sw_build_list(&m->b) : sw_build_map(&m->b);
    for (size_t i = 0; i < sw_node_count(node); i++) {
        const struct sw_node *item = copy(m, sw_node_item(node, i));
        if (item != NULL)
            sw_build_append(&m->b, made, item);
    }
    for (size_t i = 0; i < sw_node_member_count(node); i++) {
        const struct sw_member *member = sw_node_member_at(node, i);
        const struct sw_node *value = copy(m, member->value);
        if (value != NULL)
            sw_build_set(&m->b, made, member->key.p, value);
    }
    return made;
}

/* False behind the last value. */
static bool read_one(const struct sw_node *root, size_t target, const char *text, mutate_reader *reader,
                     void *self)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO json;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&json, SW_MAX_JSON_SIZE);
    struct mutation m = {.b = {.arena = &arena}, .target = target};
    m.value = value_of(&m.b, text, target);
    const struct sw_node *changed = copy(&m, root);
    if (m.at <= target && target != SIZE_MAX)
        return false;
    assert_false(m.b.failed);
    if (changed == NULL)
        return true;
    sw_json_write(&json, changed, SW_JSON_COMPACT);
    assert_int_equal(json.state, SW_BUFFER_OK);
    reader(self, sw_buffer_str(&json), changed);
    return true;
}

size_t mutate(const char *document, mutate_reader *reader, void *self)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    size_t reads = 1;
    if (sw_json_read(&root, &arena, sw_str_from(document), NULL, &error) != 0)
        fail_msg("%s", error.text);
    assert_true(read_one(root, SIZE_MAX, NULL, reader, self));
    for (size_t i = 0; i < SW_COUNT(values); i++) {
        for (size_t target = 0; read_one(root, target, values[i], reader, self); target++)
            reads++;
    }
    return reads;
}
