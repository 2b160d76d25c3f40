/* Version specifiers (PEP 440, "Version specifiers"; "Handling of pre-releases").
 *
 * Sets lie in an arena with a copy of their text, and need no release of their own. */
#ifndef SLIPWAY_PYTHON_SPECIFIER_H
#define SLIPWAY_PYTHON_SPECIFIER_H

#include "python/version.h"

enum sw_specifier_operator {
    SW_SPECIFIER_ARBITRARY,     /* === */
    SW_SPECIFIER_COMPATIBLE,    /* ~= */
    SW_SPECIFIER_EQUAL,         /* == */
    SW_SPECIFIER_NOT_EQUAL,     /* != */
    SW_SPECIFIER_LESS_EQUAL,    /* <= */
    SW_SPECIFIER_GREATER_EQUAL, /* >= */
    SW_SPECIFIER_LESS,          /* < */
    SW_SPECIFIER_GREATER,       /* > */
};

struct sw_specifier {
    enum sw_specifier_operator comparison;
    bool prefix; /* "==1.2.*" and "!=1.2.*" */
    /* False only for === with a text that is not a version. */
    bool is_version;
    /* The operand as written, with ".*". */
    struct sw_str text;
    /* The operand without ".*"; valid only if is_version. */
    struct sw_version version;
};

/* All must hold; an empty set holds for every version. */
struct sw_specifier_set {
    const struct sw_specifier *items;
    size_t count;
};

enum sw_prereleases {
    /* Allow pre-releases if a clause with ==, ===, ~=, <= or >= names a pre-release. */
    SW_PRERELEASES_AUTO,
    SW_PRERELEASES_ALLOW, /* always */
    SW_PRERELEASES_REFUSE /* never */
};

/* The operator as written: "==", "~=" and so on. */
const char *sw_specifier_operator_text(enum sw_specifier_operator comparison);

/* Parse one clause, with white space around it ignored; it points into `text`. */
int sw_specifier_parse(struct sw_specifier *out, struct sw_str text, struct sw_error *error) SW_NODISCARD;
/* The clause that comes next, for larger grammars; it points into the scanner's text. */
int sw_specifier_scan(struct sw_specifier *out, struct sw_scanner *s, struct sw_error *error) SW_NODISCARD;
/* The clause of an operator and the whole of `text` behind it; it points into `text`. */
int sw_specifier_with(struct sw_specifier *out, enum sw_specifier_operator comparison, struct sw_str text,
                      struct sw_error *error) SW_NODISCARD;
/* Return true if an operator comes next. */
bool sw_specifier_begins(const struct sw_scanner *s);
/* Parse clauses between commas, at most SW_MAX_REQUIREMENT_SIZE bytes; empty clauses are skipped, as pip
 * does. SW_EINPUT has the column of the fault and a hint; SW_EENV without memory. */
int sw_specifier_set_parse(struct sw_specifier_set *out, struct sw_arena *arena, struct sw_str text,
                           struct sw_error *error) SW_NODISCARD;

/* Return true if the clause holds, pre-releases like any other version. `===` compares with the normalized
 * form, letter case ignored. Like pip and uv, `>V` holds for no local version of V's release, whatever its
 * suffix. */
bool sw_specifier_holds(const struct sw_specifier *specifier, const struct sw_version *version);
/* Return true if all clauses hold and the version is not a pre-release that has to be refused. */
bool sw_specifier_set_contains(const struct sw_specifier_set *set, const struct sw_version *version,
                               enum sw_prereleases prereleases);
/* Return true if a clause names a pre-release, so that SW_PRERELEASES_AUTO allows pre-releases. */
bool sw_specifier_set_names_prerelease(const struct sw_specifier_set *set);

/* Write the indices of the versions that the set contains, in order, to `kept`, which has room for `count`,
 * and return how many there are. With SW_PRERELEASES_AUTO an empty set keeps the pre-releases if there is no
 * other version; a set with clauses does not, as in pip. */
size_t sw_specifier_set_filter(size_t *kept, const struct sw_specifier_set *set,
                               const struct sw_version *versions, size_t count,
                               enum sw_prereleases prereleases);
/* Return true if at least one version is in both sets; `index` (may be NULL) gets the first such version.
 * With SW_PRERELEASES_AUTO both sets allow a pre-release that either set names, as if they were one set. */
bool sw_specifier_sets_meet(size_t *index, const struct sw_specifier_set *a, const struct sw_specifier_set *b,
                            const struct sw_version *versions, size_t count, enum sw_prereleases prereleases);

/* Append "==1.0,<2": clauses as written and in that order, without white space. */
void sw_specifier_set_write(struct sw_buffer *out, const struct sw_specifier_set *set);

#endif
