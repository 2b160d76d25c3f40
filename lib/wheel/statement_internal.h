/* Python source as logical lines of tokens (The Python Language Reference, chapter 2, Lexical analysis), for
 * readers that want its outline. Strings, comments, continuations and brackets are understood; text that is
 * not valid Python is cut into tokens somehow rather than refused. */
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
    /* The token as written. A sign has one byte, but "->", ":=", "==", "!=", "<=", ">=" and the like of "+="
     * are single tokens. */
    struct sw_str text;
    /* The depth of brackets around the token; a bracket itself has the depth outside of it. */
    unsigned depth;
    unsigned line; /* from 1 */
};

/* Some tokens of a logical line. */
struct sw_tokens {
    const struct sw_token *at;
    size_t count;
};

struct sw_statement {
    /* The tokens of a logical line, in the reader's own memory, valid until the next line. */
    struct sw_token *tokens;
    size_t count;
    /* In columns; a tab goes to the next multiple of 8. */
    unsigned indent;
    /* The line had more than SW_MAX_STATEMENT_TOKENS; the rest was passed over. */
    bool cut;
};

struct sw_statements {
    struct sw_str rest;
    unsigned line;
    struct sw_statement statement;
    size_t room;
};

/* Return true if the tokens have this name or sign at a place; false for a string or number, and behind the last token. */
bool sw_tokens_is(struct sw_tokens t, size_t i, const char *text);

/* `source` must outlive it. */
void sw_statements_init(struct sw_statements *s, struct sw_str source);
void sw_statements_release(struct sw_statements *s);
/* The next logical line that is not blank, or NULL at the end and without memory (SW_EENV in `error` then; its code is
 * otherwise untouched). */
const struct sw_statement *sw_statements_next(struct sw_statements *s, struct sw_error *error) SW_NODISCARD;

#endif
