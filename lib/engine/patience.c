#include "engine/patience.h"

#include "base/clock.h"
#include "base/macros.h"

/* In milliseconds. A connection by ssh is made of a login on another machine, and ssh gives up by itself after 10 s. */
static const struct {
    int near_ms, far_ms;
} limits[] = {
    [SW_PATIENCE_ANSWER] = {60 * 1000, 60 * 1000},
    [SW_PATIENCE_CONNECT] = {10 * 1000, 20 * 1000},
    [SW_PATIENCE_PING] = {10 * 1000, 20 * 1000},
    [SW_PATIENCE_WORK] = {600 * 1000, 600 * 1000},
    [SW_PATIENCE_QUIET] = {60 * 1000, 60 * 1000},
    [SW_PATIENCE_STREAM] = {7200 * 1000, 7200 * 1000},
    [SW_PATIENCE_END] = {800, 800},
    [SW_PATIENCE_CLEANUP] = {5 * 1000, 5 * 1000},
};

int64_t sw_patience_ns(const struct sw_endpoint *endpoint, enum sw_patience patience)
{
    bool far = endpoint->kind == SW_ENDPOINT_CHILD;
    int64_t usual = (far ? limits[patience].far_ms : limits[patience].near_ms) * SW_MILLISECOND_NS;
    return endpoint->patience_ns > 0 && endpoint->patience_ns < usual ? endpoint->patience_ns : usual;
}
