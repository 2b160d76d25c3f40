#include "data/schema_internal.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/node_internal.h"
#include "data/yaml_scalar.h"

/* The nearest key around a value that has an example of one line, or NULL. */
static const struct sw_field *find_example(const struct sw_schema_place *place)
{
    for (; place != NULL; place = place->parent) {
        const struct sw_field *field = place->field;
        if (field != NULL && field->example != NULL && strchr(field->example, '\n') == NULL)
            return field;
    }
    return NULL;
}

void sw_schema_hint_example(struct sw_schema_walk *walk, struct sw_finding *finding,
                            const struct sw_schema_place *place)
{
    const struct sw_field *field = find_example(place);
    if (field != NULL)
        sw_finding_hint(walk->findings, finding, "%s: %s, for example", field->key, field->example);
}

/* The choice of a kind, or the schema itself if it is of that kind; NULL if there is none. */
static const struct sw_schema *of_kind(const struct sw_schema *schema, enum sw_schema_kind kind)
{
    if (schema == NULL || schema->kind == kind)
        return schema;
    for (size_t i = 0; schema->kind == SW_SCHEMA_ANY_OF && schema->choices[i] != NULL; i++) {
        if (schema->choices[i]->kind == kind)
            return schema->choices[i];
    }
    return NULL;
}

const char *sw_schema_meant_text(struct sw_arena *arena, const struct sw_schema *schema, struct sw_str text)
{
    return schema->meant == NULL || sw_text_shows_login(text) ? NULL : schema->meant(arena, text);
}

/* Append a text that the schema allows: `part` itself, or the value that it means. False if there is none. */
static bool add_text(struct sw_buffer *out, struct sw_arena *arena, const struct sw_schema *schema,
                     struct sw_str part)
{
    if (schema == NULL || schema->words != NULL || part.n == 0)
        return false;
    if (schema->check != NULL && schema->check(part) != NULL) {
        const char *meant = sw_schema_meant_text(arena, schema, part);
        if (meant == NULL)
            return false;
        part = sw_str_from(meant);
    }
    sw_yaml_add_scalar(out, part, SW_MARK_PLAIN, true);
    return true;
}

/* The items of a text with commas as a list. */
static bool list_items(struct sw_buffer *out, struct sw_arena *arena, const struct sw_schema *list,
                       struct sw_str text)
{
    sw_buffer_addf(out, "[");
    for (bool first = true; text.p != NULL; first = false) {
        const char *part = sw_arena_copy(arena, sw_str_trim(sw_str_cut(&text, ',')));
        if (!first)
            sw_buffer_addf(out, ", ");
        if (part == NULL || !add_text(out, arena, of_kind(list->items, SW_SCHEMA_TEXT), sw_str_from(part)))
            return false;
    }
    sw_buffer_addf(out, "]");
    return true;
}

const char *sw_schema_parts(struct sw_arena *arena, const struct sw_schema *schema, struct sw_str text)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_MESSAGE);
    size_t count = 0;
    for (struct sw_str rest = sw_str_trim(text); rest.p != NULL;) {
        const char *part = sw_arena_copy(arena, sw_str_cut(&rest, ' '));
        sw_buffer_addf(&out, "%s", count == 0 ? "[" : ", ");
        if (part == NULL || schema->check == NULL || schema->check(sw_str_from(part)) != NULL ||
            !add_text(&out, arena, schema, sw_str_from(part)))
            return NULL;
        count++;
    }
    sw_buffer_addf(&out, "]");
    return count < 2 || sw_buffer_check(&out, "a hint", NULL) != 0
               ? NULL
               : sw_arena_copy(arena, sw_buffer_str(&out));
}

const char *sw_schema_item_fault(const struct sw_schema *schema, const struct sw_node *node)
{
    const struct sw_schema *list = of_kind(schema, SW_SCHEMA_LIST);
    const struct sw_schema *item = list == NULL ? NULL : of_kind(list->items, SW_SCHEMA_TEXT);
    return node->type == SW_NODE_TEXT && item != NULL && item->check != NULL ? item->check(node->text) : NULL;
}

/* The texts "NAME=VALUE" of a list as a map. */
static bool map_assignments(struct sw_buffer *out, struct sw_arena *arena, const struct sw_schema *map,
                            const struct sw_node *list)
{
    sw_buffer_addf(out, "{");
    for (size_t i = 0; i < list->count; i++) {
        struct sw_str value = list->items[i]->type == SW_NODE_TEXT ? list->items[i]->text : SW_STR("");
        const char *name = sw_arena_copy(arena, sw_str_cut(&value, '='));
        if (name == NULL || value.p == NULL || (map->check != NULL && map->check(sw_str_from(name)) != NULL))
            return false;
        sw_buffer_addf(out, "%s", i == 0 ? "" : ", ");
        sw_yaml_add_key(out, sw_str_from(name));
        sw_buffer_addf(out, ": ");
        sw_yaml_add_scalar(out, value, SW_MARK_PLAIN, true);
    }
    sw_buffer_addf(out, "}");
    return list->count > 0;
}

/* A map of one entry as the text that it stands for: {numpy: "1.26"} for "numpy==1.26". */
static bool text_of_member(struct sw_buffer *out, struct sw_arena *arena, const struct sw_schema *text,
                           const struct sw_member *member)
{
    const struct sw_node *value = member->value;
    if (text == NULL || text->meant == NULL || value->type == SW_NODE_LIST || value->type == SW_NODE_MAP)
        return false;
    const char *joined =
        sw_arena_format(arena, "%.*s %.*s", SW_STR_FORMAT(member->key), SW_STR_FORMAT(value->text));
    struct sw_str whole = value->text.n == 0 ? member->key : sw_str_from(joined);
    return joined != NULL && add_text(out, arena, text, whole);
}

/* The entries of a map as a list of texts. */
static bool list_members(struct sw_buffer *out, struct sw_arena *arena, const struct sw_schema *text,
                         const struct sw_node *map)
{
    sw_buffer_addf(out, "[");
    for (size_t i = 0; i < map->count; i++) {
        sw_buffer_addf(out, "%s", i == 0 ? "" : ", ");
        if (!text_of_member(out, arena, text, &map->members[i]))
            return false;
    }
    sw_buffer_addf(out, "]");
    return map->count > 0;
}

const char *sw_schema_meant(struct sw_arena *arena, const struct sw_schema *schema,
                            const struct sw_node *node)
{
    const struct sw_schema *list = of_kind(schema, SW_SCHEMA_LIST), *map = of_kind(schema, SW_SCHEMA_MAP);
    const struct sw_schema *object = of_kind(schema, SW_SCHEMA_OBJECT);
    /* Nobody means a text by true, which is a wrong value rather than a wrong form. */
    bool is_scalar = node->type != SW_NODE_LIST && node->type != SW_NODE_MAP && node->type != SW_NODE_BOOL &&
                     node->text.n > 0;
    const struct sw_schema *item =
        list == NULL || list->items == NULL ? NULL : of_kind(list->items, SW_SCHEMA_OBJECT);
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_MESSAGE);
    bool found = false;
    if (is_scalar && list != NULL && list->meant != NULL)
        return sw_schema_meant_text(arena, list, node->text);
    if (is_scalar && list == NULL && object != NULL && object->meant != NULL)
        return sw_schema_meant_text(arena, object, node->text);
    const char *one = is_scalar && item != NULL && item->meant != NULL
                          ? sw_schema_meant_text(arena, item, node->text)
                          : NULL;
    if (one != NULL)
        return sw_arena_format(arena, "[%s]", one);
    if (is_scalar && list != NULL && list->items != NULL)
        found = list_items(&out, arena, list, node->text);
    else if (node->type == SW_NODE_LIST && map != NULL)
        found = map_assignments(&out, arena, map, node);
    else if (node->type == SW_NODE_MAP && list != NULL)
        found = list_members(&out, arena, of_kind(list->items, SW_SCHEMA_TEXT), node);
    else if (node->type == SW_NODE_MAP && node->count == 1)
        found = text_of_member(&out, arena, of_kind(schema, SW_SCHEMA_TEXT), &node->members[0]);
    return found && sw_buffer_check(&out, "a hint", NULL) == 0 ? sw_arena_copy(arena, sw_buffer_str(&out))
                                                               : NULL;
}
