#include "wheel/module_internal.h"

#include "wheel/module_signs_internal.h"
#include "wheel/module_uses_internal.h"

static bool is_keyword(struct sw_str name)
{
    static const char *const keywords[] = {"and", "as", "await",  "else", "False", "for", "if",
                                           "in",  "is", "lambda", "None", "not",   "or",  "True"};
    for (size_t i = 0; i < SW_COUNT(keywords); i++) {
        if (sw_str_is(name, keywords[i]))
            return true;
    }
    return false;
}

int sw_outline_too_much(struct sw_outline *o, unsigned line, const char *what)
{
    return sw_fail_at(o->error, SW_EINPUT, o->file, line, 0, "%s", what);
}

static int bind_global(struct sw_outline *o, const struct sw_token *token, enum sw_module_kind kind)
{
    if (token->kind != SW_TOKEN_NAME || is_keyword(token->text))
        return 0;
    if (o->name_count == SW_MAX_MODULE_NAMES)
        return sw_outline_too_much(o, token->line, "the module has too many names");
    o->names = sw_arena_grow(o->arena, o->names, o->name_count, sizeof *o->names);
    if (o->names == NULL)
        return sw_fail_memory(o->error);
    o->names[o->name_count++] = (struct sw_module_name){
        .name = token->text, .kind = kind, .when = sw_outline_top(o)->when, .line = token->line};
    return 0;
}

static int add_import(struct sw_outline *o, struct sw_module_import import)
{
    if (o->import_count == SW_MAX_MODULE_NAMES)
        return sw_outline_too_much(o, import.line, "the module imports too much");
    o->imports = sw_arena_grow(o->arena, o->imports, o->import_count, sizeof *o->imports);
    if (o->imports == NULL)
        return sw_fail_memory(o->error);
    import.when = sw_outline_top(o)->when;
    import.probe = sw_outline_top(o)->probe;
    import.condition = import.when == SW_WHEN_CONDITION ? sw_outline_top(o)->condition : SW_STR("");
    import.instead = sw_outline_top(o)->instead;
    o->imports[o->import_count++] = import;
    return 0;
}

int sw_outline_bind(struct sw_outline *o, const struct sw_token *token, enum sw_module_kind kind)
{
    return sw_outline_top(o)->inner ? 0 : bind_global(o, token, kind);
}

/* Names and dots from `*i` on as one text; blanks between them are left out. */
static struct sw_str dotted(struct sw_outline *o, struct sw_tokens t, size_t *i)
{
    size_t first = *i, n = 0;
    while (*i < t.count && (sw_tokens_is(t, *i, ".") || sw_tokens_is(t, *i, "...") ||
                            (t.at[*i].kind == SW_TOKEN_NAME && !sw_tokens_is(t, *i, "import") &&
                             (*i == first || t.at[*i - 1].kind == SW_TOKEN_SIGN))))
        n += t.at[(*i)++].text.n;
    char *text = sw_arena_alloc(o->arena, n + 1);
    size_t have = 0;
    for (size_t k = first; text != NULL && k < *i; k++) {
        memcpy(text + have, t.at[k].text.p, t.at[k].text.n);
        have += t.at[k].text.n;
    }
    return (struct sw_str){text, text == NULL ? 0 : n};
}

/* The name behind `as`, which may come next. */
static const struct sw_token *alias(struct sw_tokens t, size_t *i)
{
    if (!sw_tokens_is(t, *i, "as") || *i + 1 >= t.count)
        return NULL;
    *i += 2;
    return t.at + *i - 1;
}

/* import a.b as c, d */
static int see_import(struct sw_outline *o, struct sw_tokens t)
{
    int code = 0;
    for (size_t i = 1; i < t.count && code == 0; i++) {
        const struct sw_token *first = &t.at[i];
        struct sw_str module = dotted(o, t, &i);
        if (module.p == NULL)
            return sw_fail_memory(o->error);
        const struct sw_token *as = alias(t, &i);
        if (module.n == 0)
            continue;
        code = add_import(o, (struct sw_module_import){.module = module,
                                                       .as = as == NULL ? SW_STR("") : as->text,
                                                       .line = first->line});
        if (code == 0)
            code = sw_outline_bind(o, as == NULL ? first : as, SW_MODULE_IMPORTED);
    }
    return code;
}

/* from ..a import (b as c, d) */
static int see_from(struct sw_outline *o, struct sw_tokens t)
{
    size_t i = 1;
    struct sw_str module = dotted(o, t, &i);
    if (module.p == NULL)
        return sw_fail_memory(o->error);
    if (module.n == 0 || !sw_tokens_is(t, i, "import"))
        return 0;
    int code = 0;
    for (i++; i < t.count && code == 0; i++) {
        const struct sw_token *name = &t.at[i];
        bool star = sw_tokens_is(t, i, "*");
        if (name->kind != SW_TOKEN_NAME && !star)
            continue;
        i++;
        const struct sw_token *as = alias(t, &i);
        i--; /* the comma is still to come */
        o->star |= star && !sw_outline_top(o)->inner;
        code = add_import(o, (struct sw_module_import){.module = module,
                                                       .name = name->text,
                                                       .as = as == NULL ? SW_STR("") : as->text,
                                                       .line = name->line});
        if (code == 0)
            code = sw_outline_bind(o, as == NULL ? name : as, SW_MODULE_IMPORTED);
    }
    return code;
}

/* global a, b */
static int see_global(struct sw_outline *o, struct sw_tokens t)
{
    int code = 0;
    for (size_t i = 1; i < t.count && code == 0; i++)
        code = bind_global(o, &t.at[i], SW_MODULE_VARIABLE);
    return code;
}

int sw_outline_bind_targets(struct sw_outline *o, struct sw_tokens t, size_t first, size_t end,
                            enum sw_module_kind kind)
{
    int code = 0;
    for (size_t i = first; i < end && code == 0; i++) {
        if (t.at[i].kind != SW_TOKEN_NAME)
            continue;
        bool attribute = i > first && sw_tokens_is(t, i - 1, ".");
        bool more = i + 1 < end && (sw_tokens_is(t, i + 1, ".") || sw_tokens_is(t, i + 1, "[") ||
                                    sw_tokens_is(t, i + 1, "("));
        if (!attribute && !more)
            code = sw_outline_bind(o, &t.at[i], kind);
        if (i + 1 < end &&
            (sw_tokens_is(t, i + 1, "[") || sw_tokens_is(t, i + 1, "("))) { /* pass over the subscript */
            unsigned depth = t.at[i + 1].depth;
            for (i += 2; i < end && t.at[i].depth > depth; i++)
                continue;
        }
    }
    return code;
}

/* The single literal behind the last `=` at `i`; empty for anything else. */
static struct sw_str literal(struct sw_tokens t, size_t i)
{
    if (i + 2 != t.count)
        return SW_STR("");
    const struct sw_token *token = &t.at[i + 1];
    struct sw_str text = token->text;
    if (token->kind == SW_TOKEN_NAME)
        return sw_tokens_is(t, i + 1, "None") || sw_tokens_is(t, i + 1, "True") ||
                       sw_tokens_is(t, i + 1, "False")
                   ? text
                   : SW_STR("");
    if (token->kind != SW_TOKEN_TEXT || sw_is_digit((unsigned char)text.p[0]))
        return token->kind == SW_TOKEN_TEXT ? text : SW_STR("");
    if (strchr("'\"", text.p[0]) == NULL) /* it has a prefix */
        return SW_STR("");
    size_t quotes = text.n >= 6 && text.p[1] == text.p[0] && text.p[2] == text.p[0] ? 3 : 1;
    return text.n < 2 * quotes ? SW_STR("") : (struct sw_str){text.p + quotes, text.n - 2 * quotes};
}

/* name = value, if a condition may ask for the value */
static int see_variable(struct sw_outline *o, struct sw_tokens t)
{
    const struct sw_condition_scope scope = sw_outline_scope(o);
    if (t.count < 3 || t.at[0].kind != SW_TOKEN_NAME || !sw_tokens_is(t, 1, "=") ||
        sw_outline_top(o)->when != 0 || sw_outline_top(o)->inner ||
        o->variable_count == SW_MAX_MODULE_VARIABLES)
        return 0;
    struct sw_condition_value value = sw_condition_value(&scope, (struct sw_tokens){t.at + 2, t.count - 2});
    if (value.of.n == 0 && value.version.n == 0)
        return 0;
    o->variables = sw_arena_grow(o->arena, o->variables, o->variable_count, sizeof *o->variables);
    if (o->variables == NULL)
        return sw_fail_memory(o->error);
    o->variables[o->variable_count++] = (struct sw_outline_variable){t.at[0].text, value};
    return 0;
}

/* The block raises an exception whenever it runs. */
static int see_raise(struct sw_outline *o, struct sw_tokens t)
{
    struct sw_outline_block *body = sw_outline_top(o);
    body->raised = true;
    bool always = o->depth == 1, condition = body->when == SW_WHEN_CONDITION && body->condition.n > 0;
    if ((!always && !condition) || o->refusal_count == SW_MAX_MODULE_USES)
        return 0;
    o->refusals = sw_arena_grow(o->arena, o->refusals, o->refusal_count, sizeof *o->refusals);
    if (o->refusals == NULL)
        return sw_fail_memory(o->error);
    o->refusals[o->refusal_count++] = (struct sw_module_refusal){body->condition, t.at[0].line};
    return 0;
}

/* a = b, c = …; a: int = …; but not a: int, a += …, f(x=1) */
static int see_assignment(struct sw_outline *o, struct sw_tokens t)
{
    size_t start = 0, end = 0, first = o->name_count;
    int code = 0;
    bool annotated = false;
    for (size_t i = 0; i < t.count && code == 0; i++) {
        if (t.at[i].depth > 0 || t.at[i].kind != SW_TOKEN_SIGN)
            continue;
        if (sw_tokens_is(t, i, ":") && !annotated) {
            annotated = true;
            end = i;
        } else if (sw_tokens_is(t, i, "=")) {
            code = sw_outline_bind_targets(o, t, start, annotated ? end : i, SW_MODULE_VARIABLE);
            start = i + 1;
            annotated = false;
            const struct sw_str value = literal(t, i);
            for (size_t k = first; k < o->name_count && value.n > 0; k++)
                o->names[k].value = value;
        } else if (t.at[i].text.n > 1 && sw_str_ends(t.at[i].text, "=") && start == 0) {
            return 0;
        }
    }
    return code;
}

/* The first thing that a function does, its description excepted. */
static void see_first(struct sw_outline *o, struct sw_tokens t)
{
    struct sw_outline_block *body = sw_outline_top(o);
    if (body->function == 0 || (t.count == 1 && t.at[0].kind == SW_TOKEN_TEXT))
        return;
    o->names[body->function - 1].value = sw_signs_probe(t);
    body->function = 0;
}

static bool has_import(const struct sw_outline *o, struct sw_str module, struct sw_str name)
{
    for (size_t i = 0; i < o->import_count; i++) {
        if (o->imports[i].when == 0 && sw_str_equal(o->imports[i].module, module) &&
            sw_str_equal(o->imports[i].name, name))
            return true;
    }
    return false;
}

int sw_outline_uses(struct sw_outline *o, struct sw_tokens t)
{
    struct sw_use use;
    int code = 0;
    for (size_t at = 0; sw_outline_top(o)->when == 0 && code == 0 && o->import_count < SW_MAX_MODULE_USES &&
                        sw_uses_next(&use, &at, t);) {
        struct sw_str module = use.name.n == 0 ? use.base : sw_outline_module(o, use.base);
        if (module.n > 0 && !has_import(o, module, use.name))
            code = add_import(o, (struct sw_module_import){
                                     .module = module, .name = use.name, .line = use.line, .used = true});
    }
    return code;
}

static int see_simple(struct sw_outline *o, struct sw_tokens t)
{
    if (t.count == 0 || sw_tokens_is(t, 0, "@"))
        return 0;
    see_first(o, t);
    int code = sw_tokens_is(t, 0, "import") || sw_tokens_is(t, 0, "from") ? 0 : sw_outline_uses(o, t);
    if (code != 0)
        return code;
    if (sw_tokens_is(t, 0, "import"))
        return see_import(o, t);
    if (sw_tokens_is(t, 0, "from"))
        return see_from(o, t);
    if (sw_tokens_is(t, 0, "del"))
        return sw_outline_top(o)->when == 0 ? sw_outline_bind_targets(o, t, 1, t.count, SW_MODULE_DELETED)
                                            : 0;
    if (sw_tokens_is(t, 0, "type") && t.count > 2 && t.at[1].kind == SW_TOKEN_NAME)
        return sw_outline_bind(o, &t.at[1], SW_MODULE_VARIABLE);
    if (sw_tokens_is(t, 0, "global"))
        return see_global(o, t);
    if (sw_tokens_is(t, 0, "raise"))
        return see_raise(o, t);
    code = see_variable(o, t);
    return code == 0 ? see_assignment(o, t) : code;
}

int sw_outline_simple(struct sw_outline *o, struct sw_tokens t)
{
    int code = 0;
    size_t start = 0;
    for (size_t i = 0; i <= t.count && code == 0; i++) {
        if (i < t.count && !(sw_tokens_is(t, i, ";") && t.at[i].depth == 0))
            continue;
        code = see_simple(o, (struct sw_tokens){t.at + start, i - start});
        start = i + 1;
    }
    return code;
}
