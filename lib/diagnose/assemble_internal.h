/* Lines out of chunks: any chunk, any bytes, bounded memory.
 *
 * A line ends with LF or CR LF. A CR alone starts the line again, as a progress bar does: the text before it
 * is handed on as overwritten. Of a line longer than SW_MAX_LOG_LINE its head and its tail are handed on,
 * joined by a blank. */
#ifndef SLIPWAY_DIAGNOSE_ASSEMBLE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_ASSEMBLE_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"

/* Zeroed it is ready. */
struct sw_assembler {
    size_t n; /* bytes of the line seen and not handed on */
    /* The place of the next byte of a long line's tail. */
    size_t tail;
    bool cr; /* the last byte was CR, and is not counted */
    char bytes[SW_MAX_LOG_LINE];
};

enum sw_line_end {
    SW_LINE_ENDED,
    SW_LINE_OVERWRITTEN,
};

typedef void sw_line_reader(void *self, struct sw_str line, enum sw_line_end end);

void sw_assemble(struct sw_assembler *assembler, struct sw_str bytes, sw_line_reader *reader, void *self);
/* Hand on the text that has no line end yet. */
void sw_assemble_end(struct sw_assembler *assembler, sw_line_reader *reader, void *self);

#endif
