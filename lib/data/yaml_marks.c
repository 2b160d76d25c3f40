#include "data/yaml_marks.h"
#include "data/node_internal.h"

#include <yaml.h>

struct marker {
    yaml_parser_t parser;
    yaml_event_t event; /* the current event */
    struct sw_arena *arena;
    struct sw_str text;
    /* A character's number and its offset in `text`. */
    size_t index, byte;
    struct sw_error *error;
};

static int read_mark(struct marker *m, struct sw_mark **out);

size_t sw_yaml_skip_space(struct sw_str text, size_t at)
{
    bool comment = false;
    for (; at < text.n; at++) {
        char c = text.p[at];
        if (c == '\n' || c == '\r')
            comment = false;
        else if (c == '#')
            comment = true;
        else if (!comment && c != ' ' && c != '\t')
            break;
    }
    return at;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* libyaml counts characters. Marks lie close together, so that the walk from the last mark is short. */
static size_t offset(struct marker *m, yaml_mark_t mark)
{
    while (m->index < mark.index && m->byte < m->text.n) {
        do
            m->byte++;
        while (m->byte < m->text.n && is_continuation(m->text.p[m->byte]));
        m->index++;
    }
    while (m->index > mark.index && m->byte > 0) {
        do
            m->byte--;
        while (m->byte > 0 && is_continuation(m->text.p[m->byte]));
        m->index--;
    }
    return m->byte;
}

static int advance(struct marker *m)
{
    yaml_event_delete(&m->event);
    if (yaml_parser_parse(&m->parser, &m->event) == 1)
        return 0;
    memset(&m->event, 0, sizeof m->event);
    return sw_fail(m->error, SW_EINPUT, "cannot read the YAML again: %s", m->parser.problem);
}

/* The end of the anchor and the tag that stand at `at`. */
static size_t skip_properties(struct sw_str text, size_t at)
{
    size_t end = at;
    while (at < text.n && (text.p[at] == '&' || text.p[at] == '!')) {
        end = at;
        while (end < text.n && !sw_is_space((unsigned char)text.p[end]))
            end++;
        at = sw_yaml_skip_space(text, end);
    }
    return end;
}

/* From the current event; no part of the mark lies behind `limit`, which becomes its end. */
static int new_mark(struct marker *m, struct sw_mark **out, bool properties, size_t limit)
{
    struct sw_mark *mark = sw_arena_alloc(m->arena, sizeof *mark);
    if (mark == NULL)
        return sw_fail_memory(m->error);
    mark->start = mark->properties = mark->content = offset(m, m->event.start_mark);
    if (properties) {
        mark->properties = skip_properties(m->text, mark->start);
        mark->content = sw_yaml_skip_space(m->text, mark->properties);
    }
    if (mark->properties > limit)
        mark->properties = limit;
    if (mark->content > limit)
        mark->content = mark->properties;
    mark->end = limit;
    *out = mark;
    return 0;
}

/* Return true if the header of the block scalar at `at` says that the blank lines at its end count. */
static bool keeps_blank_lines(struct sw_str text, size_t at)
{
    bool keeps = false;
    for (at++;
         at < text.n && (text.p[at] == '+' || text.p[at] == '-' || sw_is_digit((unsigned char)text.p[at]));
         at++)
        keeps = keeps || text.p[at] == '+';
    return keeps;
}

/* libyaml has a block scalar end behind the blank lines that follow it. */
static size_t block_scalar_end(struct sw_str text, size_t start, size_t end)
{
    if (keeps_blank_lines(text, start))
        return end;
    size_t last = end;
    while (last > start && sw_is_space((unsigned char)text.p[last - 1]))
        last--;
    while (last < end && text.p[last] != '\n' && text.p[last] != '\r')
        last++;
    if (last < end && text.p[last] == '\r')
        last++;
    if (last < end && text.p[last] == '\n')
        last++;
    return last;
}

static enum sw_mark_style scalar_style(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return SW_MARK_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return SW_MARK_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return SW_MARK_BLOCK;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
    default:
        return SW_MARK_PLAIN;
    }
}

static int read_scalar(struct marker *m, struct sw_mark **out)
{
    bool properties = m->event.data.scalar.anchor != NULL || m->event.data.scalar.tag != NULL;
    int code = new_mark(m, out, properties, offset(m, m->event.end_mark));
    if (code != 0)
        return code;
    struct sw_mark *mark = *out;
    mark->style = scalar_style(m->event.data.scalar.style);
    if (mark->style == SW_MARK_BLOCK)
        mark->end = block_scalar_end(m->text, mark->content, mark->end);
    return 0;
}

static int read_alias(struct marker *m, struct sw_mark **out)
{
    int code = new_mark(m, out, false, offset(m, m->event.end_mark));
    if (code == 0)
        (*out)->style = SW_MARK_ALIAS;
    return code;
}

/* An empty value has no place of its own: libyaml gives the place of the next token. */
static void place_empty_value(struct sw_str text, const struct sw_mark *key, struct sw_mark *value)
{
    if (value->style != SW_MARK_PLAIN || value->start != value->end)
        return;
    size_t colon = sw_yaml_skip_space(text, key->end);
    size_t at = colon < text.n && text.p[colon] == ':' ? colon + 1 : key->end;
    value->start = value->properties = value->content = value->end = at;
}

/* Append a mark to an array of marks. */
static int append(struct marker *m, struct sw_mark ***marks, size_t count, struct sw_mark *mark)
{
    struct sw_mark **grown = sw_arena_grow(m->arena, *marks, count, sizeof(struct sw_mark *));
    if (grown == NULL)
        return sw_fail_memory(m->error);
    grown[count] = mark;
    *marks = grown;
    return 0;
}

/* The next value, or NULL at the end of the collection. */
static int read_next(struct marker *m, struct sw_mark **out)
{
    *out = NULL;
    int code = advance(m);
    if (code != 0 || m->event.type == YAML_SEQUENCE_END_EVENT || m->event.type == YAML_MAPPING_END_EVENT)
        return code;
    return read_mark(m, out);
}

static int read_items(struct marker *m, struct sw_mark *list)
{
    for (;;) {
        struct sw_mark *item;
        int code = read_next(m, &item);
        if (code != 0 || item == NULL)
            return code;
        code = append(m, &list->items, list->count, item);
        if (code != 0)
            return code;
        list->count++;
    }
}

static int read_members(struct marker *m, struct sw_mark *map)
{
    for (;;) {
        struct sw_mark *key, *value;
        int code = read_next(m, &key);
        if (code != 0 || key == NULL)
            return code;
        code = read_next(m, &value);
        if (code == 0)
            code = append(m, &map->keys, map->count, key);
        if (code == 0)
            code = append(m, &map->items, map->count, value);
        if (code != 0)
            return code;
        place_empty_value(m->text, key, value);
        map->count++;
    }
}

static int read_collection(struct marker *m, struct sw_mark **out)
{
    bool list = m->event.type == YAML_SEQUENCE_START_EVENT;
    bool properties =
        list ? m->event.data.sequence_start.anchor != NULL || m->event.data.sequence_start.tag != NULL
             : m->event.data.mapping_start.anchor != NULL || m->event.data.mapping_start.tag != NULL;
    bool flow = list ? m->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                     : m->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    struct sw_mark *mark;
    int code = new_mark(m, &mark, properties, m->text.n);
    if (code == 0)
        code = list ? read_items(m, mark) : read_members(m, mark);
    if (code != 0)
        return code;
    mark->style = !flow                                     ? SW_MARK_INDENT
                  : list || m->text.p[mark->content] == '{' ? SW_MARK_FLOW
                                                            : SW_MARK_PAIR;
    if (mark->style == SW_MARK_FLOW)
        mark->end = offset(m, m->event.end_mark);
    else if (mark->count > 0)
        mark->end = mark->items[mark->count - 1]->end;
    *out = mark;
    return 0;
}

/* The value that begins with the current event; the current event is then its last. */
static int read_mark(struct marker *m, struct sw_mark **out)
{
    if (m->event.type == YAML_ALIAS_EVENT)
        return read_alias(m, out);
    if (m->event.type == YAML_SCALAR_EVENT)
        return read_scalar(m, out);
    return read_collection(m, out);
}

static int read_document(struct marker *m, struct sw_mark **out)
{
    int code = advance(m); /* the stream's start */
    if (code == 0)
        code = advance(m);
    if (code != 0 || m->event.type == YAML_STREAM_END_EVENT)
        return code;
    code = advance(m);
    return code == 0 ? read_mark(m, out) : code;
}

int sw_yaml_marks(struct sw_mark **out, struct sw_arena *arena, struct sw_str text, struct sw_error *error)
{
    struct marker m = {.arena = arena, .text = text, .error = error};
    struct sw_mark *root = NULL;
    if (yaml_parser_initialize(&m.parser) == 0)
        return sw_fail_memory(error);
    yaml_parser_set_encoding(&m.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&m.parser, (const unsigned char *)text.p, text.n);
    int code = read_document(&m, &root);
    yaml_event_delete(&m.event);
    yaml_parser_delete(&m.parser);
    if (code == 0)
        *out = root;
    return code;
}
