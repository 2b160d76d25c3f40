/* Opening a connection to a container engine. */
#ifndef SLIPWAY_ENGINE_OPEN_H
#define SLIPWAY_ENGINE_OPEN_H

#include "engine/engine.h"

struct sw_engine_options {
    struct sw_endpoint_wishes wishes;
    /* DOCKER_API_VERSION; NULL or "": negotiate. */
    const char *api_version;
    const struct sw_cancel *cancel; /* NULL: none; must outlive the engine */
};

/* Open the engine that is wished for, else the first of the usual places that answers. A NOTE event names the
 * engine if nobody chose it. If none answers, the error (SW_EENV) lists the places that were tried. */
int sw_engine_open(struct sw_engine **out, const struct sw_engine_options *options,
                   const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
/* Open the engine at one endpoint, whose texts are copied. `api_version` and `cancel` as in struct
 * sw_engine_options. */
int sw_engine_open_endpoint(struct sw_engine **out, const struct sw_endpoint *endpoint,
                            const char *api_version, const struct sw_cancel *cancel,
                            struct sw_error *error) SW_NODISCARD;
void sw_engine_close(struct sw_engine *engine); /* takes NULL */

#endif
