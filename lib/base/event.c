#include "base/event.h"

#include "base/clock.h"

void sw_emit(const struct sw_sink *sink, struct sw_event event)
{
    if (sink == NULL || sink->emit == NULL)
        return;
    if (event.time_ns == 0)
        event.time_ns = sw_clock_now();
    sink->emit(sink->self, &event);
}
