#include "wheel/statement_internal.h"

#include "base/limits.h"

enum { TAB = 8, FIRST_ROOM = 64, DEEPEST_TEXT = 8 };

bool sw_tokens_is(struct sw_tokens t, size_t i, const char *text)
{
    return i < t.count && t.at[i].kind != SW_TOKEN_TEXT && sw_str_is(t.at[i].text, text);
}

void sw_statements_init(struct sw_statements *s, struct sw_str source)
{
    *s = (struct sw_statements){.rest = source, .line = 1};
    if (sw_str_starts(source, "\xEF\xBB\xBF"))
        s->rest = sw_str_drop(source, 3);
}

void sw_statements_release(struct sw_statements *s)
{
    free(s->statement.tokens);
    *s = (struct sw_statements){.line = 1};
}

static bool is_name(char c)
{
    return sw_is_alnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static char at(const struct sw_str s, size_t i)
{
    return i < s.n ? s.p[i] : '\0';
}

/* The count of bytes that end a line here: 0, 1 or 2. */
static size_t line_end(struct sw_str s, size_t i)
{
    if (at(s, i) == '\r')
        return at(s, i + 1) == '\n' ? 2 : 1;
    return i < s.n && s.p[i] == '\n' ? 1 : 0;
}

static size_t text_end(struct sw_str s, size_t start, bool formatted, unsigned depth);

/* The depth behind a bracket. */
static unsigned bracketed(unsigned depth, char c)
{
    if (c == '(' || c == '[' || c == '{')
        return depth + 1;
    return depth > 0 && (c == ')' || c == ']' || c == '}') ? depth - 1 : depth;
}

/* The end of the replacement field that begins behind `i`: its brace, or the place where the string has to
 * end. A string in the field may have the quotes of the string around it (PEP 701). */
static size_t field_end(struct sw_str s, size_t i, char quote, bool triple, unsigned depth)
{
    unsigned brackets = 0;
    bool specification = false;
    while (i < s.n) {
        char c = s.p[i];
        if (!triple && line_end(s, i) > 0)
            return i;
        if (specification && c == '{' && depth < DEEPEST_TEXT)
            i = field_end(s, i + 1, quote, triple, depth + 1);
        else if (brackets == 0 && (c == '}' || (specification && c == quote)))
            return c == '}' ? i + 1 : i;
        else if (!specification && (c == '\'' || c == '"') && depth < DEEPEST_TEXT)
            i = text_end(s, i, false, depth + 1);
        else {
            if (!specification)
                brackets = bracketed(brackets, c);
            specification |= c == ':' && brackets == 0;
            i++;
        }
    }
    return i;
}

/* The end of the string whose first quote is at `start`. One without an end goes to the line's end, or with three
 * quotes to the source's. */
static size_t text_end(struct sw_str s, size_t start, bool formatted, unsigned depth)
{
    char quote = s.p[start];
    bool triple = at(s, start + 1) == quote && at(s, start + 2) == quote;
    size_t i = start + (triple ? 3 : 1);
    while (i < s.n) {
        /* In a raw string, too, a backslash keeps a quote from ending the string. */
        if (s.p[i] == '\\') {
            size_t newline = line_end(s, i + 1);
            i += 1 + (newline > 0 ? newline : 1);
        } else if (s.p[i] == quote && (!triple || (at(s, i + 1) == quote && at(s, i + 2) == quote)))
            return i + (triple ? 3 : 1);
        else if (!triple && line_end(s, i) > 0)
            return i;
        else if (formatted && s.p[i] == '{')
            i = at(s, i + 1) == '{' ? i + 2 : field_end(s, i + 1, quote, triple, depth);
        else
            i++;
    }
    return s.n;
}

/* Return true if the name that starts here is a string's prefix; `n` is its length. */
static bool prefix(struct sw_str s, size_t *n, bool *formatted)
{
    size_t i = 0;
    *formatted = false;
    while (i < 3 && i < s.n && strchr("rRbBuUfFtT", s.p[i]) != NULL && s.p[i] != '\0') {
        *formatted |= strchr("fFtT", s.p[i]) != NULL;
        i++;
    }
    *n = i;
    return at(s, i) == '\'' || at(s, i) == '"';
}

static size_t sign_length(struct sw_str s)
{
    static const char *const longer[] = {"**=", "//=", ">>=", "<<=", "...", "->", ":=", "==", "!=", "<=",
                                         ">=",  "+=",  "-=",  "*=",  "/=",  "%=", "&=", "|=", "^=", "@="};
    for (size_t i = 0; i < SW_COUNT(longer); i++) {
        if (sw_str_starts(s, longer[i]))
            return strlen(longer[i]);
    }
    return 1;
}

/* The token at the start of `s`. */
static struct sw_token token(struct sw_str s)
{
    size_t n = 0;
    bool formatted = false;
    if (prefix(s, &n, &formatted))
        return (struct sw_token){SW_TOKEN_TEXT, {s.p, text_end(s, n, formatted, 0)}, 0, 0};
    if (!is_name(s.p[0]))
        return (struct sw_token){SW_TOKEN_SIGN, {s.p, sign_length(s)}, 0, 0};
    for (n = 0; n < s.n && is_name(s.p[n]); n++)
        continue;
    enum sw_token_kind kind = sw_is_digit((unsigned char)s.p[0]) ? SW_TOKEN_TEXT : SW_TOKEN_NAME;
    return (struct sw_token){kind, {s.p, n}, 0, 0};
}

static int add(struct sw_statements *s, struct sw_token token, struct sw_error *error)
{
    struct sw_statement *statement = &s->statement;
    if (statement->count == SW_MAX_STATEMENT_TOKENS) {
        statement->cut = true;
        return 0;
    }
    if (statement->count == s->room) {
        size_t room = s->room == 0 ? FIRST_ROOM : s->room * 2;
        struct sw_token *grown = realloc(statement->tokens, room * sizeof token);
        if (grown == NULL)
            return sw_fail_memory(error);
        statement->tokens = grown;
        s->room = room;
    }
    statement->tokens[statement->count++] = token;
    return 0;
}

static void drop(struct sw_statements *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->line += s->rest.p[i] == '\n' || (s->rest.p[i] == '\r' && at(s->rest, i + 1) != '\n');
    s->rest = sw_str_drop(s->rest, n);
}

/* Blanks, comments and continuations; with `lines` also the ends of lines. Returns the columns that blanks took on the
 * last line. */
static unsigned blank(struct sw_statements *s, bool lines)
{
    unsigned column = 0;
    while (s->rest.n > 0) {
        char c = s->rest.p[0];
        size_t end = line_end(s->rest, 0), next = c == '\\' ? line_end(s->rest, 1) : 0;
        size_t n = 1;
        if (c == ' ')
            column++;
        else if (c == '\t')
            column = column / TAB * TAB + TAB;
        else if (c == '\f')
            column = 0;
        else if (c == '#') {
            while (n < s->rest.n && line_end(s->rest, n) == 0)
                n++;
        } else if (next > 0)
            n = 1 + next;
        else if (lines && end > 0) {
            n = end;
            column = 0;
        } else
            break;
        drop(s, n);
    }
    return column;
}

const struct sw_statement *sw_statements_next(struct sw_statements *s, struct sw_error *error)
{
    struct sw_statement *statement = &s->statement;
    unsigned depth = 0;
    statement->count = 0;
    statement->cut = false;
    statement->indent = blank(s, true);
    while (s->rest.n > 0 && (depth > 0 || line_end(s->rest, 0) == 0)) {
        struct sw_token next = token(s->rest);
        char c = next.kind == SW_TOKEN_SIGN && next.text.n == 1 ? next.text.p[0] : '\0';
        bool closes = c == ')' || c == ']' || c == '}';
        if (closes && depth > 0)
            depth--;
        next.depth = depth;
        next.line = s->line;
        if (add(s, next, error) != 0)
            return NULL;
        if (c == '(' || c == '[' || c == '{')
            depth++;
        drop(s, next.text.n);
        (void)blank(s, depth > 0);
    }
    return statement->count > 0 ? statement : NULL;
}
