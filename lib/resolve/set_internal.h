/* Sets of choices for one package: its versions by their places, newest first, and behind them its absence.
 *
 * A set of a package with n versions has n + 1 bits in sw_set_words(n) words; the bits behind them are 0. With the absence as a choice
 * like any other, "not torch 2.4" is simply the complement of "torch 2.4". */
#ifndef SLIPWAY_RESOLVE_SET_INTERNAL_H
#define SLIPWAY_RESOLVE_SET_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t sw_set_words(size_t versions)
{
    return versions / 64 + 1;
}

static inline bool sw_set_has(const uint64_t *set, size_t choice)
{
    return (set[choice / 64] >> (choice % 64) & 1) != 0;
}

static inline void sw_set_add(uint64_t *set, size_t choice)
{
    set[choice / 64] |= UINT64_C(1) << (choice % 64);
}

/* Add the choices from `from` on, before `to`. */
void sw_set_add_range(uint64_t *set, size_t from, size_t to);
bool sw_set_is_empty(const uint64_t *set, size_t words);
bool sw_set_within(const uint64_t *inner, const uint64_t *outer, size_t words);
/* Return true if the choices that `a` and `b` share all are in `outer`. */
bool sw_set_both_within(const uint64_t *a, const uint64_t *b, const uint64_t *outer, size_t words);
bool sw_set_meets(const uint64_t *a, const uint64_t *b, size_t words);
/* `out` may be one of the operands. */
void sw_set_and(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words);
void sw_set_or(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words);
void sw_set_not(uint64_t *out, const uint64_t *set, size_t versions);
/* The first choice from `from` on that is in the set, or SIZE_MAX. */
size_t sw_set_next(const uint64_t *set, size_t from, size_t words);
size_t sw_set_count(const uint64_t *set, size_t words);

#endif
