/* A profile moved to other releases: the edits for it, in the order in which they are made.
 *
 * Each function appends edits to the fix of a finding, for sw_fix_apply(); between the first two `check` has its say, and its fixes
 * move what must move along. */
#ifndef SLIPWAY_AUTHOR_UPGRADE_H
#define SLIPWAY_AUTHOR_UPGRADE_H

#include "catalog/catalog.h"
#include "profile/plan.h"

/* The profile says what was asked for: `requirements` are PEP 508. One of torch changes the key `torch`, where there is one: its CUDA
 * stays if such a build serves the profile's GPUs, else it is that of the first build that does. Another replaces the
 * requirement or constraint of its project, or is a new one. BNB_CUDA_VERSION goes where torch or bitsandbytes do. Assertions that state one exact release stand for the old stack: until the
 * new one is known they hold for any. SW_EINPUT where a requirement cannot be read. */
int sw_upgrade_begin(struct sw_findings *list, struct sw_finding *finding, const struct sw_profile *profile,
                     const struct sw_plan *plan, const struct sw_catalog *catalog,
                     const char *const *requirements, size_t count, struct sw_error *error) SW_NODISCARD;

/* What was pinned to one release in `before`, and was loosened to a range since, is pinned to the lowest of it. */
int sw_upgrade_pin(struct sw_findings *list, struct sw_finding *finding, const struct sw_node *before,
                   const struct sw_node *now, struct sw_error *error) SW_NODISCARD;

/* Whether the requirements and constraints in `now` still say what was asked for: a fix may have moved a companion back to
 * what goes with torch. SW_ENO where they do not. */
int sw_upgrade_holds(const struct sw_node *now, const char *const *requirements, size_t count,
                     struct sw_error *error) SW_NODISCARD;

/* The description names the new torch where it named the old one. The checklist: assertions that stated an exact release state that of the new plan, and there is one for torch's CUDA and for each pin
 * that is another now, with an import of its module where that loads CUDA. A new assertion is a map, which no edit can make: the edit
 * adds a text in its place, which sw_upgrade_write_assertions() replaces. */
struct sw_new_assertion {
    const char *that;
    const char *is; /* NULL: an import */
};
struct sw_checklist {
    struct sw_new_assertion *items; /* in the findings' arena */
    size_t count;
};
int sw_upgrade_assert(struct sw_checklist *checklist, struct sw_findings *list, struct sw_finding *finding,
                      const struct sw_node *before, const struct sw_profile *profile,
                      const struct sw_plan *plan, const struct sw_catalog *catalog,
                      struct sw_error *error) SW_NODISCARD;

/* Append the YAML text with the checklist's assertions in the places that were kept for them. */
void sw_upgrade_write_assertions(struct sw_buffer *out, struct sw_str yaml,
                                 const struct sw_checklist *checklist);

#endif
