/* The YAML reader: one document of YAML 1.1 syntax (libyaml) with the scalars of the 1.2 core schema.
 *
 * Plain scalars: null/~/empty, true/false, integers, floats; all else and everything quoted is text. So `yes`
 * is text, and 3.10 is a number whose `text` is still "3.10". Anchors and aliases are understood within
 * SW_MAX_YAML_NODES; merge keys (<<; but see sw_yaml_read_merged()), tags other than the core tags, several documents, duplicate keys and
 * keys that are no scalars are errors at their place. */
#ifndef SLIPWAY_DATA_YAML_H
#define SLIPWAY_DATA_YAML_H

#include "base/error.h"
#include "data/node.h"

/* Limits: SW_MAX_YAML_SIZE, SW_MAX_YAML_DEPTH, SW_MAX_YAML_NODES (aliases expanded, though they share their
 * node) and SW_MAX_YAML_ANCHORS. A byte order mark is skipped; other encodings than UTF-8, control characters
 * and binary files are refused. An integer that does not fit 64 bits is a number (SW_NODE_REAL) whose `text`
 * is exact.
 *
 * `file` names the source in errors and nodes; it is copied into the arena. An empty document gives a null
 * node. */
int sw_yaml_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error) SW_NODISCARD;
/* Read a file of another program, which may have merge keys (YAML 1.1, "Merge Key Language-Independent Type"): the members of the map
 * that `<<` names stand behind the map's own, with their places. */
int sw_yaml_read_merged(const struct sw_node **out, struct sw_arena *arena, struct sw_str text,
                        const char *file, struct sw_error *error) SW_NODISCARD;
/* Read a file of at most SW_MAX_YAML_SIZE bytes as sw_yaml_read() does. SW_ENOTFOUND if it does not exist;
 * the error then names the file also as its place, without a line. */
int sw_yaml_read_file(const struct sw_node **out, struct sw_arena *arena, const char *path,
                      struct sw_error *error) SW_NODISCARD;

#endif
