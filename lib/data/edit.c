#include "data/edit.h"

#include "base/limits.h"
#include "data/edit_site_internal.h"
#include "data/yaml.h"

/* -- finding the place --------------------------------------------------------------------------------------- */

static bool is_alias(const struct sw_mark *mark)
{
    return mark != NULL && mark->style == SW_MARK_ALIAS;
}

/* Follow the path as far as it leads. */
static int locate(struct sw_edit_site *site)
{
    const struct sw_path *path = &site->path;
    while (site->found < path->count) {
        size_t level = site->found;
        if (!sw_path_find(&site->index[level], site->nodes[level], &path->steps[level]))
            break;
        if (is_alias(site->marks[level]))
            return sw_edit_misfit(site, "leads through an alias; change the value that it names");
        size_t index = site->index[level];
        site->nodes[level + 1] = path->steps[level].kind == SW_PATH_KEY
                                     ? site->nodes[level]->members[index].value
                                     : site->nodes[level]->items[index];
        site->marks[level + 1] = site->marks[level]->items[index];
        site->found++;
    }
    for (size_t i = site->found; i < path->count; i++) {
        if (path->steps[i].kind != SW_PATH_KEY)
            return sw_edit_misfit(site, "is not there");
    }
    return 0;
}

/* A missing key can be made in a map, or if there is no value yet. */
static int check_missing(struct sw_edit_site *site)
{
    const struct sw_node *last = site->nodes[site->found];
    if (site->found == site->path.count)
        return 0;
    if (site->edit->op == SW_EDIT_REMOVE)
        return sw_edit_misfit(site, "is not there");
    if (is_alias(site->marks[site->found]))
        return sw_edit_misfit(site, "leads through an alias; change the value that it names");
    if (last->type != SW_NODE_MAP && last->type != SW_NODE_NULL)
        return sw_edit_misfit(site, "leads through %s, not a map", sw_node_type_name(last->type));
    return 0;
}

static int read_site(struct sw_edit_site *site)
{
    struct sw_mark *marks = NULL;
    int code = sw_yaml_read(&site->nodes[0], site->arena, site->text, NULL, site->error);
    if (code == 0)
        code = sw_yaml_marks(&marks, site->arena, site->text, site->error);
    site->marks[0] = marks;
    return code;
}

/* -- the tree that is intended --------------------------------------------------------------------------------- */

/* A copy of the list `node` (a null node counts as an empty list) with another item at `index`, which may be
 * the next; if `item` is NULL, without that item. NULL without memory. */
static struct sw_node *change_list(struct sw_arena *arena, const struct sw_node *node, size_t index,
                                   const struct sw_node *item)
{
    struct sw_node *copy = sw_arena_alloc(arena, sizeof *copy);
    const struct sw_node **items = sw_arena_array(arena, node->count + 1, sizeof *items);
    if (copy == NULL || items == NULL)
        return NULL;
    copy->type = SW_NODE_LIST;
    copy->items = items;
    for (size_t i = 0; i < node->count; i++) {
        if (i != index)
            items[copy->count++] = node->items[i];
        else if (item != NULL)
            items[copy->count++] = item;
    }
    if (index == node->count)
        items[copy->count++] = item;
    return copy;
}

/* A copy of the map `node`, changed as change_list() changes a list; `key` is the name of a new key. */
static struct sw_node *change_map(struct sw_arena *arena, const struct sw_node *node, size_t index,
                                  struct sw_str key, const struct sw_node *value)
{
    struct sw_node *copy = sw_arena_alloc(arena, sizeof *copy);
    struct sw_member *members = sw_arena_array(arena, node->count + 1, sizeof *members);
    if (copy == NULL || members == NULL)
        return NULL;
    copy->type = SW_NODE_MAP;
    copy->members = members;
    for (size_t i = 0; i < node->count; i++) {
        if (i == index && value == NULL)
            continue;
        members[copy->count] = node->members[i];
        if (i == index)
            members[copy->count].value = value;
        copy->count++;
    }
    if (index == node->count)
        members[copy->count++] = (struct sw_member){.key = key, .value = value};
    return copy;
}

/* The value that the edit puts at the end of its path; NULL without memory. */
static const struct sw_node *intended_leaf(struct sw_edit_site *site)
{
    struct sw_builder b = {.arena = site->arena};
    const struct sw_node *value = sw_build_text(&b, site->edit->value);
    if (value == NULL || site->edit->op == SW_EDIT_SET)
        return value;
    static const struct sw_node nothing = {.type = SW_NODE_NULL};
    const struct sw_node *list = site->found == site->path.count ? site->nodes[site->found] : &nothing;
    return change_list(site->arena, list, list->count, value);
}

/* The old tree with the one change; NULL without memory. */
static const struct sw_node *intended_tree(struct sw_edit_site *site)
{
    static const struct sw_node nothing = {.type = SW_NODE_NULL};
    const struct sw_node *value = site->edit->op == SW_EDIT_REMOVE ? NULL : intended_leaf(site);
    if (value == NULL && site->edit->op != SW_EDIT_REMOVE)
        return NULL;
    for (size_t level = site->path.count; level > 0; level--) {
        const struct sw_path_step *step = &site->path.steps[level - 1];
        bool there = level <= site->found;
        const struct sw_node *parent = level - 1 <= site->found ? site->nodes[level - 1] : &nothing;
        size_t index = there ? site->index[level - 1] : parent->count;
        value = step->kind == SW_PATH_KEY ? change_map(site->arena, parent, index, step->key, value)
                                          : change_list(site->arena, parent, index, value);
        if (value == NULL)
            return NULL;
    }
    return value;
}

/* -- the result -------------------------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
    const struct sw_splice *x = a, *y = b;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
                                : (x->end > y->end) - (x->end < y->end);
}

static void splice(struct sw_buffer *out, struct sw_edit_site *site)
{
    size_t at = 0;
    qsort(site->splices, site->splices_count, sizeof site->splices[0], by_start);
    for (size_t i = 0; i < site->splices_count; i++) {
        sw_buffer_add(out, site->text.p + at, site->splices[i].start - at);
        sw_buffer_add_str(out, site->splices[i].text);
        at = site->splices[i].end;
    }
    sw_buffer_add(out, site->text.p + at, site->text.n - at);
}

/* Read the result, and compare it with the intended tree. */
static int prove(struct sw_edit_site *site, struct sw_str result)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *found = NULL;
    const struct sw_node *intended = intended_tree(site);
    if (intended == NULL)
        return sw_fail_memory(site->error);
    int code = sw_yaml_read(&found, &arena, result, NULL, NULL);
    if (code == SW_EENV)
        return sw_fail_memory(site->error);
    if (code == 0 && sw_node_equal(found, intended))
        return 0;
    (void)sw_fail(site->error, SW_EINPUT, "cannot %s '%s' without changing something else",
                  sw_edit_op_name(site->edit->op), site->edit->path);
    return sw_error_hint(site->error, "edit the file by hand");
}

static int check_edit(struct sw_edit_site *site)
{
    const struct sw_edit *edit = site->edit;
    if (!sw_utf8_valid(sw_str_from(edit->path)) || !sw_path_parse(&site->path, sw_str_from(edit->path)))
        return sw_fail(site->error, SW_EINPUT, "'%s' is no path", edit->path);
    if (edit->op == SW_EDIT_REMOVE)
        return 0;
    if (edit->value == NULL || !sw_utf8_valid(sw_str_from(edit->value)))
        return sw_fail(site->error, SW_EINPUT, "the value for '%s' is not UTF-8 text", edit->path);
    return 0;
}

static int plan(struct sw_edit_site *site)
{
    static int (*const plans[])(struct sw_edit_site *) = {
        [SW_EDIT_SET] = sw_edit_set, [SW_EDIT_ADD] = sw_edit_add, [SW_EDIT_REMOVE] = sw_edit_remove};
    int code = check_edit(site);
    if (code == 0)
        code = read_site(site);
    if (code == 0)
        code = locate(site);
    if (code == 0)
        code = check_missing(site);
    return code == 0 ? plans[site->edit->op](site) : code;
}

static int apply_one(struct sw_buffer *out, struct sw_str text, const struct sw_edit *edit,
                     struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_edit_site site = {.edit = edit, .text = text, .arena = &arena, .error = error};
    int code = plan(&site);
    if (code != 0)
        return code;
    splice(out, &site);
    code = sw_buffer_check(out, "the edited text", error);
    return code == 0 ? prove(&site, sw_buffer_str(out)) : code;
}

int sw_edit_apply(struct sw_buffer *out, struct sw_str yaml, const struct sw_edit *edits, size_t count,
                  struct sw_error *error)
{
    static const char mark[] = "\xEF\xBB\xBF";
    SW_BUFFER_AUTO even;
    SW_BUFFER_AUTO odd;
    size_t skipped = sw_str_starts(yaml, mark) ? strlen(mark) : 0;
    sw_buffer_init(&even, SW_MAX_YAML_SIZE);
    sw_buffer_init(&odd, SW_MAX_YAML_SIZE);
    struct sw_str text = {yaml.p + skipped, yaml.n - skipped};
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        struct sw_buffer *next = i % 2 == 0 ? &even : &odd;
        sw_buffer_clear(next);
        code = apply_one(next, text, &edits[i], error);
        text = sw_buffer_str(next);
    }
    if (code != 0)
        return code;
    sw_buffer_add(out, yaml.p, skipped);
    sw_buffer_add_str(out, text);
    return sw_buffer_check(out, "the edited text", error);
}
