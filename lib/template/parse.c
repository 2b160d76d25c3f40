#include "template/parse_internal.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/text.h"

struct parser {
    struct sw_arena *arena;
    struct sw_str text;
    /* The text that was put before each line; it does not count in columns. */
    struct sw_str indent;
    struct sw_template parsed;
    size_t at;                          /* all before is done */
    unsigned line, column;              /* of `at` */
    size_t open[SW_MAX_TEMPLATE_DEPTH]; /* the sections around `at`, as steps */
    size_t depth;
    struct sw_error *error;
};

/* A tag as it stands in the text. */
struct tag {
    size_t start, end;     /* with its braces */
    unsigned line, column; /* of its start */
    char sigil;            /* one of #^/>!, a quote, or 0 for a value */
    struct sw_str content; /* after the sigil, trimmed */
};

static void move_to(struct parser *p, size_t at)
{
    for (; p->at < at; p->at++) {
        if (p->text.p[p->at] == '\n') {
            p->line++;
            p->column = 1;
        } else if (((unsigned char)p->text.p[p->at] & 0xC0) != 0x80) {
            p->column++;
        }
    }
}

#define FAIL_TAG(p, tag, ...) \
    sw_fail_at((p)->error, SW_EINPUT, (p)->parsed.label, (tag)->line, (tag)->column, __VA_ARGS__)

static int add_step(struct parser *p, struct sw_template_step step)
{
    struct sw_template_step *steps = sw_arena_grow(p->arena, p->parsed.steps, p->parsed.count, sizeof *steps);
    if (steps == NULL)
        return sw_fail_memory(p->error);
    steps[p->parsed.count++] = step;
    p->parsed.steps = steps;
    return 0;
}

static int add_text(struct parser *p, struct sw_str text)
{
    return text.n == 0 ? 0 : add_step(p, (struct sw_template_step){.kind = SW_TEMPLATE_TEXT, .text = text});
}

static bool is_name(struct sw_str name)
{
    if (sw_str_is(name, "."))
        return true;
    while (name.p != NULL) {
        struct sw_str part = sw_str_cut(&name, '.');
        if (part.n == 0)
            return false;
        for (size_t i = 0; i < part.n; i++) {
            if (!sw_is_alnum((unsigned char)part.p[i]) && part.p[i] != '_' && part.p[i] != '-')
                return false;
        }
    }
    return true;
}

static int check_name(struct parser *p, const struct tag *tag, struct sw_str name)
{
    if (is_name(name))
        return 0;
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, name);
    (void)FAIL_TAG(p, tag, "'%s' is no name", shown);
    return sw_error_hint(p->error, "names are letters, digits, '-' and '_', with '.' between them; "
                                   "two braces as text are written {{\"{{\"}}");
}

static int check_sigil(struct parser *p, const struct tag *tag)
{
    char c = p->text.p[tag->start + 2];
    if (c == '{' || c == '&') {
        (void)FAIL_TAG(p, tag, "'{{%c' is not known here", c);
        return sw_error_hint(p->error, "nothing is escaped: write {{name}}");
    }
    if (c == '=')
        return FAIL_TAG(p, tag, "the delimiters cannot be changed");
    if (c == '<' || c == '$')
        return FAIL_TAG(p, tag, "blocks and parents ('{{%c') are not known here", c);
    return 0;
}

/* Find the first tag from `p->at` on; false if there is none. */
static bool find_tag(const struct parser *p, struct tag *tag)
{
    struct sw_str rest = sw_str_drop(p->text, p->at);
    size_t start = sw_str_find(rest, SW_STR("{{"));
    if (start == rest.n)
        return false;
    *tag = (struct tag){.start = p->at + start};
    return true;
}

/* Read a tag, from its start at `p->at`, into the members that follow `start`. */
static int read_tag(struct parser *p, struct tag *tag)
{
    struct sw_str inside = {p->text.p + tag->start + 2, p->text.n - tag->start - 2};
    size_t n = sw_str_find(inside, SW_STR("}}"));
    tag->line = p->line;
    tag->column = p->column - (p->column > p->indent.n ? (unsigned)p->indent.n : 0);
    if (n == inside.n)
        return FAIL_TAG(p, tag, "a tag that is never closed with '}}'");
    tag->end = tag->start + 2 + n + 2;
    int code = check_sigil(p, tag);
    if (code != 0)
        return code;
    inside = sw_str_trim((struct sw_str){inside.p, n});
    if (inside.n > 0 && strchr("#^/>!\"", inside.p[0]) != NULL) {
        tag->sigil = inside.p[0];
        inside = (struct sw_str){inside.p + 1, inside.n - 1};
    }
    tag->content = tag->sigil == '"' ? inside : sw_str_trim(inside); /* in quotes blanks count */
    return 0;
}

/* Return true if only blanks stand beside the tag on its lines; then `*start` and `*end` take in the blanks
 * and the line's end. */
static bool is_alone(const struct parser *p, const struct tag *tag, size_t *start, size_t *end)
{
    size_t first = tag->start, last = tag->end;
    while (first > 0 && (p->text.p[first - 1] == ' ' || p->text.p[first - 1] == '\t'))
        first--;
    if (first > 0 && p->text.p[first - 1] != '\n')
        return false;
    while (last < p->text.n && (p->text.p[last] == ' ' || p->text.p[last] == '\t'))
        last++;
    if (last + 1 < p->text.n && p->text.p[last] == '\r' && p->text.p[last + 1] == '\n')
        last++;
    if (last < p->text.n && p->text.p[last] != '\n')
        return false;
    *start = first;
    *end = last < p->text.n ? last + 1 : last;
    return true;
}

static int open_section(struct parser *p, const struct tag *tag)
{
    int code = check_name(p, tag, tag->content);
    if (code != 0)
        return code;
    if (p->depth == SW_COUNT(p->open))
        return FAIL_TAG(p, tag, "sections are nested deeper than %zu", SW_COUNT(p->open));
    p->open[p->depth++] = p->parsed.count;
    return add_step(p, (struct sw_template_step){
                           .kind = tag->sigil == '#' ? SW_TEMPLATE_SECTION : SW_TEMPLATE_INVERTED,
                           .text = tag->content,
                           .line = tag->line,
                           .column = tag->column,
                       });
}

static int close_section(struct parser *p, const struct tag *tag)
{
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, tag->content);
    if (p->depth == 0)
        return FAIL_TAG(p, tag, "'{{/%s}}' closes no section", shown);
    struct sw_template_step *section = &p->parsed.steps[p->open[p->depth - 1]];
    if (!sw_str_equal(section->text, tag->content))
        return FAIL_TAG(p, tag, "'{{/%s}}' where section '%.*s' of line %u is open", shown,
                        SW_STR_FORMAT(section->text), section->line);
    section->end = p->parsed.count;
    p->depth--;
    return 0;
}

static int add_partial(struct parser *p, const struct tag *tag, size_t line_start)
{
    if (tag->content.n == 0)
        return FAIL_TAG(p, tag, "a partial without a name");
    return add_step(p, (struct sw_template_step){
                           .kind = SW_TEMPLATE_PARTIAL,
                           .text = tag->content,
                           .indent = {p->text.p + line_start, tag->start - line_start},
                           .line = tag->line,
                           .column = tag->column,
                       });
}

static int add_value(struct parser *p, const struct tag *tag)
{
    struct sw_str filter = tag->content;
    struct sw_str name = sw_str_trim(sw_str_cut(&filter, '|'));
    int code = check_name(p, tag, name);
    if (code != 0)
        return code;
    return add_step(p, (struct sw_template_step){
                           .kind = SW_TEMPLATE_VALUE,
                           .text = name,
                           .filter = filter.p == NULL ? filter : sw_str_trim(filter),
                           .line = tag->line,
                           .column = tag->column,
                       });
}

static int add_literal(struct parser *p, const struct tag *tag)
{
    struct sw_str text = tag->content;
    if (!sw_str_ends(text, "\""))
        return FAIL_TAG(p, tag, "a text in quotes that are never closed");
    return add_text(p, (struct sw_str){text.p, text.n - 1});
}

/* `line_start` is the start of the blanks before a tag that is alone on its line, else the tag's start. */
static int add_tag(struct parser *p, const struct tag *tag, size_t line_start)
{
    switch (tag->sigil) {
    case '!':
        return 0;
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        return add_partial(p, tag, line_start);
    case '"':
        return add_literal(p, tag);
    default:
        return add_value(p, tag);
    }
}

static int parse_next(struct parser *p, struct tag *tag)
{
    size_t from = p->at;
    move_to(p, tag->start);
    int code = read_tag(p, tag);
    if (code != 0)
        return code;
    size_t start = tag->start, end = tag->end;
    if (tag->sigil != '\0' && tag->sigil != '"')
        (void)is_alone(p, tag, &start, &end);
    code = add_text(p, (struct sw_str){p->text.p + from, start - from});
    if (code == 0)
        code = add_tag(p, tag, start);
    move_to(p, end);
    return code;
}

static int parse_all(struct parser *p)
{
    struct tag tag;
    while (find_tag(p, &tag)) {
        int code = parse_next(p, &tag);
        if (code != 0)
            return code;
    }
    if (p->depth > 0) {
        const struct sw_template_step *section = &p->parsed.steps[p->open[p->depth - 1]];
        return FAIL_TAG(p, section, "section '%.*s' is never closed", SW_STR_FORMAT(section->text));
    }
    return add_text(p, sw_str_drop(p->text, p->at));
}

/* `text` with `indent` before each line that is not empty. */
static int indent_lines(struct sw_str *out, struct sw_arena *arena, struct sw_str text, struct sw_str indent,
                        struct sw_error *error)
{
    SW_BUFFER_AUTO indented;
    sw_buffer_init(&indented, SW_MAX_RENDERED_SIZE);
    while (text.n > 0) {
        size_t n = sw_str_find(text, SW_STR("\n"));
        n = n == text.n ? n : n + 1;
        if (text.p[0] != '\n' && text.p[0] != '\r')
            sw_buffer_add_str(&indented, indent);
        sw_buffer_add(&indented, text.p, n);
        text = (struct sw_str){text.p + n, text.n - n};
    }
    int code = sw_buffer_check(&indented, "the indented template", error);
    char *copy = code == 0 ? sw_arena_copy(arena, sw_buffer_str(&indented)) : NULL;
    if (code == 0 && copy == NULL)
        return sw_fail_memory(error);
    if (code == 0)
        *out = (struct sw_str){copy, indented.n};
    return code;
}

int sw_template_parse(struct sw_template *out, struct sw_arena *arena, struct sw_str text,
                      struct sw_str indent, const char *label, struct sw_error *error)
{
    int code = indent.n == 0 ? 0 : indent_lines(&text, arena, text, indent, error);
    if (code != 0)
        return code;
    struct parser p = {
        .arena = arena,
        .text = text,
        .indent = indent,
        .parsed = {.label = label},
        .line = 1,
        .column = 1,
        .error = error,
    };
    code = parse_all(&p);
    if (code == 0)
        *out = p.parsed;
    return code;
}
