/* A profile moved to other releases: the edits for it, in the order in which they are made.
 *
 * Each function appends edits to the fix of a finding, for sw_fix_apply(). Between sw_upgrade_begin() and
 * sw_upgrade_pin() `check` judges the profile, and its fixes move the other requirements that must move
 * along. */
#ifndef SLIPWAY_AUTHOR_UPGRADE_H
#define SLIPWAY_AUTHOR_UPGRADE_H

#include "catalog/catalog.h"
#include "profile/plan.h"

/* Write the requested releases into the profile: `requirements` are PEP 508. A requirement on torch changes
 * the key `torch`, if the profile has that key: its CUDA stays if such a build serves the profile's GPUs,
 * else it becomes the CUDA of the first build that does. Any other requirement replaces the requirement or
 * constraint of its project, or is new. BNB_CUDA_VERSION goes if torch or bitsandbytes move. Assertions that
 * state a single exact release describe the old stack: until the new stack is known they hold for any
 * release. SW_EINPUT if a requirement cannot be read. */
int sw_upgrade_begin(struct sw_findings *list, struct sw_finding *finding, const struct sw_profile *profile,
                     const struct sw_plan *plan, const struct sw_catalog *catalog,
                     const char *const *requirements, size_t count, struct sw_error *error) SW_NODISCARD;

/* Pin again each project that was pinned to a release in `before` and was loosened to a range since: to the
 * lowest release of the range. */
int sw_upgrade_pin(struct sw_findings *list, struct sw_finding *finding, const struct sw_node *before,
                   const struct sw_node *now, struct sw_error *error) SW_NODISCARD;

/* Return 0 if the requirements and constraints in `now` still name the requested releases: a fix may have
 * moved a companion back to the release that goes with torch. SW_ENO if they do not. */
int sw_upgrade_holds(const struct sw_node *now, const char *const *requirements, size_t count,
                     struct sw_error *error) SW_NODISCARD;

/* The description names the new torch if it named the old torch. The checklist: assertions that stated an
 * exact release state that of the new plan, and there is one for torch's CUDA and for each pin that changed,
 * with an import of its module if that loads CUDA. A new assertion is a map, which no edit can make: the edit
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
