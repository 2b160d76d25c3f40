/* A template's text as a list of steps. */
#ifndef SLIPWAY_TEMPLATE_PARSE_INTERNAL_H
#define SLIPWAY_TEMPLATE_PARSE_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"

enum sw_template_kind {
    SW_TEMPLATE_TEXT,
    SW_TEMPLATE_VALUE,
    SW_TEMPLATE_SECTION,
    SW_TEMPLATE_INVERTED,
    SW_TEMPLATE_PARTIAL,
};

struct sw_template_step {
    enum sw_template_kind kind;
    struct sw_str text;    /* the text itself, or the tag's name */
    struct sw_str filter;  /* of VALUE; p is NULL if there is none */
    struct sw_str indent;  /* of PARTIAL */
    unsigned line, column; /* of the tag, from 1, in characters */
    /* The step after the last step of a SECTION or INVERTED. */
    size_t end;
};

struct sw_template {
    const char *label;
    struct sw_template_step *steps;
    size_t count;
};

/* Parse `text`, each line of which `indent` is put before. The steps lie in `arena` and point into `text`; `label` is
 * kept as it is. */
int sw_template_parse(struct sw_template *out, struct sw_arena *arena, struct sw_str text,
                      struct sw_str indent, const char *label, struct sw_error *error) SW_NODISCARD;

#endif
