#include "base/clock.h"

#include "base/macros.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SW_SECOND_NS + now.tv_nsec;
}

int64_t sw_clock_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t sw_clock_epoch(void)
{
    return read_clock(CLOCK_REALTIME);
}

void sw_clock_rfc3339(char out[32], int64_t epoch_ns)
{
    time_t seconds = (time_t)(epoch_ns / SW_SECOND_NS);
    struct tm parts = {0};
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}
