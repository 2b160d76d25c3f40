/* The functions that each kind of progress gives to progress.c, and the constructors. */
#ifndef SLIPWAY_DISPLAY_PROGRESS_KINDS_H
#define SLIPWAY_DISPLAY_PROGRESS_KINDS_H

#include "display/progress.h"

/* The first member of each kind's own struct. */
struct progress {
    void (*emit)(void *self, const struct sw_event *event); /* `self` is the progress */
    void (*free)(struct progress *self);
};

/* NULL without memory, or, for the terminal's, without a thread. */
struct progress *progress_tty_new(const struct progress_options *options);
struct progress *progress_plain_new(const struct progress_options *options);
struct progress *progress_json_new(const struct progress_options *options);

#endif
