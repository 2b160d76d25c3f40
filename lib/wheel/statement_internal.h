/* Python source as logical lines of tokens (The Python Language Reference, chapter 2, Lexical analysis), for readers
 * that want its outline. Strings, comments, continuations and brackets are understood; what is no valid Python is cut
 * into tokens somehow rather than refused. */
#ifndef SLIPWAY_WHEEL_STATEMENT_INTERNAL_H
#define SLIPWAY_WHEEL_STATEMENT_INTERNAL_H

#include "base/error.h"
#include "base/str.h"

enum sw_token_kind {
    SW_TOKEN_NAME /* also keywords */,
    SW_TOKEN_TEXT /* a string or a number */,
    SW_TOKEN_SIGN
};

struct sw_token {
    enum sw_token_kind kind;
    struct sw_str
        text; /* as written; a sign has one byte, but "->", ":=", "==", "!=", "<=", ">=" and "+=" and the
                           like are one */
    unsigned depth; /* of brackets around it; a bracket itself has that outside of it */
    unsigned line;  /* from 1 */
};

struct sw_statement {
    struct sw_token *tokens; /* of a logical line; the reader's own, until the next one */
    size_t count;
    unsigned indent; /* columns, a tab going to the next multiple of 8 */
    bool cut;        /* there were more than SW_MAX_STATEMENT_TOKENS; the rest is passed over */
};

struct sw_statements {
    struct sw_str rest;
    unsigned line;
    struct sw_statement statement;
    size_t room;
};

/* `source` must outlive it. */
void sw_statements_init(struct sw_statements *s, struct sw_str source);
void sw_statements_release(struct sw_statements *s);
/* The next logical line that is not blank, or NULL at the end and without memory (SW_EENV in `error` then; its code is
 * otherwise untouched). */
const struct sw_statement *sw_statements_next(struct sw_statements *s, struct sw_error *error) SW_NODISCARD;

#endif
