#include "wheel/module.h"

#include "base/limits.h"
#include "wheel/module_condition_internal.h"
#include "wheel/module_signs_internal.h"
#include "wheel/module_uses_internal.h"

/* The imports and names in the body of a try, and its number from 1; 0: no try, or one whose failed imports a handler took. */
struct attempt {
    unsigned number;
    size_t imports, imports_end, names, names_end;
};

/* A compound statement whose body is being read; the first block is the module itself. */
struct block {
    unsigned indent; /* of its header; its body is further in */
    unsigned when;   /* for the statements in it */
    /* True in a function or class: names bound there are not the module's. */
    bool inner;
    bool is_try; /* the body of a try */
    /* The function that decides if the block runs; see struct sw_module_import. */
    struct sw_str probe;
    /* The condition of the block, if it is understood and the only condition. */
    struct sw_str condition;
    /* A handler that lets the program continue after a failed import, unless it has `raised`. */
    bool handles, raised;
    /* See struct sw_module_import. */
    unsigned instead;
    /* The place of a module's own function among the names, from 1; 0 once the function has done something
     * else. */
    size_t function;
    size_t first_import, first_name; /* of those that it has, or will have */
    /* The try that has just ended in this block, for the handlers that follow it; the try whose handler this is. */
    struct attempt ended, handled;
    unsigned try_indent;
    /* The function of an `if not function():` that has just ended in this block, and the negated condition of an if, for its else. */
    struct sw_str otherwise, otherwise_condition;
    unsigned if_indent;
};

struct variable {
    struct sw_str name;
    struct sw_condition_value value;
};

struct outline {
    struct sw_arena *arena;
    const char *file;
    struct block blocks[SW_MAX_MODULE_DEPTH];
    size_t depth; /* of blocks */
    struct sw_module_name *names;
    size_t name_count;
    struct sw_module_import *imports;
    size_t import_count;
    /* Variables with a value that conditions may ask for. */
    struct variable *variables;
    size_t variable_count;
    struct sw_module_refusal *refusals;
    size_t refusal_count;
    unsigned tries;
    bool star, changes_names, changes_modules, changes_path, adds_finder;
    struct sw_str *exports;
    size_t export_count;
    unsigned export_statements;
    bool exports_plain;
    struct sw_error *error;
};

/* A name that is gone from here on; not the header's business. */
#define DELETED ((enum sw_module_kind)(SW_MODULE_IMPORTED + 1))

/* Tokens of a simple statement, or of a header up to its colon. */
struct part {
    const struct sw_token *tokens;
    size_t count;
};

static struct block *top(struct outline *o)
{
    return &o->blocks[o->depth - 1];
}

static bool is(const struct part *part, size_t i, const char *text)
{
    return i < part->count && part->tokens[i].kind != SW_TOKEN_TEXT && sw_str_is(part->tokens[i].text, text);
}

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

static int too_much(struct outline *o, unsigned line, const char *what)
{
    return sw_fail_at(o->error, SW_EINPUT, o->file, line, 0, "%s", what);
}

static int bind_global(struct outline *o, const struct sw_token *token, enum sw_module_kind kind)
{
    if (token->kind != SW_TOKEN_NAME || is_keyword(token->text))
        return 0;
    if (o->name_count == SW_MAX_MODULE_NAMES)
        return too_much(o, token->line, "the module has too many names");
    o->names = sw_arena_grow(o->arena, o->names, o->name_count, sizeof *o->names);
    if (o->names == NULL)
        return sw_fail_memory(o->error);
    o->names[o->name_count++] =
        (struct sw_module_name){.name = token->text, .kind = kind, .when = top(o)->when, .line = token->line};
    return 0;
}

static int add_import(struct outline *o, struct sw_module_import import)
{
    if (o->import_count == SW_MAX_MODULE_NAMES)
        return too_much(o, import.line, "the module imports too much");
    o->imports = sw_arena_grow(o->arena, o->imports, o->import_count, sizeof *o->imports);
    if (o->imports == NULL)
        return sw_fail_memory(o->error);
    import.when = top(o)->when;
    import.probe = top(o)->probe;
    import.condition = import.when == SW_WHEN_CONDITION ? top(o)->condition : SW_STR("");
    import.instead = top(o)->instead;
    o->imports[o->import_count++] = import;
    return 0;
}

static int bind(struct outline *o, const struct sw_token *token, enum sw_module_kind kind)
{
    return top(o)->inner ? 0 : bind_global(o, token, kind);
}

/* Names and dots from `*i` on as one text; blanks between them are left out. */
static struct sw_str dotted(struct outline *o, const struct part *part, size_t *i)
{
    size_t first = *i, n = 0;
    while (*i < part->count && (is(part, *i, ".") || is(part, *i, "...") ||
                                (part->tokens[*i].kind == SW_TOKEN_NAME && !is(part, *i, "import") &&
                                 (*i == first || part->tokens[*i - 1].kind == SW_TOKEN_SIGN))))
        n += part->tokens[(*i)++].text.n;
    char *text = sw_arena_alloc(o->arena, n + 1);
    size_t have = 0;
    for (size_t k = first; text != NULL && k < *i; k++) {
        memcpy(text + have, part->tokens[k].text.p, part->tokens[k].text.n);
        have += part->tokens[k].text.n;
    }
    return (struct sw_str){text, text == NULL ? 0 : n};
}

/* The name behind `as`, which may come next. */
static const struct sw_token *alias(const struct part *part, size_t *i)
{
    if (!is(part, *i, "as") || *i + 1 >= part->count)
        return NULL;
    *i += 2;
    return &part->tokens[*i - 1];
}

/* import a.b as c, d */
static int see_import(struct outline *o, const struct part *part)
{
    int code = 0;
    for (size_t i = 1; i < part->count && code == 0; i++) {
        const struct sw_token *first = &part->tokens[i];
        struct sw_str module = dotted(o, part, &i);
        if (module.p == NULL)
            return sw_fail_memory(o->error);
        const struct sw_token *as = alias(part, &i);
        if (module.n == 0)
            continue;
        code = add_import(o, (struct sw_module_import){.module = module,
                                                       .as = as == NULL ? SW_STR("") : as->text,
                                                       .line = first->line});
        if (code == 0)
            code = bind(o, as == NULL ? first : as, SW_MODULE_IMPORTED);
    }
    return code;
}

/* from ..a import (b as c, d) */
static int see_from(struct outline *o, const struct part *part)
{
    size_t i = 1;
    struct sw_str module = dotted(o, part, &i);
    if (module.p == NULL)
        return sw_fail_memory(o->error);
    if (module.n == 0 || !is(part, i, "import"))
        return 0;
    int code = 0;
    for (i++; i < part->count && code == 0; i++) {
        const struct sw_token *name = &part->tokens[i];
        bool star = is(part, i, "*");
        if (name->kind != SW_TOKEN_NAME && !star)
            continue;
        i++;
        const struct sw_token *as = alias(part, &i);
        i--; /* the comma is still to come */
        o->star |= star && !top(o)->inner;
        code = add_import(o, (struct sw_module_import){.module = module,
                                                       .name = name->text,
                                                       .as = as == NULL ? SW_STR("") : as->text,
                                                       .line = name->line});
        if (code == 0)
            code = bind(o, as == NULL ? name : as, SW_MODULE_IMPORTED);
    }
    return code;
}

/* global a, b */
static int see_global(struct outline *o, const struct part *part)
{
    int code = 0;
    for (size_t i = 1; i < part->count && code == 0; i++)
        code = bind_global(o, &part->tokens[i], SW_MODULE_VARIABLE);
    return code;
}

/* The names of a target list, a, (b, *c): not those of attributes, subscripts and calls. */
static int bind_targets(struct outline *o, const struct part *part, size_t first, size_t end,
                        enum sw_module_kind kind)
{
    int code = 0;
    for (size_t i = first; i < end && code == 0; i++) {
        if (part->tokens[i].kind != SW_TOKEN_NAME)
            continue;
        bool attribute = i > first && is(part, i - 1, ".");
        bool more = i + 1 < end && (is(part, i + 1, ".") || is(part, i + 1, "[") || is(part, i + 1, "("));
        if (!attribute && !more)
            code = bind(o, &part->tokens[i], kind);
        if (i + 1 < end && (is(part, i + 1, "[") || is(part, i + 1, "("))) { /* pass over the subscript */
            unsigned depth = part->tokens[i + 1].depth;
            for (i += 2; i < end && part->tokens[i].depth > depth; i++)
                continue;
        }
    }
    return code;
}

/* The single literal behind the last `=` at `i`; empty for anything else. */
static struct sw_str literal(const struct part *part, size_t i)
{
    if (i + 2 != part->count)
        return SW_STR("");
    const struct sw_token *token = &part->tokens[i + 1];
    struct sw_str text = token->text;
    if (token->kind == SW_TOKEN_NAME)
        return is(part, i + 1, "None") || is(part, i + 1, "True") || is(part, i + 1, "False") ? text
                                                                                              : SW_STR("");
    if (token->kind != SW_TOKEN_TEXT || sw_is_digit((unsigned char)text.p[0]))
        return token->kind == SW_TOKEN_TEXT ? text : SW_STR("");
    if (strchr("'\"", text.p[0]) == NULL) /* it has a prefix */
        return SW_STR("");
    size_t quotes = text.n >= 6 && text.p[1] == text.p[0] && text.p[2] == text.p[0] ? 3 : 1;
    return text.n < 2 * quotes ? SW_STR("") : (struct sw_str){text.p + quotes, text.n - 2 * quotes};
}

/* ---- conditions ---- */

/* The module that a name stands for since an unconditional import; empty if it is none. */
static struct sw_str module_of(const struct outline *o, struct sw_str name)
{
    for (size_t i = 0; i < o->import_count; i++) {
        const struct sw_module_import *import = &o->imports[i];
        struct sw_str rest = import->module, first = sw_str_cut(&rest, '.');
        if (import->name.n > 0 || import->when != 0 || import->used || first.n == 0)
            continue;
        if (sw_str_equal(import->as.n > 0 ? import->as : first, name))
            return import->as.n > 0 ? import->module : first;
    }
    return SW_STR("");
}

static struct sw_str scope_module(void *self, struct sw_str name)
{
    return module_of(self, name);
}

static struct sw_condition_value scope_value(void *self, struct sw_str name)
{
    const struct outline *o = self;
    struct sw_condition_value value = {{NULL, 0}, {NULL, 0}};
    size_t places = 0;
    for (size_t i = 0; i < o->variable_count; i++)
        value = sw_str_equal(o->variables[i].name, name) ? o->variables[i].value : value;
    for (size_t i = 0; i < o->name_count && (value.of.n > 0 || value.version.n > 0); i++)
        places += sw_str_equal(o->names[i].name, name);
    return places == 1 ? value : (struct sw_condition_value){{NULL, 0}, {NULL, 0}};
}

static struct sw_condition_scope scope_of(struct outline *o)
{
    return (struct sw_condition_scope){
        .arena = o->arena, .self = o, .module_of = scope_module, .value_of = scope_value};
}

/* name = value, if a condition may ask for the value */
static int see_variable(struct outline *o, const struct part *part)
{
    const struct sw_condition_scope scope = scope_of(o);
    if (part->count < 3 || part->tokens[0].kind != SW_TOKEN_NAME || !is(part, 1, "=") || top(o)->when != 0 ||
        top(o)->inner || o->variable_count == SW_MAX_MODULE_VARIABLES)
        return 0;
    struct sw_condition_value value = sw_condition_value(&scope, part->tokens + 2, part->count - 2);
    if (value.of.n == 0 && value.version.n == 0)
        return 0;
    o->variables = sw_arena_grow(o->arena, o->variables, o->variable_count, sizeof *o->variables);
    if (o->variables == NULL)
        return sw_fail_memory(o->error);
    o->variables[o->variable_count++] = (struct variable){part->tokens[0].text, value};
    return 0;
}

/* The block raises an exception whenever it runs. */
static int see_raise(struct outline *o, const struct part *part)
{
    struct block *body = top(o);
    body->raised = true;
    bool always = o->depth == 1, condition = body->when == SW_WHEN_CONDITION && body->condition.n > 0;
    if ((!always && !condition) || o->refusal_count == SW_MAX_MODULE_USES)
        return 0;
    o->refusals = sw_arena_grow(o->arena, o->refusals, o->refusal_count, sizeof *o->refusals);
    if (o->refusals == NULL)
        return sw_fail_memory(o->error);
    o->refusals[o->refusal_count++] = (struct sw_module_refusal){body->condition, part->tokens[0].line};
    return 0;
}

/* a = b, c = …; a: int = …; but not a: int, a += …, f(x=1) */
static int see_assignment(struct outline *o, const struct part *part)
{
    size_t start = 0, end = 0, first = o->name_count;
    int code = 0;
    bool annotated = false;
    for (size_t i = 0; i < part->count && code == 0; i++) {
        if (part->tokens[i].depth > 0 || part->tokens[i].kind != SW_TOKEN_SIGN)
            continue;
        if (is(part, i, ":") && !annotated) {
            annotated = true;
            end = i;
        } else if (is(part, i, "=")) {
            code = bind_targets(o, part, start, annotated ? end : i, SW_MODULE_VARIABLE);
            start = i + 1;
            annotated = false;
            const struct sw_str value = literal(part, i);
            for (size_t k = first; k < o->name_count && value.n > 0; k++)
                o->names[k].value = value;
        } else if (part->tokens[i].text.n > 1 && sw_str_ends(part->tokens[i].text, "=") && start == 0) {
            return 0;
        }
    }
    return code;
}

/* The first thing that a function does, its description excepted. */
static void see_first(struct outline *o, const struct part *part)
{
    struct block *body = top(o);
    if (body->function == 0 || (part->count == 1 && part->tokens[0].kind == SW_TOKEN_TEXT))
        return;
    o->names[body->function - 1].value = sw_signs_probe(part->tokens, part->count);
    body->function = 0;
}

static bool has_import(const struct outline *o, struct sw_str module, struct sw_str name)
{
    for (size_t i = 0; i < o->import_count; i++) {
        if (o->imports[i].when == 0 && sw_str_equal(o->imports[i].module, module) &&
            sw_str_equal(o->imports[i].name, name))
            return true;
    }
    return false;
}

/* A statement that runs with the module uses names of other modules: these count as imported. */
static int see_uses(struct outline *o, const struct sw_token *tokens, size_t count)
{
    struct sw_use use;
    int code = 0;
    for (size_t at = 0; top(o)->when == 0 && code == 0 && o->import_count < SW_MAX_MODULE_USES &&
                        sw_uses_next(&use, &at, tokens, count);) {
        struct sw_str module = use.name.n == 0 ? use.base : module_of(o, use.base);
        if (module.n > 0 && !has_import(o, module, use.name))
            code = add_import(o, (struct sw_module_import){
                                     .module = module, .name = use.name, .line = use.line, .used = true});
    }
    return code;
}

static int see_simple(struct outline *o, struct part part)
{
    if (part.count == 0 || is(&part, 0, "@"))
        return 0;
    see_first(o, &part);
    int code = is(&part, 0, "import") || is(&part, 0, "from") ? 0 : see_uses(o, part.tokens, part.count);
    if (code != 0)
        return code;
    if (is(&part, 0, "import"))
        return see_import(o, &part);
    if (is(&part, 0, "from"))
        return see_from(o, &part);
    if (is(&part, 0, "del"))
        return top(o)->when == 0 ? bind_targets(o, &part, 1, part.count, DELETED) : 0;
    if (is(&part, 0, "type") && part.count > 2 && part.tokens[1].kind == SW_TOKEN_NAME)
        return bind(o, &part.tokens[1], SW_MODULE_VARIABLE);
    if (is(&part, 0, "global"))
        return see_global(o, &part);
    if (is(&part, 0, "raise"))
        return see_raise(o, &part);
    code = see_variable(o, &part);
    return code == 0 ? see_assignment(o, &part) : code;
}

/* Return true if a handler (or suppress) takes a failed import; without `module`, also if the handler takes the use of a
 * missing name alone. */
static bool catches_import_error(const struct part *part, size_t first, bool module)
{
    static const char *const caught[] = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException",
                                         "AttributeError"};
    const size_t count = SW_COUNT(caught) - module;
    bool names = false;
    for (size_t i = first; i < part->count && !is(part, i, "as"); i++) {
        names |= part->tokens[i].kind == SW_TOKEN_NAME;
        for (size_t k = 0; k < count; k++) {
            if (is(part, i, caught[k]))
                return true;
        }
    }
    return !names; /* a bare except */
}

static bool names(const struct part *part, const char *text)
{
    for (size_t i = 0; i < part->count; i++) {
        if (is(part, i, text))
            return true;
    }
    return false;
}

/* A handler that goes on after a failed import guards all that the try before it has. */
static void guard(struct outline *o, const struct block *handler)
{
    const struct attempt *attempt = &handler->handled;
    for (size_t i = attempt->imports; i < attempt->imports_end; i++) {
        struct sw_module_import *import = &o->imports[i];
        if (import->when == 0 && handler->when == SW_WHEN_FALLBACK) /* and no inner try guards it */
            import->attempt = attempt->number;
        import->when |= SW_WHEN_GUARDED;
    }
    for (size_t i = attempt->names; i < attempt->names_end; i++)
        o->names[i].when |= SW_WHEN_GUARDED;
}

/* The first handler that takes a failed import decides, at its own end, whether the import is guarded. */
static void see_handler(struct outline *o, const struct part *part, struct block *body)
{
    struct block *around = top(o);
    body->when |= SW_WHEN_FALLBACK;
    if (around->try_indent != body->indent || around->ended.number == 0 ||
        !catches_import_error(part, 1, false))
        return;
    body->handled = around->ended;
    body->handles = catches_import_error(part, 1, true);
    body->instead = body->handles && body->when == SW_WHEN_FALLBACK ? body->handled.number : 0;
    if (body->handles)
        around->ended.number = 0;
    else
        guard(o, body);
}

static int see_with(struct outline *o, const struct part *part, struct block *body)
{
    int code = 0;
    /* A context manager may go on after an exception. */
    if (!names(part, "catch_warnings") && (!names(part, "suppress") || catches_import_error(part, 1, false)))
        body->when |= SW_WHEN_GUARDED;
    for (size_t i = 1; i + 1 < part->count && code == 0; i++)
        code = is(part, i, "as") ? bind_targets(o, part, i + 1, i + 2, SW_MODULE_VARIABLE) : 0;
    return code;
}

static int see_for(struct outline *o, const struct part *part)
{
    size_t in = 1;
    while (in < part->count && !(is(part, in, "in") && part->tokens[in].depth == 0))
        in++;
    return bind_targets(o, part, 1, in, SW_MODULE_VARIABLE);
}

static int see_definition(struct outline *o, const struct part *part, struct block *body)
{
    bool class = is(part, 0, "class");
    size_t before = o->name_count, begin = 0, end;
    body->inner = true;
    body->when |= class ? 0U : SW_WHEN_CALLED;
    int code = part->count < 2 ? 0 : bind(o, &part->tokens[1], class ? SW_MODULE_CLASS : SW_MODULE_FUNCTION);
    if (class && code == 0)
        code = see_uses(o, part->tokens, part->count);
    while (!class && code == 0 && (end = sw_uses_default(&begin, part->tokens, part->count)) > 0)
        code = see_uses(o, part->tokens + begin, end - begin);
    if (!class && o->name_count > before)
        body->function = o->name_count;
    return code;
}

/* The function that an if of the module's own level, or its else, hangs on. */
static void see_condition(struct outline *o, const struct part *part, struct block *body)
{
    struct block *around = top(o);
    bool negated = false;
    if (is(part, 0, "else") && around->if_indent == body->indent) {
        body->probe = around->otherwise;
        body->condition = around->otherwise_condition;
    }
    around->otherwise = around->otherwise_condition = SW_STR("");
    if (!is(part, 0, "if") || o->depth > 1)
        return;
    const struct sw_condition_scope scope = scope_of(o);
    body->condition = sw_condition_read(&scope, part->tokens, part->count);
    around->otherwise_condition = sw_condition_negated(&scope, body->condition);
    struct sw_str function = sw_signs_condition(&negated, part->tokens, part->count);
    *(negated ? &around->otherwise : &body->probe) = function;
    around->if_indent = body->indent;
}

/* Read the header of a compound statement into its body's block; the names that the header binds are bound in
 * the block around it. */
static int see_header(struct outline *o, struct part part, struct block *body)
{
    if (is(&part, 0, "async"))
        part = (struct part){part.tokens + 1, part.count - 1};
    see_condition(o, &part, body);
    top(o)->function = 0;
    if (is(&part, 0, "class") || is(&part, 0, "def"))
        return see_definition(o, &part, body);
    if (is(&part, 0, "with"))
        return see_with(o, &part, body);
    if (is(&part, 0, "try"))
        body->is_try = true;
    else if (is(&part, 0, "except"))
        see_handler(o, &part, body);
    else if (is(&part, 0, "if") && names(&part, "TYPE_CHECKING") && !names(&part, "not"))
        body->when |= SW_WHEN_TYPING;
    else if (!is(&part, 0, "finally"))
        body->when |= SW_WHEN_CONDITION;
    return is(&part, 0, "for") ? see_for(o, &part) : 0;
}

static bool opens_block(const struct part *part)
{
    static const char *const headers[] = {"async", "class", "def", "elif", "else",  "except", "finally",
                                          "for",   "if",    "try", "with", "while", "match",  "case"};
    for (size_t i = 0; i < SW_COUNT(headers); i++) {
        if (is(part, 0, headers[i]))
            return true;
    }
    return false;
}

/* The colon that ends a header: the first outside of brackets that is no lambda's. */
static size_t header_end(const struct part *part)
{
    size_t lambdas = 0;
    for (size_t i = 0; i < part->count; i++) {
        if (part->tokens[i].depth > 0)
            continue;
        if (is(part, i, "lambda"))
            lambdas++;
        else if (is(part, i, ":") && lambdas == 0)
            return i;
        else if (is(part, i, ":"))
            lambdas--;
    }
    return part->count;
}

static int see_simple_list(struct outline *o, struct part part)
{
    int code = 0;
    size_t start = 0;
    for (size_t i = 0; i <= part.count && code == 0; i++) {
        if (i < part.count && !(is(&part, i, ";") && part.tokens[i].depth == 0))
            continue;
        code = see_simple(o, (struct part){part.tokens + start, i - start});
        start = i + 1;
    }
    return code;
}

/* End the blocks that a line at this indent is no longer in. */
static void leave(struct outline *o, unsigned indent)
{
    while (o->depth > 1 && top(o)->indent >= indent) {
        const struct block ended = *top(o);
        o->depth--;
        struct block *around = top(o);
        if (ended.handles && !ended.raised)
            guard(o, &ended);
        if (ended.is_try) {
            around->try_indent = ended.indent;
            around->ended = (struct attempt){.number = ++o->tries,
                                             .imports = ended.first_import,
                                             .imports_end = o->import_count,
                                             .names = ended.first_name,
                                             .names_end = o->name_count};
        }
    }
}

/* Keep the names of a plain __all__; any second statement about __all__ makes them uncertain. */
static int see_exports(struct outline *o, const struct part *part)
{
    bool plain = false;
    if (!sw_signs_exports(&plain, part->tokens, part->count))
        return 0;
    o->exports_plain = plain && ++o->export_statements == 1 && o->depth == 1;
    o->export_statements += !plain;
    for (size_t i = 3; o->exports_plain && i + 1 < part->count; i += 2) {
        o->exports = sw_arena_grow(o->arena, o->exports, o->export_count, sizeof *o->exports);
        if (o->exports == NULL)
            return sw_fail_memory(o->error);
        o->exports[o->export_count++] = sw_signs_text(&part->tokens[i]);
    }
    return 0;
}

static int see_statement(struct outline *o, const struct sw_statement *statement)
{
    struct part part = {statement->tokens, statement->count};
    leave(o, statement->indent);
    int seen = see_exports(o, &part);
    if (seen != 0)
        return seen;
    o->changes_names = o->changes_names ||
                       sw_signs_change_names(part.tokens, part.count, top(o)->inner || is(&part, 0, "def"));
    o->changes_modules = o->changes_modules || sw_signs_change_modules(part.tokens, part.count);
    o->changes_path = o->changes_path || sw_signs_change_path(part.tokens, part.count);
    o->adds_finder = o->adds_finder || sw_signs_add_finder(part.tokens, part.count);
    size_t end = opens_block(&part) ? header_end(&part) : part.count;
    bool soft = is(&part, 0, "match") || is(&part, 0, "case"); /* these are names as well */
    if (end == part.count || (soft && (end == 1 || (end + 1 < part.count && !is(&part, 0, "case")))))
        return see_simple_list(o, part);
    const struct block *around = top(o);
    struct block body = {.indent = statement->indent,
                         .when = around->when,
                         .inner = around->inner,
                         .instead = around->instead,
                         .first_import = o->import_count,
                         .first_name = o->name_count};
    int code = see_header(o, (struct part){part.tokens, end}, &body);
    if (code != 0)
        return code;
    if (o->depth == SW_MAX_MODULE_DEPTH)
        return too_much(o, part.tokens[0].line, "the module's blocks are nested too deeply");
    o->blocks[o->depth++] = body;
    return end + 1 < part.count
               ? see_simple_list(o, (struct part){part.tokens + end + 1, part.count - end - 1})
               : 0;
}

static int by_place(const void *a, const void *b)
{
    const struct sw_module_name *one = a, *other = b;
    int order = sw_str_compare(one->name, other->name);
    if (order == 0)
        order = (one->line > other->line) - (one->line < other->line);
    return order != 0 ? order : (one->kind == DELETED) - (other->kind == DELETED);
}

/* Sort, and keep of each name that is not deleted the first place that binds it when the program runs. */
static size_t keep_first(struct sw_module_name *names, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(names, count, sizeof *names, by_place);
    for (size_t i = 0, end = 0; i < count; i = end) {
        size_t first = i;
        for (end = i; end < count && sw_str_equal(names[end].name, names[i].name); end++) {
            if ((names[first].when & SW_WHEN_TYPING) != 0 && (names[end].when & SW_WHEN_TYPING) == 0)
                first = end;
        }
        if (names[end - 1].kind != DELETED)
            names[kept++] = names[first];
    }
    return kept;
}

static int read_all(struct outline *o, struct sw_statements *statements)
{
    struct sw_error lost = {.code = SW_OK};
    for (;;) {
        const struct sw_statement *statement = sw_statements_next(statements, &lost);
        if (statement == NULL)
            return lost.code == SW_OK ? 0 : sw_fail_memory(o->error);
        int code = see_statement(o, statement);
        if (code != 0)
            return code;
    }
}

int sw_module_read(struct sw_module *out, struct sw_arena *arena, struct sw_str source, const char *file,
                   struct sw_error *error)
{
    struct outline *o = calloc(1, sizeof *o);
    if (o == NULL)
        return sw_fail_memory(error);
    o->arena = arena;
    o->file = file;
    o->error = error;
    o->depth = 1;
    struct sw_statements statements;
    sw_statements_init(&statements, source);
    int code = read_all(o, &statements);
    sw_statements_release(&statements);
    leave(o, 0);
    if (code == 0) {
        size_t count = keep_first(o->names, o->name_count);
        *out = (struct sw_module){.names = o->names,
                                  .name_count = count,
                                  .imports = o->imports,
                                  .import_count = o->import_count,
                                  .star = o->star,
                                  .refusals = o->refusals,
                                  .refusal_count = o->refusal_count,
                                  .changes_names = o->changes_names,
                                  .changes_modules = o->changes_modules,
                                  .exports = o->exports,
                                  .export_count = o->export_count,
                                  .exports_known = o->exports_plain,
                                  .changes_path = o->changes_path,
                                  .adds_finder = o->adds_finder};
        out->dynamic = sw_module_find(out, SW_STR("__getattr__")) != NULL;
    }
    free(o);
    return code;
}

const struct sw_module_name *sw_module_find(const struct sw_module *module, struct sw_str name)
{
    size_t low = 0, high = module->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sw_str_compare(module->names[middle].name, name);
        if (order == 0)
            return (module->names[middle].when & SW_WHEN_TYPING) == 0 ? &module->names[middle] : NULL;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *sw_module_kind_text(enum sw_module_kind kind)
{
    static const char *const texts[] = {"function", "class", "variable", "import"};
    return texts[kind];
}
