#include "data/path.h"
#include "data/node_internal.h"

/* Moves `*rest` past its first byte. */
static void skip(struct sw_str *rest)
{
    rest->p++;
    rest->n--;
}

static bool starts(struct sw_str s, char c)
{
    return s.n > 0 && s.p[0] == c;
}

static bool is_quote(struct sw_str s)
{
    return starts(s, '"') || starts(s, '\'');
}

/* Take a key off `*rest`, up to its closing quote or to one of `ends`; false if there is none. */
static bool take_key(struct sw_str *key, struct sw_str *rest, const char *ends)
{
    if (is_quote(*rest)) {
        char quote = rest->p[0];
        skip(rest);
        *key = sw_str_cut(rest, quote);
        return rest->p != NULL;
    }
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\0' && strchr(ends, rest->p[n]) == NULL)
        n++;
    *key = (struct sw_str){rest->p, n};
    *rest = (struct sw_str){rest->p + n, rest->n - n};
    return n > 0;
}

/* Take the text between "[" and "]"; `*rest` begins after the bracket. */
static bool take_selector(struct sw_path_step *step, struct sw_str *rest)
{
    bool bare = !is_quote(*rest);
    if (!take_key(&step->key, rest, "[]="))
        return false;
    step->kind = SW_PATH_NAME;
    if (starts(*rest, '=')) {
        skip(rest);
        step->kind = SW_PATH_MATCH;
        if (!take_key(&step->value, rest, "[]"))
            return false;
    } else if (bare) {
        uint64_t index = 0;
        if (sw_str_to_u64(step->key, &index)) {
            step->kind = SW_PATH_INDEX;
            step->index = (size_t)index;
        }
    }
    if (!starts(*rest, ']'))
        return false;
    skip(rest);
    return true;
}

static bool take_step(struct sw_path_step *step, struct sw_str *rest, bool first)
{
    *step = (struct sw_path_step){.kind = SW_PATH_KEY};
    if (starts(*rest, '[')) {
        skip(rest);
        return take_selector(step, rest);
    }
    if (!first) {
        if (!starts(*rest, '.'))
            return false;
        skip(rest);
    }
    return take_key(&step->key, rest, ".[]");
}

bool sw_path_parse(struct sw_path *path, struct sw_str text)
{
    struct sw_path parsed = {.count = 0};
    while (text.n > 0) {
        if (parsed.count == SW_PATH_STEPS ||
            !take_step(&parsed.steps[parsed.count], &text, parsed.count == 0))
            return false;
        parsed.count++;
    }
    *path = parsed;
    return true;
}

static bool is_project_byte(char c)
{
    return sw_is_alnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* The next byte of a project's name, normalised, and `*name` moved past it; 0 at the end. */
static int next_normalised(struct sw_str *name)
{
    if (name->n == 0)
        return 0;
    int c = sw_lower((unsigned char)name->p[0]);
    skip(name);
    if (c != '-' && c != '_' && c != '.')
        return c;
    while (name->n > 0 && !sw_is_alnum((unsigned char)name->p[0]) && is_project_byte(name->p[0]))
        skip(name);
    return '-';
}

bool sw_path_names_project(struct sw_str requirement, struct sw_str project)
{
    struct sw_str name = sw_str_trim(requirement);
    size_t n = 0;
    while (n < name.n && is_project_byte(name.p[n]))
        n++;
    /* Extras, a version, a URL, a marker or a comment may follow a name in PEP 508. "git+https://…" starts
     * with no name. */
    if (n == 0 || (n < name.n && (name.p[n] == '\0' || strchr(" \t[(<>=!~;@,#", name.p[n]) == NULL)))
        return false;
    name.n = n;
    int a, b;
    do {
        a = next_normalised(&name);
        b = next_normalised(&project);
    } while (a == b && a != 0);
    return a == b;
}

static bool is_scalar(const struct sw_node *node)
{
    return node != NULL && node->type != SW_NODE_LIST && node->type != SW_NODE_MAP;
}

static bool item_fits(const struct sw_node *item, const struct sw_path_step *step)
{
    if (step->kind == SW_PATH_NAME)
        return item->type == SW_NODE_TEXT && sw_path_names_project(item->text, step->key);
    if (item->type != SW_NODE_MAP)
        return false;
    for (size_t i = 0; i < item->count; i++) {
        const struct sw_node *value = item->members[i].value;
        if (sw_str_equal(item->members[i].key, step->key))
            return is_scalar(value) && sw_str_equal(value->text, step->value);
    }
    return false;
}

bool sw_path_find(size_t *index, const struct sw_node *node, const struct sw_path_step *step)
{
    if (node->type != (step->kind == SW_PATH_KEY ? SW_NODE_MAP : SW_NODE_LIST))
        return false;
    if (step->kind == SW_PATH_INDEX) {
        if (step->index >= node->count)
            return false;
        *index = step->index;
        return true;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (step->kind == SW_PATH_KEY ? sw_str_equal(node->members[i].key, step->key)
                                      : item_fits(node->items[i], step)) {
            *index = i;
            return true;
        }
    }
    return false;
}

const struct sw_node *sw_path_follow(const struct sw_node *node, const struct sw_path_step *step)
{
    size_t index;
    if (node == NULL || !sw_path_find(&index, node, step))
        return NULL;
    return step->kind == SW_PATH_KEY ? node->members[index].value : node->items[index];
}

void sw_path_add_key(struct sw_buffer *path, struct sw_str key)
{
    bool bare = key.n > 0 && !is_quote(key);
    bool has_double = false;
    for (size_t i = 0; i < key.n; i++) {
        bare = bare && key.p[i] != '\0' && strchr(".[]", key.p[i]) == NULL;
        has_double = has_double || key.p[i] == '"';
    }
    if (path->n > 0)
        sw_buffer_add_char(path, '.');
    if (!bare)
        sw_buffer_add_char(path, has_double ? '\'' : '"');
    sw_buffer_add_str(path, key);
    if (!bare)
        sw_buffer_add_char(path, has_double ? '\'' : '"');
}

void sw_path_add_index(struct sw_buffer *path, size_t index)
{
    sw_buffer_addf(path, "[%zu]", index);
}

const struct sw_node *sw_node_at(const struct sw_node *root, const char *path)
{
    struct sw_path parsed;
    if (!sw_path_parse(&parsed, sw_str_from(path)))
        return NULL;
    for (size_t i = 0; i < parsed.count; i++)
        root = sw_path_follow(root, &parsed.steps[i]);
    return root;
}
