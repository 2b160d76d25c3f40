/* The modules of one wheel that are read on a walk through it: found by their names, read many at once. */
#ifndef SLIPWAY_WHEEL_WALK_INTERNAL_H
#define SLIPWAY_WHEEL_WALK_INTERNAL_H

#include "wheel/wheel.h"

/* A module on the way. */
struct sw_visit {
    struct sw_str module;
    const struct sw_zip_member *member;
    struct sw_module outline; /* once `read` */
    bool package, read;
};

struct sw_walk {
    struct sw_arena *arena;
    const struct sw_wheel *wheel;
    struct sw_visit *visits;
    size_t visit_count, read_count;
    /* The place of a member's visit among the visits, from 1; 0: none. */
    uint32_t *visit_of;
    struct sw_error *error;
};

int sw_walk_begin(struct sw_walk *walk, struct sw_arena *arena, const struct sw_wheel *wheel,
                  struct sw_error *error) SW_NODISCARD;
/* NULL if the member is not on the way. */
struct sw_visit *sw_walk_visit(const struct sw_walk *walk, const struct sw_zip_member *member);
/* Add a module and those that Python imports before it: the packages that it is in. At most
 * SW_MAX_SCANNED_MODULES are added. */
int sw_walk_add(struct sw_walk *walk, struct sw_str module) SW_NODISCARD;
/* Read all modules on the way that were not read. A module that cannot be understood stays without an outline
 * and makes no claim. */
int sw_walk_read(struct sw_walk *walk) SW_NODISCARD;
/* Announce members that will be read. */
int sw_walk_expect(const struct sw_walk *walk, struct sw_range *ranges, size_t count) SW_NODISCARD;

/* The absolute name of a module that an import names from within a module; empty if it leads out of the
 * package. */
struct sw_str sw_walk_absolute(struct sw_walk *walk, const struct sw_visit *visit, struct sw_str module);
/* "a.b" and "c" as "a.b.c", in the arena; no text without memory. */
struct sw_str sw_walk_inner(struct sw_walk *walk, struct sw_str module, struct sw_str name);
/* The length of the first `parts` parts of a dotted name, or of all of it. */
size_t sw_walk_prefix(struct sw_str module, size_t parts);

#endif
