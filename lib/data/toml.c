#include "data/toml.h"

#include "base/limits.h"
#include "data/toml_internal.h"

/* Bring line and column up to the place that is read. */
static void count(struct sw_toml *toml)
{
    for (; toml->counted < toml->p; toml->counted++) {
        if (*toml->counted == '\n') {
            toml->line++;
            toml->column = 1;
        } else {
            toml->column += ((unsigned char)*toml->counted & 0xC0) != 0x80; /* characters, not bytes */
        }
    }
}

int sw_toml_refuse(struct sw_toml *toml, const char *what)
{
    count(toml);
    return sw_fail_at(toml->error, SW_EINPUT, toml->file, toml->line, toml->column, "%s", what);
}

void sw_toml_skip_blanks(struct sw_toml *toml)
{
    while (toml->p < toml->end && (*toml->p == ' ' || *toml->p == '\t'))
        toml->p++;
}

int sw_toml_skip_comment(struct sw_toml *toml)
{
    if (toml->p == toml->end || *toml->p != '#')
        return 0;
    for (; toml->p < toml->end && *toml->p != '\n'; toml->p++) {
        unsigned char c = (unsigned char)*toml->p;
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return sw_toml_refuse(toml, "a control character in a comment");
    }
    return 0;
}

int sw_toml_skip_lines(struct sw_toml *toml)
{
    int code = 0;
    do {
        sw_toml_skip_blanks(toml);
        code = sw_toml_skip_comment(toml);
        if (code != 0 || toml->p == toml->end || *toml->p != '\n')
            return code;
        toml->p++;
    } while (true);
}

int sw_toml_new(struct sw_node **out, struct sw_toml *toml, enum sw_node_type type, struct sw_str text)
{
    if (toml->nodes++ == SW_MAX_TOML_NODES)
        return sw_toml_refuse(toml, "there are too many values");
    struct sw_node *node = type == SW_NODE_MAP    ? sw_build_map(&toml->b)
                           : type == SW_NODE_LIST ? sw_build_list(&toml->b)
                                                  : sw_build_str(&toml->b, text);
    if (node == NULL)
        return sw_fail_memory(toml->error);
    count(toml);
    node->file = toml->file;
    node->line = toml->line;
    node->column = toml->column;
    *out = node;
    return 0;
}

/* ---- keys ---- */

/* A key between two dots. It is no text that a C string could not hold. */
static int read_key(struct sw_buffer *key, struct sw_toml *toml)
{
    const char *start = toml->p;
    count(toml);
    toml->key_line = toml->line;
    toml->key_column = toml->column;
    sw_buffer_clear(key);
    if (toml->p < toml->end && (*toml->p == '"' || *toml->p == '\'')) {
        int code = sw_toml_string(key, toml, true);
        if (code == 0 && key->n > 0 && memchr(key->p, '\0', key->n) != NULL)
            code = sw_toml_refuse(toml, "U+0000 in a key");
        return code;
    }
    while (toml->p < toml->end &&
           (sw_is_alnum((unsigned char)*toml->p) || *toml->p == '_' || *toml->p == '-'))
        toml->p++;
    if (toml->p == start)
        return sw_toml_refuse(toml, "a key is missing here");
    sw_buffer_add(key, start, (size_t)(toml->p - start));
    return sw_buffer_check(key, "a key", toml->error);
}

/* Return true if another part of the key follows; the dot is read then. */
static bool take_dot(struct sw_toml *toml)
{
    sw_toml_skip_blanks(toml);
    if (toml->p == toml->end || *toml->p != '.')
        return false;
    toml->p++;
    sw_toml_skip_blanks(toml);
    return true;
}

static struct sw_node *find(const struct sw_node *table, const struct sw_buffer *key)
{
    const struct sw_member *member = sw_node_find(table, sw_buffer_str(key));
    /* This reader made the node, so that it is not really constant. */
    return member == NULL ? NULL : (struct sw_node *)(uintptr_t)member->value;
}

static int set(struct sw_toml *toml, struct sw_node *table, const struct sw_buffer *key,
               struct sw_node *value)
{
    if (table->count == SW_MAX_TOML_KEYS)
        return sw_toml_refuse(toml, "there are too many keys in this table");
    sw_build_set(&toml->b, table, key->n == 0 ? "" : key->p, value);
    if (toml->b.failed)
        return sw_fail_memory(toml->error);
    struct sw_member *member = &table->members[table->count - 1];
    member->line = toml->key_line;
    member->column = toml->key_column;
    return 0;
}

/* A new table, or list of tables, as `key` of `table`. */
static int make(struct sw_node **out, struct sw_toml *toml, struct sw_node *table,
                const struct sw_buffer *key, enum sw_node_type type)
{
    int code = sw_toml_new(out, toml, type, SW_STR(""));
    return code == 0 ? set(toml, table, key, *out) : code;
}

/* Return true if the table is complete: a header gave all of it, or keys of an earlier section did. */
static bool is_closed(const struct sw_toml *toml, const struct sw_node *table)
{
    return (table->integer & (SW_TOML_EXPLICIT | SW_TOML_FROZEN)) != 0 ||
           ((table->integer & SW_TOML_DOTTED) != 0 && table->integer / SW_TOML_FLAGS != toml->section);
}

/* From a table to that of its key, which a dotted key of a section may make. */
static int step_by_key(struct sw_node **table, struct sw_toml *toml, const struct sw_buffer *key)
{
    struct sw_node *next = find(*table, key);
    int code = next == NULL ? make(&next, toml, *table, key, SW_NODE_MAP) : 0;
    if (code != 0)
        return code;
    if (next->type != SW_NODE_MAP || is_closed(toml, next))
        return sw_toml_refuse(toml, "this key is there already");
    next->integer = SW_TOML_DOTTED + toml->section * SW_TOML_FLAGS;
    *table = next;
    return 0;
}

int sw_toml_pair(struct sw_toml *toml, struct sw_node *table)
{
    SW_BUFFER_AUTO key;
    struct sw_node *value = NULL;
    unsigned parts = 0;
    sw_buffer_init(&key, SW_MAX_TOML_SIZE);
    int code = read_key(&key, toml);
    while (code == 0 && take_dot(toml)) {
        code = toml->depth + ++parts > SW_MAX_TOML_DEPTH ? sw_toml_refuse(toml, "tables are nested too deep")
                                                         : step_by_key(&table, toml, &key);
        if (code == 0)
            code = read_key(&key, toml);
    }
    if (code == 0 && (toml->p == toml->end || *toml->p != '='))
        code = sw_toml_refuse(toml, "'=' is missing behind a key");
    if (code != 0)
        return code;
    toml->p++;
    sw_toml_skip_blanks(toml);
    if (find(table, &key) != NULL)
        return sw_toml_refuse(toml, "this key is there already");
    const unsigned line = toml->key_line, column = toml->key_column;
    toml->depth += parts;
    code = sw_toml_value(&value, toml);
    toml->depth -= parts;
    toml->key_line = line; /* a value may have keys of its own */
    toml->key_column = column;
    return code == 0 ? set(toml, table, &key, value) : code;
}

/* ---- headers ---- */

/* Step from a table to that of the next part of a header; of a list of tables to its last table. */
static int step_by_header(struct sw_node **table, struct sw_toml *toml, const struct sw_buffer *key)
{
    struct sw_node *next = find(*table, key);
    int code = next == NULL ? make(&next, toml, *table, key, SW_NODE_MAP) : 0;
    if (code != 0)
        return code;
    if (next->type == SW_NODE_LIST && (next->integer & SW_TOML_FROZEN) == 0)
        next = (struct sw_node *)(uintptr_t)next->items[next->count - 1];
    if (next->type != SW_NODE_MAP || (next->integer & SW_TOML_FROZEN) != 0)
        return sw_toml_refuse(toml, "this key is there already, and is no table");
    *table = next;
    return 0;
}

static int open_table(struct sw_node **table, struct sw_toml *toml, const struct sw_buffer *key)
{
    struct sw_node *found = find(*table, key);
    int code = found == NULL ? make(&found, toml, *table, key, SW_NODE_MAP) : 0;
    if (code == 0 && (found->type != SW_NODE_MAP || is_closed(toml, found)))
        code = sw_toml_refuse(toml, "this table is there already");
    if (code != 0)
        return code;
    found->integer = SW_TOML_EXPLICIT;
    *table = found;
    return 0;
}

static int append_table(struct sw_node **table, struct sw_toml *toml, const struct sw_buffer *key)
{
    struct sw_node *list = find(*table, key), *item = NULL;
    int code = list == NULL ? make(&list, toml, *table, key, SW_NODE_LIST) : 0;
    if (code == 0 && (list->type != SW_NODE_LIST || (list->integer & SW_TOML_FROZEN) != 0))
        code = sw_toml_refuse(toml, "this key is there already, and is no list of tables");
    if (code == 0)
        code = sw_toml_new(&item, toml, SW_NODE_MAP, SW_STR(""));
    if (code != 0)
        return code;
    item->integer = SW_TOML_EXPLICIT;
    sw_build_append(&toml->b, list, item);
    *table = item;
    return toml->b.failed ? sw_fail_memory(toml->error) : 0;
}

/* "[a.b]" or "[[a.b]]", from `*table` on, the whole document. */
static int read_header(struct sw_node **table, struct sw_toml *toml)
{
    SW_BUFFER_AUTO key;
    unsigned parts = 0;
    sw_buffer_init(&key, SW_MAX_TOML_SIZE);
    bool list = toml->end - toml->p > 1 && toml->p[1] == '[';
    toml->p += list ? 2 : 1;
    toml->section++;
    sw_toml_skip_blanks(toml);
    int code = read_key(&key, toml);
    while (code == 0 && take_dot(toml)) {
        code = ++parts > SW_MAX_TOML_DEPTH ? sw_toml_refuse(toml, "tables are nested too deep")
                                           : step_by_header(table, toml, &key);
        if (code == 0)
            code = read_key(&key, toml);
    }
    if (code == 0)
        code = list ? append_table(table, toml, &key) : open_table(table, toml, &key);
    for (int i = 0; code == 0 && i < (list ? 2 : 1); i++) {
        if (toml->p == toml->end || *toml->p != ']')
            return sw_toml_refuse(toml, "']' is missing behind a table's name");
        toml->p++;
    }
    return code;
}

static int read_document(struct sw_node *root, struct sw_toml *toml)
{
    struct sw_node *table = root;
    for (;;) {
        int code = sw_toml_skip_lines(toml);
        if (code != 0 || toml->p == toml->end)
            return code;
        if (*toml->p == '[') {
            table = root;
            code = read_header(&table, toml);
        } else {
            code = sw_toml_pair(toml, table);
        }
        sw_toml_skip_blanks(toml);
        if (code == 0)
            code = sw_toml_skip_comment(toml);
        if (code == 0 && toml->p < toml->end && *toml->p != '\n')
            code = sw_toml_refuse(toml, "a line goes on where it should end");
        if (code != 0)
            return code;
    }
}

int sw_toml_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error)
{
    struct sw_toml toml = {.b = {.arena = arena}, .error = error, .line = 1, .column = 1};
    struct sw_node *root = NULL;
    toml.file = file == NULL ? NULL : sw_arena_text(arena, file);
    char *copy = sw_arena_alloc(arena, text.n + 1);
    if (copy == NULL || (file != NULL && toml.file == NULL))
        return sw_fail_memory(error);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) { /* a line may end with CR LF */
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            copy[n++] = text.p[i];
    }
    toml.p = toml.counted = copy;
    toml.end = copy + n;
    if (text.n > SW_MAX_TOML_SIZE)
        return sw_toml_refuse(&toml, "the text is too large");
    if (!sw_utf8_valid(text))
        return sw_fail_at(error, SW_EINPUT, file, 0, 0, "text that is not UTF-8");
    int code = sw_toml_new(&root, &toml, SW_NODE_MAP, SW_STR(""));
    if (code == 0)
        code = read_document(root, &toml);
    if (code == 0)
        *out = root;
    return code;
}
