/* Environment markers (PEP 508, "Environment Markers"; PEP 685 for extras), evaluated for a target that the
 * caller describes, never for this host. */
#ifndef SLIPWAY_PYTHON_MARKER_H
#define SLIPWAY_PYTHON_MARKER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "python/scanner.h"

/* The target, a member for each variable of PEP 508. NULL counts as the empty text. */
struct sw_marker_environment {
    const char *python_version;                 /* "3.11" */
    const char *python_full_version;            /* "3.11.9" */
    const char *os_name;                        /* "posix" */
    const char *sys_platform;                   /* "linux" */
    const char *platform_machine;               /* "x86_64" */
    const char *platform_release;               /* the kernel's, as uname -r says */
    const char *platform_system;                /* "Linux" */
    const char *platform_version;               /* as uname -v says */
    const char *platform_python_implementation; /* "CPython" */
    const char *implementation_name;            /* "cpython" */
    const char *implementation_version;         /* "3.11.9" */
    /* The extra that is asked about, in any spelling. */
    const char *extra;
    /* The extras that are asked about at once, instead of `extra`: "==" holds if one of them is equal, "!=" if none is. NULL: none. */
    const char *const *extras;
    size_t extra_count;
};

/* CPython on Linux, kernel unknown. The texts are kept, not copied. */
struct sw_marker_environment
sw_marker_environment_linux(const char *python_version, const char *python_full_version, const char *machine);

enum sw_marker_kind { SW_MARKER_COMPARE, SW_MARKER_AND, SW_MARKER_OR };

enum sw_marker_operator {
    SW_MARKER_ARBITRARY,     /* === */
    SW_MARKER_COMPATIBLE,    /* ~= */
    SW_MARKER_EQUAL,         /* == */
    SW_MARKER_NOT_EQUAL,     /* != */
    SW_MARKER_LESS_EQUAL,    /* <= */
    SW_MARKER_GREATER_EQUAL, /* >= */
    SW_MARKER_LESS,          /* < */
    SW_MARKER_GREATER,       /* > */
    SW_MARKER_IN,
    SW_MARKER_NOT_IN
};

struct sw_marker_value {
    /* The name of a variable in PEP 508, static; NULL for a constant. */
    const char *variable;
    /* The text of a constant without its quotes; a marker has no escapes. */
    struct sw_str text;
};

struct sw_marker {
    enum sw_marker_kind kind;
    enum sw_marker_operator comparison; /* COMPARE: this and the two values */
    struct sw_marker_value left, right;
    const struct sw_marker *const *items; /* AND, OR: two or more */
    size_t count;
};

/* The whole of `text`, at most SW_MAX_REQUIREMENT_SIZE bytes with parentheses at most SW_MAX_MARKER_DEPTH
 * deep. The tree and a copy of the text lie in `arena`. SW_EINPUT has the column and a hint. */
int sw_marker_parse(const struct sw_marker **out, struct sw_arena *arena, struct sw_str text,
                    struct sw_error *error) SW_NODISCARD;
/* The marker that comes next, for larger grammars; the tree points into the scanner's text. */
int sw_marker_scan(const struct sw_marker **out, struct sw_arena *arena, struct sw_scanner *s,
                   struct sw_error *error) SW_NODISCARD;

/* Set `out` if the marker holds. Versions are compared by PEP 440 if both sides are versions (pre-releases
 * like any other version), else the texts are compared by their bytes. SW_EINPUT for a comparison without
 * meaning, such as "dog" ~= "fred". A NULL marker holds. */
int sw_marker_evaluate(bool *out, const struct sw_marker *marker,
                       const struct sw_marker_environment *environment, struct sw_error *error) SW_NODISCARD;
/* Set `out` if the marker holds for any of several extras; if `count` is 0, for no extra at all. pip asks in
 * this way. */
int sw_marker_evaluate_extras(bool *out, const struct sw_marker *marker,
                              const struct sw_marker_environment *environment, const char *const *extras,
                              size_t count, struct sw_error *error) SW_NODISCARD;

/* Append the marker with single blanks. Constants stand in double quotes unless they hold a double quote;
 * parentheses stand only if the tree needs them or repeats an operator (and in and, or in or). */
void sw_marker_write(struct sw_buffer *out, const struct sw_marker *marker);

#endif
