#include "wheel/module_internal.h"

#include "wheel/module_signs_internal.h"

/* Keep the names of a plain __all__; any second statement about __all__ makes them uncertain. */
static int see_exports(struct sw_outline *o, struct sw_tokens t)
{
    bool plain = false;
    if (!sw_signs_exports(&plain, t))
        return 0;
    o->exports_plain = plain && ++o->export_statements == 1 && o->depth == 1;
    o->export_statements += !plain;
    for (size_t i = 3; o->exports_plain && i + 1 < t.count; i += 2) {
        o->exports = sw_arena_grow(o->arena, o->exports, o->export_count, sizeof *o->exports);
        if (o->exports == NULL)
            return sw_fail_memory(o->error);
        o->exports[o->export_count++] = sw_signs_text(&t.at[i]);
    }
    return 0;
}

static int see_statement(struct sw_outline *o, const struct sw_statement *statement)
{
    struct sw_tokens t = {statement->tokens, statement->count};
    sw_outline_leave(o, statement->indent);
    int seen = see_exports(o, t);
    if (seen != 0)
        return seen;
    o->changes_names =
        o->changes_names || sw_signs_change_names(t, sw_outline_top(o)->inner || sw_tokens_is(t, 0, "def"));
    o->changes_modules = o->changes_modules || sw_signs_change_modules(t);
    o->changes_path = o->changes_path || sw_signs_change_path(t);
    o->adds_finder = o->adds_finder || sw_signs_add_finder(t);
    size_t end = sw_outline_opens(t) ? sw_outline_header_end(t) : t.count;
    bool soft = sw_tokens_is(t, 0, "match") || sw_tokens_is(t, 0, "case"); /* these are names as well */
    if (end == t.count || (soft && (end == 1 || (end + 1 < t.count && !sw_tokens_is(t, 0, "case")))))
        return sw_outline_simple(o, t);
    const struct sw_outline_block *around = sw_outline_top(o);
    struct sw_outline_block body = {.indent = statement->indent,
                                    .when = around->when,
                                    .inner = around->inner,
                                    .instead = around->instead,
                                    .first_import = o->import_count,
                                    .first_name = o->name_count};
    int code = sw_outline_header(o, (struct sw_tokens){t.at, end}, &body);
    if (code != 0)
        return code;
    if (o->depth == SW_MAX_MODULE_DEPTH)
        return sw_outline_too_much(o, t.at[0].line, "the module's blocks are nested too deeply");
    o->blocks[o->depth++] = body;
    return end + 1 < t.count ? sw_outline_simple(o, (struct sw_tokens){t.at + end + 1, t.count - end - 1})
                             : 0;
}

static int by_place(const void *a, const void *b)
{
    const struct sw_module_name *one = a, *other = b;
    int order = sw_str_compare(one->name, other->name);
    if (order == 0)
        order = (one->line > other->line) - (one->line < other->line);
    return order != 0 ? order : (one->kind == SW_MODULE_DELETED) - (other->kind == SW_MODULE_DELETED);
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
        if (names[end - 1].kind != SW_MODULE_DELETED)
            names[kept++] = names[first];
    }
    return kept;
}

static int read_all(struct sw_outline *o, struct sw_statements *statements)
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
    struct sw_outline *o = calloc(1, sizeof *o);
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
    sw_outline_leave(o, 0);
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
