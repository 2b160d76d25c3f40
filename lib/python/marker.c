#include "python/marker.h"

#include "base/limits.h"

/* The spellings of a variable, also the old spellings, and its name. The end of a word tells apart two spellings
 * of which one begins like the other. */
static const struct {
    const char *spelling, *name;
} variables[] = {
    {"python_version", "python_version"},
    {"python_full_version", "python_full_version"},
    {"os_name", "os_name"},
    {"os.name", "os_name"},
    {"sys_platform", "sys_platform"},
    {"sys.platform", "sys_platform"},
    {"platform_machine", "platform_machine"},
    {"platform.machine", "platform_machine"},
    {"platform_release", "platform_release"},
    {"platform_system", "platform_system"},
    {"platform_version", "platform_version"},
    {"platform.version", "platform_version"},
    {"platform_python_implementation", "platform_python_implementation"},
    {"platform.python_implementation", "platform_python_implementation"},
    {"python_implementation", "platform_python_implementation"},
    {"implementation_name", "implementation_name"},
    {"implementation_version", "implementation_version"},
    {"extra", "extra"},
};

/* Indexed by the operator; an operator stands before its own beginning. */
static const char *const operators[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">", "in", "not in"};

static int fail_value(const struct sw_scanner *s, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE];
    if (sw_scanner_ended(s))
        sw_scanner_fail(s->at, error, "the marker ends where a variable or a quoted text should follow");
    else
        sw_scanner_fail(s->at, error, "%s is neither a marker variable nor a quoted text",
                        sw_shown(shown, sw_scanner_rest(s)));
    return sw_error_hint(error,
                         "a marker reads like python_version >= \"3.9\" and sys_platform == \"linux\"");
}

static int scan_constant(struct sw_marker_value *out, struct sw_scanner *s, struct sw_error *error)
{
    size_t start = s->at;
    char quote = sw_scanner_peek(s);
    do {
        s->at++;
    } while (!sw_scanner_ended(s) && sw_scanner_peek(s) != quote && sw_scanner_peek(s) != '\n' &&
             sw_scanner_peek(s) != '\r');
    if (sw_scanner_peek(s) != quote) {
        sw_scanner_fail(start, error, "a quoted text without its end");
        return sw_error_hint(error, "close it with %c on the same line", quote);
    }
    *out = (struct sw_marker_value){NULL, sw_scanner_since(s, start + 1)};
    s->at++;
    return 0;
}

static int scan_value(struct sw_marker_value *out, struct sw_scanner *s, struct sw_error *error)
{
    sw_scanner_skip_blanks(s);
    char c = sw_scanner_peek(s);
    if (c == '"' || c == '\'')
        return scan_constant(out, s, error);
    for (size_t i = 0; i < SW_COUNT(variables); i++) {
        if (sw_scanner_take_word(s, variables[i].spelling)) {
            *out = (struct sw_marker_value){variables[i].name, SW_STR("")};
            return 0;
        }
    }
    return fail_value(s, error);
}

static bool take_not_in(struct sw_scanner *s)
{
    struct sw_scanner reader = *s;
    if (!sw_scanner_take_word(&reader, "not"))
        return false;
    sw_scanner_skip_blanks(&reader);
    if (!sw_scanner_take_word(&reader, "in"))
        return false;
    *s = reader;
    return true;
}

static int scan_operator(enum sw_marker_operator *out, struct sw_scanner *s, struct sw_error *error)
{
    sw_scanner_skip_blanks(s);
    for (unsigned i = 0; i < SW_MARKER_IN; i++) {
        if (sw_scanner_take(s, operators[i])) {
            *out = (enum sw_marker_operator)i;
            return 0;
        }
    }
    if (sw_scanner_take_word(s, "in")) {
        *out = SW_MARKER_IN;
        return 0;
    }
    if (take_not_in(s)) {
        *out = SW_MARKER_NOT_IN;
        return 0;
    }
    sw_scanner_fail(s->at, error, "no comparison after a marker's first value");
    return sw_error_hint(error, "one of == != <= >= < > ~= === in, not in");
}

static int scan_comparison(struct sw_marker *out, struct sw_scanner *s, struct sw_error *error)
{
    struct sw_marker marker = {.kind = SW_MARKER_COMPARE};
    int code = scan_value(&marker.left, s, error);
    if (code == 0)
        code = scan_operator(&marker.comparison, s, error);
    if (code == 0)
        code = scan_value(&marker.right, s, error);
    if (code == 0)
        *out = marker;
    return code;
}

static int scan_list(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                     unsigned depth, enum sw_marker_kind kind, struct sw_error *error);

static int scan_parentheses(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                            unsigned depth, struct sw_error *error)
{
    size_t open = s->at - 1;
    if (depth == SW_MAX_MARKER_DEPTH)
        return sw_scanner_fail(open, error, "parentheses more than %u deep", SW_MAX_MARKER_DEPTH);
    int code = scan_list(out, arena, s, depth + 1, SW_MARKER_OR, error);
    if (code != 0)
        return code;
    if (sw_scanner_take(s, ")"))
        return 0;
    sw_scanner_fail(s->at, error, "a ')' is missing here");
    return sw_error_hint(error, "it belongs to the '(' in column %zu", open + 1);
}

static int scan_atom(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                     unsigned depth, struct sw_error *error)
{
    sw_scanner_skip_blanks(s);
    int code;
    if (sw_scanner_take(s, "(")) {
        code = scan_parentheses(out, arena, s, depth, error);
    } else {
        struct sw_marker *marker = sw_arena_alloc(arena, sizeof *marker);
        if (marker == NULL)
            return sw_fail_memory(error);
        code = scan_comparison(marker, s, error);
        if (code == 0)
            *out = marker;
    }
    sw_scanner_skip_blanks(s);
    return code;
}

/* Write the operands of `kind` with its word between them: AND joins atoms, OR joins operands of AND. A
 * single operand stands for itself. */
static int scan_list(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                     unsigned depth, enum sw_marker_kind kind, struct sw_error *error)
{
    const struct sw_marker **items = NULL;
    size_t count = 0;
    do {
        items = sw_arena_grow(arena, items, count, sizeof(const struct sw_marker *));
        if (items == NULL)
            return sw_fail_memory(error);
        int code = kind == SW_MARKER_OR ? scan_list(&items[count], arena, s, depth, SW_MARKER_AND, error)
                                        : scan_atom(&items[count], arena, s, depth, error);
        if (code != 0)
            return code;
        count++;
    } while (sw_scanner_take_word(s, kind == SW_MARKER_OR ? "or" : "and"));
    if (count == 1) {
        *out = items[0];
        return 0;
    }
    struct sw_marker *marker = sw_arena_alloc(arena, sizeof *marker);
    if (marker == NULL)
        return sw_fail_memory(error);
    *marker = (struct sw_marker){.kind = kind, .items = items, .count = count};
    *out = marker;
    return 0;
}

int sw_marker_scan(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                   struct sw_error *error)
{
    return scan_list(out, arena, s, 0, SW_MARKER_OR, error);
}

int sw_marker_parse(const struct sw_marker **out, struct sw_arena *arena, struct sw_str text,
                    struct sw_error *error)
{
    if (text.n > SW_MAX_REQUIREMENT_SIZE)
        return sw_fail(error, SW_EINPUT, "a marker of more than %llu bytes", SW_MAX_REQUIREMENT_SIZE);
    const char *copy = sw_arena_copy(arena, text);
    if (copy == NULL)
        return sw_fail_memory(error);
    struct sw_scanner s = sw_scanner_over((struct sw_str){copy, text.n});
    const struct sw_marker *marker;
    int code = sw_marker_scan(&marker, arena, &s, error);
    if (code != 0)
        return code;
    if (!sw_scanner_ended(&s)) {
        char shown[SW_SHOWN_SIZE];
        sw_scanner_fail(s.at, error, "cannot read %s after a marker", sw_shown(shown, sw_scanner_rest(&s)));
        return sw_error_hint(error, "join comparisons with 'and' or 'or'");
    }
    *out = marker;
    return 0;
}

static void write_value(struct sw_buffer *out, const struct sw_marker_value *value)
{
    if (value->variable != NULL) {
        sw_buffer_add_text(out, value->variable);
        return;
    }
    bool holds_double = sw_str_find(value->text, SW_STR("\"")) < value->text.n;
    char quote = holds_double ? '\'' : '"';
    sw_buffer_add_char(out, quote);
    sw_buffer_add_str(out, value->text);
    sw_buffer_add_char(out, quote);
}

/* The recursion is as deep as the tree, which sw_marker_scan() limits. */
void sw_marker_write(struct sw_buffer *out, const struct sw_marker *marker)
{
    if (marker->kind == SW_MARKER_COMPARE) {
        write_value(out, &marker->left);
        sw_buffer_addf(out, " %s ", operators[marker->comparison]);
        write_value(out, &marker->right);
        return;
    }
    for (size_t i = 0; i < marker->count; i++) {
        const struct sw_marker *item = marker->items[i];
        /* An AND within an OR needs none; all else that is nested was written with parentheses. */
        bool bare =
            item->kind == SW_MARKER_COMPARE || (item->kind == SW_MARKER_AND && marker->kind == SW_MARKER_OR);
        if (i > 0)
            sw_buffer_add_text(out, marker->kind == SW_MARKER_OR ? " or " : " and ");
        if (!bare)
            sw_buffer_add_char(out, '(');
        sw_marker_write(out, item);
        if (!bare)
            sw_buffer_add_char(out, ')');
    }
}
