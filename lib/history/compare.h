/* The differences between two builds: in the plan, in the releases that are really installed, in the image
 * and its files; and, if two images differ though the same was asked of both, which step and why. */
#ifndef SLIPWAY_HISTORY_COMPARE_H
#define SLIPWAY_HISTORY_COMPARE_H

#include "base/error.h"
#include "data/node.h"
#include "history/facts.h"

/* A side of a comparison; unknown parts are NULL (texts: `p`). */
struct sw_side {
    const char *name;           /* "mixtral@3" */
    const struct sw_node *plan; /* profile/plan.h */
    const struct sw_record_facts *facts;
    struct sw_str installed; /* "name==version" a line, sorted */
    struct sw_str dockerfile;
    const struct sw_node *rendered; /* {file: digest} */
    const char *context;            /* the digest of the files it copies */
};

/* The differences as a tree in `arena`; all texts are the sides' own.
 *
 *   a, b        names of the sides
 *   plan        `[{path, a, b}]`   values, null if a side has none; lists are compared by item
 *   installed   `[{name, a, b}]`   versions; null if a side does not tell
 *   image       `[{what, a, b}]`   id, size, seconds, result, if they differ and both sides have them
 *   files       `[name]`           rendered files that differ
 *   layers      {same, step, why} if the images differ: how many layers they share, the Dockerfile's step that made the
 *               first layer that differs (null if that layer is the base image's or the step is not known), and the
 *               reason in words; else null */
int sw_compare(const struct sw_node **out, struct sw_arena *arena, const struct sw_side *a,
               const struct sw_side *b, struct sw_error *error) SW_NODISCARD;

#endif
