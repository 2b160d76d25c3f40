/* A profile's file, prepared as it stands on the disk, with its lock. */
#ifndef SLIPWAY_PROJECT_PREPARE_H
#define SLIPWAY_PROJECT_PREPARE_H

#include "project/prepared.h"

/* Load the profile, with the things that the caller lets it have, and resolve it. Faults of the profile go to
 * `findings`; if a new finding is an error, `prepared` must not be used, but must still be released. */
int sw_prepare(struct sw_prepared *prepared, const struct sw_project *project, const char *path,
               const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);

#endif
