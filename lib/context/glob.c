#include "context/glob.h"

enum { REPLACEMENT = 0xFFFD };

/* Take the next character off `s`, which is not empty. */
static uint32_t take_rune(struct sw_str *s)
{
    static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t n = sw_utf8_length(*s);
    uint32_t rune = n == 0 ? REPLACEMENT : (unsigned char)s->p[0] & lead_mask[n];
    for (size_t i = 1; i < n; i++)
        rune = rune << 6 | ((unsigned char)s->p[i] & 0x3F);
    size_t used = n == 0 ? 1 : n;
    s->p += used;
    s->n -= used;
    return rune;
}

static void skip(struct sw_str *s, size_t n)
{
    s->p += n;
    s->n -= n;
}

/* Take an end of a range in a class; something must follow it. */
static bool take_class_rune(struct sw_str *pattern, uint32_t *rune)
{
    if (pattern->n == 0 || pattern->p[0] == '-' || pattern->p[0] == ']')
        return false;
    if (pattern->p[0] == '\\')
        skip(pattern, 1);
    if (pattern->n == 0 || sw_utf8_length(*pattern) == 0)
        return false;
    *rune = take_rune(pattern);
    return pattern->n > 0;
}

/* Take a class whose '[' is gone; `*match` tells if it holds `rune`. False if it cannot be read. */
static bool take_class(struct sw_str *pattern, uint32_t rune, bool *match)
{
    bool negated = sw_str_starts(*pattern, "^");
    if (negated)
        skip(pattern, 1);
    bool found = false;
    for (size_t ranges = 0; ranges == 0 || !sw_str_starts(*pattern, "]"); ranges++) {
        uint32_t low;
        if (!take_class_rune(pattern, &low))
            return false;
        uint32_t high = low;
        if (pattern->p[0] == '-') {
            skip(pattern, 1);
            if (!take_class_rune(pattern, &high))
                return false;
        }
        found = found || (low <= rune && rune <= high);
    }
    skip(pattern, 1);
    *match = found != negated;
    return true;
}

/* Take an element that is not '*' off `pattern`; false if it cannot be read. */
static bool take_element(struct sw_str *pattern, uint32_t rune, bool *match)
{
    uint32_t wanted = take_rune(pattern);
    if (wanted == '[')
        return take_class(pattern, rune, match);
    if (wanted == '?') {
        *match = rune != '/';
        return true;
    }
    if (wanted == '\\') {
        if (pattern->n == 0)
            return false;
        wanted = take_rune(pattern);
    }
    *match = wanted == rune;
    return true;
}

bool sw_glob_valid(struct sw_str pattern)
{
    while (pattern.n > 0) {
        bool match;
        if (!take_element(&pattern, 0, &match))
            return false;
    }
    return true;
}

bool sw_glob_is_literal(struct sw_str pattern)
{
    for (size_t i = 0; i < pattern.n; i++)
        if (memchr("*?[\\", pattern.p[i], 4) != NULL)
            return false;
    return true;
}

bool sw_glob_matches(struct sw_str pattern, struct sw_str name)
{
    /* The place to continue at when the part behind the last '*' fails: that '*' then takes one character
     * more. */
    struct sw_str after_star = {NULL, 0}, star_name = {NULL, 0};
    for (;;) {
        if (sw_str_starts(pattern, "*")) {
            skip(&pattern, 1);
            after_star = pattern;
            star_name = name;
            continue;
        }
        if (pattern.n == 0 && name.n == 0)
            return true;
        if (pattern.n > 0 && name.n > 0) {
            bool match;
            if (!take_element(&pattern, take_rune(&name), &match))
                return false;
            if (match)
                continue;
        }
        if (after_star.p == NULL || star_name.n == 0 || star_name.p[0] == '/')
            return false;
        (void)take_rune(&star_name);
        pattern = after_star;
        name = star_name;
    }
}
