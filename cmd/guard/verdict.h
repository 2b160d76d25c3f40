/* Whether a stack can run on a host. */
#ifndef SLIPWAY_GUARD_VERDICT_H
#define SLIPWAY_GUARD_VERDICT_H

#include "driver.h"
#include "stack.h"

#include <stdbool.h>

enum { VERDICT_SIZE = 1024 };

/* True where it can, else one line without its end in `reason`. `visible` is CUDA_VISIBLE_DEVICES, or NULL.
 *
 * Machine code runs on GPUs of its major number and the same or a higher minor one, PTX on all newer ones, where the driver is
 * of its toolkit or newer; machine code needs a driver of the same major CUDA ("CUDA Compatibility", minor versions). With
 * several GPUs each must be served, since a service may use any of them. */
bool verdict(char reason[VERDICT_SIZE], const struct stack *stack, const struct host *host,
             const char *visible);

/* The first GPU with less memory than is asked for, as a line in `warning`; false where there is none. Sizes are as sold, and
 * a GPU shows a little less than that: a sixteenth is not missed. */
bool verdict_memory(char warning[VERDICT_SIZE], const struct stack *stack, const struct host *host);

#endif
