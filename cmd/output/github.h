/* Messages of a build to GitHub Actions besides annotations: masks, groups, outputs, the job's summary.
 *
 * GitHub Docs, "Workflow commands for GitHub Actions". Masks, outputs and summary are written only if a
 * runner runs slipway (GITHUB_ACTIONS=true): elsewhere a mask would print the very secret. */
#ifndef SLIPWAY_OUTPUT_GITHUB_H
#define SLIPWAY_OUTPUT_GITHUB_H

#include "build_view.h"

/* Hide the secrets' values in the job's log; before anything of the build can print them. */
void github_mask(const struct session *session, const struct sw_attempt *attempt);
/* Begin a group: the runner folds everything that is printed before github_end() into one line. */
void github_begin(struct build_view *view, const char *profile);
/* End the group, if github_begin() has begun a group. */
void github_end(struct build_view *view);
/* Append outputs (image, imageid, digest, tags, profile, ok, verified) to the file that GITHUB_OUTPUT names
 * and the summary to the file that GITHUB_STEP_SUMMARY names; a variable that is not set is skipped. */
int github_report(const struct build_view *view, const struct sw_attempt *attempt, bool ok,
                  struct sw_error *error);
/* The outputs of a push alone: image, imageid, digest and tags. `pushed` as in push.h. */
int github_pushed(const char *id, const struct sw_node *pushed, struct sw_error *error);

#endif
