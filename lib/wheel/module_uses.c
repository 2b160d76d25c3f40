#include "wheel/module_uses_internal.h"

#include "base/macros.h"
#include "wheel/module_signs_internal.h"

static bool is(const struct sw_token *tokens, size_t count, size_t i, const char *text)
{
    return i < count && tokens[i].kind != SW_TOKEN_TEXT && sw_str_is(tokens[i].text, text);
}

static bool is_name(const struct sw_token *tokens, size_t count, size_t i)
{
    return i < count && tokens[i].kind == SW_TOKEN_NAME;
}

static bool chooses(const struct sw_token *tokens, size_t count)
{
    static const char *const words[] = {"if",      "else",    "and", "or",    "lambda",
                                        "hasattr", "getattr", "del", "assert"};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < SW_COUNT(words); k++) {
            if (is(tokens, count, i, words[k]))
                return true;
        }
    }
    return false;
}

/* __import__("a"), import_module("a") */
static bool calls_import(struct sw_use *out, size_t i, const struct sw_token *tokens, size_t count)
{
    if ((!is(tokens, count, i, "__import__") && !is(tokens, count, i, "import_module")) ||
        !is(tokens, count, i + 1, "(") || !is(tokens, count, i + 3, ")"))
        return false;
    struct sw_str module = sw_signs_text(&tokens[i + 2]);
    *out = (struct sw_use){.base = module, .name = SW_STR(""), .line = tokens[i].line};
    return module.n > 0 && module.p[0] != '.';
}

/* np.NaN, but not a.np.NaN, `np.NaN = 1`, or a name such as __version__, which every module has. */
static bool is_attribute(size_t i, const struct sw_token *tokens, size_t count)
{
    return is_name(tokens, count, i) && !(i > 0 && is(tokens, count, i - 1, ".")) &&
           is(tokens, count, i + 1, ".") && is_name(tokens, count, i + 2) && !is(tokens, count, i + 3, "=") &&
           !is(tokens, count, i + 3, ":") && !sw_str_starts(tokens[i + 2].text, "__");
}

bool sw_uses_next(struct sw_use *out, size_t *at, const struct sw_token *tokens, size_t count)
{
    bool uncertain = *at == 0 && chooses(tokens, count); /* a table may have as many uses as tokens */
    while (*at < count && !uncertain) {
        size_t i = (*at)++;
        if (calls_import(out, i, tokens, count))
            return true;
        if (!is_attribute(i, tokens, count))
            continue;
        *out = (struct sw_use){tokens[i].text, tokens[i + 2].text, tokens[i].line};
        return true;
    }
    return false;
}

size_t sw_uses_default(size_t *at, const struct sw_token *tokens, size_t count)
{
    while (*at < count && !(is(tokens, count, *at, "=") && tokens[*at].depth == 1))
        (*at)++;
    if (*at == count)
        return 0;
    size_t end = ++*at;
    while (end < count && tokens[end].depth > 0 && !(is(tokens, count, end, ",") && tokens[end].depth == 1))
        end++;
    return end;
}
