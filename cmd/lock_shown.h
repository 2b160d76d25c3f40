/* The set of a lock as people and programs read it. */
#ifndef SLIPWAY_CMD_LOCK_SHOWN_H
#define SLIPWAY_CMD_LOCK_SHOWN_H

#include "session.h"

/* The set as [{name, version, size, sha256, index, required_by: [{by, requirement}]}]; `by` is null for the profile itself. */
const struct sw_node *lock_packages(struct sw_builder *b, const struct sw_pylock *lock);
/* Print the set with its download sizes, and who requires each package. */
int lock_print(struct session *session, const struct sw_pylock *lock, struct sw_error *error);
/* Print every package that requires the project, down from the profile. SW_EINPUT if the set does not have it. */
int lock_print_why(struct session *session, const struct sw_pylock *lock, const char *project,
                   struct sw_error *error);

/* That answer for programs: {name, version, required_by: [{way: [{name, version}], requirement}]}; `way` begins at the profile and ends with
 * the package that has the requirement, and is empty if the profile has it. */
int lock_why(const struct sw_node **out, struct sw_builder *b, const struct sw_pylock *lock,
             const char *project, struct sw_error *error);

#endif
