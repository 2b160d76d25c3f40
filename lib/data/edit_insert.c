#include "data/edit_site_internal.h"

#include "base/limits.h"
#include "data/node_internal.h"
#include "data/yaml_scalar.h"

enum { INDENT_STEP = 2 };

/* -- indentation ------------------------------------------------------------------------------------------------- */

static size_t column(struct sw_str text, size_t at)
{
    return at - sw_line_start(text, at);
}

static void add_blanks(struct sw_buffer *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sw_buffer_add_char(out, ' ');
}

/* Find how much further in than its key the first map, or list, below a key of the document stands: a new map
 * or list copies that. False if there is none. The recursion is as deep as the reader lets a document be. */
static bool find_step(size_t *step, struct sw_str text, const struct sw_mark *mark, bool list)
{
    for (size_t i = 0; mark != NULL && i < mark->count; i++) {
        const struct sw_mark *inner = mark->items[i];
        if (mark->style == SW_MARK_INDENT && mark->keys != NULL && inner->style == SW_MARK_INDENT &&
            (inner->keys == NULL) == list && column(text, inner->content) >= column(text, mark->content)) {
            *step = column(text, inner->content) - column(text, mark->content);
            return true;
        }
        if (find_step(step, text, inner, list))
            return true;
    }
    return false;
}

static size_t step_of(const struct sw_edit_site *site, bool list)
{
    size_t step = INDENT_STEP;
    (void)find_step(&step, site->text, site->marks[0], list);
    return step;
}

static bool is_in_flow(const struct sw_edit_site *site)
{
    for (size_t i = 0; i <= site->found; i++) {
        if (site->marks[i] != NULL &&
            (site->marks[i]->style == SW_MARK_FLOW || site->marks[i]->style == SW_MARK_PAIR))
            return true;
    }
    return false;
}

/* -- new text
 * ------------------------------------------------------------------------------------------------------ */

static void add_value(struct sw_buffer *out, const struct sw_edit_site *site, enum sw_mark_style style,
                      bool in_flow)
{
    sw_yaml_add_scalar(out, sw_str_from(site->edit->value), style, in_flow);
}

/* The value in flow style, in the maps and the list that are missing: from the step `first` of the path on. */
static void add_new_flow(struct sw_buffer *out, const struct sw_edit_site *site, size_t first)
{
    const struct sw_path *path = &site->path;
    for (size_t i = first; i < path->count; i++) {
        sw_buffer_add_text(out, i == first ? "" : "{");
        sw_yaml_add_key(out, path->steps[i].key);
        sw_buffer_add_text(out, ": ");
    }
    bool list = site->edit->op == SW_EDIT_ADD;
    sw_buffer_add_text(out, list ? "[" : "");
    add_value(out, site, SW_MARK_PLAIN, list || is_in_flow(site) || path->count > first + 1);
    sw_buffer_add_text(out, list ? "]" : "");
    for (size_t i = first + 1; i < path->count; i++)
        sw_buffer_add_char(out, '}');
}

/* Add the keys that are left on the path as lines, by indentation, the first key at `indent`, without a line
 * break at the end. Without a key left on the path only the list's item is new. */
static void add_new_lines(struct sw_buffer *out, const struct sw_edit_site *site, size_t indent)
{
    const struct sw_path *path = &site->path;
    struct sw_str line_break = sw_line_break(site->text);
    size_t map_step = step_of(site, false);
    for (size_t i = site->found; i < path->count; i++) {
        if (i > site->found) {
            sw_buffer_add_str(out, line_break);
            indent += map_step;
        }
        add_blanks(out, indent);
        sw_yaml_add_key(out, path->steps[i].key);
        sw_buffer_add_char(out, ':');
    }
    if (site->edit->op == SW_EDIT_ADD) {
        if (site->found < path->count)
            sw_buffer_add_str(out, line_break);
        add_blanks(out, indent + step_of(site, true));
        sw_buffer_add_char(out, '-');
    }
    sw_buffer_add_char(out, ' ');
    add_value(out, site, SW_MARK_PLAIN, false);
}

static int splice_buffer(struct sw_edit_site *site, size_t start, size_t end, const struct sw_buffer *text)
{
    int code = sw_buffer_check(text, "the new text", site->error);
    return code == 0 ? sw_edit_splice(site, start, end, sw_buffer_str(text)) : code;
}

/* -- into existing text
 * ---------------------------------------------------------------------------------------------- */

/* Insert the new text as lines of its own below the value that ends at `end`. */
static int insert_lines(struct sw_edit_site *site, size_t end, size_t indent)
{
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_YAML_SIZE);
    sw_buffer_add_str(&lines, sw_line_break(site->text));
    add_new_lines(&lines, site, indent);
    size_t at = sw_line_end_of_value(site->text, end);
    return splice_buffer(site, at, at, &lines);
}

/* `text` becomes the last entry of a flow collection that has one entry to a line. */
static int insert_flow_line(struct sw_edit_site *site, const struct sw_mark *collection, struct sw_str text)
{
    const struct sw_mark *last = collection->items[collection->count - 1];
    size_t start = collection->keys == NULL ? last->start : collection->keys[collection->count - 1]->start;
    size_t comma = sw_yaml_skip_space(site->text, last->end);
    bool has_comma = site->text.p[comma] == ',';
    size_t line_end = sw_line_end(site->text, has_comma ? comma : last->end);
    bool closes_here = line_end >= collection->end;
    size_t at = closes_here ? last->end : line_end;
    bool comma_apart = !has_comma && at > last->end; /* a comment stands between */
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, SW_MAX_YAML_SIZE);
    sw_buffer_add_text(&line, closes_here || (!has_comma && !comma_apart) ? "," : "");
    sw_buffer_add_str(&line, sw_line_break(site->text));
    add_blanks(&line, column(site->text, start));
    sw_buffer_add_str(&line, text);
    sw_buffer_add_text(&line, has_comma && !closes_here ? "," : "");
    int code = comma_apart ? sw_edit_splice(site, last->end, last->end, SW_STR(",")) : 0;
    return code == 0 ? splice_buffer(site, at, at, &line) : code;
}

static int insert_into_empty_flow(struct sw_edit_site *site, const struct sw_mark *collection,
                                  struct sw_buffer *text)
{
    size_t inside = collection->content + 1, close = collection->end - 1;
    if (sw_str_trim((struct sw_str){site->text.p + inside, close - inside}).n == 0)
        return splice_buffer(site, inside, close, text);
    /* A comment stands there; the value must not touch it. */
    sw_buffer_add_char(text, ' ');
    return splice_buffer(site, inside, inside, text);
}

static int insert_into_flow(struct sw_edit_site *site, const struct sw_mark *collection,
                            struct sw_buffer *text)
{
    if (collection->count == 0)
        return insert_into_empty_flow(site, collection, text);
    const struct sw_mark *last = collection->items[collection->count - 1];
    size_t start = collection->keys == NULL ? last->start : collection->keys[collection->count - 1]->start;
    if (sw_line_begins_at(site->text, start))
        return insert_flow_line(site, collection, sw_buffer_str(text));
    SW_BUFFER_AUTO entry;
    sw_buffer_init(&entry, SW_MAX_YAML_SIZE);
    sw_buffer_add_text(&entry, ", ");
    sw_buffer_add_str(&entry, sw_buffer_str(text));
    return splice_buffer(site, last->end, last->end, &entry);
}

/* Return true if the empty value at the end of the path has no colon yet, as in {a}. */
static bool lacks_colon(const struct sw_edit_site *site)
{
    const struct sw_mark *parent = site->found == 0 ? NULL : site->marks[site->found - 1];
    return parent != NULL && parent->keys != NULL &&
           parent->keys[site->index[site->found - 1]]->end == site->marks[site->found]->end;
}

/* In the place of a null: `text` follows its colon or dash. */
static int replace_null(struct sw_edit_site *site, const struct sw_buffer *text)
{
    const struct sw_mark *null = site->marks[site->found];
    SW_BUFFER_AUTO value;
    sw_buffer_init(&value, SW_MAX_YAML_SIZE);
    if (null->content == null->end)
        sw_buffer_add_text(&value, lacks_colon(site) ? ": " : " ");
    sw_buffer_add_str(&value, sw_buffer_str(text));
    return splice_buffer(site, null->content, null->end, &value);
}

static int insert_into_null(struct sw_edit_site *site)
{
    const struct sw_mark *null = site->marks[site->found];
    const struct sw_mark *parent = site->found == 0 ? NULL : site->marks[site->found - 1];
    if (parent != NULL && parent->style == SW_MARK_INDENT && parent->keys != NULL &&
        null->start == null->end) {
        size_t indent = column(site->text, parent->content);
        bool keys = site->found < site->path.count;
        return insert_lines(site, null->end, keys ? indent + step_of(site, false) : indent);
    }
    bool keys = site->found < site->path.count;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    sw_buffer_add_text(&text, keys ? "{" : "");
    add_new_flow(&text, site, site->found);
    sw_buffer_add_text(&text, keys ? "}" : "");
    return replace_null(site, &text);
}

/* A document without any value gets its first lines, at the end. */
static int insert_into_nothing(struct sw_edit_site *site)
{
    struct sw_str text = site->text;
    bool ends_line = sw_line_start(text, text.n) == text.n;
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_YAML_SIZE);
    if (!ends_line)
        sw_buffer_add_str(&lines, sw_line_break(text));
    add_new_lines(&lines, site, 0);
    if (ends_line)
        sw_buffer_add_str(&lines, sw_line_break(text));
    return splice_buffer(site, text.n, text.n, &lines);
}

/* Insert a value at a path that leads to a map or to nothing, with further keys to be made there; or at a
 * path that leads to nothing, if a list is to be made. */
static int insert_missing(struct sw_edit_site *site)
{
    const struct sw_mark *map = site->marks[site->found];
    if (site->found == 0 && (map == NULL || map->start == map->end))
        return site->path.count == 0 ? sw_edit_misfit(site, "is no list") : insert_into_nothing(site);
    if (map->style == SW_MARK_INDENT)
        return insert_lines(site, map->end, column(site->text, map->content));
    if (map->style != SW_MARK_FLOW)
        return insert_into_null(site);
    SW_BUFFER_AUTO entry;
    sw_buffer_init(&entry, SW_MAX_YAML_SIZE);
    add_new_flow(&entry, site, site->found);
    return insert_into_flow(site, map, &entry);
}

/* -- set ----------------------------------------------------------------------------------------------------------- */

/* The header of the block scalar gives way to the value, so that a comment behind it stays; the lines go. */
static int replace_block_scalar(struct sw_edit_site *site, const struct sw_mark *old,
                                const struct sw_buffer *value)
{
    struct sw_str text = site->text;
    size_t header = old->content;
    while (header < text.n && text.p[header] != '\0' && strchr("|>+-0123456789", text.p[header]) != NULL)
        header++;
    size_t from = sw_line_end(text, header), to = sw_line_end_of_value(text, old->end);
    int code = splice_buffer(site, old->content, header, value);
    return code == 0 && to > from ? sw_edit_splice(site, from, to, SW_STR("")) : code;
}

int sw_edit_set(struct sw_edit_site *site)
{
    if (site->found < site->path.count)
        return insert_missing(site);
    const struct sw_node *node = site->nodes[site->found];
    const struct sw_mark *old = site->marks[site->found];
    if (site->found == 0 || node->type == SW_NODE_LIST || node->type == SW_NODE_MAP)
        return sw_edit_misfit(site, "is a %s, not a scalar", sw_node_type_name(node->type));
    SW_BUFFER_AUTO value;
    sw_buffer_init(&value, SW_MAX_YAML_SIZE);
    add_value(&value, site, old->style, is_in_flow(site));
    if (old->style == SW_MARK_BLOCK)
        return replace_block_scalar(site, old, &value);
    if (node->type == SW_NODE_NULL)
        return replace_null(site, &value);
    return splice_buffer(site, old->content, old->end, &value);
}

/* -- add ----------------------------------------------------------------------------------------------------------- */

/* The quotes of the last item, for the new item. */
static enum sw_mark_style sibling_style(const struct sw_mark *list)
{
    return list->count == 0 ? SW_MARK_PLAIN : list->items[list->count - 1]->style;
}

/* The text between the dash and the item in this list. */
static struct sw_str dash_gap(struct sw_str text, const struct sw_mark *list)
{
    size_t start = list->content + 1;
    size_t end = start;
    while (end < text.n && text.p[end] == ' ')
        end++;
    return end > start && list->items[0]->start == end ? (struct sw_str){text.p + start, end - start}
                                                       : SW_STR(" ");
}

static int add_item_line(struct sw_edit_site *site, const struct sw_mark *list)
{
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, SW_MAX_YAML_SIZE);
    sw_buffer_add_str(&line, sw_line_break(site->text));
    add_blanks(&line, column(site->text, list->content));
    sw_buffer_add_char(&line, '-');
    sw_buffer_add_str(&line, dash_gap(site->text, list));
    add_value(&line, site, sibling_style(list), false);
    size_t at = sw_line_end_of_value(site->text, list->end);
    return splice_buffer(site, at, at, &line);
}

int sw_edit_add(struct sw_edit_site *site)
{
    const struct sw_node *node = site->nodes[site->found];
    const struct sw_mark *list = site->marks[site->found];
    if (site->found < site->path.count || node->type == SW_NODE_NULL)
        return insert_missing(site);
    if (node->type != SW_NODE_LIST)
        return sw_edit_misfit(site, "is a %s, not a list", sw_node_type_name(node->type));
    if (list->style == SW_MARK_ALIAS)
        return sw_edit_misfit(site, "is an alias; change the value that it names");
    if (list->style == SW_MARK_INDENT)
        return add_item_line(site, list);
    SW_BUFFER_AUTO item;
    sw_buffer_init(&item, SW_MAX_YAML_SIZE);
    add_value(&item, site, sibling_style(list), true);
    return insert_into_flow(site, list, &item);
}
