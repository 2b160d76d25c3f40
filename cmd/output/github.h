/* What GitHub Actions is told of a build besides annotations: masks, groups, outputs, the job's summary.
 *
 * GitHub Docs, "Workflow commands for GitHub Actions". Masks, outputs and summary only where a runner runs this
 * (GITHUB_ACTIONS=true): elsewhere a mask would print the very secret. */
#ifndef SLIPWAY_OUTPUT_GITHUB_H
#define SLIPWAY_OUTPUT_GITHUB_H

#include "build.h"

/* Hide the secrets' values in the job's log; before anything of the build can print them. */
void github_mask(const struct build *build);
/* Fold what is printed until the end into one line. */
void github_begin(struct build *build);
void github_end(struct build *build); /* where it was begun */
/* Append outputs (image, imageid, digest, tags, profile, ok, verified) to GITHUB_OUTPUT and the summary to GITHUB_STEP_SUMMARY, where
 * these are set. */
int github_report(const struct build *build, bool ok, struct sw_error *error);
/* The outputs of a push alone: image, imageid, digest and tags. `pushed` as in push.h. */
int github_pushed(const char *id, const struct sw_node *pushed, struct sw_error *error);

#endif
