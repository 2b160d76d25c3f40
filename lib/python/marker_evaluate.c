#include "python/marker.h"

#include "base/limits.h"
#include "python/name.h"
#include "python/specifier.h"

/* The variables by name, and the member of the environment that holds each. */
static const struct {
    const char *name;
    size_t offset;
} members[] = {
    {"python_version", offsetof(struct sw_marker_environment, python_version)},
    {"python_full_version", offsetof(struct sw_marker_environment, python_full_version)},
    {"os_name", offsetof(struct sw_marker_environment, os_name)},
    {"sys_platform", offsetof(struct sw_marker_environment, sys_platform)},
    {"platform_machine", offsetof(struct sw_marker_environment, platform_machine)},
    {"platform_release", offsetof(struct sw_marker_environment, platform_release)},
    {"platform_system", offsetof(struct sw_marker_environment, platform_system)},
    {"platform_version", offsetof(struct sw_marker_environment, platform_version)},
    {"platform_python_implementation",
     offsetof(struct sw_marker_environment, platform_python_implementation)},
    {"implementation_name", offsetof(struct sw_marker_environment, implementation_name)},
    {"implementation_version", offsetof(struct sw_marker_environment, implementation_version)},
    {"extra", offsetof(struct sw_marker_environment, extra)},
};

struct sw_marker_environment sw_marker_environment_linux(const char *python_version,
                                                         const char *python_full_version, const char *machine)
{
    return (struct sw_marker_environment){
        .python_version = python_version,
        .python_full_version = python_full_version,
        .os_name = "posix",
        .sys_platform = "linux",
        .platform_machine = machine,
        .platform_system = "Linux",
        .platform_python_implementation = "CPython",
        .implementation_name = "cpython",
        .implementation_version = python_full_version,
    };
}

static struct sw_str value_of(const struct sw_marker_value *value,
                              const struct sw_marker_environment *environment)
{
    if (value->variable == NULL)
        return value->text;
    for (size_t i = 0; i < SW_COUNT(members); i++) {
        if (strcmp(members[i].name, value->variable) == 0) {
            const char *text;
            memcpy(&text, (const char *)environment + members[i].offset, sizeof text);
            return sw_str_from(text);
        }
    }
    return SW_STR("");
}

static int compare_texts(bool *out, struct sw_str left, enum sw_marker_operator comparison,
                         struct sw_str right, struct sw_error *error)
{
    int order = sw_str_compare(left, right);
    switch (comparison) {
    case SW_MARKER_EQUAL:
        *out = order == 0;
        return 0;
    case SW_MARKER_NOT_EQUAL:
        *out = order != 0;
        return 0;
    case SW_MARKER_LESS_EQUAL:
        *out = order <= 0;
        return 0;
    case SW_MARKER_GREATER_EQUAL:
        *out = order >= 0;
        return 0;
    case SW_MARKER_LESS:
        *out = order < 0;
        return 0;
    case SW_MARKER_GREATER:
        *out = order > 0;
        return 0;
    case SW_MARKER_IN:
    case SW_MARKER_NOT_IN:
        *out = (left.n == 0 || sw_str_find(right, left) < right.n) == (comparison == SW_MARKER_IN);
        return 0;
    case SW_MARKER_ARBITRARY:
        *out = sw_str_equal(left, right);
        return 0;
    case SW_MARKER_COMPATIBLE:
        break;
    }
    char a[SW_SHOWN_SIZE], b[SW_SHOWN_SIZE];
    sw_fail(error, SW_EINPUT, "the marker %s ~= %s compares no versions", sw_shown(a, left),
            sw_shown(b, right));
    return sw_error_hint(error, "'~=' needs a version on both sides; compare texts with ==");
}

/* Return true if PEP 440 defines the comparison; `*out` is then its answer. */
static bool compare_versions(bool *out, struct sw_str left, enum sw_marker_operator comparison,
                             struct sw_str right)
{
    struct sw_version version;
    struct sw_specifier specifier = {.comparison = SW_SPECIFIER_ARBITRARY, .text = sw_str_trim(right)};
    if (comparison >= SW_MARKER_IN || sw_version_parse(&version, left, NULL) != 0)
        return false;
    if (comparison != SW_MARKER_ARBITRARY &&
        sw_specifier_with(&specifier, (enum sw_specifier_operator)comparison, right, NULL) != 0)
        return false;
    *out = sw_specifier_holds(&specifier, &version);
    return true;
}

/* PEP 685: extras are names, so that two of them are never compared as versions. */
static int compare_extras(bool *out, struct sw_str left, enum sw_marker_operator comparison,
                          struct sw_str right, struct sw_error *error)
{
    SW_BUFFER_AUTO a;
    SW_BUFFER_AUTO b;
    sw_buffer_init(&a, left.n);
    sw_buffer_init(&b, right.n);
    sw_name_normalize(&a, left);
    sw_name_normalize(&b, right);
    if (sw_buffer_check(&a, "an extra", NULL) != 0 || sw_buffer_check(&b, "an extra", NULL) != 0)
        return sw_fail_memory(error);
    return compare_texts(out, sw_buffer_str(&a), comparison, sw_buffer_str(&b), error);
}

static bool is_extra(const struct sw_marker_value *value)
{
    return value->variable != NULL && strcmp(value->variable, "extra") == 0;
}

/* The constant is held against each of the extras. */
static int compare_all_extras(bool *out, struct sw_str constant, enum sw_marker_operator comparison,
                              const struct sw_marker_environment *environment, struct sw_error *error)
{
    bool is_negated = comparison == SW_MARKER_NOT_EQUAL, found = false;
    for (size_t i = 0; i < environment->extra_count; i++) {
        bool equal;
        int code = compare_extras(&equal, sw_str_from(environment->extras[i]),
                                  is_negated ? SW_MARKER_EQUAL : comparison, constant, error);
        if (code != 0)
            return code;
        found = found || equal;
    }
    *out = found != is_negated;
    return 0;
}

static int compare(bool *out, const struct sw_marker *marker, const struct sw_marker_environment *environment,
                   struct sw_error *error)
{
    struct sw_str left = value_of(&marker->left, environment);
    struct sw_str right = value_of(&marker->right, environment);
    if (environment->extras != NULL && is_extra(&marker->left) != is_extra(&marker->right))
        return compare_all_extras(out, is_extra(&marker->left) ? right : left, marker->comparison,
                                  environment, error);
    if (is_extra(&marker->left) || is_extra(&marker->right))
        return compare_extras(out, left, marker->comparison, right, error);
    if (compare_versions(out, left, marker->comparison, right))
        return 0;
    return compare_texts(out, left, marker->comparison, right, error);
}

/* The recursion is as deep as the tree, which sw_marker_scan() limits. Every part is evaluated, so that a
 * part without meaning is an error even if the other parts decide. */
int sw_marker_evaluate(bool *out, const struct sw_marker *marker,
                       const struct sw_marker_environment *environment, struct sw_error *error)
{
    if (marker == NULL) {
        *out = true;
        return 0;
    }
    if (marker->kind == SW_MARKER_COMPARE)
        return compare(out, marker, environment, error);
    bool all = marker->kind == SW_MARKER_AND, holds = all;
    for (size_t i = 0; i < marker->count; i++) {
        bool item;
        int code = sw_marker_evaluate(&item, marker->items[i], environment, error);
        if (code != 0)
            return code;
        holds = all ? holds && item : holds || item;
    }
    *out = holds;
    return 0;
}

int sw_marker_evaluate_extras(bool *out, const struct sw_marker *marker,
                              const struct sw_marker_environment *environment, const char *const *extras,
                              size_t count, struct sw_error *error)
{
    struct sw_marker_environment target = *environment;
    bool holds = false;
    target.extra = "";
    for (size_t i = 0; i < count || (i == 0 && count == 0); i++) {
        bool item;
        if (count > 0)
            target.extra = extras[i];
        int code = sw_marker_evaluate(&item, marker, &target, error);
        if (code != 0)
            return code;
        holds = holds || item;
    }
    *out = holds;
    return 0;
}
