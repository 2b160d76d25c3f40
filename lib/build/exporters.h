/* The caches, outputs and attestations of a build request. */
#ifndef SLIPWAY_BUILD_EXPORTERS_H
#define SLIPWAY_BUILD_EXPORTERS_H

#include "build/request.h"
#include "engine/engine.h"

/* An attribute's value, or NULL. */
const char *sw_part_get(const struct sw_build_part *part, const char *name);
size_t sw_parts_count(const struct sw_build_part *parts); /* takes NULL */
bool sw_part_is(const struct sw_build_part *part, const char *type);

/* Return true if POST /build has words for the whole request. */
bool sw_parts_are_plain(const struct sw_build_request *request, const struct sw_engine_info *info);
/* Return true if the output is an image that the engine keeps, pushed or not. */
bool sw_part_stays(const struct sw_build_part *output);
/* Return true if the output is an image for a registry. */
bool sw_part_pushes(const struct sw_build_part *output);
/* Return true if layers stay as a build compressed them. Other engines compress them with gzip at each push. */
bool sw_engine_keeps_compression(const struct sw_engine_info *info);
/* Return true if some output is an image that the engine keeps, or if there are no outputs. */
bool sw_parts_stay(const struct sw_build_request *request);

/* Check that the engine can build the request, before anything is sent to it: SW_ENO with a hint if it
 * cannot. */
int sw_engine_build_check(const struct sw_engine *engine, const struct sw_build_request *request,
                          struct sw_error *error) SW_NODISCARD;

#endif
