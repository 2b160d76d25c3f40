/* The things of this host, beyond its own project, that a profile needs. */
#ifndef SLIPWAY_PROFILE_NEEDS_H
#define SLIPWAY_PROFILE_NEEDS_H

#include "profile/permission.h"
#include "profile/profile.h"

/* The folder of its context: `context.path`, relative to the file that says it, else the folder of its own file; NULL
 * without memory. */
const char *sw_profile_context(struct sw_arena *arena, const struct sw_profile *profile);

/* Add SW104 for each variable that would become a secret, and for the SSH agent, unless `permissions` have them. */
void sw_profile_needs_secrets(const struct sw_profile *profile, const struct sw_permissions *permissions,
                              enum sw_severity severity, struct sw_findings *findings);
/* Add SW104 of severity error if the context, or its .dockerignore, is a file or folder that `permissions` do not have. Nothing
 * is read for this. */
int sw_profile_needs_files(const struct sw_profile *profile, const struct sw_permissions *permissions,
                           struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;

/* The variable that a row of `secrets` is filled from if its caller gives no other value. */
const char *sw_secret_variable(const struct sw_node *secret);

#endif
