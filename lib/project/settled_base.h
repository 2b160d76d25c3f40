/* The torch of a base image that later commands replace. */
#ifndef SLIPWAY_PROJECT_SETTLED_BASE_H
#define SLIPWAY_PROJECT_SETTLED_BASE_H

#include "project/prepared.h"

/* If a command of the Dockerfile that `prepared` was made from replaces the torch of its base image, take that torch out of the profile, so that
 * the torch is judged that will be there, and plan again: SW223, and SW205 for packages of the base image that are built for the former
 * torch. Does nothing if the index cannot be asked. `prepared` must be planned. Fails only on a cancellation and without memory. */
int sw_prepared_settle_base(struct sw_prepared *prepared, struct sw_project *project,
                            const struct sw_catalog *catalog, struct sw_findings *findings,
                            struct sw_error *error) SW_NODISCARD;

#endif
