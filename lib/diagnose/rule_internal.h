/* A log rule as it is used: its patterns, their meaning and the advice. rules.h describes the YAML that it is
 * read from. */
#ifndef SLIPWAY_DIAGNOSE_RULE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_RULE_INTERNAL_H

#include "base/finding.h"
#include "diagnose/literal_internal.h"
#include "diagnose/literal_scan_internal.h"
#include "diagnose/pattern_internal.h"

/* A pattern for the lines around the line that matched. */
struct sw_rule_near {
    struct sw_pattern *pattern;
    /* The number of lines, blank lines not counted. */
    unsigned within;
    /* The text that the pattern is held against. */
    enum { SW_NEAR_BEFORE, SW_NEAR_AFTER, SW_NEAR_STEP, SW_NEAR_LINE } side;
    bool required;
    bool all;    /* every match is evidence; else the first */
    bool absent; /* a match excludes the rule */
};

/* A value looked up or rewritten from another value. */
struct sw_rule_derived {
    int from, to; /* numbers of values */
    /* True: put each pair's second text in place of its first, wherever that stands; false: look the whole
     * value up among the firsts. */
    bool replace;
    const struct sw_node *pairs; /* a map of scalars */
    size_t count;
    struct sw_phrase otherwise; /* for a value that is not among the firsts */
    struct sw_phrase missing;   /* if there is no value */
};

/* A condition on the profile. */
struct sw_rule_condition {
    struct sw_phrase path;
    enum { SW_WHEN_IS, SW_WHEN_IS_NOT, SW_WHEN_EXISTS, SW_WHEN_ABSENT } test;
    struct sw_phrase value; /* of SW_WHEN_IS and SW_WHEN_IS_NOT */
};

struct sw_rule_conditions {
    struct sw_rule_condition *items;
    size_t count;
};

struct sw_rule_edit {
    enum sw_edit_op op;
    struct sw_phrase path, value;
    struct sw_rule_conditions when;
};

struct sw_rule {
    const char *id;
    const char *code;
    const struct sw_node *node; /* its map in the file */
    enum sw_severity severity;
    int64_t rank; /* the greater comes first */
    bool symptom; /* says that something failed and not why */
    /* Says so too, and is the finding if nothing else is told. */
    bool consequence;
    /* A fault that the tool itself tries to get over. */
    bool transient;
    /* A transient fault that the lines before told. */
    bool again;
    /* A success: the step has overcome all that it told before. */
    bool success;
    /* A match is no finding by itself: it can only explain another. */
    bool background;
    /* Every match is a failure of its own. */
    bool each;
    enum { SW_RULE_ANYWHERE, SW_RULE_IN_BUILD, SW_RULE_IN_RUN } place;
    /* The match counts even if the step ended well. */
    bool survives;
    struct sw_names names;
    /* The value that a traceback gives: the package, or else the file, that its innermost frame is in. */
    int importer;
    struct sw_pattern *pattern;
    struct sw_literals literals;
    struct sw_rule_near *near;
    size_t near_count;
    /* The greatest `within` of the patterns for lines after the match. */
    unsigned lines_after;
    struct sw_rule_derived *derived;
    size_t derived_count;
    struct sw_rule_conditions when;
    struct sw_phrase message, cause, hint, proof;
    struct sw_phrase *at;
    size_t at_count;
    struct sw_rule_edit *fix;
    size_t fix_count;
    unsigned *explains; /* numbers of rules */
    size_t explains_count;
    const char *url; /* or NULL */
};

struct sw_rules {
    struct sw_arena arena;
    struct sw_rule *items;
    size_t count;
    /* The scan's owners are the rules' numbers, then `count` for the words of failed commands, then the readers. */
    struct sw_scan *scan;
};

/* Read a rule from its map, which the schema allows; the caller resolves `explains`. On failure the patterns
 * compiled so far are the caller's to release, as on success. */
int sw_rule_read(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *node,
                 struct sw_error *error) SW_NODISCARD;
void sw_rule_release(struct sw_rule *rule);

#endif
