/* A place in a text, shared by the parsers of this layer. Not for use outside it. */
#ifndef SLIPWAY_PYTHON_SCANNER_H
#define SLIPWAY_PYTHON_SCANNER_H

#include "base/error.h"
#include "base/str.h"

struct sw_scanner {
    struct sw_str text;
    size_t at; /* bytes read so far, at most text.n */
};

struct sw_scanner sw_scanner_over(struct sw_str text);

bool sw_scanner_ended(const struct sw_scanner *s);
/* The next byte, or '\0' at the end (a NUL in the text fits no rule either). */
char sw_scanner_peek(const struct sw_scanner *s);
/* The text that is left. */
struct sw_str sw_scanner_rest(const struct sw_scanner *s);
/* The text that was read since `start`. */
struct sw_str sw_scanner_since(const struct sw_scanner *s, size_t start);

/* Step over all blanks and tabs (PEP 508's wsp), or over all ASCII white space (PEP 440's). */
void sw_scanner_skip_blanks(struct sw_scanner *s);
void sw_scanner_skip_space(struct sw_scanner *s);
/* Step over `text` if it comes next. sw_scanner_take_word() also requires that no letter, digit or underscore
 * follows it. */
bool sw_scanner_take(struct sw_scanner *s, const char *text);
bool sw_scanner_take_word(struct sw_scanner *s, const char *word);
/* Step over digits and return them; empty if no digit comes next. */
struct sw_str sw_scanner_take_digits(struct sw_scanner *s);

/* Describe a piece of input for a message: printable, quoted, cut if it is long. Returns `out`. */
enum { SW_SHOWN_SIZE = 128 };
const char *sw_shown(char out[SW_SHOWN_SIZE], struct sw_str s);

/* SW_EINPUT at the byte `at` of the text; the column counts bytes from 1. */
int sw_scanner_fail(size_t at, struct sw_error *error, const char *format, ...) SW_PRINTF(3, 4);

#endif
