#include "data/schema.h"

#include "data/node_internal.h"
#include "data/yaml.h"

static void describe(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema);

static struct sw_node *value_schema(struct sw_builder *b, const struct sw_schema *schema)
{
    struct sw_node *out = sw_build_map(b);
    describe(b, out, schema);
    return out;
}

/* The example as a value; an example that is no YAML fails the builder. */
static void add_example(struct sw_builder *b, struct sw_node *out, const char *yaml)
{
    const struct sw_node *value = NULL;
    if (b->failed || sw_yaml_read(&value, b->arena, sw_str_from(yaml), NULL, NULL) != 0) {
        b->failed = true;
        return;
    }
    struct sw_node *examples = sw_build_list(b);
    sw_build_append(b, examples, value);
    sw_build_set(b, out, "examples", examples);
}

static void describe_object(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    struct sw_node *properties = sw_build_map(b);
    struct sw_node *required = sw_build_list(b);
    bool any_required = false;
    for (const struct sw_field *field = schema->fields; field->key != NULL; field++) {
        struct sw_node *property = sw_build_map(b);
        if (field->doc != NULL)
            sw_build_set(b, property, "description", sw_build_text(b, field->doc));
        describe(b, property, field->schema);
        if (field->example != NULL)
            add_example(b, property, field->example);
        sw_build_set(b, properties, field->key, property);
        if (field->required)
            sw_build_append(b, required, sw_build_text(b, field->key));
        any_required = any_required || field->required;
    }
    sw_build_set(b, out, "type", sw_build_text(b, "object"));
    sw_build_set(b, out, "properties", properties);
    if (any_required)
        sw_build_set(b, out, "required", required);
    sw_build_set(b, out, "additionalProperties", sw_build_bool(b, false));
}

static void describe_text(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    sw_build_set(b, out, "type", sw_build_text(b, "string"));
    if (schema->words != NULL) {
        struct sw_node *words = sw_build_list(b);
        for (const char *const *word = schema->words; *word != NULL; word++)
            sw_build_append(b, words, sw_build_text(b, *word));
        sw_build_set(b, out, "enum", words);
    }
    if (schema->pattern != NULL)
        sw_build_set(b, out, "pattern", sw_build_text(b, schema->pattern));
}

static void describe_integer(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    sw_build_set(b, out, "type", sw_build_text(b, "integer"));
    if (schema->least == 0 && schema->most == 0)
        return;
    sw_build_set(b, out, "minimum", sw_build_int(b, schema->least));
    sw_build_set(b, out, "maximum", sw_build_int(b, schema->most));
}

static void describe_bool(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema SW_UNUSED)
{
    sw_build_set(b, out, "type", sw_build_text(b, "boolean"));
}

static void describe_list(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    sw_build_set(b, out, "type", sw_build_text(b, "array"));
    if (schema->items != NULL)
        sw_build_set(b, out, "items", value_schema(b, schema->items));
    if (schema->most_items > 0)
        sw_build_set(b, out, "maxItems", sw_build_int(b, (int64_t)schema->most_items));
}

static void describe_map(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    sw_build_set(b, out, "type", sw_build_text(b, "object"));
    if (schema->pattern != NULL) {
        struct sw_node *names = sw_build_map(b);
        sw_build_set(b, names, "pattern", sw_build_text(b, schema->pattern));
        sw_build_set(b, out, "propertyNames", names);
    }
    if (schema->items != NULL)
        sw_build_set(b, out, "additionalProperties", value_schema(b, schema->items));
    if (schema->most_items > 0)
        sw_build_set(b, out, "maxProperties", sw_build_int(b, (int64_t)schema->most_items));
}

static void describe_choices(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    struct sw_node *choices = sw_build_list(b);
    for (size_t i = 0; schema->choices[i] != NULL; i++)
        sw_build_append(b, choices, value_schema(b, schema->choices[i]));
    sw_build_set(b, out, "anyOf", choices);
}

/* Add to `out` the keywords of the schema. */
static void describe(struct sw_builder *b, struct sw_node *out, const struct sw_schema *schema)
{
    typedef void describe_function(struct sw_builder *, struct sw_node *, const struct sw_schema *);
    static describe_function *const kinds[] = {[SW_SCHEMA_ANY] = NULL,
                                               [SW_SCHEMA_TEXT] = describe_text,
                                               [SW_SCHEMA_INTEGER] = describe_integer,
                                               [SW_SCHEMA_BOOL] = describe_bool,
                                               [SW_SCHEMA_LIST] = describe_list,
                                               [SW_SCHEMA_MAP] = describe_map,
                                               [SW_SCHEMA_OBJECT] = describe_object,
                                               [SW_SCHEMA_ANY_OF] = describe_choices};
    if (kinds[schema->kind] != NULL)
        kinds[schema->kind](b, out, schema);
}

struct sw_node *sw_schema_json(struct sw_builder *b, const struct sw_schema *schema, const char *title)
{
    struct sw_node *out = sw_build_map(b);
    sw_build_set(b, out, "$schema", sw_build_text(b, "https://json-schema.org/draft/2020-12/schema"));
    sw_build_set(b, out, "title", sw_build_text(b, title));
    describe(b, out, schema);
    return b->failed ? NULL : out;
}
