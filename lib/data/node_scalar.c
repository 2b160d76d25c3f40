#include "data/node_internal.h"

#include <math.h>

static bool is_one_of(struct sw_str s, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_is(s, words[i]))
            return true;
    }
    return false;
}

static bool is_null(struct sw_str s)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(s, words, SW_COUNT(words));
}

static bool is_bool(struct sw_str s, bool *value)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    *value = s.n == 4;
    return is_one_of(s, words, SW_COUNT(words));
}

static struct sw_str without_sign(struct sw_str s)
{
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        return (struct sw_str){s.p + 1, s.n - 1};
    return s;
}

/* The value of a hexadecimal digit, or 16. */
static unsigned digit_value(char c)
{
    if (sw_is_digit((unsigned char)c))
        return (unsigned)(c - '0');
    int low = sw_lower((unsigned char)c);
    return low >= 'a' && low <= 'f' ? (unsigned)(low - 'a' + 10) : 16;
}

/* Read an integer: into `*value` if `*fits`, and always into `*near`. */
static bool is_integer(struct sw_str s, int64_t *value, double *near, bool *fits)
{
    struct sw_str digits = without_sign(s);
    bool negative = s.p[0] == '-';
    unsigned base = sw_str_starts(s, "0x") ? 16 : sw_str_starts(s, "0o") ? 8 : 10;
    if (base != 10)
        digits = (struct sw_str){s.p + 2, s.n - 2};
    *value = 0;
    *near = 0;
    *fits = true;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = digit_value(digits.p[i]);
        if (digit >= base)
            return false;
        *near = *near * base + digit;
        *fits = *fits && !__builtin_mul_overflow(*value, (int64_t)base, value) &&
                (negative ? !__builtin_sub_overflow(*value, (int64_t)digit, value)
                          : !__builtin_add_overflow(*value, (int64_t)digit, value));
    }
    *near = negative ? -*near : *near;
    return digits.n > 0;
}

static size_t count_digits(struct sw_str *s)
{
    size_t n = 0;
    while (n < s->n && sw_is_digit((unsigned char)s->p[n]))
        n++;
    *s = (struct sw_str){s->p + n, s->n - n};
    return n;
}

static bool has_real_form(struct sw_str s)
{
    s = without_sign(s);
    size_t digits = count_digits(&s);
    if (s.n > 0 && s.p[0] == '.') {
        s = (struct sw_str){s.p + 1, s.n - 1};
        digits += count_digits(&s);
    }
    if (digits == 0)
        return false;
    if (s.n == 0)
        return true;
    if (s.p[0] != 'e' && s.p[0] != 'E')
        return false;
    s = without_sign((struct sw_str){s.p + 1, s.n - 1});
    return count_digits(&s) > 0 && s.n == 0;
}

/* `s` is NUL-terminated. */
static bool is_real(struct sw_str s, double *value)
{
    static const char *const infinities[] = {".inf", ".Inf", ".INF"};
    static const char *const nans[] = {".nan", ".NaN", ".NAN"};
    if (is_one_of(s, nans, SW_COUNT(nans))) {
        *value = (double)NAN;
        return true;
    }
    if (is_one_of(without_sign(s), infinities, SW_COUNT(infinities))) {
        *value = s.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (!has_real_form(s))
        return false;
    *value = strtod(s.p, NULL);
    return true;
}

void sw_scalar_resolve(struct sw_node *node)
{
    int64_t integer;
    double real;
    bool boolean, fits;
    if (is_null(node->text)) {
        node->type = SW_NODE_NULL;
    } else if (is_bool(node->text, &boolean)) {
        node->type = SW_NODE_BOOL;
        node->boolean = boolean;
    } else if (is_integer(node->text, &integer, &real, &fits) && fits) {
        node->type = SW_NODE_INT;
        node->integer = integer;
    } else if (is_real(node->text, &real) || is_integer(node->text, &integer, &real, &fits)) {
        node->type = SW_NODE_REAL;
        node->real = real;
    } else {
        node->type = SW_NODE_TEXT;
    }
}

void sw_scalar_spell_real(char text[SW_REAL_SIZE], double value)
{
    enum { ENOUGH = 17 };
    if (isnan(value)) {
        (void)snprintf(text, SW_REAL_SIZE, ".nan");
        return;
    }
    if (isinf(value)) {
        (void)snprintf(text, SW_REAL_SIZE, value < 0 ? "-.inf" : ".inf");
        return;
    }
    double back = 0;
    int digits = 1;
    do {
        (void)snprintf(text, SW_REAL_SIZE - 2, "%.*g", digits, value);
        back = strtod(text, NULL);
    } while (back != value && digits++ < ENOUGH);
    if (strpbrk(text, ".e") == NULL)
        memcpy(text + strlen(text), ".0", 3);
}
