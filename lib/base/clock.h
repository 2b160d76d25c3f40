/* Time. */
#ifndef SLIPWAY_BASE_CLOCK_H
#define SLIPWAY_BASE_CLOCK_H

#include <stdint.h>

#define SW_SECOND_NS 1000000000LL
#define SW_MILLISECOND_NS 1000000LL

int64_t sw_clock_now(void);   /* monotonic, ns */
int64_t sw_clock_epoch(void); /* wall clock, ns since 1970-01-01 UTC */
/* "2026-11-21T01:22:33Z" from nanoseconds since 1970; 32 bytes with the NUL are enough until year 9999. */
void sw_clock_rfc3339(char out[32], int64_t epoch_ns);

#endif
