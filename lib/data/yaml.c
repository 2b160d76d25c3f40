#include "data/yaml.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/node_internal.h"
#include "data/yaml_problem_internal.h"

struct anchor {
    const char *name;
    const struct sw_node *node;
    /* The values it holds with all aliases expanded; 0 while it is still open. */
    size_t weight;
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current event */
    struct sw_arena *arena;
    struct sw_str text;
    const char *file;
    struct sw_error *error;
    struct anchor anchors[SW_MAX_YAML_ANCHORS];
    size_t anchors_count;
    size_t values; /* so far, aliases expanded */
    unsigned depth;
    bool merges; /* merge keys are read */
};

static unsigned line_of(yaml_mark_t mark)
{
    return (unsigned)mark.line + 1;
}

static unsigned column_of(yaml_mark_t mark)
{
    return (unsigned)mark.column + 1;
}

#define FAIL(r, ...)                                                             \
    sw_fail_at((r)->error, SW_EINPUT, (r)->file, line_of((r)->event.start_mark), \
               column_of((r)->event.start_mark), __VA_ARGS__)

static int advance(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event) == 1)
        return 0;
    memset(&r->event, 0, sizeof r->event);
    return sw_yaml_problem(&r->parser, r->text, r->file, r->error);
}

static struct sw_str text_of(const yaml_char_t *p)
{
    return sw_str_from((const char *)p);
}

static int count_values(struct reader *r, size_t more)
{
    if (more > SW_MAX_YAML_NODES - r->values) {
        (void)FAIL(r, "more than %d values, aliases expanded", SW_MAX_YAML_NODES);
        return SW_EINPUT;
    }
    r->values += more;
    return 0;
}

static int new_node(struct reader *r, struct sw_node **out, enum sw_node_type type, struct sw_str text)
{
    int code = count_values(r, 1);
    if (code != 0)
        return code;
    struct sw_node *node = sw_arena_alloc(r->arena, sizeof *node);
    char *copy = node == NULL ? NULL : sw_arena_copy(r->arena, text);
    if (copy == NULL)
        return sw_fail_memory(r->error);
    node->type = type;
    node->text = (struct sw_str){copy, text.n};
    node->file = r->file;
    node->line = line_of(r->event.start_mark);
    node->column = column_of(r->event.start_mark);
    *out = node;
    return 0;
}

/* If the current event has an anchor, remember it; `*slot` is then its place. A name may be given again, and
 * means the later anchor from there on. */
static int open_anchor(struct reader *r, struct anchor **slot, const yaml_char_t *name,
                       const struct sw_node *node)
{
    if (name == NULL)
        return 0;
    if (r->anchors_count == SW_COUNT(r->anchors))
        return FAIL(r, "more than %zu anchors", SW_COUNT(r->anchors));
    const char *copy = sw_arena_copy(r->arena, text_of(name));
    if (copy == NULL)
        return sw_fail_memory(r->error);
    *slot = &r->anchors[r->anchors_count++];
    **slot = (struct anchor){.name = copy, .node = node};
    return 0;
}

static int read_alias(struct reader *r, const struct sw_node **out)
{
    const char *name = (const char *)r->event.data.alias.anchor;
    const struct anchor *anchor = NULL;
    for (size_t i = r->anchors_count; i > 0 && anchor == NULL; i--) {
        if (strcmp(r->anchors[i - 1].name, name) == 0)
            anchor = &r->anchors[i - 1];
    }
    if (anchor == NULL) {
        (void)FAIL(r, "no anchor '&%.64s' stands before this alias", name);
        return sw_error_hint(r->error, "put text that begins with '*' in quotes");
    }
    if (anchor->weight == 0)
        return FAIL(r, "alias '*%.64s' stands inside the value that it names", name);
    int code = count_values(r, anchor->weight);
    if (code == 0)
        *out = anchor->node;
    return code;
}

static int unknown_tag(struct reader *r, struct sw_str tag)
{
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, tag);
    (void)FAIL(r, "unknown tag '%s'", shown);
    return sw_error_hint(r->error, SW_YAML_TAG_HINT);
}

/* The type that a core tag asks for. */
static bool tag_type(struct sw_str tag, enum sw_node_type *type)
{
    static const struct {
        const char *tag;
        enum sw_node_type type;
    } tags[] = {{YAML_STR_TAG, SW_NODE_TEXT},  {YAML_INT_TAG, SW_NODE_INT},   {YAML_FLOAT_TAG, SW_NODE_REAL},
                {YAML_BOOL_TAG, SW_NODE_BOOL}, {YAML_NULL_TAG, SW_NODE_NULL}, {YAML_SEQ_TAG, SW_NODE_LIST},
                {YAML_MAP_TAG, SW_NODE_MAP}};
    for (size_t i = 0; i < SW_COUNT(tags); i++) {
        if (sw_str_is(tag, tags[i].tag)) {
            *type = tags[i].type;
            return true;
        }
    }
    return false;
}

static int resolve_tagged(struct reader *r, struct sw_node *node, struct sw_str tag)
{
    enum sw_node_type type = SW_NODE_TEXT;
    if (!sw_str_is(tag, "!") && !tag_type(tag, &type))
        return unknown_tag(r, tag);
    if (type == SW_NODE_TEXT)
        return 0;
    sw_scalar_resolve(node);
    if (node->type == SW_NODE_INT && type == SW_NODE_REAL) {
        node->type = SW_NODE_REAL;
        node->real = (double)node->integer;
    }
    if (node->type == type)
        return 0;
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, node->text);
    return FAIL(r, "'%s' is tagged as %s and is none", shown, sw_node_type_name(type));
}

static int read_scalar(struct reader *r, const struct sw_node **out)
{
    const yaml_char_t *tag = r->event.data.scalar.tag;
    struct sw_str text = {(const char *)r->event.data.scalar.value, r->event.data.scalar.length};
    struct sw_node *node = NULL;
    struct anchor *anchor = NULL;
    int code = new_node(r, &node, SW_NODE_TEXT, text);
    if (code == 0)
        code = open_anchor(r, &anchor, r->event.data.scalar.anchor, node);
    if (code != 0)
        return code;
    if (tag != NULL)
        code = resolve_tagged(r, node, text_of(tag));
    else if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        sw_scalar_resolve(node);
    if (code != 0)
        return code;
    if (anchor != NULL)
        anchor->weight = 1;
    *out = node;
    return 0;
}

static int read_value(struct reader *r, const struct sw_node **out);

/* The items up to the event that ends the list. */
static int read_items(struct reader *r, struct sw_node *list)
{
    for (;;) {
        const struct sw_node *item;
        int code = advance(r);
        if (code != 0 || r->event.type == YAML_SEQUENCE_END_EVENT)
            return code;
        code = read_value(r, &item);
        if (code != 0)
            return code;
        const struct sw_node **items = sw_arena_grow(r->arena, list->items, list->count, sizeof *items);
        if (items == NULL)
            return sw_fail_memory(r->error);
        items[list->count++] = item;
        list->items = items;
    }
}

static bool is_merge_key(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && event->data.scalar.plain_implicit &&
           event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           sw_str_is(text_of(event->data.scalar.value), "<<");
}

static int read_key(struct reader *r, struct sw_member *member)
{
    const struct sw_node *key = NULL;
    member->line = line_of(r->event.start_mark);
    member->column = column_of(r->event.start_mark);
    if (is_merge_key(&r->event) && r->merges)
        return 0;
    if (is_merge_key(&r->event)) {
        (void)FAIL(r, "merge keys (<<) are not read");
        return sw_error_hint(r->error, "write the keys out");
    }
    bool scalar = r->event.type == YAML_SCALAR_EVENT || r->event.type == YAML_ALIAS_EVENT;
    int code = scalar ? read_value(r, &key) : 0;
    if (code != 0)
        return code;
    if (key == NULL || key->type == SW_NODE_LIST || key->type == SW_NODE_MAP) {
        (void)FAIL(r, "a list or a map cannot be a key");
        return sw_error_hint(r->error, "put text that begins with '{' or '[' in quotes");
    }
    if (key->type == SW_NODE_NULL && key->text.n == 0)
        return FAIL(r, "a key is missing here");
    member->key = key->text;
    return 0;
}

static int by_key_and_place(const void *a, const void *b)
{
    const struct sw_member *x = *(const struct sw_member *const *)a;
    const struct sw_member *y = *(const struct sw_member *const *)b;
    int order = sw_str_compare(x->key, y->key);
    return order != 0 ? order : (x > y) - (x < y);
}

static int refuse_duplicate(struct reader *r, const struct sw_member *first, const struct sw_member *second)
{
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, second->key);
    (void)sw_fail_at(r->error, SW_EINPUT, r->file, second->line, second->column,
                     "key '%s' stands twice, first at line %u, column %u", shown, first->line, first->column);
    return sw_error_hint(r->error, "keep one of the two");
}

/* Sorted, so that a map of very many keys takes no time that matters; the first fault in the file is told. */
static int check_unique(struct reader *r, const struct sw_node *map)
{
    const struct sw_member **sorted = sw_arena_array(r->arena, map->count, sizeof *sorted);
    if (sorted == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->members[i];
    qsort(sorted, map->count, sizeof *sorted, by_key_and_place);
    const struct sw_member *first = NULL, *second = NULL;
    for (size_t i = 1; i < map->count; i++) {
        if (sw_str_equal(sorted[i - 1]->key, sorted[i]->key) && (second == NULL || sorted[i] < second)) {
            first = sorted[i - 1];
            second = sorted[i];
        }
    }
    return second == NULL ? 0 : refuse_duplicate(r, first, second);
}

static int add_member(struct reader *r, struct sw_node *map, const struct sw_member *member)
{
    struct sw_member *members = sw_arena_grow(r->arena, map->members, map->count, sizeof *members);
    if (members == NULL)
        return sw_fail_memory(r->error);
    members[map->count++] = *member;
    map->members = members;
    return 0;
}

/* Add the members of another map that the map does not have. */
static int merge_map(struct reader *r, struct sw_node *map, const struct sw_node *other)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < other->count; i++) {
        const struct sw_member *member = &other->members[i];
        if (sw_node_member(map, member->key.p) == NULL)
            code = add_member(r, map, member);
    }
    return code;
}

/* Merge the value of a merge key, a map or a list of maps, the first of which counts most. */
static int merge(struct reader *r, struct sw_node *map, const struct sw_member *key)
{
    const struct sw_node *value = key->value;
    bool fits = value->type == SW_NODE_MAP || value->type == SW_NODE_LIST;
    for (size_t i = 0; fits && value->type == SW_NODE_LIST && i < value->count; i++)
        fits = value->items[i]->type == SW_NODE_MAP;
    if (!fits)
        return sw_fail_at(r->error, SW_EINPUT, r->file, key->line, key->column,
                          "a merge key (<<) takes a map or a list of maps");
    if (value->type == SW_NODE_MAP)
        return merge_map(r, map, value);
    int code = 0;
    for (size_t i = 0; code == 0 && i < value->count; i++)
        code = merge_map(r, map, value->items[i]);
    return code;
}

/* Check the map's own members, and add those of its merge key. */
static int end_members(struct reader *r, struct sw_node *map, const struct sw_member *merged)
{
    int code = map->count < 2 ? 0 : check_unique(r, map);
    return code == 0 && merged->value != NULL ? merge(r, map, merged) : code;
}

/* The members up to the event that ends the map. */
static int read_members(struct reader *r, struct sw_node *map)
{
    struct sw_member merged = {0};
    for (;;) {
        struct sw_member member = {0};
        int code = advance(r);
        if (code == 0 && r->event.type == YAML_MAPPING_END_EVENT)
            return end_members(r, map, &merged);
        bool merges = code == 0 && is_merge_key(&r->event);
        if (merges && merged.value != NULL)
            return FAIL(r, "a merge key (<<) stands twice");
        if (code == 0)
            code = read_key(r, &member);
        if (code == 0)
            code = advance(r);
        if (code == 0)
            code = read_value(r, &member.value);
        if (code == 0 && merges)
            merged = member;
        else if (code == 0)
            code = add_member(r, map, &member);
        if (code != 0)
            return code;
    }
}

static int check_collection_tag(struct reader *r, const yaml_char_t *tag, enum sw_node_type type)
{
    enum sw_node_type wanted = type;
    if (tag == NULL || sw_str_is(text_of(tag), "!"))
        return 0;
    if (!tag_type(text_of(tag), &wanted))
        return unknown_tag(r, text_of(tag));
    if (wanted == type)
        return 0;
    return FAIL(r, "a %s is tagged as %s", sw_node_type_name(type), sw_node_type_name(wanted));
}

static int read_collection(struct reader *r, const struct sw_node **out)
{
    bool list = r->event.type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *name = list ? r->event.data.sequence_start.anchor : r->event.data.mapping_start.anchor;
    const yaml_char_t *tag = list ? r->event.data.sequence_start.tag : r->event.data.mapping_start.tag;
    enum sw_node_type type = list ? SW_NODE_LIST : SW_NODE_MAP;
    if (r->depth == SW_MAX_YAML_DEPTH)
        return FAIL(r, "lists and maps are nested deeper than %d", SW_MAX_YAML_DEPTH);
    size_t before = r->values;
    struct sw_node *node = NULL;
    struct anchor *anchor = NULL;
    int code = check_collection_tag(r, tag, type);
    if (code == 0)
        code = new_node(r, &node, type, SW_STR(""));
    if (code == 0)
        code = open_anchor(r, &anchor, name, node);
    if (code != 0)
        return code;
    r->depth++;
    code = list ? read_items(r, node) : read_members(r, node);
    r->depth--;
    if (code != 0)
        return code;
    if (anchor != NULL)
        anchor->weight = r->values - before;
    *out = node;
    return 0;
}

/* The value that begins with the current event; the current event is then its last. */
static int read_value(struct reader *r, const struct sw_node **out)
{
    if (r->event.type == YAML_ALIAS_EVENT)
        return read_alias(r, out);
    if (r->event.type == YAML_SCALAR_EVENT)
        return read_scalar(r, out);
    return read_collection(r, out);
}

static int read_document(struct reader *r, const struct sw_node **out)
{
    struct sw_node *nothing = NULL;
    int code = advance(r); /* the stream's start */
    if (code == 0)
        code = advance(r);
    if (code != 0)
        return code;
    if (r->event.type == YAML_STREAM_END_EVENT) {
        memset(&r->event.start_mark, 0, sizeof r->event.start_mark);
        code = new_node(r, &nothing, SW_NODE_NULL, SW_STR(""));
        if (code == 0)
            *out = nothing;
        return code;
    }
    code = advance(r);
    if (code == 0)
        code = read_value(r, out);
    if (code == 0)
        code = advance(r); /* the document's end */
    if (code == 0)
        code = advance(r);
    if (code != 0 || r->event.type == YAML_STREAM_END_EVENT)
        return code;
    (void)FAIL(r, "a second document begins here");
    return sw_error_hint(r->error, "keep one document in a file");
}

/* `r` has its arena, text, file and error. */
static int read_stream(struct reader *r, const struct sw_node **out)
{
    const struct sw_node *root = NULL;
    if (yaml_parser_initialize(&r->parser) == 0)
        return sw_fail_memory(r->error);
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text.p, r->text.n);
    int code = read_document(r, &root);
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
    if (code == 0)
        *out = root;
    return code;
}

static int read_bytes(const struct sw_node **out, struct sw_arena *arena, struct sw_str text,
                      const char *file, bool merges, struct sw_error *error)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (text.n > SW_MAX_YAML_SIZE)
        return sw_fail_at(error, SW_EINPUT, file, 0, 0, "larger than %llu bytes", SW_MAX_YAML_SIZE);
    if (sw_str_starts(text, bom))
        text = (struct sw_str){text.p + strlen(bom), text.n - strlen(bom)};
    int code = sw_yaml_check_bytes(text, file, error);
    if (code != 0)
        return code;
    const char *name = file == NULL ? NULL : sw_arena_text(arena, file);
    if (file != NULL && name == NULL)
        return sw_fail_memory(error);
    struct reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return sw_fail_memory(error);
    *r = (struct reader){.arena = arena, .text = text, .file = name, .error = error, .merges = merges};
    code = read_stream(r, out);
    free(r);
    return code;
}

int sw_yaml_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error)
{
    return read_bytes(out, arena, text, file, false, error);
}

int sw_yaml_read_merged(const struct sw_node **out, struct sw_arena *arena, struct sw_str text,
                        const char *file, struct sw_error *error)
{
    return read_bytes(out, arena, text, file, true, error);
}

int sw_yaml_read_file(const struct sw_node **out, struct sw_arena *arena, const char *path,
                      struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = sw_file_read(&text, path, error);
    if (code != 0) {
        if (error != NULL)
            (void)snprintf(error->file, sizeof error->file, "%s", path);
        return code;
    }
    return sw_yaml_read(out, arena, sw_buffer_str(&text), path, error);
}
