#include "resolve/set_internal.h"

void sw_set_add_range(uint64_t *set, size_t from, size_t to)
{
    while (from < to && from % 64 != 0)
        sw_set_add(set, from++);
    for (; to - from >= 64 && from < to; from += 64)
        set[from / 64] = UINT64_MAX;
    while (from < to)
        sw_set_add(set, from++);
}

bool sw_set_is_empty(const uint64_t *set, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if (set[i] != 0)
            return false;
    }
    return true;
}

bool sw_set_within(const uint64_t *inner, const uint64_t *outer, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if ((inner[i] & ~outer[i]) != 0)
            return false;
    }
    return true;
}

bool sw_set_both_within(const uint64_t *a, const uint64_t *b, const uint64_t *outer, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if ((a[i] & b[i] & ~outer[i]) != 0)
            return false;
    }
    return true;
}

bool sw_set_meets(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if ((a[i] & b[i]) != 0)
            return true;
    }
    return false;
}

void sw_set_and(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t i = 0; i < words; i++)
        out[i] = a[i] & b[i];
}

void sw_set_or(uint64_t *out, const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t i = 0; i < words; i++)
        out[i] = a[i] | b[i];
}

void sw_set_not(uint64_t *out, const uint64_t *set, size_t versions)
{
    size_t words = sw_set_words(versions);
    for (size_t i = 0; i < words; i++)
        out[i] = ~set[i];
    unsigned kept = (unsigned)(versions % 64) + 1;
    if (kept < 64)
        out[words - 1] &= (UINT64_C(1) << kept) - 1;
}

size_t sw_set_next(const uint64_t *set, size_t from, size_t words)
{
    size_t word = from / 64;
    if (word >= words)
        return SIZE_MAX;
    uint64_t left = set[word] & (UINT64_MAX << (from % 64));
    while (left == 0) {
        if (++word == words)
            return SIZE_MAX;
        left = set[word];
    }
    return word * 64 + (size_t)__builtin_ctzll(left);
}

size_t sw_set_count(const uint64_t *set, size_t words)
{
    size_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (size_t)__builtin_popcountll(set[i]);
    return count;
}
