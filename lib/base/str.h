/* Text as pointer and length, for parsers. It does not own its bytes and may hold NUL. */
#ifndef SLIPWAY_BASE_STR_H
#define SLIPWAY_BASE_STR_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sw_str {
    const char *p;
    size_t n;
};

/* A name and its value: an argument, a label, a header. Lists of pairs end with a NULL name. */
struct sw_pair {
    const char *name, *value;
};

/* For printf's "%.*s". */
#define SW_STR_FORMAT(s) ((int)(s).n), ((s).p)
#define SW_STR(literal) ((struct sw_str){"" literal, sizeof(literal) - 1})

struct sw_str sw_str_from(const char *text); /* NULL gives the empty string */
bool sw_str_is(struct sw_str s, const char *text);
bool sw_str_ends(struct sw_str s, const char *suffix);
/* Bytewise order: <0, 0, >0. */
int sw_str_compare(struct sw_str a, struct sw_str b);
/* Without ASCII white space at both ends. */
struct sw_str sw_str_trim(struct sw_str s);
/* Cut `*rest` at the first `separator`: return the text before it and leave the text behind it in `*rest`.
 * Without a separator the whole is returned and `*rest` becomes {NULL, 0}. Loop while (rest.p != NULL). */
struct sw_str sw_str_cut(struct sw_str *rest, char separator);
/* Without its first `n` bytes (n <= s.n). */
struct sw_str sw_str_drop(struct sw_str s, size_t n);
/* Index of the first `needle` in `s`, or s.n. */
size_t sw_str_find(struct sw_str s, struct sw_str needle);
/* The count of digits at the start of `s`. */
size_t sw_str_digits(struct sw_str s);

/* Return true for letters and digits of ASCII and the characters of `also`, at least one character, and no
 * '-' at the start. */
bool sw_str_is_plain(struct sw_str s, const char *also);

/* The functions that parsers call for every byte or line are inline. */
static inline bool sw_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool sw_is_alpha(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool sw_is_alnum(int c)
{
    return sw_is_digit(c) || sw_is_alpha(c);
}

/* Blank, tab, CR, LF, VT, FF. */
static inline bool sw_is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int sw_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static inline bool sw_str_equal(struct sw_str a, struct sw_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool sw_str_starts(struct sw_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

/* An unsigned decimal number without sign or blanks; false on anything else and on overflow. */
bool sw_str_to_u64(struct sw_str s, uint64_t *out);

/* Length of the valid UTF-8 sequence at the start of `s`, or 0. (Unicode 15, table 3-7.) */
size_t sw_utf8_length(struct sw_str s);
bool sw_utf8_valid(struct sw_str s);

/* Edit distance (Levenshtein with transpositions), for "did you mean"; texts over 64 bytes count as far. */
unsigned sw_str_distance(struct sw_str a, struct sw_str b);

#endif
