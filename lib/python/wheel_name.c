#include "python/wheel_name.h"

#include "python/name.h"

#define WHEEL_HINT "a wheel is named NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl"
#define SDIST_HINT "a source distribution is named NAME-VERSION.tar.gz"

enum { LEAST_PARTS = 5, MOST_PARTS = 6 };

/* Fail at `part`, which lies in `file_name`. */
static int fail_part(struct sw_str file_name, struct sw_str part, const char *what, const char *hint,
                     struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE], name[SW_SHOWN_SIZE];
    sw_scanner_fail((size_t)(part.p - file_name.p), error, "%s is not %s in the file name %s",
                    sw_shown(shown, part), what, sw_shown(name, file_name));
    return sw_error_hint(error, "%s", hint);
}

/* PEP 427 writes every run of other characters as one '_', so that "__" never occurs. */
static bool distribution_valid(struct sw_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (!sw_is_alnum((unsigned char)name.p[i]) && name.p[i] != '.' && name.p[i] != '_')
            return false;
    }
    return name.n > 0 && sw_str_find(name, SW_STR("__")) == name.n;
}

/* Names between dots, none of them empty. */
static bool tag_set_valid(struct sw_str set)
{
    while (set.p != NULL) {
        if (sw_str_cut(&set, '.').n == 0)
            return false;
    }
    return true;
}

/* The parts between the hyphens; how many there are, at most one more than fit. */
static size_t split(struct sw_str parts[MOST_PARTS], struct sw_str stem)
{
    size_t count = 0;
    for (; stem.p != NULL && count < MOST_PARTS; count++)
        parts[count] = sw_str_cut(&stem, '-');
    return stem.p == NULL ? count : count + 1;
}

static int read_build(struct sw_wheel_name *out, struct sw_str part)
{
    struct sw_scanner s = sw_scanner_over(part);
    out->build_number = sw_scanner_take_digits(&s);
    out->build_suffix = sw_scanner_rest(&s);
    return out->build_number.n > 0 ? 0 : SW_EINPUT;
}

static int read_parts(struct sw_wheel_name *out, struct sw_str name, const struct sw_str *parts, size_t count,
                      struct sw_error *error)
{
    struct sw_wheel_name wheel = {.build_number = SW_STR(""), .build_suffix = SW_STR("")};
    wheel.distribution = parts[0];
    wheel.interpreters = parts[count - 3];
    wheel.abis = parts[count - 2];
    wheel.platforms = parts[count - 1];
    if (!distribution_valid(parts[0]))
        return fail_part(name, parts[0], "the name of a distribution", WHEEL_HINT, error);
    if (sw_version_parse(&wheel.version, parts[1], NULL) != 0)
        return fail_part(name, parts[1], "a version", WHEEL_HINT, error);
    if (count == MOST_PARTS && read_build(&wheel, parts[2]) != 0)
        return fail_part(name, parts[2], "a build tag", "a build tag starts with a digit", error);
    for (size_t i = count - 3; i < count; i++) {
        if (!tag_set_valid(parts[i]))
            return fail_part(name, parts[i], "a set of tags", WHEEL_HINT, error);
    }
    *out = wheel;
    return 0;
}

int sw_wheel_name_parse(struct sw_wheel_name *out, struct sw_str file_name, struct sw_error *error)
{
    struct sw_str parts[MOST_PARTS], stem = file_name;
    if (!sw_str_ends(file_name, ".whl") || memchr(file_name.p, '/', file_name.n) != NULL)
        return fail_part(file_name, file_name, "the name of a wheel", WHEEL_HINT, error);
    stem.n -= strlen(".whl");
    size_t count = split(parts, stem);
    if (count < LEAST_PARTS || count > MOST_PARTS)
        return fail_part(file_name, file_name, "the name of a wheel", WHEEL_HINT, error);
    return read_parts(out, file_name, parts, count, error);
}

/* Return the file name without its ending; empty for an unknown ending. */
static struct sw_str sdist_stem(struct sw_str file_name)
{
    static const char *const endings[] = {".tar.gz", ".zip"};
    for (size_t i = 0; i < SW_COUNT(endings); i++) {
        if (sw_str_ends(file_name, endings[i]))
            return (struct sw_str){file_name.p, file_name.n - strlen(endings[i])};
    }
    return SW_STR("");
}

int sw_sdist_name_parse(struct sw_sdist_name *out, struct sw_str file_name, struct sw_error *error)
{
    struct sw_str stem = sdist_stem(file_name);
    const char *hyphen = stem.n == 0 ? NULL : memrchr(stem.p, '-', stem.n);
    if (hyphen == NULL)
        return fail_part(file_name, file_name, "the name of a source distribution", SDIST_HINT, error);
    struct sw_sdist_name sdist = {.distribution = {stem.p, (size_t)(hyphen - stem.p)}};
    struct sw_str version = {hyphen + 1, stem.n - sdist.distribution.n - 1};
    if (!sw_name_valid(sdist.distribution))
        return fail_part(file_name, sdist.distribution, "the name of a distribution", SDIST_HINT, error);
    if (sw_version_parse(&sdist.version, version, NULL) != 0)
        return fail_part(file_name, version, "a version", SDIST_HINT, error);
    *out = sdist;
    return 0;
}

static bool set_has(struct sw_str set, const char *tag)
{
    size_t n = strlen(tag);
    while (set.p != NULL) {
        struct sw_str name = sw_str_cut(&set, '.');
        size_t i = 0;
        while (name.n == n && i < n && sw_lower((unsigned char)name.p[i]) == (unsigned char)tag[i])
            i++;
        if (name.n == n && i == n)
            return true;
    }
    return false;
}

bool sw_wheel_name_rank(size_t *rank, const struct sw_wheel_name *wheel, const struct sw_tag_list *tags)
{
    for (size_t i = 0; i < tags->count; i += tags->items[i].run) {
        const struct sw_tag *tag = &tags->items[i];
        if (!set_has(wheel->abis, tag->abi) || !set_has(wheel->interpreters, tag->interpreter))
            continue;
        for (size_t j = i; j < i + tag->run; j++) {
            if (set_has(wheel->platforms, tags->items[j].platform)) {
                *rank = j;
                return true;
            }
        }
    }
    return false;
}

int sw_wheel_name_compare_build(const struct sw_wheel_name *a, const struct sw_wheel_name *b)
{
    if (a->build_number.n == 0 || b->build_number.n == 0)
        return (a->build_number.n > 0) - (b->build_number.n > 0);
    /* Digits of any length are compared as a release of one number. */
    struct sw_version x = {.epoch = SW_STR("0"), .release = a->build_number};
    struct sw_version y = {.epoch = SW_STR("0"), .release = b->build_number};
    int order = sw_version_compare_base(&x, &y);
    return order != 0 ? order : sw_str_compare(a->build_suffix, b->build_suffix);
}
