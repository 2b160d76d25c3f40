#include "diagnose/assemble_internal.h"

enum {
    TAIL = SW_MAX_LOG_LINE / 4,        /* kept of a long line's end */
    HEAD = SW_MAX_LOG_LINE - TAIL - 1, /* and of its beginning; a blank joins them */
};

/* Keep bytes of a line that goes on: the head first, then the tail as a ring. */
static void keep(struct sw_assembler *a, struct sw_str bytes)
{
    if (a->n < HEAD) {
        size_t n = bytes.n < HEAD - a->n ? bytes.n : HEAD - a->n;
        memcpy(a->bytes + a->n, bytes.p, n);
        a->n += n;
        bytes.p += n;
        bytes.n -= n;
    }
    char *ring = a->bytes + HEAD + 1;
    a->n += bytes.n;
    if (bytes.n > TAIL) {
        size_t skipped = bytes.n - TAIL;
        a->tail = (a->tail + skipped) % TAIL;
        bytes.p += skipped;
        bytes.n = TAIL;
    }
    while (bytes.n > 0) {
        size_t n = bytes.n < TAIL - a->tail ? bytes.n : TAIL - a->tail;
        memcpy(ring + a->tail, bytes.p, n);
        a->tail = (a->tail + n) % TAIL;
        bytes.p += n;
        bytes.n -= n;
    }
}

static void reverse(char *p, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        char c = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = c;
    }
}

/* The kept line in one piece; afterwards there is none. */
static struct sw_str take(struct sw_assembler *a)
{
    size_t n = a->n;
    /* The ring is full: turn it so that its oldest byte comes first. */
    if (n > HEAD + TAIL) {
        char *ring = a->bytes + HEAD + 1;
        reverse(ring, a->tail);
        reverse(ring + a->tail, TAIL - a->tail);
        reverse(ring, TAIL);
        a->bytes[HEAD] = ' ';
        n = HEAD + 1 + TAIL;
    } else if (n > HEAD) {
        memmove(a->bytes + HEAD, a->bytes + HEAD + 1, n - HEAD);
    }
    a->n = a->tail = 0;
    return (struct sw_str){a->bytes, n};
}

/* Hand on a line, or the part of it in this chunk, up to its end. */
static void hand_on(struct sw_assembler *a, struct sw_str piece, enum sw_line_end end, sw_line_reader *reader,
                    void *self)
{
    if (a->n == 0 && piece.n <= SW_MAX_LOG_LINE) {
        reader(self, piece, end);
        return;
    }
    if (piece.n > 0)
        keep(a, piece);
    reader(self, take(a), end);
}

/* Hand on the parts of `line`, which holds no LF, that CRs end; return the part behind the last CR. */
static struct sw_str hand_on_overwritten(struct sw_assembler *a, struct sw_str line, sw_line_reader *reader,
                                         void *self)
{
    for (;;) {
        const char *cr = line.n == 0 ? NULL : memchr(line.p, '\r', line.n);
        if (cr == NULL)
            return line;
        struct sw_str piece = {line.p, (size_t)(cr - line.p)};
        line = (struct sw_str){cr + 1, line.n - piece.n - 1};
        hand_on(a, piece, SW_LINE_OVERWRITTEN, reader, self);
    }
}

/* The text without the CRs at its end: several if a tool added a CR to that of a program. */
static struct sw_str without_cr(struct sw_str line)
{
    while (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

void sw_assemble(struct sw_assembler *a, struct sw_str bytes, sw_line_reader *reader, void *self)
{
    while (bytes.n > 0) {
        /* The next byte shows if the CR belonged to a line end. */
        if (a->cr && bytes.p[0] == '\r') {
            bytes = sw_str_drop(bytes, 1);
            continue;
        }
        if (a->cr) {
            a->cr = false;
            if (bytes.p[0] != '\n')
                hand_on(a, (struct sw_str){"", 0}, SW_LINE_OVERWRITTEN, reader, self);
        }
        const char *lf = memchr(bytes.p, '\n', bytes.n);
        size_t n = lf == NULL ? bytes.n : (size_t)(lf - bytes.p);
        struct sw_str line = {bytes.p, n};
        bytes = (struct sw_str){bytes.p + n, bytes.n - n};
        bool cr = line.n > 0 && line.p[line.n - 1] == '\r';
        line = without_cr(line);
        line = hand_on_overwritten(a, line, reader, self);
        if (lf == NULL) {
            a->cr = cr;
            if (line.n > 0)
                keep(a, line);
            return;
        }
        hand_on(a, line, SW_LINE_ENDED, reader, self);
        bytes = (struct sw_str){bytes.p + 1, bytes.n - 1};
    }
}

void sw_assemble_end(struct sw_assembler *a, sw_line_reader *reader, void *self)
{
    if (a->n > 0)
        reader(self, take(a), SW_LINE_ENDED);
    a->cr = false;
}
