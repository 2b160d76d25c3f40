#include "python/requirement.h"

#include "base/limits.h"
#include "python/name.h"
#include "python/url_internal.h"

#define EXAMPLE "a requirement reads like name[extra]>=1.0,<2; python_version >= \"3.9\""

/* The text that is read, and the requirement that is filled. */
struct reader {
    struct sw_scanner s;
    struct sw_arena *arena;
    struct sw_requirement *requirement;
};

static int scan_name(struct sw_str *out, struct reader *r, const char *what, struct sw_error *error)
{
    size_t n = sw_name_length(sw_scanner_rest(&r->s));
    if (n == 0) {
        char shown[SW_SHOWN_SIZE];
        if (sw_scanner_ended(&r->s))
            sw_scanner_fail(r->s.at, error, "the text ends where %s should follow", what);
        else
            sw_scanner_fail(r->s.at, error, "%s where %s should follow",
                            sw_shown(shown, sw_scanner_rest(&r->s)), what);
        return sw_error_hint(error,
                             "names are letters, digits, '.', '_' and '-', a letter or digit at both ends");
    }
    *out = (struct sw_str){r->s.text.p + r->s.at, n};
    r->s.at += n;
    return 0;
}

static int scan_extra_list(struct reader *r, struct sw_error *error)
{
    struct sw_str *extras = NULL;
    size_t count = 0;
    do {
        sw_scanner_skip_blanks(&r->s);
        extras = sw_arena_grow(r->arena, extras, count, sizeof *extras);
        if (extras == NULL)
            return sw_fail_memory(error);
        int code = scan_name(&extras[count++], r, "the name of an extra", error);
        if (code != 0)
            return code;
        sw_scanner_skip_blanks(&r->s);
    } while (sw_scanner_take(&r->s, ","));
    r->requirement->extras = extras;
    r->requirement->extra_count = count;
    return 0;
}

static int scan_extras(struct reader *r, struct sw_error *error)
{
    size_t open = r->s.at;
    if (!sw_scanner_take(&r->s, "["))
        return 0;
    sw_scanner_skip_blanks(&r->s);
    if (sw_scanner_take(&r->s, "]"))
        return 0;
    int code = scan_extra_list(r, error);
    if (code != 0)
        return code;
    if (sw_scanner_take(&r->s, "]"))
        return 0;
    sw_scanner_fail(r->s.at, error, "the extras do not end");
    return sw_error_hint(error, "close the '[' in column %zu with ']', and put commas between extras",
                         open + 1);
}

static int scan_url(struct reader *r, struct sw_error *error)
{
    sw_scanner_skip_blanks(&r->s);
    size_t start = r->s.at;
    while (!sw_scanner_ended(&r->s) && !sw_is_space((unsigned char)sw_scanner_peek(&r->s)))
        r->s.at++;
    struct sw_str url = sw_scanner_since(&r->s, start);
    if (!sw_url_valid(url)) {
        char shown[SW_SHOWN_SIZE];
        sw_scanner_fail(start, error, "%s is not a URL", sw_shown(shown, url));
        return sw_error_hint(error, "a URL reads like https://example.org/name.whl or file:///path/name.whl");
    }
    r->requirement->url = url;
    return 0;
}

/* Read the clauses that come next into `items`, which may be NULL to count them, up to the first fault. */
static int scan_clauses(struct sw_specifier *items, size_t *count, struct sw_scanner *s,
                        struct sw_error *error)
{
    *count = 0;
    while (sw_specifier_begins(s)) {
        struct sw_specifier clause;
        int code = sw_specifier_scan(&clause, s, error);
        if (code != 0)
            return code;
        if (items != NULL)
            items[*count] = clause;
        *count += 1;
        sw_scanner_skip_blanks(s);
        if (!sw_scanner_take(s, ","))
            break;
        sw_scanner_skip_blanks(s);
    }
    return 0;
}

static int scan_specifier_list(struct reader *r, struct sw_error *error)
{
    struct sw_scanner ahead = r->s;
    size_t count = 0;
    int code = scan_clauses(NULL, &count, &ahead, error);
    if (code != 0 || count == 0)
        return code;
    struct sw_specifier *items = sw_arena_array(r->arena, count, sizeof *items);
    if (items == NULL)
        return sw_fail_memory(error);
    code = scan_clauses(items, &count, &r->s, error);
    r->requirement->specifiers = (struct sw_specifier_set){items, count};
    return code;
}

static int scan_specifiers(struct reader *r, struct sw_error *error)
{
    size_t open = r->s.at;
    bool parenthesized = sw_scanner_take(&r->s, "(");
    if (parenthesized)
        sw_scanner_skip_blanks(&r->s);
    int code = scan_specifier_list(r, error);
    if (code != 0 || !parenthesized || sw_scanner_take(&r->s, ")"))
        return code;
    char shown[SW_SHOWN_SIZE];
    if (sw_scanner_ended(&r->s))
        sw_scanner_fail(r->s.at, error, "a ')' is missing here");
    else
        sw_scanner_fail(r->s.at, error, "%s where a version condition or ')' should follow",
                        sw_shown(shown, sw_scanner_rest(&r->s)));
    return sw_error_hint(error, "close the '(' in column %zu with ')': name (>=1.0,<2)", open + 1);
}

static int fail_rest(const struct reader *r, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE];
    struct sw_str rest = sw_scanner_rest(&r->s);
    sw_scanner_fail(r->s.at, error, "cannot read %s in a requirement", sw_shown(shown, rest));
    /* A ';' may be part of a URL. */
    if (sw_str_ends(r->requirement->url, ";"))
        return sw_error_hint(error, "put a blank before the ';' that starts the marker");
    if (sw_specifier_begins(&r->s))
        return sw_error_hint(error, "put a comma between two conditions: >=1.0,<2");
    if (rest.p[0] == '=')
        return sw_error_hint(error, "versions are compared with '=='");
    if (rest.p[0] == '#')
        return sw_error_hint(error, "comments are for requirements files; leave it away here");
    if (sw_is_digit((unsigned char)rest.p[0]))
        return sw_error_hint(error, "put '==' between name and version");
    if (sw_str_starts(rest, ","))
        return sw_error_hint(error, "commas stand only between two conditions: >=1.0,<2");
    return sw_error_hint(error, EXAMPLE);
}

static int scan_requirement(struct reader *r, struct sw_error *error)
{
    sw_scanner_skip_blanks(&r->s);
    int code = scan_name(&r->requirement->name, r, "the name of a package", error);
    sw_scanner_skip_blanks(&r->s);
    if (code == 0)
        code = scan_extras(r, error);
    sw_scanner_skip_blanks(&r->s);
    if (code == 0)
        code = sw_scanner_take(&r->s, "@") ? scan_url(r, error) : scan_specifiers(r, error);
    sw_scanner_skip_blanks(&r->s);
    if (code == 0 && sw_scanner_take(&r->s, ";"))
        code = sw_marker_scan(&r->requirement->marker, r->arena, &r->s, error);
    if (code == 0 && !sw_scanner_ended(&r->s))
        code = fail_rest(r, error);
    return code;
}

int sw_requirement_parse(struct sw_requirement *out, struct sw_arena *arena, struct sw_str text,
                         struct sw_error *error)
{
    if (text.n > SW_MAX_REQUIREMENT_SIZE)
        return sw_fail(error, SW_EINPUT, "a requirement of more than %llu bytes", SW_MAX_REQUIREMENT_SIZE);
    if (sw_str_ends(text, "\n"))
        text.n--;
    const char *copy = sw_arena_copy(arena, text);
    if (copy == NULL)
        return sw_fail_memory(error);
    struct sw_requirement requirement = {.text = {copy, text.n}, .url = SW_STR("")};
    struct reader r = {sw_scanner_over(requirement.text), arena, &requirement};
    int code = scan_requirement(&r, error);
    if (code == 0)
        *out = requirement;
    return code;
}

void sw_requirement_write(struct sw_buffer *out, const struct sw_requirement *requirement)
{
    sw_buffer_add_str(out, requirement->name);
    for (size_t i = 0; i < requirement->extra_count; i++) {
        sw_buffer_add_char(out, i == 0 ? '[' : ',');
        sw_buffer_add_str(out, requirement->extras[i]);
    }
    if (requirement->extra_count > 0)
        sw_buffer_add_char(out, ']');
    sw_specifier_set_write(out, &requirement->specifiers);
    if (requirement->url.n > 0) {
        sw_buffer_add_text(out, "@ ");
        sw_buffer_add_str(out, requirement->url);
    }
    if (requirement->marker == NULL)
        return;
    sw_buffer_add_text(out, requirement->url.n > 0 ? " ; " : "; ");
    sw_marker_write(out, requirement->marker);
}

const char *sw_requirement_pin(struct sw_arena *arena, struct sw_str requirement)
{
    struct sw_requirement parsed = {0};
    if (sw_requirement_parse(&parsed, arena, requirement, NULL) != 0 || parsed.specifiers.count != 1)
        return NULL;
    const struct sw_specifier *only = &parsed.specifiers.items[0];
    return only->comparison == SW_SPECIFIER_EQUAL && !only->prefix ? sw_arena_copy(arena, only->text) : NULL;
}
