#include "wheel/module_signs_internal.h"

#include "base/macros.h"

static bool has_any(struct sw_tokens t, const char *const *words)
{
    for (size_t i = 0; i < t.count; i++) {
        for (size_t k = 0; t.at[i].kind == SW_TOKEN_NAME && words[k] != NULL; k++) {
            if (sw_str_is(t.at[i].text, words[k]))
                return true;
        }
    }
    return false;
}

/* Return true for an assignment, or a call of a method that changes a dictionary. */
static bool assigns(struct sw_tokens t)
{
    bool found = false;
    for (size_t i = 0; i < t.count && !found; i++)
        found = (t.at[i].depth == 0 && sw_tokens_is(t, i, "=")) || sw_tokens_is(t, i, "setdefault") ||
                sw_tokens_is(t, i, "update");
    return found;
}

/* Return true if the statement changes `sys.modules`: with `own` the module's own place there, which a lazy module takes and below
 * which files are found as before, else other places. The object in its own place may also be changed later, under another name. */
static bool touches_modules(bool own, struct sw_tokens t)
{
    for (size_t i = 1; i < t.count; i++) {
        bool itself =
            sw_tokens_is(t, i + 1, "[") && sw_tokens_is(t, i + 2, "__name__") && sw_tokens_is(t, i + 3, "]");
        size_t from = own ? 0 : i;
        if (sw_tokens_is(t, i, "modules") && sw_tokens_is(t, i - 1, ".") && itself == own &&
            assigns((struct sw_tokens){t.at + from, t.count - from}))
            return true;
    }
    return false;
}

bool sw_signs_change_names(struct sw_tokens t, bool inner)
{
    static const char *const words[] = {"globals", NULL}, *const outer[] = {"locals", "vars", "exec", NULL},
                             *const module[] = {"modules", "__name__", NULL},
                             *const set[] = {"setattr", NULL}, *const dictionary[] = {"__dict__", NULL};
    return touches_modules(true, t) || has_any(t, words) || (!inner && has_any(t, outer)) ||
           (has_any(t, set) && (!inner || has_any(t, module))) || (has_any(t, dictionary) && assigns(t));
}

bool sw_signs_change_modules(struct sw_tokens t)
{
    return touches_modules(false, t);
}

/* Return true if the list at `i` may be changed: by an assignment, by a method (but for `append`, if that is `known`), or later under
 * another name. A list that is only read changes nothing. */
static bool is_list_changed(size_t i, bool known, struct sw_tokens t)
{
    bool appends = sw_tokens_is(t, i + 1, ".") && sw_tokens_is(t, i + 2, "append");
    return sw_tokens_is(t, i + 1, "=") || sw_tokens_is(t, i + 1, "[") || sw_tokens_is(t, i + 1, "+=") ||
           (sw_tokens_is(t, i + 1, ".") && !(known && appends)) || (i + 1 == t.count && assigns(t));
}

bool sw_signs_change_path(struct sw_tokens t)
{
    static const char *const words[] = {"path_hooks", "extend_path", "declare_namespace", NULL};
    bool changes = has_any(t, words);
    for (size_t i = 0; i < t.count && !changes; i++) {
        bool own = i > 1 && sw_tokens_is(t, i - 1, ".") && sw_tokens_is(t, i - 2, "self");
        changes = (sw_tokens_is(t, i, "__path__") && !own && is_list_changed(i, false, t)) ||
                  (sw_tokens_is(t, i, "meta_path") && is_list_changed(i, true, t));
    }
    return changes;
}

bool sw_signs_add_finder(struct sw_tokens t)
{
    for (size_t i = 0; i < t.count; i++) {
        if (sw_tokens_is(t, i, "meta_path") && sw_tokens_is(t, i + 1, ".") &&
            sw_tokens_is(t, i + 2, "append"))
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

bool sw_signs_exports(bool *plain, struct sw_tokens t)
{
    static const char *const words[] = {"__all__", NULL};
    *plain = sw_tokens_is(t, 0, "__all__") && sw_tokens_is(t, 1, "=") &&
             (sw_tokens_is(t, 2, "[") || sw_tokens_is(t, 2, "(")) && t.at[t.count - 1].depth == 0 &&
             t.at[t.count - 1].kind == SW_TOKEN_SIGN;
    for (size_t i = 3; i + 1 < t.count && *plain; i++) {
        bool comma = sw_tokens_is(t, i, ","), before = sw_tokens_is(t, i - 1, ",") || i == 3;
        *plain = comma ? !before : before && sw_signs_text(&t.at[i]).p != NULL;
    }
    return has_any(t, words);
}

struct sw_str sw_signs_condition(bool *negated, struct sw_tokens t)
{
    size_t at = 1;
    *negated = sw_tokens_is(t, at, "not");
    at += *negated;
    bool calls = at + 3 == t.count && t.at[at].kind == SW_TOKEN_NAME && sw_tokens_is(t, at + 1, "(") &&
                 sw_tokens_is(t, at + 2, ")");
    return calls ? t.at[at].text : SW_STR("");
}

struct sw_str sw_signs_probe(struct sw_tokens t)
{
    static const char *const end[] = {")", "is", "not", "None"};
    size_t at = 1;
    for (; sw_tokens_is(t, at, "importlib") || sw_tokens_is(t, at, "util"); at++)
        at += sw_tokens_is(t, at + 1, ".");
    if (!sw_tokens_is(t, 0, "return") || !sw_tokens_is(t, at, "find_spec") || !sw_tokens_is(t, at + 1, "(") ||
        at + 3 + SW_COUNT(end) != t.count || t.at[at + 2].kind != SW_TOKEN_TEXT)
        return SW_STR("");
    for (size_t i = 0; i < SW_COUNT(end); i++) {
        if (!sw_tokens_is(t, at + 3 + i, end[i]))
            return SW_STR("");
    }
    struct sw_str text = t.at[at + 2].text;
    bool plain = text.n > 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[1] != text.p[0];
    return plain ? (struct sw_str){text.p + 1, text.n - 2} : SW_STR("");
}
