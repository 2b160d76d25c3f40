#include "base/str.h"

struct sw_str sw_str_from(const char *text)
{
    return text == NULL ? (struct sw_str){"", 0} : (struct sw_str){text, strlen(text)};
}

bool sw_str_is(struct sw_str s, const char *text)
{
    return sw_str_equal(s, sw_str_from(text));
}

bool sw_str_ends(struct sw_str s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

int sw_str_compare(struct sw_str a, struct sw_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

struct sw_str sw_str_trim(struct sw_str s)
{
    while (s.n > 0 && sw_is_space((unsigned char)s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && sw_is_space((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

struct sw_str sw_str_cut(struct sw_str *rest, char separator)
{
    struct sw_str head = *rest;
    const char *at = head.n == 0 ? NULL : memchr(head.p, separator, head.n);
    if (at == NULL) {
        *rest = (struct sw_str){NULL, 0};
        return head;
    }
    head.n = (size_t)(at - head.p);
    *rest = (struct sw_str){at + 1, rest->n - head.n - 1};
    return head;
}

struct sw_str sw_str_drop(struct sw_str s, size_t n)
{
    /* An empty string may have no pointer to add to. */
    if (n == 0)
        return s;
    return (struct sw_str){s.p + n, s.n - n};
}

size_t sw_str_find(struct sw_str s, struct sw_str needle)
{
    if (needle.n == 0)
        return 0;
    if (s.n == 0)
        return s.n;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    return at == NULL ? s.n : (size_t)(at - s.p);
}

bool sw_str_to_u64(struct sw_str s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!sw_is_digit((unsigned char)s.p[i]))
            return false;
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

size_t sw_utf8_length(struct sw_str s)
{
    const unsigned char *u = (const unsigned char *)s.p;
    if (s.n == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    size_t n = u[0] >= 0xC2 && u[0] <= 0xDF   ? 2
               : u[0] >= 0xE0 && u[0] <= 0xEF ? 3
               : u[0] >= 0xF0 && u[0] <= 0xF4 ? 4
                                              : 0;
    if (n == 0 || s.n < n)
        return 0;
    unsigned low = u[0] == 0xE0 ? 0xA0 : u[0] == 0xF0 ? 0x90 : 0x80;
    unsigned high = u[0] == 0xED ? 0x9F : u[0] == 0xF4 ? 0x8F : 0xBF;
    if (u[1] < low || u[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if (u[i] < 0x80 || u[i] > 0xBF)
            return 0;
    }
    return n;
}

bool sw_str_is_plain(struct sw_str s, const char *also)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || (!sw_is_alnum((unsigned char)s.p[i]) && strchr(also, s.p[i]) == NULL))
            return false;
    }
    return s.n > 0 && s.p[0] != '-';
}

bool sw_utf8_valid(struct sw_str s)
{
    while (s.n > 0) {
        size_t n = sw_utf8_length(s);
        if (n == 0)
            return false;
        s.p += n;
        s.n -= n;
    }
    return true;
}

unsigned sw_str_distance(struct sw_str a, struct sw_str b)
{
    enum { LONGEST = 64 };
    if (a.n > LONGEST || b.n > LONGEST)
        return LONGEST;
    unsigned before[LONGEST + 1], above[LONGEST + 1], row[LONGEST + 1];
    for (unsigned j = 0; j <= b.n; j++)
        above[j] = before[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b.n; j++) {
            unsigned best = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        memcpy(before, above, sizeof before);
        memcpy(above, row, sizeof above);
    }
    return above[b.n];
}

size_t sw_str_digits(struct sw_str s)
{
    size_t n = 0;
    while (n < s.n && sw_is_digit((unsigned char)s.p[n]))
        n++;
    return n;
}
