#include "data/yaml_problem_internal.h"

#include <stdbool.h>

/* libyaml's words, and ours. */
struct rewording {
    const char *problem;
    const char *text;
    const char *hint;
    enum {
        AT_PROBLEM,
        AT_BEGIN,
        /* The place of the fault, or the start of the thing around it. */
        NAMES_BEGIN
    } place;
};

#define QUOTE_HINT "put the text in quotes"
#define CLOSE_HINT "close it with the quote that it begins with"
#define BLANK_HINT "a blank stands behind the ':' of a key"
#define TAB_HINT "YAML indents with blanks; replace the tab"

static const struct rewording rewordings[] = {
    {"mapping values are not allowed in this context", "a ':' that begins a value is not expected here",
     "put text that holds ': ' in quotes, and check the indentation of this line", AT_PROBLEM},
    {"mapping keys are not allowed in this context", "a '?' that begins a key is not expected here",
     QUOTE_HINT, AT_PROBLEM},
    {"block sequence entries are not allowed in this context",
     "a '-' that begins a list item is not expected here",
     "the first item of a list stands on a line of its own, below the key", AT_PROBLEM},
    {"did not find expected key", "this does not fit the map around it",
     "all keys of one map begin in the same column", NAMES_BEGIN},
    {"did not find expected '-' indicator", "this does not fit the list around it",
     "all items of one list begin with '-' in the same column", NAMES_BEGIN},
    {"did not find expected ',' or ']'", "a ',' or the closing ']' is missing in a list",
     "close it: [first, second]", NAMES_BEGIN},
    {"did not find expected ',' or '}'", "a ',' or the closing '}' is missing in a map",
     "close it: {key: value}", NAMES_BEGIN},
    {"could not find expected ':'", "a key without ':'", "write 'key: value', with a blank after the colon",
     AT_BEGIN},
    {"found unexpected end of stream", "a quoted text that is never closed", CLOSE_HINT, AT_BEGIN},
    {"found unexpected document indicator", "a quoted text that is never closed", CLOSE_HINT, AT_BEGIN},
    {"found unknown escape character", "an unknown escape in a double-quoted text",
     "write '\\\\' for a backslash, or use single quotes, which escape nothing", AT_PROBLEM},
    {"did not find expected hexdecimal number", "an escape without its hexadecimal digits",
     "two digits follow \\x, four \\u, eight \\U", AT_PROBLEM},
    {"found invalid Unicode character escape code", "an escape for a character that Unicode does not have",
     "", AT_PROBLEM},
    {"did not find expected node content", "a value is missing here", "", AT_PROBLEM},
    {"did not find expected <document start>", "text after the end of the document",
     "check the quotes, brackets and indentation before it", AT_PROBLEM},
    {"found a tab character where an indentation space is expected", "a tab in the indentation", TAB_HINT,
     AT_PROBLEM},
    {"found a tab character that violates indentation", "a tab in the indentation", TAB_HINT, AT_PROBLEM},
    {"found an indentation indicator equal to 0", "an indentation of 0 after '|' or '>'", "it can be 1 to 9",
     AT_PROBLEM},
    {"did not find expected comment or line break", "text on the line of '|' or '>'",
     "the text begins on the next line", AT_PROBLEM},
    {"did not find expected alphabetic or numeric character", "a name is missing after '&' or '*'",
     QUOTE_HINT, AT_PROBLEM},
    {"found unexpected ':'", "a ':' inside an unquoted text", QUOTE_HINT, AT_PROBLEM},
    {"found undefined tag handle", "an unknown tag", SW_YAML_TAG_HINT, AT_PROBLEM},
    {"found incompatible YAML document", "a YAML version that is not read", "remove the %YAML line",
     AT_PROBLEM},
    {"found duplicate %YAML directive", "a second %YAML line", "remove it", AT_PROBLEM},
};

static int fail_at(struct sw_error *error, const char *file, yaml_mark_t mark, const char *text,
                   const char *hint)
{
    (void)sw_fail_at(error, SW_EINPUT, file, (unsigned)mark.line + 1, (unsigned)mark.column + 1, "%s", text);
    (void)sw_error_hint(error, "%s", hint);
    return SW_EINPUT;
}

/* The byte at a mark, which counts code points. */
static size_t offset_of(struct sw_str text, size_t index)
{
    size_t offset = 0;
    for (; index > 0 && offset < text.n; index--)
        offset += sw_utf8_length((struct sw_str){text.p + offset, text.n - offset});
    return offset;
}

/* Move `mark` to a tab among the blanks that its line begins with; false if there is none. */
static bool find_tab(struct sw_str text, yaml_mark_t *mark)
{
    size_t at = offset_of(text, mark->index);
    size_t start = at;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    for (size_t i = start; i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'); i++) {
        if (text.p[i] == '\t') {
            mark->column = i - start;
            return true;
        }
    }
    return false;
}

/* Move `mark` to a ':' that joins the key of its line to a map or a list ("torch:{..."); false if there is none. */
static bool find_joined_colon(struct sw_str text, yaml_mark_t *mark)
{
    size_t at = offset_of(text, mark->index), start = at;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    for (size_t i = start;
         i + 1 < text.n && (sw_is_alnum((unsigned char)text.p[i]) || strchr(" _-:", text.p[i]) != NULL);
         i++) {
        if (text.p[i] == ':' && (text.p[i + 1] == '{' || text.p[i + 1] == '[' || text.p[i + 1] == '"')) {
            mark->column = i - start;
            return true;
        }
    }
    return false;
}

static const struct rewording *find_rewording(const char *problem)
{
    for (size_t i = 0; i < SW_COUNT(rewordings); i++) {
        if (strcmp(rewordings[i].problem, problem) == 0)
            return &rewordings[i];
    }
    return NULL;
}

static int bad_first_character(const yaml_parser_t *parser, struct sw_str text, const char *file,
                               struct sw_error *error)
{
    size_t at = offset_of(text, parser->problem_mark.index);
    if (at < text.n && text.p[at] == '\t')
        return fail_at(error, file, parser->problem_mark, "a tab where only blanks may stand", TAB_HINT);
    char message[] = "unquoted text cannot begin with '?'";
    message[sizeof message - 3] = at < text.n ? text.p[at] : '?';
    return fail_at(error, file, parser->problem_mark, message, QUOTE_HINT);
}

int sw_yaml_problem(const yaml_parser_t *parser, struct sw_str text, const char *file, struct sw_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return sw_fail_memory(error);
    yaml_mark_t place = parser->problem_mark;
    const char *problem = parser->problem == NULL ? "not YAML" : parser->problem;
    const char *context = parser->context == NULL ? "" : parser->context;
    const struct rewording *rewording = find_rewording(problem);
    if (strstr(context, "flow") == NULL && strstr(context, "quoted") == NULL && find_tab(text, &place))
        return fail_at(error, file, place, "a tab in the indentation", TAB_HINT);
    if (strcmp(problem, "found character that cannot start any token") == 0)
        return bad_first_character(parser, text, file, error);
    if (strstr(context, "irective") != NULL && (rewording == NULL || rewording->place == AT_BEGIN))
        return fail_at(error, file, parser->context_mark, "a line that begins with '%' and is no directive",
                       QUOTE_HINT);
    if (rewording == NULL)
        return fail_at(error, file, place, strstr(context, " a tag") == NULL ? problem : "a malformed tag",
                       strstr(context, " a tag") == NULL ? "" : SW_YAML_TAG_HINT);
    if (rewording->place == NAMES_BEGIN && find_joined_colon(text, &place))
        return fail_at(error, file, place, "a ':' without a blank behind it", BLANK_HINT);
    if (rewording->place != NAMES_BEGIN)
        return fail_at(error, file, rewording->place == AT_BEGIN ? parser->context_mark : place,
                       rewording->text, rewording->hint);
    if (parser->context_mark.index == place.index)
        return fail_at(error, file, place, "a key or an item is missing here", "");
    char message[128];
    (void)snprintf(message, sizeof message, "%s (which begins at line %zu, column %zu)", rewording->text,
                   parser->context_mark.line + 1, parser->context_mark.column + 1);
    return fail_at(error, file, place, message, rewording->hint);
}

/* Section 5.1's c-printable, for a character of `n` bytes. */
static bool is_printable(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    if (n == 1)
        return (u[0] >= 0x20 && u[0] != 0x7F) || u[0] == '\t' || u[0] == '\n' || u[0] == '\r';
    if (n == 2)
        return u[0] != 0xC2 || u[1] >= 0xA0 || u[1] == 0x85;
    /* U+FEFF, U+FFFE and U+FFFF */
    return n != 3 || u[0] != 0xEF || !((u[1] == 0xBB && u[2] == 0xBF) || (u[1] == 0xBF && u[2] >= 0xBE));
}

static int refuse_bytes(struct sw_str rest, size_t n, const char *file, yaml_mark_t mark,
                        struct sw_error *error)
{
    char message[64];
    unsigned char byte = (unsigned char)rest.p[0];
    if (byte == 0)
        return fail_at(error, file, mark, "a NUL byte: this is no text file", "");
    if (n == 0) {
        (void)snprintf(message, sizeof message, "byte 0x%02X is not UTF-8", byte);
        return fail_at(error, file, mark, message, "save the file as UTF-8");
    }
    (void)snprintf(message, sizeof message, "a character that YAML does not allow: bytes");
    for (size_t i = 0, used = strlen(message); i < n; i++, used += 3)
        (void)snprintf(message + used, sizeof message - used, " %02X", (unsigned char)rest.p[i]);
    return fail_at(error, file, mark, message, "remove it, or write it as an escape in double quotes");
}

int sw_yaml_check_bytes(struct sw_str text, const char *file, struct sw_error *error)
{
    yaml_mark_t mark = {0};
    if (sw_str_starts(text, "\xFF\xFE") || sw_str_starts(text, "\xFE\xFF"))
        return fail_at(error, file, mark, "this is UTF-16", "save the file as UTF-8");
    while (text.n > 0) {
        size_t n = sw_utf8_length(text);
        if (n == 0 || !is_printable(text.p, n))
            return refuse_bytes(text, n, file, mark, error);
        bool ends_line = text.p[0] == '\n' || (text.p[0] == '\r' && (text.n == 1 || text.p[1] != '\n'));
        mark.line += ends_line;
        mark.column = ends_line ? 0 : mark.column + 1;
        text.p += n;
        text.n -= n;
    }
    return 0;
}
