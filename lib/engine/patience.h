/* The time limits of an engine's work, all in one place. */
#ifndef SLIPWAY_ENGINE_PATIENCE_H
#define SLIPWAY_ENGINE_PATIENCE_H

#include "engine/endpoint.h"

#include <stdint.h>

enum sw_patience {
    /* The whole answer to a question about the engine's state. The default of a request. */
    SW_PATIENCE_ANSWER,
    SW_PATIENCE_CONNECT,
    SW_PATIENCE_PING,
    /* The whole answer to work that moves images or starts processes. */
    SW_PATIENCE_WORK,
    /* The silence of a stream after which the engine is pinged: an engine that answers may be silent on. */
    SW_PATIENCE_QUIET,
    /* The silence after which a stream is given up although the engine answers pings. */
    SW_PATIENCE_STREAM,
    /* SW_PATIENCE_END ends cancelled work, SW_PATIENCE_CLEANUP clears failed work away. */
    SW_PATIENCE_END,
    SW_PATIENCE_CLEANUP
};

/* In nanoseconds, and never more than the endpoint's own `patience_ns`. */
int64_t sw_patience_ns(const struct sw_endpoint *endpoint, enum sw_patience patience);

#endif
