#include "data/edit_site_internal.h"

static bool has_comment(struct sw_str text, size_t start, size_t end)
{
    return memchr(text.p + start, '#', end > start ? end - start : 0) != NULL;
}

static int cut(struct sw_edit_site *site, size_t start, size_t end)
{
    return sw_edit_splice(site, start, end, SW_STR(""));
}

static const char *empty_of(const struct sw_mark *collection)
{
    return collection->keys == NULL ? "[]" : "{}";
}

/* Cut the lines from that of `start` to that on which the value ends. A text without a line break at its end
 * keeps none. */
static int cut_lines(struct sw_edit_site *site, size_t start, size_t end)
{
    struct sw_str text = site->text;
    size_t from = sw_line_start(text, start);
    size_t last = sw_line_end_of_value(text, end);
    size_t to = sw_line_next(text, last);
    if (to == last)
        from = sw_line_end_before(text, from);
    return cut(site, from, to);
}

/* -- by indentation -------------------------------------------------------------------------------------------- */

/* The place behind the colon of a value's key, or behind its dash. */
static size_t after_introduction(struct sw_str text, const struct sw_mark *parent, size_t index)
{
    size_t at = parent->keys == NULL ? sw_edit_entry(text, parent, index)
                                     : sw_yaml_skip_space(text, parent->keys[index]->end);
    return at < text.n ? at + 1 : at;
}

/* Remove the only entry: [] or {} is left, on the line of the key if the entry stood below it. */
static int empty_collection(struct sw_edit_site *site, const struct sw_mark *collection)
{
    struct sw_str text = site->text;
    size_t level = site->found - 1;
    if (level == 0 || !sw_line_begins_at(text, collection->content))
        return sw_edit_splice(site, collection->content, sw_line_end_of_value(text, collection->end),
                              sw_str_from(empty_of(collection)));
    const struct sw_mark *parent = site->marks[level - 1];
    size_t at = collection->properties > collection->start
                    ? collection->properties
                    : after_introduction(text, parent, site->index[level - 1]);
    const char *left = sw_arena_format(site->arena, " %s", empty_of(collection));
    if (left == NULL)
        return sw_fail_memory(site->error);
    int code = sw_edit_splice(site, at, at, sw_str_from(left));
    return code == 0 ? cut_lines(site, collection->content, collection->end) : code;
}

/* Remove an entry that begins behind the dash of an outer list; the next entry must take its place there. */
static int cut_first_of_compact(struct sw_edit_site *site, size_t start, size_t end, size_t next)
{
    struct sw_str text = site->text;
    size_t line_end = sw_line_end_of_value(text, end);
    if (!has_comment(text, sw_line_next(text, line_end), sw_line_start(text, next)))
        return cut(site, start, next);
    while (start > 0 && text.p[start - 1] == ' ')
        start--;
    return cut(site, start, line_end);
}

static int remove_indented(struct sw_edit_site *site, const struct sw_mark *collection, size_t index)
{
    struct sw_str text = site->text;
    size_t start = sw_edit_entry(text, collection, index);
    size_t end = collection->items[index]->end;
    if (collection->count == 1)
        return empty_collection(site, collection);
    if (index > 0 || sw_line_begins_at(text, start))
        return cut_lines(site, start, end);
    return cut_first_of_compact(site, start, end, sw_edit_entry(text, collection, index + 1));
}

/* -- flow style -------------------------------------------------------------------------------------------------- */

/* The entries of a flow collection, from their first byte to behind their value. */
static size_t flow_start(struct sw_str text, const struct sw_mark *collection, size_t index)
{
    if (index == 0)
        return sw_yaml_skip_space(text, collection->content + 1);
    size_t comma = sw_yaml_skip_space(text, collection->items[index - 1]->end);
    return sw_yaml_skip_space(text, comma + 1);
}

/* The comma behind the entry that ends at `end`, or SIZE_MAX. */
static size_t comma_after(struct sw_str text, size_t end)
{
    size_t at = sw_yaml_skip_space(text, end);
    return at < text.n && text.p[at] == ',' ? at : SIZE_MAX;
}

/* Return true if only blanks and a comment stand from `at` to the end of the line. */
static bool line_is_done(struct sw_str text, size_t at)
{
    return sw_yaml_skip_space(text, at) >= sw_line_end(text, at);
}

static int remove_only(struct sw_edit_site *site, const struct sw_mark *collection, size_t start,
                       size_t after)
{
    size_t inside = collection->content + 1, close = collection->end - 1;
    return has_comment(site->text, inside, close) ? cut(site, start, after) : cut(site, inside, close);
}

/* The entry has its lines for itself, and takes them along. */
static int remove_flow_lines(struct sw_edit_site *site, const struct sw_mark *collection, size_t index,
                             size_t start, size_t after)
{
    struct sw_str text = site->text;
    bool has_comma = text.p[after - 1] == ',' && after > collection->items[index]->end;
    int code = 0;
    if (index + 1 == collection->count && index > 0 && !has_comma) {
        size_t comma = comma_after(text, collection->items[index - 1]->end);
        code = cut(site, comma, comma + 1);
    }
    return code == 0 ? cut(site, sw_line_start(text, start), sw_line_next(text, after)) : code;
}

static int remove_flow_last(struct sw_edit_site *site, const struct sw_mark *collection, size_t start,
                            size_t end)
{
    size_t previous = collection->items[collection->count - 2]->end;
    // NOLINTNEXTLINE(readability-suspicious-call-argument): the gap from the previous item's end to this one's start
    if (!has_comment(site->text, previous, start))
        return cut(site, previous, end);
    size_t comma = comma_after(site->text, previous);
    int code = cut(site, comma, comma + 1);
    return code == 0 ? cut(site, start, end) : code;
}

static int remove_flow(struct sw_edit_site *site, const struct sw_mark *collection, size_t index)
{
    struct sw_str text = site->text;
    size_t start = flow_start(text, collection, index);
    size_t end = collection->items[index]->end;
    size_t comma = comma_after(text, end);
    size_t after = comma == SIZE_MAX ? end : comma + 1;
    bool last = index + 1 == collection->count;
    bool begins_line = sw_line_begins_at(text, start);
    if (begins_line && line_is_done(text, after) && sw_line_next(text, after) < collection->end)
        return remove_flow_lines(site, collection, index, start, after);
    if (collection->count == 1)
        return remove_only(site, collection, start, after);
    if (last)
        return remove_flow_last(site, collection, start, end);
    if (index == 0 || begins_line)
        return cut(site, start, flow_start(text, collection, index + 1));
    return cut(site, collection->items[index - 1]->end, end);
}

int sw_edit_remove(struct sw_edit_site *site)
{
    if (site->path.count == 0)
        return sw_fail(site->error, SW_ENOTFOUND, "the whole document cannot be removed");
    const struct sw_mark *parent = site->marks[site->found - 1];
    size_t index = site->index[site->found - 1];
    if (parent->style == SW_MARK_PAIR)
        return sw_edit_splice(site, parent->content, parent->end, SW_STR("{}"));
    return parent->style == SW_MARK_FLOW ? remove_flow(site, parent, index)
                                         : remove_indented(site, parent, index);
}
