/* Functions that the files of containers share (internal to this layer). */
#ifndef SLIPWAY_ENGINE_CONTAINER_INTERNAL_H
#define SLIPWAY_ENGINE_CONTAINER_INTERNAL_H

#include "engine/container.h"

enum { SW_OWNER_SIZE = 160 };
/* Write this process as a value of the label: "BOOT-ID/PID-NAMESPACE/PID/START". */
void sw_container_owner(char out[SW_OWNER_SIZE]);
/* Return true if the process of a label has ended. `known` is false if the process belongs to another host, or to another boot or
 * namespace of this host. */
bool sw_container_is_orphan(const char *label, bool *known);
/* Build the body of POST /containers/create. */
const struct sw_node *sw_container_config(struct sw_builder *b, const struct sw_engine *engine,
                                          const struct sw_container_request *request);

#endif
