/* A BuildKit daemon as an engine that builds and keeps no images (internal to this layer). */
#ifndef SLIPWAY_ENGINE_BUILDKITD_INTERNAL_H
#define SLIPWAY_ENGINE_BUILDKITD_INTERNAL_H

#include "base/cancel.h"
#include "engine/engine.h"

/* Ask a BuildKit daemon for its workers: moby.buildkit.v1.Control.ListWorkers. SW_EENV if nothing of that
 * kind answers. */
int sw_worker_ask(struct sw_engine_info *info, const struct sw_endpoint *endpoint,
                  const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
/* Read the answer of ListWorkers: the first worker's platform and release. SW_EENV if there is no worker. */
int sw_worker_read(struct sw_engine_info *info, struct sw_str message, struct sw_error *error) SW_NODISCARD;

#endif
