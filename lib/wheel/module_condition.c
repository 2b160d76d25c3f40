#include "wheel/module_condition_internal.h"

#include "base/macros.h"
#include "python/version.h"
#include "wheel/module_signs_internal.h"

enum { DEPTH = 6 }; /* of calls in each other */

static const char *const orders[] = {"<=", ">=", "==", "!=", "<", ">"};
static const char *const others[] = {">", "<", "!=", "==", ">=", "<="}; /* the same negated */
static const char *const mirrored[] = {">=", "<=", "==", "!=", ">", "<"};

static bool is_name(struct sw_tokens t, size_t i)
{
    return i < t.count && t.at[i].kind == SW_TOKEN_NAME;
}

static bool is_any(struct sw_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_is(text, words[i]))
            return true;
    }
    return false;
}

static struct sw_tokens from(struct sw_tokens t, size_t first)
{
    return (struct sw_tokens){t.at + first, t.count - first};
}

/* ---- values ---- */

static struct sw_condition_value nothing(void)
{
    return (struct sw_condition_value){{NULL, 0}, {NULL, 0}};
}

static struct sw_condition_value version_value(struct sw_str text)
{
    struct sw_version version;
    struct sw_error error;
    bool valid = text.n > 0 && sw_version_parse(&version, text, &error) == 0;
    return (struct sw_condition_value){valid ? sw_str_trim(text) : (struct sw_str){NULL, 0}, {NULL, 0}};
}

static struct sw_condition_value release_of(struct sw_str of)
{
    return (struct sw_condition_value){{NULL, 0}, sw_str_is_plain(of, "_.-") ? of : (struct sw_str){NULL, 0}};
}

/* (3, 10) as "3.10" */
static struct sw_condition_value tuple(const struct sw_condition_scope *scope, struct sw_tokens t)
{
    const char *text = "";
    for (size_t i = 1; i + 1 < t.count && text != NULL; i++) {
        uint64_t number = 0;
        if (sw_tokens_is(t, i, ","))
            continue;
        if (t.at[i].depth != t.at[0].depth + 1 || !sw_str_to_u64(t.at[i].text, &number))
            return nothing();
        text = sw_arena_format(scope->arena, "%s%s%llu", text, *text == '\0' ? "" : ".",
                               (unsigned long long)number);
    }
    return text == NULL ? nothing() : version_value(sw_str_from(text));
}

/* The number of tokens of a dotted name from the first on. */
static size_t dotted(struct sw_tokens t)
{
    size_t n = is_name(t, 0) ? 1 : 0;
    while (n > 0 && sw_tokens_is(t, n, ".") && is_name(t, n + 1))
        n += 2;
    return n;
}

/* The tokens within the brackets that open at `i` and end the tokens but for `.base_version` and the like; false for other tokens. */
static bool within(struct sw_tokens *out, struct sw_tokens t, size_t i)
{
    static const char *const parts[] = {"base_version", "public"};
    size_t end = t.count;
    if (end > i + 2 && sw_tokens_is(t, end - 2, ".") && is_any(t.at[end - 1].text, parts, SW_COUNT(parts)))
        end -= 2;
    if (!sw_tokens_is(t, i, "(") || end < i + 2 || !sw_tokens_is(t, end - 1, ")") ||
        t.at[end - 1].depth != t.at[i].depth)
        return false;
    *out = (struct sw_tokens){t.at + i + 1, end - i - 2};
    for (size_t k = 0; k < out->count; k++) {
        if (out->at[k].depth <= t.at[i].depth)
            return false;
    }
    return true;
}

/* A name: torch.__version__, sys.version_info, or a variable. */
static struct sw_condition_value name_value(const struct sw_condition_scope *scope, struct sw_tokens t)
{
    if (t.count == 1)
        return scope->value_of(scope->self, t.at[0].text);
    struct sw_str module = t.count == 3 ? scope->module_of(scope->self, t.at[0].text) : SW_STR("");
    if (sw_str_is(module, "sys") && sw_tokens_is(t, 2, "version_info"))
        return release_of(SW_STR("python"));
    return module.n > 0 && sw_tokens_is(t, 2, "__version__") ? release_of(module) : nothing();
}

struct sw_condition_value sw_condition_value(const struct sw_condition_scope *scope, struct sw_tokens t)
{
    static const char *const parsers[] = {"parse",         "Version",       "LooseVersion",
                                          "StrictVersion", "parse_version", "str"};
    static const char *const askers[] = {"version", "importlib_version", "get_version"};
    struct sw_tokens inner;
    for (unsigned depth = 0; depth < DEPTH; depth++) {
        size_t n = dotted(t);
        if (t.count == 1 && t.at[0].kind == SW_TOKEN_TEXT)
            return version_value(sw_signs_text(&t.at[0]));
        if (n == 0)
            return sw_tokens_is(t, 0, "(") && sw_tokens_is(t, t.count - 1, ")") ? tuple(scope, t) : nothing();
        if (n == t.count)
            return name_value(scope, t);
        struct sw_condition_value plain = name_value(scope, (struct sw_tokens){t.at, n});
        if (sw_str_is(plain.of, "python") && sw_tokens_is(t, n, "["))
            return plain;
        if (!within(&inner, t, n))
            return nothing();
        struct sw_str called = t.at[n - 1].text;
        if (is_any(called, askers, SW_COUNT(askers)))
            return inner.count == 1 ? release_of(sw_signs_text(&inner.at[0])) : nothing();
        if (!is_any(called, parsers, SW_COUNT(parsers)))
            return nothing();
        t = inner;
    }
    return nothing();
}

/* ---- conditions ---- */

/* find_spec("a") alone, or compared with None. */
static struct sw_str presence(const struct sw_condition_scope *scope, bool negated, struct sw_tokens t)
{
    size_t n = dotted(t);
    if (n == 0 || !sw_str_is(t.at[n - 1].text, "find_spec") || !sw_tokens_is(t, n, "(") || n + 2 >= t.count ||
        !sw_tokens_is(t, n + 2, ")"))
        return SW_STR("");
    struct sw_str module = sw_signs_text(&t.at[n + 1]);
    struct sw_tokens rest = from(t, n + 3);
    bool without = rest.count == 2 && sw_tokens_is(rest, 0, "is") && sw_tokens_is(rest, 1, "None");
    bool with = rest.count == 3 && sw_tokens_is(rest, 0, "is") && sw_tokens_is(rest, 1, "not") &&
                sw_tokens_is(rest, 2, "None");
    if (module.n == 0 || !sw_str_is_plain(module, "_.") || (rest.count > 0 && !without && !with))
        return SW_STR("");
    return sw_str_from(
        sw_arena_format(scope->arena, "%s%.*s", without != negated ? "!" : "", SW_STR_FORMAT(module)));
}

static size_t place_of_order(struct sw_tokens t, size_t *order)
{
    for (size_t i = 1; i + 1 < t.count; i++) {
        for (*order = 0; t.at[i].depth == t.at[0].depth && *order < SW_COUNT(orders); (*order)++) {
            if (sw_tokens_is(t, i, orders[*order]))
                return i;
        }
    }
    return 0;
}

/* Return true if the expression has one comparison alone. */
static bool is_single(struct sw_tokens t)
{
    static const char *const words[] = {"and", "or", "in", "if", "else", "lambda", "+"};
    for (size_t i = 0; i < t.count; i++) {
        if (t.at[i].kind != SW_TOKEN_TEXT && is_any(t.at[i].text, words, SW_COUNT(words)))
            return false;
    }
    return t.count > 0;
}

static struct sw_str comparison(const struct sw_condition_scope *scope, bool negated, struct sw_tokens t)
{
    size_t order = 0, at = place_of_order(t, &order);
    if (at == 0)
        return SW_STR("");
    struct sw_condition_value left = sw_condition_value(scope, (struct sw_tokens){t.at, at}),
                              right = sw_condition_value(scope, from(t, at + 1));
    const char *text = orders[order];
    if (left.of.n == 0 && right.of.n > 0) {
        const struct sw_condition_value swapped = left;
        left = right;
        right = swapped;
        text = mirrored[order];
    }
    if (left.of.n == 0 || right.version.n == 0)
        return SW_STR("");
    struct sw_str condition = sw_str_from(sw_arena_format(scope->arena, "%.*s%s%.*s", SW_STR_FORMAT(left.of),
                                                          text, SW_STR_FORMAT(right.version)));
    return negated ? sw_condition_negated(scope, condition) : condition;
}

struct sw_str sw_condition_read(const struct sw_condition_scope *scope, struct sw_tokens t)
{
    if (!sw_tokens_is(t, 0, "if") || t.count < 2)
        return SW_STR("");
    bool negated = sw_tokens_is(t, 1, "not");
    t = from(t, negated ? 2 : 1);
    struct sw_tokens inner;
    if (within(&inner, t, 0))
        t = inner;
    if (!is_single(t))
        return SW_STR("");
    struct sw_str found = presence(scope, negated, t);
    return found.n > 0 ? found : comparison(scope, negated, t);
}

struct sw_str sw_condition_negated(const struct sw_condition_scope *scope, struct sw_str condition)
{
    if (condition.n == 0)
        return SW_STR("");
    if (condition.p[0] == '!')
        return sw_str_drop(condition, 1);
    size_t at = 0;
    while (at < condition.n && strchr("<>=!", condition.p[at]) == NULL)
        at++;
    if (at == condition.n)
        return sw_str_from(sw_arena_format(scope->arena, "!%.*s", SW_STR_FORMAT(condition)));
    size_t order = 0;
    while (order + 1 < SW_COUNT(orders) && !sw_str_starts(sw_str_drop(condition, at), orders[order]))
        order++;
    struct sw_str version = sw_str_drop(condition, at + strlen(orders[order]));
    return sw_str_from(sw_arena_format(scope->arena, "%.*s%s%.*s", (int)at, condition.p, others[order],
                                       SW_STR_FORMAT(version)));
}
