/* A few lines at the bottom of a terminal that are redrawn in place (ECMA-48).
 *
 * A frame is a single write. The cursor is hidden only within that write, so that a process that ends between
 * two frames never leaves it hidden. A frame always has fewer lines than the terminal, and no line reaches
 * the last column. */
#ifndef SLIPWAY_DISPLAY_SCREEN_H
#define SLIPWAY_DISPLAY_SCREEN_H

#include "base/buffer.h"

enum { SCREEN_MOST_ROWS = 200 };

enum style { STYLE_PLAIN, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_BUSY };

struct screen {
    int fd;
    bool color, utf8;
    unsigned rows, columns;            /* that a frame may use, read anew for each */
    unsigned widths[SCREEN_MOST_ROWS]; /* of the lines that stand there */
    unsigned drawn;                    /* how many those are */
    unsigned row, column;              /* in the frame at hand */
    struct sw_buffer frame;
};

void screen_init(struct screen *screen, int fd, bool color, bool utf8);
void screen_release(struct screen *screen);

/* A new frame in place of the last. */
void screen_begin(struct screen *screen);
/* Add clean text (of base/text.h), cut to the rest of the line and to `width` columns. */
void screen_put(struct screen *screen, enum style style, struct sw_str text, unsigned width);
void screen_put_text(struct screen *screen, enum style style, const char *text);
/* Blanks up to a column, from 0. */
void screen_go(struct screen *screen, unsigned column);
void screen_next_line(struct screen *screen);
unsigned screen_rows_left(const struct screen *screen);
/* Make the text so far permanent: the frame begins below it. Call this function only before the frame's own
 * lines. */
void screen_keep(struct screen *screen);
/* Write the frame; the part that the terminal does not take is lost. */
void screen_end(struct screen *screen);

/* Return the number of bytes of `text` that fit into `width` columns. */
size_t screen_fit(const struct screen *screen, struct sw_str text, unsigned width);

#endif
