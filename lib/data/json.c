#include "data/json.h"

#include "base/limits.h"
#include "data/node_internal.h"

#include <jansson.h>

struct place {
    unsigned line, column;
};

static void step(struct place *place, char c)
{
    if (c == '\n')
        *place = (struct place){place->line + 1, 1};
    else if (((unsigned char)c & 0xC0) != 0x80) /* characters, not bytes */
        place->column++;
}

/* Check depth and number of values, before anything is allocated for them; text that is no JSON is left to
 * jansson. */
static int check_limits(struct sw_str text, const char *file, struct sw_error *error)
{
    struct place place = {1, 1};
    unsigned depth = 0, values = 1;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"')
            quoted = !quoted;
        if (!quoted && (c == '[' || c == '{') && ++depth > SW_MAX_JSON_DEPTH)
            return sw_fail_at(error, SW_EINPUT, file, place.line, place.column,
                              "lists and maps are nested deeper than %d", SW_MAX_JSON_DEPTH);
        if (!quoted && (c == '[' || c == '{' || c == ',') && ++values > SW_MAX_JSON_NODES)
            return sw_fail_at(error, SW_EINPUT, file, place.line, place.column, "more than %d values",
                              SW_MAX_JSON_NODES);
        if (!quoted && (c == ']' || c == '}') && depth > 0)
            depth--;
        step(&place, c);
        if (quoted && c == '\\' && i + 1 < text.n)
            step(&place, text.p[++i]);
    }
    return 0;
}

/* Our words for jansson's; NULL if its own are clear. */
static const char *reword(enum json_error_code code)
{
    static const struct {
        enum json_error_code code;
        const char *text;
    } words[] = {
        {json_error_premature_end_of_input, "the JSON text ends too early"},
        {json_error_end_of_input_expected, "text after the end of the JSON value"},
        {json_error_invalid_utf8, "text that is not UTF-8"},
        {json_error_null_character, "U+0000 in a key"},
        {json_error_null_byte_in_key, "U+0000 in a key"},
        {json_error_duplicate_key, "a key that stands twice"},
        {json_error_numeric_overflow, "a number that does not fit 64 bits"},
    };
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (words[i].code == code)
            return words[i].text;
    }
    return NULL;
}

/* jansson's words without the text that it quotes from the document, which may be a login: the place tells as much. */
static struct sw_str without_quotation(const char *words)
{
    static const char *const quotations[] = {" near '", " '\\u"};
    struct sw_str text = sw_str_from(words);
    for (size_t i = 0; i < SW_COUNT(quotations); i++)
        text.n = sw_str_find(text, sw_str_from(quotations[i]));
    return text;
}

static int fail_parse(const json_error_t *problem, const char *file, struct sw_error *error)
{
    enum json_error_code code = json_error_code(problem);
    if (code == json_error_out_of_memory)
        return sw_fail_memory(error);
    const char *ours = reword(code);
    struct sw_str words = ours != NULL ? sw_str_from(ours) : without_quotation(problem->text);
    unsigned line = problem->line < 1 ? 1 : (unsigned)problem->line;
    unsigned column = problem->column < 1 ? 1 : (unsigned)problem->column;
    return sw_fail_at(error, SW_EINPUT, file, line, column, "%.*s", SW_STR_FORMAT(words));
}

struct converter {
    struct sw_arena *arena;
    const char *file;
};

/* These return NULL without memory. */
static struct sw_node *new_node(const struct converter *c, enum sw_node_type type, struct sw_str text)
{
    struct sw_node *node = sw_arena_alloc(c->arena, sizeof *node);
    char *copy = node == NULL ? NULL : sw_arena_copy(c->arena, text);
    if (copy == NULL)
        return NULL;
    *node = (struct sw_node){.type = type, .file = c->file, .text = {copy, text.n}};
    return node;
}

static const struct sw_node *convert(const struct converter *c, json_t *value);

static const struct sw_node *convert_list(const struct converter *c, const json_t *value)
{
    size_t count = json_array_size(value);
    struct sw_node *node = new_node(c, SW_NODE_LIST, SW_STR(""));
    const struct sw_node **items = sw_arena_array(c->arena, count, sizeof *items);
    if (node == NULL || items == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        items[i] = convert(c, json_array_get(value, i));
        if (items[i] == NULL)
            return NULL;
    }
    node->items = items;
    node->count = count;
    return node;
}

static const struct sw_node *convert_map(const struct converter *c, json_t *value)
{
    struct sw_node *node = new_node(c, SW_NODE_MAP, SW_STR(""));
    struct sw_member *members = sw_arena_array(c->arena, json_object_size(value), sizeof *members);
    if (node == NULL || members == NULL)
        return NULL;
    for (void *at = json_object_iter(value); at != NULL; at = json_object_iter_next(value, at)) {
        struct sw_str key = sw_str_from(json_object_iter_key(at));
        const char *copy = sw_arena_copy(c->arena, key);
        const struct sw_node *item = convert(c, json_object_iter_value(at));
        if (copy == NULL || item == NULL)
            return NULL;
        members[node->count++] = (struct sw_member){.key = {copy, key.n}, .value = item};
    }
    node->members = members;
    return node;
}

static const struct sw_node *convert_number(const struct converter *c, const json_t *value)
{
    char text[SW_REAL_SIZE];
    if (json_is_real(value))
        sw_scalar_spell_real(text, json_real_value(value));
    else
        (void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    struct sw_node *node = new_node(c, json_is_real(value) ? SW_NODE_REAL : SW_NODE_INT, sw_str_from(text));
    if (node == NULL)
        return NULL;
    if (json_is_real(value))
        node->real = json_real_value(value);
    else
        node->integer = json_integer_value(value);
    return node;
}

static const struct sw_node *convert_bool(const struct converter *c, bool value)
{
    struct sw_node *node = new_node(c, SW_NODE_BOOL, value ? SW_STR("true") : SW_STR("false"));
    if (node != NULL)
        node->boolean = value;
    return node;
}

/* The recursion is as deep as check_limits() allowed. */
static const struct sw_node *convert(const struct converter *c, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return convert_map(c, value);
    case JSON_ARRAY:
        return convert_list(c, value);
    case JSON_STRING:
        return new_node(c, SW_NODE_TEXT,
                        (struct sw_str){json_string_value(value), json_string_length(value)});
    case JSON_INTEGER:
    case JSON_REAL:
        return convert_number(c, value);
    case JSON_TRUE:
    case JSON_FALSE:
        return convert_bool(c, json_is_true(value));
    case JSON_NULL:
        break;
    }
    return new_node(c, SW_NODE_NULL, SW_STR("null"));
}

int sw_json_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error)
{
    json_error_t problem;
    if (text.n > SW_MAX_JSON_SIZE)
        return sw_fail_at(error, SW_EINPUT, file, 0, 0, "larger than %llu bytes", SW_MAX_JSON_SIZE);
    int code = check_limits(text, file, error);
    if (code != 0)
        return code;
    struct converter c = {.arena = arena, .file = file == NULL ? NULL : sw_arena_text(arena, file)};
    if (file != NULL && c.file == NULL)
        return sw_fail_memory(error);
    json_t *value = json_loadb(text.n == 0 ? "" : text.p, text.n,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    if (value == NULL)
        return fail_parse(&problem, file, error);
    const struct sw_node *root = convert(&c, value);
    json_decref(value);
    if (root == NULL)
        return sw_fail_memory(error);
    *out = root;
    return 0;
}
