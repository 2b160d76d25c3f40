/* Lines out of output that comes in any chunks, as a terminal would leave them: text that is overwritten
 * after a carriage return is gone. */
#ifndef SLIPWAY_DISPLAY_LINES_H
#define SLIPWAY_DISPLAY_LINES_H

#include "base/buffer.h"

struct lines {
    /* The current line as far as it has come, raw; at most SW_MAX_LOG_LINE. */
    struct sw_buffer line;
    size_t dropped; /* bytes of it past that maximum */
    bool returned;  /* a carriage return came last */
};

void lines_init(struct lines *lines);
void lines_release(struct lines *lines);

/* `line` is raw, without its end. `dropped` bytes more are lost. `whole`: it ended by a line feed (or at the
 * end of the output); else it was gone over. */
typedef void lines_reader(void *self, struct sw_str line, size_t dropped, bool whole);

void lines_add(struct lines *lines, struct sw_str bytes, lines_reader *reader, void *self);
/* End the output: the rest is a line. */
void lines_end(struct lines *lines, lines_reader *reader, void *self);

#endif
