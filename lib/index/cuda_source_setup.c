#include "index/cuda_source_internal.h"

/* Return true if a line of Python imports torch or a part of it. */
static bool imports_torch(struct sw_str line)
{
    static const char *const words[] = {"import torch", "from torch"};
    line = sw_str_trim(line);
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        size_t n = strlen(words[i]);
        if (sw_str_starts(line, words[i]) &&
            (line.n == n || !(sw_is_alnum((unsigned char)line.p[n]) || line.p[n] == '_')))
            return true;
    }
    return false;
}

/* The innermost `try` of a setup.py that is read line by line. An import in it is no need if a handler goes on without torch. */
struct attempt {
    enum { NO_ATTEMPT, IN_TRY, IN_HANDLER } part;
    size_t indent;
    /* torch is imported in the `try`, and a handler ends the build without it. */
    bool imports, gives_up;
};

static bool has_word(struct sw_str line, const char *word)
{
    return sw_str_find(line, sw_str_from(word)) < line.n;
}

/* Return true if the line is a handler of a failed import: "except:", "except ImportError as e:". */
static bool handles_import(struct sw_str line)
{
    static const char *const names[] = {"ImportError", "ModuleNotFoundError", "Exception"};
    bool handles = sw_str_is(sw_str_trim(sw_str_drop(line, strlen("except"))), ":");
    for (size_t i = 0; i < SW_COUNT(names); i++)
        handles = handles || has_word(line, names[i]);
    return handles;
}

/* Note an import without which the build does not go on. An indented line, in a function or behind a condition, may not be reached. */
static void need(struct sw_setup *setup, size_t indent)
{
    setup->wants_torch = setup->wants_torch || indent == 0;
    setup->may_want_torch = setup->may_want_torch || indent > 0;
}

static void end_attempt(struct attempt *attempt, struct sw_setup *setup)
{
    if (attempt->imports && (attempt->part == IN_TRY || attempt->gives_up))
        need(setup, attempt->indent);
    *attempt = (struct attempt){0};
}

/* Follow the attempt to a line. */
static void follow(struct attempt *attempt, struct sw_setup *setup, struct sw_str line, size_t indent)
{
    bool out = attempt->part != NO_ATTEMPT && indent <= attempt->indent;
    if (out && sw_str_starts(line, "except") && handles_import(line))
        attempt->part = IN_HANDLER;
    else if (out && !(attempt->part == IN_HANDLER && sw_str_starts(line, "except")))
        end_attempt(attempt, setup);
    if (attempt->part == IN_HANDLER)
        attempt->gives_up = attempt->gives_up || has_word(line, "raise") || has_word(line, "exit(");
    if (sw_str_starts(line, "try:")) {
        end_attempt(attempt, setup);
        *attempt = (struct attempt){.part = IN_TRY, .indent = indent};
    }
}

/* ---- variables that hold unless the environment says otherwise ---- */

enum { MOST_VARIABLES = 32 };

struct variables {
    struct sw_str names[MOST_VARIABLES];
    size_t count;
};

/* Take a text in quotes off the front; false if there is none. */
static bool take_quoted(struct sw_str *out, struct sw_str *rest)
{
    *rest = sw_str_trim(*rest);
    if (rest->n < 2 || (rest->p[0] != '"' && rest->p[0] != '\''))
        return false;
    const char *end = memchr(rest->p + 1, rest->p[0], rest->n - 1);
    if (end == NULL)
        return false;
    *out = (struct sw_str){rest->p + 1, (size_t)(end - rest->p) - 1};
    *rest = sw_str_drop(*rest, out->n + 2);
    return true;
}

/* Return true if an expression that begins behind "environ.get(" or "getenv(" is true while the variable is not set: the default is the text that it
 * is compared to, or a word for yes. */
static bool is_true_by_default(struct sw_str rest)
{
    static const char *const yes[] = {"1", "true", "True", "TRUE", "on", "ON", "yes", "YES"};
    struct sw_str name, value, wanted;
    if (!take_quoted(&name, &rest) || !sw_str_starts(sw_str_trim(rest), ","))
        return false;
    rest = sw_str_drop(sw_str_trim(rest), 1);
    if (!take_quoted(&value, &rest) || has_word(rest, "!=") || has_word(rest, " not ") ||
        has_word(rest, " and "))
        return false;
    size_t at = sw_str_find(rest, SW_STR("=="));
    if (at < rest.n) {
        struct sw_str other = sw_str_trim(sw_str_drop(rest, at + 2));
        return take_quoted(&wanted, &other) ? sw_str_equal(wanted, value) : sw_str_equal(other, value);
    }
    bool found = false;
    for (size_t i = 0; i < SW_COUNT(yes); i++)
        found = found || sw_str_is(value, yes[i]);
    return found && !has_word(rest, " in ");
}

/* Note the variable of a line `NAME = int(os.environ.get("NAME", "1")) == 1`. */
static void note_variable(struct variables *variables, struct sw_str line)
{
    static const char *const calls[] = {"environ.get(", "getenv("};
    struct sw_str rest = line, name = sw_str_trim(sw_str_cut(&rest, '='));
    for (size_t i = 0; i < SW_COUNT(calls) && rest.p != NULL && variables->count < MOST_VARIABLES; i++) {
        size_t at = sw_str_find(rest, sw_str_from(calls[i]));
        bool negated = has_word((struct sw_str){rest.p, at}, "not ");
        if (at < rest.n && !negated && is_true_by_default(sw_str_drop(rest, at + strlen(calls[i])))) {
            variables->names[variables->count++] = name;
            return;
        }
    }
}

/* Return true for a line `if NAME:` about such a variable. */
static bool is_entered(const struct variables *variables, struct sw_str line)
{
    if (!sw_str_starts(line, "if ") || !sw_str_ends(line, ":"))
        return false;
    const struct sw_str name = sw_str_trim((struct sw_str){line.p + 3, line.n - 4});
    for (size_t i = 0; i < variables->count; i++) {
        if (sw_str_equal(variables->names[i], name))
            return true;
    }
    return false;
}

/* ---- the whole file ---- */

/* Note that the file compiles code, and that it may do so in vain. */
static void note_compiling(struct sw_setup *setup, struct sw_str line)
{
    static const char *const compiling[] = {"ext_modules", "Extension(", "cffi_modules", "rust_extensions"},
                             *const optional[] = {"optional", "BuildFailed", "CompileError", "PlatformError",
                                                  "ext_errors"};
    for (size_t i = 0; i < SW_COUNT(compiling); i++)
        setup->compiles = setup->compiles || has_word(line, compiling[i]);
    for (size_t i = 0; i < SW_COUNT(optional); i++)
        setup->may_do_without = setup->may_do_without || has_word(line, optional[i]);
}

void sw_setup_read(struct sw_setup *setup, struct sw_str text)
{
    struct attempt attempt = {0};
    struct variables variables = {.count = 0};
    /* The indent of a block that is entered by default; its lines are read as if they stood at the start. */
    size_t block = 0;
    bool entered = false;
    while (text.p != NULL) {
        struct sw_str whole = sw_str_cut(&text, '\n'), line = sw_str_trim(whole);
        size_t indent = (size_t)(line.p - whole.p);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        note_compiling(setup, line);
        block = indent == 0 ? 0 : entered ? indent : block;
        entered = indent == 0 && is_entered(&variables, line);
        if (indent == 0)
            note_variable(&variables, line);
        indent = indent == block ? 0 : indent;
        follow(&attempt, setup, line, indent);
        if (imports_torch(line) && attempt.part == IN_TRY)
            attempt.imports = true;
        else if (imports_torch(line) && attempt.part == NO_ATTEMPT)
            need(setup, indent);
    }
    end_attempt(&attempt, setup);
}
