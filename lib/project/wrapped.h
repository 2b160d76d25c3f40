/* A profile that builds a Dockerfile of the user's: the file read, and its stack in the profile. */
#ifndef SLIPWAY_PROJECT_WRAPPED_H
#define SLIPWAY_PROJECT_WRAPPED_H

#include "author/draft.h"
#include "context/context.h"
#include "profile/plan.h"
#include "profile/render.h"
#include "project/project.h"

/* The stack that the Dockerfile was read as; the profile's tree points into it. */
struct sw_wrapped {
    struct sw_draft *draft;
    struct sw_profile found;
};
void sw_wrapped_release(struct sw_wrapped *wrapped); /* takes a zeroed structure */

/* Read the Dockerfile that the profile names, if there is such a key, and add its stack to the profile's tree: its values have
 * their places in that file. Its faults become findings; with a new finding of severity error the profile must not be resolved. */
int sw_wrapped_read(struct sw_wrapped *wrapped, struct sw_profile *profile, const struct sw_project *project,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;

/* Take away the fixes that would edit a part of the profile that stands in the Dockerfile; `from`: the first finding. */
void sw_wrapped_drop_fixes(const struct sw_profile *profile, struct sw_findings *findings, size_t from);
/* Give the Dockerfile's name to findings of a build that call it "Dockerfile". */
void sw_wrapped_name_findings(const struct sw_profile *profile, struct sw_findings *findings, size_t from);

/* The context of the user's Dockerfile: his folder, and the Dockerfile as it is rendered. */
int sw_wrapped_context(struct sw_context_options *options, struct sw_arena *arena, const struct sw_plan *plan,
                       const struct sw_rendering *rendering, struct sw_error *error) SW_NODISCARD;

#endif
