/* The outline of a module while it is being read: module.c reads statements, module_simple.c those without a block, module_block.c
 * the headers of blocks and their ends, module_scope.c the meaning of names. */
#ifndef SLIPWAY_WHEEL_MODULE_INTERNAL_H
#define SLIPWAY_WHEEL_MODULE_INTERNAL_H

#include "base/limits.h"
#include "wheel/module.h"
#include "wheel/module_condition_internal.h"

/* The imports and names in the body of a try, and its number from 1; 0: no try, or one whose failed imports a handler took. */
struct sw_outline_attempt {
    unsigned number;
    size_t imports, imports_end, names, names_end;
};

/* A compound statement whose body is being read; the first block is the module itself. */
struct sw_outline_block {
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
    struct sw_outline_attempt ended, handled;
    unsigned try_indent;
    /* The function of an `if not function():` that has just ended in this block, and the negated condition of an if, for its else. */
    struct sw_str otherwise, otherwise_condition;
    unsigned if_indent;
};

struct sw_outline_variable {
    struct sw_str name;
    struct sw_condition_value value;
};

struct sw_outline {
    struct sw_arena *arena;
    const char *file;
    struct sw_outline_block blocks[SW_MAX_MODULE_DEPTH];
    size_t depth; /* of blocks */
    struct sw_module_name *names;
    size_t name_count;
    struct sw_module_import *imports;
    size_t import_count;
    /* Variables with a value that conditions may ask for. */
    struct sw_outline_variable *variables;
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

/* The kind of a name that `del` takes away: struct sw_module never has such a name. */
#define SW_MODULE_DELETED ((enum sw_module_kind)(SW_MODULE_IMPORTED + 1))

/* The block that is being read. */
struct sw_outline_block *sw_outline_top(struct sw_outline *o);
/* Fail, since the module exceeds a limit at a line. */
int sw_outline_too_much(struct sw_outline *o, unsigned line, const char *what) SW_NODISCARD;
/* Bind a name in the block that is being read: only a block of the module's own level gives the module names. */
int sw_outline_bind(struct sw_outline *o, const struct sw_token *token,
                    enum sw_module_kind kind) SW_NODISCARD;
/* Bind the names of a target list, a, (b, *c): not those of attributes, subscripts and calls. */
int sw_outline_bind_targets(struct sw_outline *o, struct sw_tokens t, size_t first, size_t end,
                            enum sw_module_kind kind) SW_NODISCARD;
/* A statement that runs with the module uses names of other modules: these count as imported. */
int sw_outline_uses(struct sw_outline *o, struct sw_tokens t) SW_NODISCARD;
/* Read simple statements with semicolons between them. */
int sw_outline_simple(struct sw_outline *o, struct sw_tokens t) SW_NODISCARD;

/* The module that a name stands for since an unconditional import; empty if it is none. */
struct sw_str sw_outline_module(const struct sw_outline *o, struct sw_str name);
/* The names that conditions may use. */
struct sw_condition_scope sw_outline_scope(struct sw_outline *o);

/* Return true if the statement begins as a compound statement does. */
bool sw_outline_opens(struct sw_tokens t);
/* The colon that ends a header: the first outside of brackets that is no lambda's. */
size_t sw_outline_header_end(struct sw_tokens t);
/* Read the header of a compound statement into its body's block; the names that the header binds are bound in
 * the block around it. */
int sw_outline_header(struct sw_outline *o, struct sw_tokens t, struct sw_outline_block *body) SW_NODISCARD;
/* End the blocks that a line at this indent is no longer in. */
void sw_outline_leave(struct sw_outline *o, unsigned indent);

#endif
