/* Texts for `python -c` that only import and assert, as assertions of a profile. */
#include "author/draft_internal.h"
#include "profile/values.h"

static bool is_dotted(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) && text.p[i] != '_' && text.p[i] != '.')
            return false;
    }
    return text.n > 0 && !sw_is_digit((unsigned char)text.p[0]);
}

/* `NAME == 'TEXT'`, with a message behind it perhaps. */
static bool read_assert(struct sw_draft *draft, struct sw_str text)
{
    size_t equals = sw_str_find(text, SW_STR("=="));
    if (equals == text.n)
        return false;
    struct sw_str name = sw_str_trim((struct sw_str){text.p, equals});
    struct sw_str value = sw_str_trim(sw_str_drop(text, equals + 2));
    char quote = value.n == 0 ? '\0' : value.p[0];
    if (!is_dotted(name) || (quote != '\'' && quote != '"'))
        return false;
    value = sw_str_drop(value, 1);
    struct sw_str rest = value;
    struct sw_str wanted = sw_str_cut(&rest, quote);
    if (rest.p == NULL || (sw_str_trim(rest).n > 0 && sw_str_trim(rest).p[0] != ','))
        return false;
    bool is_release = sw_str_ends(name, ".__version__") && memchr(wanted.p, '+', wanted.n) == NULL;
    const char *is = draft_format(draft, "%s%.*s", is_release ? "==" : "", SW_STR_FORMAT(wanted));
    if (sw_value_specifier(sw_str_from(is)) != NULL)
        return false;
    draft_set(draft, &draft->assertions, draft_copy(draft, name), is, (struct draft_place){"", 0, 0});
    return true;
}

static bool read_import(struct sw_draft *draft, struct sw_str modules)
{
    while (modules.p != NULL) {
        struct sw_str module = sw_str_trim(sw_str_cut(&modules, ','));
        if (!is_dotted(module))
            return false;
        draft_set(draft, &draft->assertions, draft_copy(draft, module), NULL, (struct draft_place){"", 0, 0});
    }
    return true;
}

bool draft_python_check(struct sw_draft *draft, const char *text)
{
    struct draft_pairs before = draft->assertions;
    struct sw_str rest = sw_str_from(text);
    bool understood = true;
    while (understood && rest.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&rest, ';'));
        if (sw_str_starts(line, "import "))
            understood = read_import(draft, sw_str_drop(line, 7));
        else if (sw_str_starts(line, "assert "))
            understood = read_assert(draft, sw_str_drop(line, 7));
        else
            understood = line.n == 0 || sw_str_starts(line, "print(");
    }
    understood = understood && draft->assertions.count > before.count;
    if (!understood)
        draft->assertions = before;
    return understood;
}
