#include "history/compare.h"

#include "data/path.h"

struct comparison {
    struct sw_builder b;
    const struct sw_side *left, *right;
    struct sw_node *plan;
};

static const struct sw_node *or_null(struct sw_builder *b, const struct sw_node *node)
{
    return node == NULL ? sw_build_null(b) : node;
}

static void add(struct sw_builder *b, struct sw_node *list, const char *key, const char *name,
                const struct sw_node *left, const struct sw_node *right)
{
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, key, sw_build_text(b, name));
    sw_build_set(b, row, "a", or_null(b, left));
    sw_build_set(b, row, "b", or_null(b, right));
    sw_build_append(b, list, row);
}

static bool is_null(const struct sw_node *node)
{
    return sw_node_type(node) == SW_NODE_NULL;
}

/* ---- plans ---- */

/* The key by which an item of a list is found: a map's name, an assertion's place, an install's index; for a
 * requirement its project; else the item itself. */
static struct sw_str key_of(const struct sw_node *item)
{
    static const char *const keys[] = {"name", "at", "index"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        const struct sw_node *key = sw_node_get(item, keys[i]);
        if (!is_null(key))
            return sw_node_str(key);
    }
    struct sw_str text = sw_node_str(item);
    size_t n = 0;
    while (n < text.n && (sw_is_alnum((unsigned char)text.p[n]) || strchr("._-", text.p[n]) != NULL))
        n++;
    return n > 0 && (n == text.n || strchr("<>=!~[;@ ", text.p[n]) != NULL) ? (struct sw_str){text.p, n}
                                                                            : text;
}

static const struct sw_node *find_item(const struct sw_node *list, const struct sw_node *like)
{
    struct sw_str key = key_of(like);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_node_equal(sw_node_item(list, i), like) ||
            (key.n > 0 && sw_str_equal(key_of(sw_node_item(list, i)), key)))
            return sw_node_item(list, i);
    }
    return NULL;
}

static void compare(struct comparison *c, const char *path, const struct sw_node *left,
                    const struct sw_node *right);

static const char *join(struct comparison *c, const char *path, struct sw_str key)
{
    const char *joined =
        sw_arena_format(c->b.arena, "%s%s%.*s", path, path[0] == '\0' ? "" : ".", SW_STR_FORMAT(key));
    c->b.failed = c->b.failed || joined == NULL;
    return joined == NULL ? "" : joined;
}

static void compare_maps(struct comparison *c, const char *path, const struct sw_node *left,
                         const struct sw_node *right)
{
    for (size_t i = 0; i < sw_node_member_count(left); i++)
        compare(c, join(c, path, sw_node_member_at(left, i)->key), sw_node_member_at(left, i)->value,
                sw_node_get(right, sw_node_member_at(left, i)->key.p));
    for (size_t i = 0; i < sw_node_member_count(right); i++) {
        if (sw_node_member(left, sw_node_member_at(right, i)->key.p) == NULL)
            compare(c, join(c, path, sw_node_member_at(right, i)->key), NULL,
                    sw_node_member_at(right, i)->value);
    }
}

/* An item {name, value} is shown as its value. */
static const struct sw_node *shown(const struct sw_node *item)
{
    const struct sw_node *value = sw_node_get(item, "value");
    return value != NULL && sw_node_member_count(item) == 2 ? value : item;
}

static void compare_items(struct comparison *c, const char *path, const struct sw_node *left,
                          const struct sw_node *right)
{
    const struct sw_node *item = left == NULL ? right : left;
    struct sw_str key = key_of(item);
    bool keyed = key.n > 0 && (sw_node_type(item) == SW_NODE_MAP || key.n < sw_node_str(item).n ||
                               (left != NULL && right != NULL));
    if (keyed)
        path = join(c, path, key);
    if (left != NULL && right != NULL)
        compare(c, path, shown(left), shown(right));
    else
        add(&c->b, c->plan, "path", path, left == NULL ? NULL : shown(left),
            right == NULL ? NULL : shown(right));
}

static void compare_lists(struct comparison *c, const char *path, const struct sw_node *left,
                          const struct sw_node *right)
{
    for (size_t i = 0; i < sw_node_count(left); i++)
        compare_items(c, path, sw_node_item(left, i), find_item(right, sw_node_item(left, i)));
    for (size_t i = 0; i < sw_node_count(right); i++) {
        if (find_item(left, sw_node_item(right, i)) == NULL)
            compare_items(c, path, NULL, sw_node_item(right, i));
    }
}

/* Depth is bounded by SW_MAX_JSON_DEPTH, which held when the plans were read. */
static void compare(struct comparison *c, const char *path, const struct sw_node *left,
                    const struct sw_node *right)
{
    if ((is_null(left) && is_null(right)) || (left != NULL && right != NULL && sw_node_equal(left, right)))
        return;
    if (left != NULL && right != NULL && sw_node_type(left) == SW_NODE_MAP &&
        sw_node_type(right) == SW_NODE_MAP)
        compare_maps(c, path, left, right);
    else if (left != NULL && right != NULL && sw_node_type(left) == SW_NODE_LIST &&
             sw_node_type(right) == SW_NODE_LIST)
        compare_lists(c, path, left, right);
    else
        add(&c->b, c->plan, "path", path, left, right);
}

/* ---- installed releases ---- */

/* The next line, cut into name and version; false at the end. */
static bool next_line(struct sw_str *rest, struct sw_str *name, struct sw_str *version)
{
    if (rest->n == 0)
        return false;
    struct sw_str line = sw_str_cut(rest, '\n');
    size_t at = sw_str_find(line, SW_STR("=="));
    *name = (struct sw_str){line.p, at};
    *version = at + 2 <= line.n ? sw_str_drop(line, at + 2) : (struct sw_str){"", 0};
    return true;
}

static void add_version(struct sw_builder *b, struct sw_node *list, struct sw_str name,
                        const struct sw_str *left, const struct sw_str *right)
{
    const char *copy = sw_arena_copy(b->arena, name);
    b->failed = b->failed || copy == NULL;
    add(b, list, "name", copy, left == NULL ? NULL : sw_build_str(b, *left),
        right == NULL ? NULL : sw_build_str(b, *right));
}

/* Both sorted by name: one walk. */
static const struct sw_node *compare_installed(struct comparison *c)
{
    struct sw_builder *b = &c->b;
    struct sw_str l = c->left->installed, r = c->right->installed, ln, lv, rn, rv;
    if (l.p == NULL || r.p == NULL)
        return sw_build_null(b);
    struct sw_node *list = sw_build_list(b);
    bool left = next_line(&l, &ln, &lv), right = next_line(&r, &rn, &rv);
    while (left || right) {
        int order = !left ? 1 : !right ? -1 : sw_str_compare(ln, rn);
        if (order == 0 && !sw_str_equal(lv, rv))
            add_version(b, list, ln, &lv, &rv);
        else if (order < 0)
            add_version(b, list, ln, &lv, NULL);
        else if (order > 0)
            add_version(b, list, rn, NULL, &rv);
        if (order <= 0)
            left = next_line(&l, &ln, &lv);
        if (order >= 0)
            right = next_line(&r, &rn, &rv);
    }
    return list;
}

/* ---- images ---- */

static const struct sw_node *compare_images(struct comparison *c)
{
    struct sw_builder *b = &c->b;
    const struct sw_record_facts *l = c->left->facts, *r = c->right->facts;
    struct sw_node *list = sw_build_list(b);
    if (l == NULL || r == NULL)
        return list;
    if (l->image.id != NULL && r->image.id != NULL && strcmp(l->image.id, r->image.id) != 0)
        add(b, list, "what", "id", sw_build_text(b, l->image.id), sw_build_text(b, r->image.id));
    if (l->image.size >= 0 && r->image.size >= 0 && l->image.size != r->image.size)
        add(b, list, "what", "size", sw_build_int(b, l->image.size), sw_build_int(b, r->image.size));
    if (l->seconds != r->seconds)
        add(b, list, "what", "seconds", sw_build_real(b, l->seconds), sw_build_real(b, r->seconds));
    if (l->result != r->result)
        add(b, list, "what", "result", sw_build_text(b, sw_record_result_name(l->result)),
            sw_build_text(b, sw_record_result_name(r->result)));
    return list;
}

static struct sw_node *compare_files(struct comparison *c)
{
    struct sw_node *list = sw_build_list(&c->b);
    const struct sw_node *left = c->left->rendered, *right = c->right->rendered;
    for (size_t i = 0; right != NULL && i < sw_node_member_count(left); i++) {
        const struct sw_node *other = sw_node_get(right, sw_node_member_at(left, i)->key.p);
        if (other == NULL || !sw_node_equal(sw_node_member_at(left, i)->value, other))
            sw_build_append(&c->b, list, sw_build_str(&c->b, sw_node_member_at(left, i)->key));
    }
    for (size_t i = 0; left != NULL && i < sw_node_member_count(right); i++) {
        if (sw_node_member(left, sw_node_member_at(right, i)->key.p) == NULL)
            sw_build_append(&c->b, list, sw_build_str(&c->b, sw_node_member_at(right, i)->key));
    }
    return list;
}

/* The instruction of a rendered Dockerfile that made a layer: each RUN and COPY makes a layer, and the layers
 * before those are the base's, for which the result is empty. `p` is NULL if the instruction cannot be told. */
static struct sw_str step_of(struct sw_str dockerfile, size_t layer, size_t layers)
{
    const struct sw_str unknown = {NULL, 0};
    struct sw_str rest = dockerfile;
    size_t steps = 0, at = 0;
    while (rest.p != NULL) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        steps += sw_str_starts(line, "RUN ") || sw_str_starts(line, "COPY ");
    }
    if (dockerfile.p == NULL || steps > layers || layer >= layers)
        return unknown;
    if (layer < layers - steps)
        return (struct sw_str){"", 0};
    rest = dockerfile;
    while (rest.p != NULL) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        bool is_step = sw_str_starts(line, "RUN ") || sw_str_starts(line, "COPY ");
        if (is_step && at++ == layer - (layers - steps))
            return line;
    }
    return unknown;
}

/* The first reason that is known; without any, a step makes other bytes each time. */
static const char *reason(const struct comparison *c, const struct sw_node *installed,
                          const struct sw_node *files, bool is_base)
{
    if (sw_node_count(c->plan) > 0)
        return "the plans differ";
    if (sw_node_count(files) > 0)
        return "the same plan was rendered by another slipway or other templates";
    if (is_base)
        return "the base image is another";
    if (sw_node_count(installed) > 0)
        return "other releases were to be had";
    if (c->left->context != NULL && c->right->context != NULL &&
        strcmp(c->left->context, c->right->context) != 0)
        return "the files that it copies differ, in content or time";
    return "nothing that was asked for differs: a step writes other bytes each time, such as the time of a "
           "file";
}

static const struct sw_node *compare_layers(struct comparison *c, const struct sw_node *installed,
                                            const struct sw_node *files)
{
    struct sw_builder *b = &c->b;
    const struct sw_texts none = {0}, *left = c->left->facts == NULL ? &none : &c->left->facts->image.layers,
                          *right = c->right->facts == NULL ? &none : &c->right->facts->image.layers;
    size_t same = 0;
    while (same < left->count && same < right->count && strcmp(left->items[same], right->items[same]) == 0)
        same++;
    if (left->count == 0 || right->count == 0 || (same == left->count && same == right->count))
        return sw_build_null(b);
    struct sw_str step = step_of(c->right->dockerfile, same, right->count);
    struct sw_node *layers = sw_build_map(b);
    sw_build_set(b, layers, "same", sw_build_int(b, (int64_t)same));
    sw_build_set(b, layers, "step", step.n == 0 ? sw_build_null(b) : sw_build_str(b, step));
    sw_build_set(b, layers, "why",
                 sw_build_text(b, reason(c, installed, files, step.p != NULL && step.n == 0)));
    return layers;
}

int sw_compare(const struct sw_node **out, struct sw_arena *arena, const struct sw_side *a,
               const struct sw_side *b, struct sw_error *error)
{
    struct comparison c = {.b = {.arena = arena}, .left = a, .right = b};
    struct sw_node *root = sw_build_map(&c.b);
    c.plan = sw_build_list(&c.b);
    if (c.plan == NULL)
        return sw_fail_memory(error);
    compare(&c, "", a->plan, b->plan);
    const struct sw_node *installed = compare_installed(&c);
    const struct sw_node *files = compare_files(&c);
    if (installed == NULL || files == NULL)
        return sw_fail_memory(error);
    sw_build_set(&c.b, root, "a", sw_build_text(&c.b, a->name));
    sw_build_set(&c.b, root, "b", sw_build_text(&c.b, b->name));
    sw_build_set(&c.b, root, "plan", c.plan);
    sw_build_set(&c.b, root, "installed", installed);
    sw_build_set(&c.b, root, "image", compare_images(&c));
    sw_build_set(&c.b, root, "files", files);
    sw_build_set(&c.b, root, "layers", compare_layers(&c, installed, files));
    if (c.b.failed)
        return sw_fail_memory(error);
    *out = root;
    return 0;
}
