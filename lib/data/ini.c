#include "data/ini.h"

#include "base/buffer.h"
#include "base/limits.h"

struct reader {
    struct sw_arena *arena;
    const char *path;
    struct sw_error *error;
    const char **sections; /* names; the first is [DEFAULT] */
    size_t section_count;
    struct sw_ini_option *options; /* as they stand in the text */
    size_t option_count;
    size_t current; /* section; SIZE_MAX: none yet */
    /* The last option may continue in an indented line. */
    bool open;
    size_t indent;          /* of the line that began it */
    struct sw_buffer value; /* the last option's, so far */
    unsigned line;
};

/* The bytes that str.strip() and \s of Python take for white space, in ASCII. */
static bool is_space(char c)
{
    return sw_is_space((unsigned char)c) || (c >= 0x1c && c <= 0x1f);
}

static struct sw_str strip(struct sw_str s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = sw_str_drop(s, 1);
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Take the next line. As in a text file of Python, CR, LF and CR LF end a line. */
static struct sw_str take_line(struct sw_str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    struct sw_str line = {rest->p, n};
    bool both = n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n';
    *rest = sw_str_drop(*rest, n < rest->n ? n + 1 + both : n);
    return line;
}

static int refuse(const struct reader *r, const char *what)
{
    return sw_fail_at(r->error, SW_EINPUT, r->path, r->line, 1, "%s", what);
}

/* Give the last option its value. */
static int close_option(struct reader *r)
{
    if (r->option_count == 0 || r->options[r->option_count - 1].value != NULL)
        return 0;
    int code = sw_buffer_check(&r->value, r->path, r->error);
    struct sw_str text = sw_buffer_str(&r->value);
    while (text.n > 0 && is_space(text.p[text.n - 1]))
        text.n--;
    const char *value = code == 0 ? sw_arena_copy(r->arena, text) : NULL;
    if (code == 0 && value == NULL)
        code = sw_fail_memory(r->error);
    r->options[r->option_count - 1].value = value;
    return code;
}

static int begin_section(struct reader *r, struct sw_str name)
{
    size_t at = 0;
    r->open = false;
    while (at < r->section_count && !sw_str_is(name, r->sections[at]))
        at++;
    if (at > 0 && at < r->section_count)
        return refuse(r, "this section is there twice");
    if (at == r->section_count) {
        const char **grown =
            sw_arena_grow(r->arena, (void *)r->sections, r->section_count, sizeof *r->sections);
        char *copy = sw_arena_copy(r->arena, name);
        if (grown == NULL || copy == NULL)
            return sw_fail_memory(r->error);
        if (r->section_count == SW_MAX_INI_OPTIONS)
            return refuse(r, "there are too many sections");
        r->sections = grown;
        r->sections[r->section_count++] = copy;
    }
    r->current = at;
    return 0;
}

static int begin_option(struct reader *r, struct sw_str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != '=' && line.p[n] != ':')
        n++;
    struct sw_str name = strip((struct sw_str){line.p, n});
    if (n == line.n || name.n == 0)
        return refuse(r, "an option is written NAME = VALUE");
    char *copy = sw_arena_copy(r->arena, name);
    struct sw_ini_option *grown = sw_arena_grow(r->arena, r->options, r->option_count, sizeof *r->options);
    if (copy == NULL || grown == NULL)
        return sw_fail_memory(r->error);
    r->options = grown;
    for (char *c = copy; *c != '\0'; c++)
        *c = (char)sw_lower((unsigned char)*c);
    const char *section = r->sections[r->current];
    for (size_t i = 0; i < r->option_count; i++) {
        if (r->options[i].section == section && strcmp(r->options[i].name, copy) == 0)
            return refuse(r, "this option is there twice in its section");
    }
    if (r->option_count == SW_MAX_INI_OPTIONS)
        return refuse(r, "there are too many options");
    r->options[r->option_count++] = (struct sw_ini_option){.section = section, .name = copy, .line = r->line};
    r->open = true;
    sw_buffer_clear(&r->value);
    sw_buffer_add_str(&r->value, strip(sw_str_drop(line, n + 1)));
    return 0;
}

static int read_line(struct reader *r, struct sw_str line)
{
    struct sw_str text = strip(line);
    bool comment = text.n > 0 && (text.p[0] == '#' || text.p[0] == ';');
    size_t indent = (size_t)(text.p - line.p);
    if (text.n == 0 && r->open)
        sw_buffer_add_char(&r->value, '\n'); /* in the midst of a value it counts */
    if (text.n == 0 || comment)
        return 0;
    if (r->open && indent > r->indent) {
        sw_buffer_add_char(&r->value, '\n');
        sw_buffer_add_str(&r->value, text);
        return 0;
    }
    int code = close_option(r);
    r->indent = indent;
    const char *end = text.p[0] == '[' ? memrchr(text.p, ']', text.n) : NULL;
    if (code != 0)
        return code;
    if (end != NULL && end > text.p + 1)
        return begin_section(r, (struct sw_str){text.p + 1, (size_t)(end - text.p) - 1});
    if (r->current == SIZE_MAX)
        return refuse(r, "there is no section yet, [global] say");
    return begin_option(r, text);
}

/* The options of [DEFAULT], and those of the section in their place or behind them. */
static void add_section(struct sw_ini *out, const struct reader *r, const char *section)
{
    size_t first = out->count;
    for (int own = 0; own < 2; own++) {
        const char *from = own == 1 ? section : r->sections[0];
        for (size_t i = 0; i < r->option_count; i++) {
            struct sw_ini_option option = r->options[i];
            if (option.section != from)
                continue;
            size_t at = first;
            while (at < out->count && strcmp(out->options[at].name, option.name) != 0)
                at++;
            option.section = section;
            out->options[at] = option;
            out->count += at == out->count;
        }
    }
}

static int collect(struct sw_ini *out, const struct reader *r)
{
    size_t own = 0;
    for (size_t i = 0; i < r->option_count; i++)
        own += r->options[i].section == r->sections[0];
    size_t room = r->option_count + own * r->section_count;
    struct sw_ini found = {0};
    if (room > SW_MAX_INI_OPTIONS)
        return refuse(r, "there are too many options");
    found.options = sw_arena_array(r->arena, room + 1, sizeof *found.options);
    if (found.options == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 1; i < r->section_count; i++)
        add_section(&found, r, r->sections[i]);
    *out = found;
    return 0;
}

int sw_ini_read(struct sw_ini *out, struct sw_arena *arena, struct sw_str text, const char *path,
                struct sw_error *error)
{
    struct reader r = {.arena = arena, .path = path, .error = error, .current = SIZE_MAX};
    if (!sw_utf8_valid(text) || (text.n > 0 && memchr(text.p, '\0', text.n) != NULL))
        return sw_fail_at(error, SW_EINPUT, path, 0, 0, "'%s' is no text in UTF-8", path);
    r.sections = sw_arena_grow(arena, NULL, 0, sizeof *r.sections);
    if (r.sections == NULL)
        return sw_fail_memory(error);
    r.sections[r.section_count++] = "DEFAULT";
    sw_buffer_init(&r.value, SW_MAX_CONFIGURATION);
    int code = 0;
    while (code == 0 && text.n > 0) {
        r.line++;
        code = read_line(&r, take_line(&text));
    }
    if (code == 0)
        code = close_option(&r);
    if (code == 0)
        code = collect(out, &r);
    sw_buffer_release(&r.value);
    return code;
}
