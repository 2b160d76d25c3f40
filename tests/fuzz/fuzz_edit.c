/* The first line is an edit: a letter for the operation, the path, "=" and the value. The rest is the document.
 * Where the edit is made, the result must be YAML that differs from the document at the path only. */
#include "base/limits.h"
#include "data/edit.h"
#include "data/path.h"
#include "data/yaml.h"

#include "fuzz.h"

static size_t children(const struct sw_node *node)
{
    return sw_node_count(node) + sw_node_member_count(node);
}

static const struct sw_node *child(const struct sw_node *node, size_t index)
{
    return sw_node_type(node) == SW_NODE_LIST ? sw_node_item(node, index)
                                              : sw_node_member_at(node, index)->value;
}

/* All children but the one at `index` are the same, and in the same order. */
static bool others_equal(const struct sw_node *before, const struct sw_node *after, size_t index,
                         size_t shift)
{
    for (size_t i = 0; i < children(before); i++) {
        if (i == index)
            continue;
        size_t j = i > index ? i - shift : i;
        if (j >= children(after) || !sw_node_equal(child(before, i), child(after, j)))
            return false;
        if (sw_node_type(before) == SW_NODE_MAP &&
            !sw_str_equal(sw_node_member_at(before, i)->key, sw_node_member_at(after, j)->key))
            return false;
    }
    return true;
}

static bool is_value(const struct sw_node *node, const struct sw_edit *edit)
{
    return sw_node_type(node) == SW_NODE_TEXT && sw_str_is(sw_node_str(node), edit->value);
}

/* What stands at the end of the path. */
static bool leaf_is_right(const struct sw_node *before, const struct sw_node *after,
                          const struct sw_edit *edit)
{
    if (edit->op == SW_EDIT_SET)
        return is_value(after, edit);
    size_t count = children(before);
    return sw_node_type(after) == SW_NODE_LIST && children(after) == count + 1 &&
           is_value(sw_node_item(after, count), edit) &&
           (count == 0 || others_equal(before, after, SIZE_MAX, 0));
}

static bool is_right(const struct sw_node *before, const struct sw_node *after, const struct sw_path *path,
                     const struct sw_edit *edit)
{
    for (size_t i = 0; i < path->count; i++) {
        const struct sw_path_step *step = &path->steps[i];
        size_t index = SIZE_MAX;
        bool there = before != NULL && sw_path_find(&index, before, step);
        if (there && edit->op == SW_EDIT_REMOVE && i + 1 == path->count)
            return children(after) + 1 == children(before) && others_equal(before, after, index, 1);
        if (before != NULL && sw_node_type(before) == sw_node_type(after) &&
            !others_equal(before, after, index, 0))
            return false;
        if (!there && children(after) != (before == NULL ? 1 : children(before) + 1))
            return false;
        before = there ? child(before, index) : NULL;
        after = there ? child(after, index) : child(after, children(after) - 1);
    }
    return leaf_is_right(before, after, edit);
}

int fuzz_edit(const uint8_t *data, size_t size)
{
    struct sw_str document = {(const char *)data, size};
    struct sw_str line = sw_str_cut(&document, '\n');
    if (document.p == NULL || line.n == 0)
        return 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    enum sw_edit_op op = line.p[0] == 's' ? SW_EDIT_SET : line.p[0] == 'a' ? SW_EDIT_ADD : SW_EDIT_REMOVE;
    struct sw_str value = {line.p + 1, line.n - 1};
    char *path_text = sw_arena_copy(&arena, sw_str_cut(&value, '='));
    struct sw_edit edit = {op, path_text, sw_arena_copy(&arena, value)};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_YAML_SIZE);
    if (path_text == NULL || edit.value == NULL || sw_edit_apply(&out, document, &edit, 1, NULL) != 0)
        return 0;
    struct sw_path path;
    const struct sw_node *before, *after;
    if (!sw_path_parse(&path, sw_str_from(path_text)) ||
        sw_yaml_read(&before, &arena, document, NULL, NULL) != 0 ||
        sw_yaml_read(&after, &arena, sw_buffer_str(&out), NULL, NULL) != 0 ||
        !is_right(before, after, &path, &edit))
        abort();
    return 0;
}
