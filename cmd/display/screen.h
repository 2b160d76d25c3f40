/* A few lines at the bottom of a terminal that are written again and again in place (ECMA-48).
 *
 * A frame is one write. The cursor is hidden only while it is written, so that nothing that ends the process
 * between two frames can leave it hidden. A frame never has more lines than the terminal less one, and no line
 * reaches the last column. */
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
/* Clean text (of base/text.h), cut to what is left of the line and to `width` columns. */
void screen_put(struct screen *screen, enum style style, struct sw_str text, unsigned width);
void screen_put_text(struct screen *screen, enum style style, const char *text);
/* Blanks up to a column, from 0. */
void screen_go(struct screen *screen, unsigned column);
void screen_next_line(struct screen *screen);
unsigned screen_rows_left(const struct screen *screen);
/* What has been put becomes permanent: the frame begins below it. Only before the frame's own lines. */
void screen_keep(struct screen *screen);
/* Write the frame; what the terminal does not take is lost. */
void screen_end(struct screen *screen);

/* How many bytes of `text` go into `width` columns. */
size_t screen_fit(const struct screen *screen, struct sw_str text, unsigned width);

#endif
