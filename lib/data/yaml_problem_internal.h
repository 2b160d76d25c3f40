/* The faults of a YAML text, in words for the person who wrote it. Only data/yaml.c calls this module. */
#ifndef SLIPWAY_DATA_YAML_PROBLEM_INTERNAL_H
#define SLIPWAY_DATA_YAML_PROBLEM_INTERNAL_H

#include "base/error.h"
#include "base/str.h"

#include <yaml.h>

/* The hint for a tag that is not known. */
#define SW_YAML_TAG_HINT                                                                                   \
    "only !!str, !!int, !!float, !!bool, !!null, !!map and !!seq are read; put text that begins with '!' " \
    "in quotes"

/* Refuse bytes that no YAML text holds: bytes that are not UTF-8, NUL, control characters (YAML 1.2.2,
 * section 5.1). A byte order mark is not part of `text`. */
int sw_yaml_check_bytes(struct sw_str text, const char *file, struct sw_error *error) SW_NODISCARD;

/* Fill `error` from a libyaml parser that failed on `text`; returns its code. */
int sw_yaml_problem(const yaml_parser_t *parser, struct sw_str text, const char *file,
                    struct sw_error *error);

#endif
