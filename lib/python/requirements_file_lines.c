#include "python/requirements_file_lines_internal.h"

#include "base/buffer.h"
#include "base/limits.h"

/* The line ends of Python's str.splitlines(), a longer end before an end that is its beginning. */
static const char *const line_ends[] = {"\r\n", "\n",   "\r",       "\v",           "\f",          "\x1C",
                                        "\x1D", "\x1E", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};

/* Bytes of the line end at the start of `s`, or 0. */
static size_t line_end(struct sw_str s)
{
    for (size_t i = 0; i < SW_COUNT(line_ends); i++) {
        if (sw_str_starts(s, line_ends[i]))
            return strlen(line_ends[i]);
    }
    return 0;
}

/* The next line of the file, without its end. */
static struct sw_str take_line(struct sw_requirements_lines *lines)
{
    struct sw_str line = {lines->rest.p, 0}, rest = lines->rest;
    size_t end = 0;
    while (rest.n > 0 && (end = line_end(rest)) == 0) {
        rest.p++;
        rest.n--;
        line.n++;
    }
    rest.p += end;
    rest.n -= end;
    lines->rest = rest.n == 0 ? (struct sw_str){NULL, 0} : rest;
    lines->number++;
    return line;
}

/* Return the place of a comment's '#', which stands at the start of the line or after white space; s.n
 * without a comment. */
static size_t comment_start(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '#' && (i == 0 || sw_is_space((unsigned char)s.p[i - 1])))
            return i;
    }
    return s.n;
}

static bool is_comment(struct sw_str line)
{
    struct sw_str text = sw_str_trim(line);
    return text.n > 0 && text.p[0] == '#';
}

static struct sw_str without_backslashes(struct sw_str s)
{
    while (s.n > 0 && s.p[0] == '\\') {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && s.p[s.n - 1] == '\\')
        s.n--;
    return s;
}

/* Join a line that ends in a backslash with those that follow it. A comment ends the joining, whatever it
 * ends in. */
static int join(struct sw_str *out, struct sw_requirements_lines *lines, struct sw_str first,
                struct sw_error *error)
{
    SW_BUFFER_AUTO joined;
    sw_buffer_init(&joined, SW_MAX_REQUIREMENTS_SIZE);
    struct sw_str line = first;
    bool more = true;
    while (more) {
        more = sw_str_ends(line, "\\") && !is_comment(line);
        if (is_comment(line))
            sw_buffer_add_char(&joined, ' ');
        sw_buffer_add_str(&joined, more ? without_backslashes(line) : line);
        more = more && lines->rest.p != NULL;
        if (more)
            line = take_line(lines);
    }
    const char *text = sw_arena_copy(lines->arena, sw_buffer_str(&joined));
    if (text == NULL || sw_buffer_check(&joined, "a line", error) != 0)
        return sw_fail_memory(error);
    *out = (struct sw_str){text, joined.n};
    return 0;
}

/* Bytes of "${NAME}" at the start of `s`, NAME of upper-case letters, digits and '_'; 0 if `s` starts
 * otherwise. */
static size_t variable_length(struct sw_str s)
{
    size_t n = 2;
    if (!sw_str_starts(s, "${"))
        return 0;
    while (n < s.n &&
           ((s.p[n] >= 'A' && s.p[n] <= 'Z') || sw_is_digit((unsigned char)s.p[n]) || s.p[n] == '_'))
        n++;
    return n > 2 && n < s.n && s.p[n] == '}' ? n + 1 : 0;
}

/* Add the value of the variable; like pip, add `reference` itself if the variable is missing or empty. */
static void add_value(struct sw_buffer *out, const struct sw_requirements_lines *lines,
                      struct sw_str reference)
{
    char name[128];
    const char *value = NULL;
    size_t n = reference.n - strlen("${}");
    if (n < sizeof name) {
        memcpy(name, reference.p + 2, n);
        name[n] = '\0';
        value = lines->variable(lines->self, name);
    }
    if (value != NULL && value[0] != '\0')
        sw_buffer_add_text(out, value);
    else
        sw_buffer_add_str(out, reference);
}

static int expand(struct sw_str *text, struct sw_requirements_lines *lines, struct sw_error *error)
{
    SW_BUFFER_AUTO expanded;
    sw_buffer_init(&expanded, SW_MAX_REQUIREMENTS_SIZE);
    for (struct sw_str rest = *text; rest.n > 0;) {
        size_t n = variable_length(rest);
        if (n > 0)
            add_value(&expanded, lines, (struct sw_str){rest.p, n});
        else
            sw_buffer_add_char(&expanded, rest.p[0]);
        n = n > 0 ? n : 1;
        rest.p += n;
        rest.n -= n;
    }
    int code = sw_buffer_check(&expanded, "a line with its variables", error);
    if (code != 0)
        return code;
    const char *copy = sw_arena_copy(lines->arena, sw_buffer_str(&expanded));
    if (copy == NULL)
        return sw_fail_memory(error);
    *text = (struct sw_str){copy, expanded.n};
    return 0;
}

/* Take a logical line, which may be empty. */
static int take_logical(struct sw_requirements_line *out, struct sw_requirements_lines *lines,
                        struct sw_error *error)
{
    struct sw_str first = take_line(lines), text = first;
    struct sw_requirements_line line = {.number = lines->number};
    int code = 0;
    bool plain = !sw_str_ends(first, "\\") || is_comment(first);
    if (!plain)
        code = join(&text, lines, first, error);
    if (code != 0)
        return code;
    text.n = comment_start(text);
    line.text = sw_str_trim(text);
    if (plain)
        line.column = (unsigned)(line.text.p - first.p) + 1;
    if (lines->variable != NULL && sw_str_find(line.text, SW_STR("${")) < line.text.n) {
        line.column = 0;
        code = expand(&line.text, lines, error);
    }
    if (code == 0)
        *out = line;
    return code;
}

int sw_requirements_lines_next(bool *found, struct sw_requirements_line *line,
                               struct sw_requirements_lines *lines, struct sw_error *error)
{
    struct sw_requirements_line next = {.number = 0};
    while (next.text.n == 0 && lines->rest.p != NULL) {
        int code = take_logical(&next, lines, error);
        if (code != 0)
            return code;
    }
    *found = next.text.n > 0;
    if (*found)
        *line = next;
    return 0;
}
