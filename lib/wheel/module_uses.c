#include "wheel/module_uses_internal.h"

#include "base/macros.h"
#include "wheel/module_signs_internal.h"

static bool is_name(struct sw_tokens t, size_t i)
{
    return i < t.count && t.at[i].kind == SW_TOKEN_NAME;
}

static bool chooses(struct sw_tokens t)
{
    static const char *const words[] = {"if",      "else",    "and", "or",    "lambda",
                                        "hasattr", "getattr", "del", "assert"};
    for (size_t i = 0; i < t.count; i++) {
        for (size_t k = 0; k < SW_COUNT(words); k++) {
            if (sw_tokens_is(t, i, words[k]))
                return true;
        }
    }
    return false;
}

/* __import__("a"), import_module("a") */
static bool calls_import(struct sw_use *out, size_t i, struct sw_tokens t)
{
    if ((!sw_tokens_is(t, i, "__import__") && !sw_tokens_is(t, i, "import_module")) ||
        !sw_tokens_is(t, i + 1, "(") || !sw_tokens_is(t, i + 3, ")"))
        return false;
    struct sw_str module = sw_signs_text(&t.at[i + 2]);
    *out = (struct sw_use){.base = module, .name = SW_STR(""), .line = t.at[i].line};
    return module.n > 0 && module.p[0] != '.';
}

/* np.NaN, but not a.np.NaN, `np.NaN = 1`, or a name such as __version__, which every module has. */
static bool is_attribute(size_t i, struct sw_tokens t)
{
    return is_name(t, i) && !(i > 0 && sw_tokens_is(t, i - 1, ".")) && sw_tokens_is(t, i + 1, ".") &&
           is_name(t, i + 2) && !sw_tokens_is(t, i + 3, "=") && !sw_tokens_is(t, i + 3, ":") &&
           !sw_str_starts(t.at[i + 2].text, "__");
}

bool sw_uses_next(struct sw_use *out, size_t *at, struct sw_tokens t)
{
    bool uncertain = *at == 0 && chooses(t); /* a table may have as many uses as tokens */
    while (*at < t.count && !uncertain) {
        size_t i = (*at)++;
        if (calls_import(out, i, t))
            return true;
        if (!is_attribute(i, t))
            continue;
        *out = (struct sw_use){t.at[i].text, t.at[i + 2].text, t.at[i].line};
        return true;
    }
    return false;
}

size_t sw_uses_default(size_t *at, struct sw_tokens t)
{
    while (*at < t.count && !(sw_tokens_is(t, *at, "=") && t.at[*at].depth == 1))
        (*at)++;
    if (*at == t.count)
        return 0;
    size_t end = ++*at;
    while (end < t.count && t.at[end].depth > 0 && !(sw_tokens_is(t, end, ",") && t.at[end].depth == 1))
        end++;
    return end;
}
