/* The GPUs of --gpu, by the names of the catalog. */
#ifndef SLIPWAY_CMD_CHOSEN_GPUS_H
#define SLIPWAY_CMD_CHOSEN_GPUS_H

#include "session.h"

#include "catalog/catalog.h"

/* Put the names that `given` means into `chosen`, each once; "local" stands for the GPUs of this machine. They
 * lie as long as the session and the catalog. */
int chosen_gpus(struct sw_texts *chosen, struct session *session, const struct sw_catalog *catalog,
                const struct sw_texts *given, struct sw_error *error) SW_NODISCARD;

#endif
