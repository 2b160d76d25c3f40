#include "python/specifier.h"

#include "base/limits.h"

#define VERSION_HINT "a version reads like 1.2.3, 1.0rc1, 2.0.post1 or 2.8.0+cu128"

/* Indexed by the operator; an operator stands before its own beginning. */
static const char *const operators[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">"};

const char *sw_specifier_operator_text(enum sw_specifier_operator comparison)
{
    return operators[comparison];
}

static bool take_operator(enum sw_specifier_operator *out, struct sw_scanner *s)
{
    for (unsigned i = 0; i < SW_COUNT(operators); i++) {
        if (sw_scanner_take(s, operators[i])) {
            *out = (enum sw_specifier_operator)i;
            return true;
        }
    }
    return false;
}

bool sw_specifier_begins(const struct sw_scanner *s)
{
    struct sw_scanner copy = *s;
    enum sw_specifier_operator comparison;
    return take_operator(&comparison, &copy);
}

static int fail_operator(const struct sw_scanner *s, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE], next = sw_scanner_peek(s);
    sw_scanner_fail(s->at, error, "%s does not start with a comparison operator",
                    sw_shown(shown, sw_scanner_rest(s)));
    if (sw_str_starts(sw_scanner_rest(s), "=>") || sw_str_starts(sw_scanner_rest(s), "=<"))
        return sw_error_hint(error, "the equals sign comes last: >= or <=");
    if (next == '=' || sw_is_digit((unsigned char)next))
        return sw_error_hint(error, "for exactly that version write '==' before it");
    if (next == '^' || next == '~')
        return sw_error_hint(error, "for compatible releases write '~=' before the version");
    return sw_error_hint(error, "one of ~= == != <= >= < > ===");
}

/* The operand of `===` is any text without white space, ';', ')' or ','. */
static struct sw_str take_arbitrary(struct sw_scanner *s)
{
    size_t start = s->at;
    while (!sw_scanner_ended(s)) {
        char c = sw_scanner_peek(s);
        if (sw_is_space((unsigned char)c) || c == ';' || c == ')' || c == ',')
            break;
        s->at++;
    }
    return sw_scanner_since(s, start);
}

static int scan_arbitrary(struct sw_specifier *out, struct sw_scanner *s, struct sw_error *error)
{
    size_t start = s->at;
    out->text = take_arbitrary(s);
    if (out->text.n == 0) {
        sw_scanner_fail(start, error, "'===' without a version");
        return sw_error_hint(error, "write the version behind it");
    }
    out->is_version = sw_version_parse(&out->version, out->text, NULL) == 0;
    return 0;
}

static bool may_have_suffix(enum sw_specifier_operator comparison)
{
    return comparison == SW_SPECIFIER_EQUAL || comparison == SW_SPECIFIER_NOT_EQUAL;
}

/* PEP 440 gives each operator its own versions. */
static int check_version(struct sw_specifier *specifier, struct sw_scanner *s, size_t start,
                         struct sw_error *error)
{
    const char *written = operators[specifier->comparison];
    const struct sw_version *v = &specifier->version;
    char shown[SW_SHOWN_SIZE];
    if (specifier->comparison == SW_SPECIFIER_COMPATIBLE && sw_version_numbers(v) < 2) {
        sw_scanner_fail(start, error, "'~=' needs a release of two numbers or more, not %s",
                        sw_shown(shown, v->text));
        return sw_error_hint(error, "write '~=%.*s.0', or '==%.*s.*'", SW_STR_FORMAT(v->release),
                             SW_STR_FORMAT(v->release));
    }
    if (v->local.n > 0 && !may_have_suffix(specifier->comparison)) {
        sw_scanner_fail(start, error, "'%s' cannot compare with the local version %s", written,
                        sw_shown(shown, v->text));
        return sw_error_hint(error, "leave '+' and what follows away; only == and != take it");
    }
    if (!sw_str_starts(sw_scanner_rest(s), ".*"))
        return 0;
    bool plain = v->pre == SW_PRE_NONE && v->post.n == 0 && v->dev.n == 0 && v->local.n == 0;
    if (may_have_suffix(specifier->comparison) && plain) {
        specifier->prefix = true;
        s->at += strlen(".*");
        return 0;
    }
    sw_scanner_fail(s->at, error, "'.*' cannot follow '%s%.*s'", written, SW_STR_FORMAT(v->text));
    return sw_error_hint(error, plain ? "leave '.*' away; only == and != take it"
                                      : "'.*' follows a plain release: ==1.2.*");
}

/* Read the operand behind the operator. */
static int scan_operand(struct sw_specifier *out, enum sw_specifier_operator comparison, struct sw_scanner *s,
                        struct sw_error *error)
{
    struct sw_specifier specifier = {.comparison = comparison, .is_version = true};
    sw_scanner_skip_space(s);
    size_t start = s->at;
    int code = 0;
    if (comparison == SW_SPECIFIER_ARBITRARY) {
        code = scan_arbitrary(&specifier, s, error);
    } else if (!sw_version_scan(&specifier.version, s)) {
        sw_scanner_fail(start, error, "no version after '%s'", operators[comparison]);
        code = sw_error_hint(error, VERSION_HINT);
    } else {
        code = check_version(&specifier, s, start, error);
        specifier.text = sw_scanner_since(s, start);
    }
    if (code == 0)
        *out = specifier;
    return code;
}

int sw_specifier_scan(struct sw_specifier *out, struct sw_scanner *s, struct sw_error *error)
{
    enum sw_specifier_operator comparison;
    if (!take_operator(&comparison, s))
        return fail_operator(s, error);
    return scan_operand(out, comparison, s, error);
}

static int fail_trailing(const struct sw_scanner *s, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE];
    sw_scanner_fail(s->at, error, "cannot read %s after a version", sw_shown(shown, sw_scanner_rest(s)));
    if (sw_specifier_begins(s))
        return sw_error_hint(error, "put a comma between two conditions: >=1.0,<2");
    return sw_error_hint(error, VERSION_HINT);
}

/* Nothing but white space may be left. */
static int check_end(struct sw_scanner *s, struct sw_error *error)
{
    sw_scanner_skip_space(s);
    return sw_scanner_ended(s) ? 0 : fail_trailing(s, error);
}

int sw_specifier_parse(struct sw_specifier *out, struct sw_str text, struct sw_error *error)
{
    struct sw_scanner s = sw_scanner_over(text);
    struct sw_specifier specifier;
    sw_scanner_skip_space(&s);
    int code = sw_specifier_scan(&specifier, &s, error);
    if (code == 0)
        code = check_end(&s, error);
    if (code == 0)
        *out = specifier;
    return code;
}

int sw_specifier_with(struct sw_specifier *out, enum sw_specifier_operator comparison, struct sw_str text,
                      struct sw_error *error)
{
    struct sw_scanner s = sw_scanner_over(text);
    struct sw_specifier specifier;
    int code = scan_operand(&specifier, comparison, &s, error);
    if (code == 0)
        code = check_end(&s, error);
    if (code == 0)
        *out = specifier;
    return code;
}

static void skip_commas(struct sw_scanner *s)
{
    do {
        sw_scanner_skip_space(s);
    } while (sw_scanner_take(s, ","));
}

/* Read a clause and the comma or end after it. */
static int scan_clause(struct sw_specifier *out, struct sw_scanner *s, struct sw_error *error)
{
    int code = sw_specifier_scan(out, s, error);
    if (code != 0)
        return code;
    sw_scanner_skip_space(s);
    if (!sw_scanner_ended(s) && sw_scanner_peek(s) != ',')
        return fail_trailing(s, error);
    skip_commas(s);
    return 0;
}

/* Read all clauses into `items`, which may be NULL to count them. */
static int scan_clauses(struct sw_specifier *items, size_t *count, struct sw_scanner s,
                        struct sw_error *error)
{
    *count = 0;
    skip_commas(&s);
    while (!sw_scanner_ended(&s)) {
        struct sw_specifier clause;
        int code = scan_clause(&clause, &s, error);
        if (code != 0)
            return code;
        if (items != NULL)
            items[*count] = clause;
        *count += 1;
    }
    return 0;
}

int sw_specifier_set_parse(struct sw_specifier_set *out, struct sw_arena *arena, struct sw_str text,
                           struct sw_error *error)
{
    if (text.n > SW_MAX_REQUIREMENT_SIZE)
        return sw_fail(error, SW_EINPUT, "version specifiers of more than %llu bytes",
                       SW_MAX_REQUIREMENT_SIZE);
    const char *copy = sw_arena_copy(arena, text);
    if (copy == NULL)
        return sw_fail_memory(error);
    const struct sw_scanner s = sw_scanner_over((struct sw_str){copy, text.n});
    size_t count = 0;
    int code = scan_clauses(NULL, &count, s, error);
    struct sw_specifier *items = code == 0 && count > 0 ? sw_arena_array(arena, count, sizeof *items) : NULL;
    if (code == 0 && count > 0)
        code = items == NULL ? sw_fail_memory(error) : scan_clauses(items, &count, s, error);
    if (code == 0)
        *out = (struct sw_specifier_set){items, count};
    return code;
}

/* Return true if the version's release, as if endless zeros followed it, begins with the first `count`
 * numbers of the specifier's release, and both epochs are equal. */
static bool prefix_holds(const struct sw_specifier *specifier, const struct sw_version *version, size_t count)
{
    if (!sw_str_equal(specifier->version.epoch, version->epoch))
        return false;
    struct sw_version wanted = specifier->version, given = *version;
    for (size_t i = 0; i < count; i++) {
        struct sw_version a = {.epoch = SW_STR("0"), .release = sw_str_cut(&wanted.release, '.')};
        struct sw_version b = {.epoch = SW_STR("0"), .release = sw_str_cut(&given.release, '.')};
        if (sw_version_compare_base(&a, &b) != 0)
            return false;
    }
    return true;
}

static bool equal_holds(const struct sw_specifier *specifier, const struct sw_version *version)
{
    if (specifier->prefix)
        return prefix_holds(specifier, version, sw_version_numbers(&specifier->version));
    if (specifier->version.local.n == 0)
        return sw_version_compare_public(version, &specifier->version) == 0;
    return sw_version_compare(version, &specifier->version) == 0;
}

static bool less_holds(const struct sw_version *bound, const struct sw_version *version)
{
    if (sw_version_compare(version, bound) >= 0)
        return false;
    bool of_bound = sw_version_is_prerelease(version) && sw_version_compare_base(version, bound) == 0;
    return !of_bound || sw_version_is_prerelease(bound);
}

static bool greater_holds(const struct sw_version *bound, const struct sw_version *version)
{
    if (sw_version_compare(version, bound) <= 0)
        return false;
    if (sw_version_compare_base(version, bound) != 0)
        return true;
    return version->local.n == 0 && (version->post.n == 0 || bound->post.n > 0);
}

static bool arbitrary_holds(struct sw_str text, const struct sw_version *version)
{
    SW_BUFFER_AUTO normalized;
    sw_buffer_init(&normalized, SW_MAX_REQUIREMENT_SIZE);
    sw_version_write(&normalized, version);
    if (normalized.n != text.n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (sw_lower((unsigned char)text.p[i]) != (unsigned char)normalized.p[i])
            return false;
    }
    return true;
}

bool sw_specifier_holds(const struct sw_specifier *specifier, const struct sw_version *version)
{
    const struct sw_version *bound = &specifier->version;
    switch (specifier->comparison) {
    case SW_SPECIFIER_ARBITRARY:
        return arbitrary_holds(specifier->text, version);
    case SW_SPECIFIER_COMPATIBLE:
        return sw_version_compare_public(version, bound) >= 0 &&
               prefix_holds(specifier, version, sw_version_numbers(bound) - 1);
    case SW_SPECIFIER_EQUAL:
        return equal_holds(specifier, version);
    case SW_SPECIFIER_NOT_EQUAL:
        return !equal_holds(specifier, version);
    case SW_SPECIFIER_LESS_EQUAL:
        return sw_version_compare_public(version, bound) <= 0;
    case SW_SPECIFIER_GREATER_EQUAL:
        return sw_version_compare_public(version, bound) >= 0;
    case SW_SPECIFIER_LESS:
        return less_holds(bound, version);
    case SW_SPECIFIER_GREATER:
        return greater_holds(bound, version);
    }
    return false;
}

static bool names_prerelease(const struct sw_specifier *specifier)
{
    switch (specifier->comparison) {
    case SW_SPECIFIER_NOT_EQUAL:
    case SW_SPECIFIER_LESS:
    case SW_SPECIFIER_GREATER:
        return false;
    case SW_SPECIFIER_ARBITRARY:
    case SW_SPECIFIER_COMPATIBLE:
    case SW_SPECIFIER_EQUAL:
    case SW_SPECIFIER_LESS_EQUAL:
    case SW_SPECIFIER_GREATER_EQUAL:
        break;
    }
    return specifier->is_version && sw_version_is_prerelease(&specifier->version);
}

bool sw_specifier_set_names_prerelease(const struct sw_specifier_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (names_prerelease(&set->items[i]))
            return true;
    }
    return false;
}

static bool all_hold(const struct sw_specifier_set *set, const struct sw_version *version)
{
    for (size_t i = 0; i < set->count; i++) {
        if (!sw_specifier_holds(&set->items[i], version))
            return false;
    }
    return true;
}

bool sw_specifier_set_contains(const struct sw_specifier_set *set, const struct sw_version *version,
                               enum sw_prereleases prereleases)
{
    if (sw_version_is_prerelease(version)) {
        bool allowed = prereleases == SW_PRERELEASES_ALLOW ||
                       (prereleases == SW_PRERELEASES_AUTO && sw_specifier_set_names_prerelease(set));
        if (!allowed)
            return false;
    }
    return all_hold(set, version);
}

size_t sw_specifier_set_filter(size_t *kept, const struct sw_specifier_set *set,
                               const struct sw_version *versions, size_t count,
                               enum sw_prereleases prereleases)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (sw_specifier_set_contains(set, &versions[i], prereleases))
            kept[n++] = i;
    }
    /* Nothing was asked and nothing final exists: then every version left over is a pre-release. */
    if (n == 0 && set->count == 0 && prereleases == SW_PRERELEASES_AUTO) {
        while (n < count) {
            kept[n] = n;
            n++;
        }
    }
    return n;
}

bool sw_specifier_sets_meet(size_t *index, const struct sw_specifier_set *a, const struct sw_specifier_set *b,
                            const struct sw_version *versions, size_t count, enum sw_prereleases prereleases)
{
    if (prereleases == SW_PRERELEASES_AUTO &&
        (sw_specifier_set_names_prerelease(a) || sw_specifier_set_names_prerelease(b)))
        prereleases = SW_PRERELEASES_ALLOW;
    for (size_t i = 0; i < count; i++) {
        if (sw_specifier_set_contains(a, &versions[i], prereleases) &&
            sw_specifier_set_contains(b, &versions[i], prereleases)) {
            if (index != NULL)
                *index = i;
            return true;
        }
    }
    return false;
}

void sw_specifier_set_write(struct sw_buffer *out, const struct sw_specifier_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            sw_buffer_add_char(out, ',');
        sw_buffer_add_text(out, operators[set->items[i].comparison]);
        sw_buffer_add_str(out, set->items[i].text);
    }
}
