/* Several builds on one terminal: a line for each running build, with its current step and the time that the
 * step has taken, and a line below with the step's work. The lines are drawn in place; a caller that prints
 * anything else clears them first. */
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

/* Draw every change since the last call: always if `now`, else as often as is good for a terminal. */
void board_draw(struct board *board, bool now);
void board_clear(struct board *board);

#endif
