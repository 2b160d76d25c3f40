#include "wheel/module_signs_internal.h"

#include "base/macros.h"

static bool is(const struct sw_token *tokens, size_t count, size_t i, const char *text)
{
    return i < count && tokens[i].kind != SW_TOKEN_TEXT && sw_str_is(tokens[i].text, text);
}

static bool has_any(const struct sw_token *tokens, size_t count, const char *const *words)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; tokens[i].kind == SW_TOKEN_NAME && words[k] != NULL; k++) {
            if (sw_str_is(tokens[i].text, words[k]))
                return true;
        }
    }
    return false;
}

/* Return true for an assignment, or a call of a method that changes a dictionary. */
static bool assigns(const struct sw_token *tokens, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = (tokens[i].depth == 0 && is(tokens, count, i, "=")) || is(tokens, count, i, "setdefault") ||
                is(tokens, count, i, "update");
    return found;
}

/* Return true if the statement changes `sys.modules`: with `own` the module's own place there, which a lazy module takes and below
 * which files are found as before, else other places. The object in its own place may also be changed later, under another name. */
static bool touches_modules(bool own, const struct sw_token *tokens, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        bool itself = is(tokens, count, i + 1, "[") && is(tokens, count, i + 2, "__name__") &&
                      is(tokens, count, i + 3, "]");
        size_t from = own ? 0 : i;
        if (is(tokens, count, i, "modules") && is(tokens, count, i - 1, ".") && itself == own &&
            assigns(tokens + from, count - from))
            return true;
    }
    return false;
}

bool sw_signs_change_names(const struct sw_token *tokens, size_t count, bool inner)
{
    static const char *const words[] = {"globals", NULL}, *const outer[] = {"locals", "vars", "exec", NULL},
                             *const module[] = {"modules", "__name__", NULL},
                             *const set[] = {"setattr", NULL}, *const dictionary[] = {"__dict__", NULL};
    return touches_modules(true, tokens, count) || has_any(tokens, count, words) ||
           (!inner && has_any(tokens, count, outer)) ||
           (has_any(tokens, count, set) && (!inner || has_any(tokens, count, module))) ||
           (has_any(tokens, count, dictionary) && assigns(tokens, count));
}

bool sw_signs_change_modules(const struct sw_token *tokens, size_t count)
{
    return touches_modules(false, tokens, count);
}

/* Return true if the list at `i` may be changed: by an assignment, by a method (but for `append`, if that is `known`), or later under
 * another name. A list that is only read changes nothing. */
static bool is_list_changed(size_t i, bool known, const struct sw_token *tokens, size_t count)
{
    bool appends = is(tokens, count, i + 1, ".") && is(tokens, count, i + 2, "append");
    return is(tokens, count, i + 1, "=") || is(tokens, count, i + 1, "[") || is(tokens, count, i + 1, "+=") ||
           (is(tokens, count, i + 1, ".") && !(known && appends)) ||
           (i + 1 == count && assigns(tokens, count));
}

bool sw_signs_change_path(const struct sw_token *tokens, size_t count)
{
    static const char *const words[] = {"path_hooks", "extend_path", "declare_namespace", NULL};
    bool changes = has_any(tokens, count, words);
    for (size_t i = 0; i < count && !changes; i++) {
        bool own = i > 1 && is(tokens, count, i - 1, ".") && is(tokens, count, i - 2, "self");
        changes = (is(tokens, count, i, "__path__") && !own && is_list_changed(i, false, tokens, count)) ||
                  (is(tokens, count, i, "meta_path") && is_list_changed(i, true, tokens, count));
    }
    return changes;
}

bool sw_signs_add_finder(const struct sw_token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is(tokens, count, i, "meta_path") && is(tokens, count, i + 1, ".") &&
            is(tokens, count, i + 2, "append"))
            return true;
    }
    return false;
}

struct sw_str sw_signs_text(const struct sw_token *token)
{
    struct sw_str text = token->text;
    bool plain = token->kind == SW_TOKEN_TEXT && text.n > 2 && (text.p[0] == '"' || text.p[0] == '\'') &&
                 text.p[1] != text.p[0] && memchr(text.p, '\\', text.n) == NULL;
    return plain ? (struct sw_str){text.p + 1, text.n - 2} : (struct sw_str){NULL, 0};
}

bool sw_signs_exports(bool *plain, const struct sw_token *tokens, size_t count)
{
    static const char *const words[] = {"__all__", NULL};
    *plain = is(tokens, count, 0, "__all__") && is(tokens, count, 1, "=") &&
             (is(tokens, count, 2, "[") || is(tokens, count, 2, "(")) && tokens[count - 1].depth == 0 &&
             tokens[count - 1].kind == SW_TOKEN_SIGN;
    for (size_t i = 3; i + 1 < count && *plain; i++) {
        bool comma = is(tokens, count, i, ","), before = is(tokens, count, i - 1, ",") || i == 3;
        *plain = comma ? !before : before && sw_signs_text(&tokens[i]).p != NULL;
    }
    return has_any(tokens, count, words);
}

struct sw_str sw_signs_condition(bool *negated, const struct sw_token *tokens, size_t count)
{
    size_t at = 1;
    *negated = is(tokens, count, at, "not");
    at += *negated;
    bool calls = at + 3 == count && tokens[at].kind == SW_TOKEN_NAME && is(tokens, count, at + 1, "(") &&
                 is(tokens, count, at + 2, ")");
    return calls ? tokens[at].text : SW_STR("");
}

struct sw_str sw_signs_probe(const struct sw_token *tokens, size_t count)
{
    static const char *const end[] = {")", "is", "not", "None"};
    size_t at = 1;
    for (; is(tokens, count, at, "importlib") || is(tokens, count, at, "util"); at++)
        at += is(tokens, count, at + 1, ".");
    if (!is(tokens, count, 0, "return") || !is(tokens, count, at, "find_spec") ||
        !is(tokens, count, at + 1, "(") || at + 3 + SW_COUNT(end) != count ||
        tokens[at + 2].kind != SW_TOKEN_TEXT)
        return SW_STR("");
    for (size_t i = 0; i < SW_COUNT(end); i++) {
        if (!is(tokens, count, at + 3 + i, end[i]))
            return SW_STR("");
    }
    struct sw_str text = tokens[at + 2].text;
    bool plain = text.n > 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[1] != text.p[0];
    return plain ? (struct sw_str){text.p + 1, text.n - 2} : SW_STR("");
}
