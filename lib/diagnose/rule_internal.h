/* A log rule as it is used: what it looks for, what that means, what to do. Private to this layer; the YAML
 * it is read from is described in rules.h. */
#ifndef SLIPWAY_DIAGNOSE_RULE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_RULE_INTERNAL_H

#include "base/finding.h"
#include "diagnose/literal_internal.h"
#include "diagnose/literal_scan_internal.h"
#include "diagnose/pattern_internal.h"

/* A pattern for the lines around the one that matched. */
struct sw_rule_near {
    struct sw_pattern *pattern;
    unsigned within; /* so many lines, blank ones not counted */
    bool before;     /* they come before; else after */
    bool required;
    bool all; /* every match is evidence; else the first */
};

/* One value looked up or rewritten from another. */
struct sw_rule_derived {
    int from, to; /* numbers of values */
    bool replace; /* put each pair's second text for its first, wherever it stands; else look the
                     whole value up among the firsts */
    const struct sw_node *pairs; /* a map of scalars */
    size_t count;
    struct sw_phrase otherwise; /* for a value that is not among the firsts */
};

/* What must hold of the profile. */
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
    int64_t rank;  /* the greater comes first */
    bool symptom;  /* says that something failed and not why */
    bool survives; /* counts even where the step ended well */
    struct sw_names names;
    struct sw_pattern *pattern;
    struct sw_literals literals;
    struct sw_rule_near *near;
    size_t near_count;
    unsigned lines_after; /* the greatest `within` of those that look there */
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
    struct sw_scan
        *scan; /* its owners are the rules' numbers, and `count` for the words of failed commands */
};

/* Read one rule from its map, which the schema allows; what it explains is left to the caller. On failure the
 * patterns compiled so far are the caller's to release, as on success. */
int sw_rule_read(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *node,
                 struct sw_error *error) SW_NODISCARD;
void sw_rule_release(struct sw_rule *rule);

#endif
