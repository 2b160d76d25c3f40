/* A profile's file, prepared with its lock. */
#ifndef SLIPWAY_PROJECT_PREPARE_H
#define SLIPWAY_PROJECT_PREPARE_H

#include "project/prepared.h"

/* Load the profile with texts from `source`, resolve it, and hold the plan to the profile's lock. Faults of the profile go to `findings`;
 * if a new finding is an error, `prepared` must not be used, but must still be released. */
int sw_prepare_with(struct sw_prepared *prepared, struct sw_project *project, const char *path,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;

/* Prepare as sw_prepare_with() does a profile as it stands on the disk, with the things that the caller lets it have. */
int sw_prepare(struct sw_prepared *prepared, struct sw_project *project, const char *path,
               const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);

#endif
