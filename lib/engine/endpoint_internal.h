/* The parts that the files of the module endpoint share (internal to this layer). */
#ifndef SLIPWAY_ENGINE_ENDPOINT_INTERNAL_H
#define SLIPWAY_ENGINE_ENDPOINT_INTERNAL_H

#include "data/node.h"
#include "engine/endpoint.h"

int sw_endpoint_read_json(const struct sw_node **out, struct sw_arena *arena, const char *path,
                          struct sw_error *error) SW_NODISCARD;
/* The endpoint of a docker context; `who` names the context, for messages. `config` is docker's folder, or NULL. */
int sw_endpoint_of_context(struct sw_endpoint *out, struct sw_arena *arena, const char *config,
                           const char *name, const char *who, struct sw_error *error) SW_NODISCARD;
/* The endpoint of `wishes->builder`, a builder that docker buildx knows. `*usual` becomes true, and nothing else is set, for the
 * builder of docker's default context. */
int sw_endpoint_of_builder(struct sw_endpoint *out, bool *usual, struct sw_arena *arena,
                           const struct sw_endpoint_wishes *wishes, const char *config,
                           struct sw_error *error) SW_NODISCARD;

#endif
