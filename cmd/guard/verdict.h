/* The decision whether a stack can run on a host. */
#ifndef SLIPWAY_GUARD_VERDICT_H
#define SLIPWAY_GUARD_VERDICT_H

#include "driver.h"
#include "stack.h"

#include <stdbool.h>

enum { VERDICT_SIZE = 1024 };

/* Return true if the stack can run on the host; else `reason` gets one line without its end. `visible` is
 * CUDA_VISIBLE_DEVICES, or NULL.
 *
 * Machine code runs on GPUs of its major number and an equal or higher minor number; PTX runs on all newer
 * GPUs if the driver is of its toolkit or newer; machine code needs a driver of its major CUDA version ("CUDA
 * Compatibility", minor versions). If there are several GPUs, each must be served, since a service may use
 * any of them. An image that was trimmed serves only GPUs of the compute capabilities that it was trimmed for: which library
 * still runs elsewhere is not known. */
bool verdict(char reason[VERDICT_SIZE], const struct stack *stack, const struct host *host,
             const char *visible);

/* Describe the first GPU with less memory than the stack asks for in a line in `warning`; return false if
 * there is no such GPU. Sizes are as sold, and a GPU shows a little less than that: a sixteenth may be
 * missing. */
bool verdict_memory(char warning[VERDICT_SIZE], const struct stack *stack, const struct host *host);

#endif
