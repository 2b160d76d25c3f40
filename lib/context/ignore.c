#define PCRE2_CODE_UNIT_WIDTH 8
#include "context/ignore.h"

#include "base/arena.h"
#include "base/beneath.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "context/glob.h"

#include <pcre2.h>

enum kind { EXACT, PREFIX, SUFFIX, REGEXP };

struct pattern {
    struct sw_str text; /* clean, without '!' */
    pcre2_code *code;   /* of REGEXP */
    enum kind kind;
    unsigned line;
    bool exception;
};

struct sw_ignore {
    struct sw_arena arena;
    struct pattern *patterns;
    size_t count;
    const char *file;
    bool exceptions; /* there are some */
    /* No exception has a wildcard except in a last component "*" or "**". */
    bool exceptions_plain;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    struct sw_buffer path; /* the path that is matched, as valid UTF-8 */
};

/* U+FFFD, as which an invalid byte is read. */
static const char replacement[] = "\xEF\xBF\xBD";

/* Length of the white space (Unicode 15, property White_Space) at the start of `s`. */
static size_t space_length(struct sw_str s)
{
    static const char *const spaces[] = {"\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80",
                                         "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
                                         "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
                                         "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
                                         "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    if (s.n > 0 && sw_is_space((unsigned char)s.p[0]))
        return 1;
    for (size_t i = 0; i < SW_COUNT(spaces); i++)
        if (sw_str_starts(s, spaces[i]))
            return strlen(spaces[i]);
    return 0;
}

static struct sw_str trim(struct sw_str s)
{
    for (size_t n = space_length(s); n > 0; n = space_length(s))
        s = (struct sw_str){s.p + n, s.n - n};
    for (size_t n = 1; n <= 3 && n <= s.n; n++) {
        if (space_length((struct sw_str){s.p + s.n - n, n}) == n) {
            s.n -= n;
            n = 0;
        }
    }
    return s;
}

static void add_rune(struct sw_buffer *out, struct sw_str *s)
{
    size_t n = sw_utf8_length(*s);
    if (n == 0)
        sw_buffer_add_text(out, replacement);
    else
        sw_buffer_add(out, s->p, n);
    n = n == 0 ? 1 : n;
    s->p += n;
    s->n -= n;
}

/* Add "**", whose stars are gone: `first` if it began the pattern. */
static enum kind add_stars(struct sw_buffer *out, struct sw_str *rest, enum kind kind, bool first)
{
    if (sw_str_starts(*rest, "/"))
        *rest = (struct sw_str){rest->p + 1, rest->n - 1};
    sw_buffer_add_text(out, rest->n == 0 ? ".*" : "(.*/)?");
    if (first)
        return SUFFIX;
    return rest->n == 0 && kind == EXACT ? PREFIX : REGEXP;
}

/* Add the character behind a backslash; false for a letter or digit that means nothing there. */
static bool add_escaped(struct sw_buffer *out, struct sw_str *rest)
{
    unsigned char c = rest->n == 0 ? 0 : (unsigned char)rest->p[0];
    bool known = memchr("afnrtvdDsSwWbBAz", c, 16) != NULL;
    if (c == 0 || c >= 0x80 || (sw_is_alnum(c) && !known))
        return false;
    sw_buffer_add_char(out, '\\');
    add_rune(out, rest);
    return true;
}

/* Turn a pattern into a regular expression, and find out if none is needed. False if it cannot be an
 * expression. */
static bool translate(struct sw_buffer *out, enum kind *kind, struct sw_str pattern)
{
    *kind = EXACT;
    sw_buffer_add_char(out, '^');
    for (bool first = true; pattern.n > 0; first = false) {
        char c = pattern.p[0];
        if (c == '*' || c == '?' || c == '\\')
            pattern = (struct sw_str){pattern.p + 1, pattern.n - 1};
        if (c == '*' && sw_str_starts(pattern, "*")) {
            pattern = (struct sw_str){pattern.p + 1, pattern.n - 1};
            *kind = add_stars(out, &pattern, *kind, first);
            continue;
        }
        if (c == '\\' && !add_escaped(out, &pattern))
            return false;
        if (c == '*' || c == '?')
            sw_buffer_add_text(out, c == '*' ? "[^/]*" : "[^/]");
        if (memchr("*?\\[]", c, 5) != NULL)
            *kind = REGEXP;
        if (memchr("*?\\", c, 3) != NULL)
            continue;
        if (memchr(".+()|{}$", c, 8) != NULL)
            sw_buffer_add_char(out, '\\');
        add_rune(out, &pattern);
    }
    sw_buffer_add_char(out, '$');
    return true;
}

static bool compile(struct pattern *pattern)
{
    SW_BUFFER_AUTO expression;
    sw_buffer_init(&expression, 8 * SW_MAX_IGNORE_LINE);
    if (!translate(&expression, &pattern->kind, pattern->text) || expression.state != SW_BUFFER_OK)
        return false;
    if (pattern->kind != REGEXP)
        return true;
    int number;
    size_t offset;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return false;
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pattern->code = pcre2_compile((PCRE2_SPTR)expression.p, expression.n, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY,
                                  &number, &offset, context);
    pcre2_compile_context_free(context);
    return pattern->code != NULL;
}

/* A wildcard in more than the last component, which is then "*" or "**". */
static bool has_inner_wildcard(struct sw_str pattern)
{
    if (sw_str_ends(pattern, "/**"))
        pattern.n -= 3;
    else if (sw_str_ends(pattern, "/*"))
        pattern.n -= 2;
    for (size_t i = 0; i < pattern.n; i++)
        if (memchr("*[]?^\\", pattern.p[i], 6) != NULL)
            return true;
    return false;
}

static int bad_line(struct sw_error *error, const struct sw_ignore *ignore, unsigned line, const char *what)
{
    return sw_fail_at(error, SW_EINPUT, ignore->file, line, 1, "%s", what);
}

/* Clean the line as the client does: once with the '!' taken off, and once more as a whole, which is why
 * "/!x" is an exception as well. NULL without memory. */
static const char *clean_line(struct sw_ignore *ignore, struct sw_str line, bool *exception)
{
    *exception = sw_str_starts(line, "!");
    if (*exception)
        line = trim((struct sw_str){line.p + 1, line.n - 1});
    const char *clean = line.n == 0 ? "" : sw_path_clean(&ignore->arena, line);
    if (clean == NULL)
        return NULL;
    if (clean[0] == '/' && (clean[1] != '\0' || *exception))
        clean++;
    if (!*exception) {
        clean += space_length(sw_str_from(clean));
        *exception = clean[0] == '!';
        clean += *exception;
    }
    return clean;
}

/* Add a line, trimmed and neither empty nor a comment. */
static int add_pattern(struct sw_ignore *ignore, struct sw_str line, unsigned number, struct sw_error *error)
{
    struct pattern pattern = {.line = number};
    const char *clean = clean_line(ignore, line, &pattern.exception);
    struct pattern *patterns =
        sw_arena_grow(&ignore->arena, ignore->patterns, ignore->count, sizeof *ignore->patterns);
    if (clean == NULL || patterns == NULL)
        return sw_fail_memory(error);
    ignore->patterns = patterns;
    pattern.text = sw_str_from(clean);
    if (pattern.text.n == 0) {
        (void)bad_line(error, ignore, number, "'!' alone is no exception");
        return sw_error_hint(error, "write the path that is to be kept after it: !README.md");
    }
    if (!sw_glob_valid(pattern.text) || !compile(&pattern)) {
        (void)bad_line(error, ignore, number, "the pattern cannot be read");
        return sw_error_hint(error, "close every '[', and put a backslash only before * ? [ ] and \\");
    }
    if (pattern.exception) {
        ignore->exceptions = true;
        ignore->exceptions_plain = ignore->exceptions_plain && !has_inner_wildcard(pattern.text);
    }
    ignore->patterns[ignore->count++] = pattern;
    return 0;
}

static int read_lines(struct sw_ignore *ignore, struct sw_str text, struct sw_error *error)
{
    if (text.n > SW_MAX_IGNORE_SIZE)
        return sw_fail(error, SW_EINPUT, "'%s' is larger than %llu bytes", ignore->file, SW_MAX_IGNORE_SIZE);
    if (sw_str_starts(text, "\xEF\xBB\xBF"))
        text = (struct sw_str){text.p + 3, text.n - 3};
    unsigned number = 0;
    while (text.p != NULL) {
        struct sw_str line = sw_str_cut(&text, '\n');
        number++;
        if (line.n > SW_MAX_IGNORE_LINE)
            return bad_line(error, ignore, number, "the line is too long");
        struct sw_str trimmed = trim(line);
        if (sw_str_starts(line, "#") || trimmed.n == 0)
            continue;
        if (ignore->count == SW_MAX_IGNORE_PATTERNS)
            return bad_line(error, ignore, number, "too many patterns");
        int code = add_pattern(ignore, trimmed, number, error);
        if (code != 0)
            return code;
    }
    return 0;
}

int sw_ignore_new(struct sw_ignore **ignore, struct sw_str text, const char *file, struct sw_error *error)
{
    struct sw_ignore *made = calloc(1, sizeof *made);
    if (made == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&made->arena, SW_MAX_ARENA);
    sw_buffer_init(&made->path, 3 * SW_MAX_CONTEXT_PATH);
    made->exceptions_plain = true;
    made->file = sw_arena_text(&made->arena, file);
    made->data = pcre2_match_data_create(1, NULL);
    made->limits = pcre2_match_context_create(NULL);
    int code = 0;
    if (made->file == NULL || made->data == NULL || made->limits == NULL)
        code = sw_fail_memory(error);
    if (code == 0) {
        (void)pcre2_set_match_limit(made->limits, SW_MAX_IGNORE_MATCH_STEPS);
        code = read_lines(made, text, error);
    }
    if (code == 0)
        *ignore = made;
    else
        sw_ignore_free(made);
    return code;
}

void sw_ignore_free(struct sw_ignore *ignore)
{
    if (ignore == NULL)
        return;
    for (size_t i = 0; i < ignore->count; i++)
        pcre2_code_free(ignore->patterns[i].code);
    pcre2_match_data_free(ignore->data);
    pcre2_match_context_free(ignore->limits);
    sw_buffer_release(&ignore->path);
    sw_arena_release(&ignore->arena);
    free(ignore);
}

const char *sw_ignore_file(const struct sw_ignore *ignore)
{
    return ignore->file;
}

size_t sw_ignore_count(const struct sw_ignore *ignore)
{
    return ignore->count;
}

/* The pattern against this very path; no folder above it is looked at. */
static int match_one(struct sw_ignore *ignore, const struct pattern *pattern, struct sw_str path,
                     bool *matches, struct sw_error *error)
{
    struct sw_str text = pattern->text;
    if (pattern->kind == EXACT) {
        *matches = sw_str_equal(text, path);
    } else if (pattern->kind == PREFIX) {
        *matches = path.n >= text.n - 2 && memcmp(path.p, text.p, text.n - 2) == 0;
    } else if (pattern->kind == SUFFIX) {
        *matches =
            sw_str_ends(path, text.p + 2) || (text.n > 2 && text.p[2] == '/' && sw_str_is(path, text.p + 3));
    } else {
        int count = pcre2_match(pattern->code, (PCRE2_SPTR)ignore->path.p, ignore->path.n, 0,
                                PCRE2_NO_UTF_CHECK, ignore->data, ignore->limits);
        if (count < 0 && count != PCRE2_ERROR_NOMATCH)
            return bad_line(error, ignore, pattern->line, "the pattern takes too long to match");
        *matches = count >= 0;
    }
    return 0;
}

static int set_path(struct sw_ignore *ignore, struct sw_str path, struct sw_error *error)
{
    sw_buffer_clear(&ignore->path);
    while (path.n > 0)
        add_rune(&ignore->path, &path);
    return sw_buffer_check(&ignore->path, "a path", error);
}

int sw_ignore_match(struct sw_ignore *ignore, struct sw_ignore_verdict *verdict, struct sw_str path,
                    const bool *parent, bool *matched, struct sw_error *error)
{
    struct sw_ignore_verdict result = {false, 0};
    int code = set_path(ignore, path, error);
    for (size_t i = 0; code == 0 && i < ignore->count; i++) {
        const struct pattern *pattern = &ignore->patterns[i];
        matched[i] = parent != NULL && parent[i];
        if (!matched[i] && pattern->exception == result.excluded)
            code = match_one(ignore, pattern, path, &matched[i], error);
        if (matched[i])
            result = (struct sw_ignore_verdict){!pattern->exception, pattern->line};
    }
    if (code == 0)
        *verdict = result;
    return code;
}

int sw_ignore_check(struct sw_ignore *ignore, struct sw_ignore_verdict *verdict, struct sw_str path,
                    struct sw_error *error)
{
    bool *vectors = calloc(2 * ignore->count + 1, sizeof *vectors);
    if (vectors == NULL)
        return sw_fail_memory(error);
    bool *parent = NULL, *matched = vectors;
    struct sw_ignore_verdict result = {false, 0};
    int code = 0;
    for (size_t i = 1; code == 0 && i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/')
            continue;
        code = sw_ignore_match(ignore, &result, (struct sw_str){path.p, i}, parent, matched, error);
        parent = matched;
        matched = matched == vectors ? vectors + ignore->count : vectors;
    }
    free(vectors);
    if (code == 0)
        *verdict = result;
    return code;
}

bool sw_ignore_may_return(const struct sw_ignore *ignore, struct sw_str folder)
{
    if (!ignore->exceptions || !ignore->exceptions_plain)
        return ignore->exceptions;
    for (size_t i = 0; i < ignore->count; i++) {
        struct sw_str text = ignore->patterns[i].text;
        if (ignore->patterns[i].exception && text.n >= folder.n &&
            (text.n == folder.n || text.p[folder.n] == '/') && memcmp(text.p, folder.p, folder.n) == 0)
            return true;
    }
    return false;
}
