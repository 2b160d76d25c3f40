/* Cancellation: one flag that a signal handler sets and that everything which waits looks at. */
#ifndef SLIPWAY_BASE_CANCEL_H
#define SLIPWAY_BASE_CANCEL_H

#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct sw_cancel {
    /* When the request came, by sw_clock_now(); 0 before. */
    _Atomic int64_t requested_ns;
    /* An eventfd that becomes readable on request, for poll(); -1 if there is none. */
    int fd;
};

/* If the kernel gives no eventfd, `fd` is -1 and the flag alone works. */
void sw_cancel_init(struct sw_cancel *cancel);
void sw_cancel_release(struct sw_cancel *cancel);
/* Async-signal-safe; may be called again. */
void sw_cancel_request(struct sw_cancel *cancel);
/* NULL is never cancelled. */
bool sw_cancel_requested(const struct sw_cancel *cancel);
/* Nanoseconds since the request; -1 if there is none. */
int64_t sw_cancel_age(const struct sw_cancel *cancel);
/* Wait so long, or until a request. */
void sw_cancel_wait(const struct sw_cancel *cancel, int64_t ns);
/* SW_ECANCELED with the text "interrupted". */
int sw_fail_canceled(struct sw_error *error);

#endif
