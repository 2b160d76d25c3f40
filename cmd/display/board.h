/* Several builds on one terminal: a line for each that runs, with its current step and how long that has taken, and one below
 * with what the step does. Drawn in place; who prints something else clears it first. */
#ifndef SLIPWAY_DISPLAY_BOARD_H
#define SLIPWAY_DISPLAY_BOARD_H

#include "display/progress.h"

struct board;
/* For builds with these names, which live as long; none of them runs yet. NULL without memory. */
struct board *board_new(const struct progress_options *options, const char *const *names, size_t count);
void board_free(struct board *board); /* clears it; takes NULL */

void board_start(struct board *board, size_t build);
void board_event(struct board *board, size_t build, const struct sw_event *event);
void board_end(struct board *board, size_t build, bool ok);

/* Draw what has changed since; with `now` whatever it is, else as often as is good for a terminal. */
void board_draw(struct board *board, bool now);
void board_clear(struct board *board);

#endif
