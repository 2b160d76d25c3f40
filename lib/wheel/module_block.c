#include "wheel/module_internal.h"

#include "wheel/module_signs_internal.h"
#include "wheel/module_uses_internal.h"

/* Return true if a handler (or suppress) takes a failed import; without `module`, also if the handler takes the use of a
 * missing name alone. */
static bool catches_import_error(struct sw_tokens t, size_t first, bool module)
{
    static const char *const caught[] = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException",
                                         "AttributeError"};
    const size_t count = SW_COUNT(caught) - module;
    bool names = false;
    for (size_t i = first; i < t.count && !sw_tokens_is(t, i, "as"); i++) {
        names |= t.at[i].kind == SW_TOKEN_NAME;
        for (size_t k = 0; k < count; k++) {
            if (sw_tokens_is(t, i, caught[k]))
                return true;
        }
    }
    return !names; /* a bare except */
}

static bool names(struct sw_tokens t, const char *text)
{
    for (size_t i = 0; i < t.count; i++) {
        if (sw_tokens_is(t, i, text))
            return true;
    }
    return false;
}

/* A handler that goes on after a failed import guards all that the try before it has. */
static void guard(struct sw_outline *o, const struct sw_outline_block *handler)
{
    const struct sw_outline_attempt *attempt = &handler->handled;
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
static void see_handler(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body)
{
    struct sw_outline_block *around = sw_outline_top(o);
    body->when |= SW_WHEN_FALLBACK;
    if (around->try_indent != body->indent || around->ended.number == 0 || !catches_import_error(t, 1, false))
        return;
    body->handled = around->ended;
    body->handles = catches_import_error(t, 1, true);
    body->instead = body->handles && body->when == SW_WHEN_FALLBACK ? body->handled.number : 0;
    if (body->handles)
        around->ended.number = 0;
    else
        guard(o, body);
}

static int see_with(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body)
{
    int code = 0;
    /* A context manager may go on after an exception. */
    if (!names(t, "catch_warnings") && (!names(t, "suppress") || catches_import_error(t, 1, false)))
        body->when |= SW_WHEN_GUARDED;
    for (size_t i = 1; i + 1 < t.count && code == 0; i++)
        code = sw_tokens_is(t, i, "as") ? sw_outline_bind_targets(o, t, i + 1, i + 2, SW_MODULE_VARIABLE) : 0;
    return code;
}

static int see_for(struct sw_outline *o, struct sw_tokens t)
{
    size_t in = 1;
    while (in < t.count && !(sw_tokens_is(t, in, "in") && t.at[in].depth == 0))
        in++;
    return sw_outline_bind_targets(o, t, 1, in, SW_MODULE_VARIABLE);
}

static int see_definition(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body)
{
    bool class = sw_tokens_is(t, 0, "class");
    size_t before = o->name_count, begin = 0, end;
    body->inner = true;
    body->when |= class ? 0U : SW_WHEN_CALLED;
    int code = t.count < 2 ? 0 : sw_outline_bind(o, &t.at[1], class ? SW_MODULE_CLASS : SW_MODULE_FUNCTION);
    if (class && code == 0)
        code = sw_outline_uses(o, t);
    while (!class && code == 0 && (end = sw_uses_default(&begin, t)) > 0)
        code = sw_outline_uses(o, (struct sw_tokens){t.at + begin, end - begin});
    if (!class && o->name_count > before)
        body->function = o->name_count;
    return code;
}

/* The function that an if of the module's own level, or its else, hangs on. */
static void see_condition(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body)
{
    struct sw_outline_block *around = sw_outline_top(o);
    bool negated = false;
    if (sw_tokens_is(t, 0, "else") && around->if_indent == body->indent) {
        body->probe = around->otherwise;
        body->condition = around->otherwise_condition;
    }
    around->otherwise = around->otherwise_condition = SW_STR("");
    if (!sw_tokens_is(t, 0, "if") || o->depth > 1)
        return;
    const struct sw_condition_scope scope = sw_outline_scope(o);
    body->condition = sw_condition_read(&scope, t);
    around->otherwise_condition = sw_condition_negated(&scope, body->condition);
    struct sw_str function = sw_signs_condition(&negated, t);
    *(negated ? &around->otherwise : &body->probe) = function;
    around->if_indent = body->indent;
}

int sw_outline_header(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body)
{
    if (sw_tokens_is(t, 0, "async"))
        t = (struct sw_tokens){t.at + 1, t.count - 1};
    see_condition(o, t, body);
    sw_outline_top(o)->function = 0;
    if (sw_tokens_is(t, 0, "class") || sw_tokens_is(t, 0, "def"))
        return see_definition(o, t, body);
    if (sw_tokens_is(t, 0, "with"))
        return see_with(o, t, body);
    if (sw_tokens_is(t, 0, "try"))
        body->is_try = true;
    else if (sw_tokens_is(t, 0, "except"))
        see_handler(o, t, body);
    else if (sw_tokens_is(t, 0, "if") && names(t, "TYPE_CHECKING") && !names(t, "not"))
        body->when |= SW_WHEN_TYPING;
    else if (!sw_tokens_is(t, 0, "finally"))
        body->when |= SW_WHEN_CONDITION;
    return sw_tokens_is(t, 0, "for") ? see_for(o, t) : 0;
}

bool sw_outline_opens(struct sw_tokens t)
{
    static const char *const headers[] = {"async", "class", "def", "elif", "else",  "except", "finally",
                                          "for",   "if",    "try", "with", "while", "match",  "case"};
    for (size_t i = 0; i < SW_COUNT(headers); i++) {
        if (sw_tokens_is(t, 0, headers[i]))
            return true;
    }
    return false;
}

size_t sw_outline_header_end(struct sw_tokens t)
{
    size_t lambdas = 0;
    for (size_t i = 0; i < t.count; i++) {
        if (t.at[i].depth > 0)
            continue;
        if (sw_tokens_is(t, i, "lambda"))
            lambdas++;
        else if (sw_tokens_is(t, i, ":") && lambdas == 0)
            return i;
        else if (sw_tokens_is(t, i, ":"))
            lambdas--;
    }
    return t.count;
}

void sw_outline_leave(struct sw_outline *o, unsigned indent)
{
    while (o->depth > 1 && sw_outline_top(o)->indent >= indent) {
        const struct sw_outline_block ended = *sw_outline_top(o);
        o->depth--;
        struct sw_outline_block *around = sw_outline_top(o);
        if (ended.handles && !ended.raised)
            guard(o, &ended);
        if (ended.is_try) {
            around->try_indent = ended.indent;
            around->ended = (struct sw_outline_attempt){.number = ++o->tries,
                                                        .imports = ended.first_import,
                                                        .imports_end = o->import_count,
                                                        .names = ended.first_name,
                                                        .names_end = o->name_count};
        }
    }
}
