#include "display/lines.h"

#include "base/limits.h"

void lines_init(struct lines *lines)
{
    *lines = (struct lines){0};
    sw_buffer_init(&lines->line, SW_MAX_LOG_LINE);
}

void lines_release(struct lines *lines)
{
    sw_buffer_release(&lines->line);
}

static void finish(struct lines *lines, bool whole, lines_reader *reader, void *self)
{
    reader(self, sw_buffer_str(&lines->line), lines->dropped, whole);
    sw_buffer_clear(&lines->line);
    lines->dropped = 0;
    lines->returned = false;
}

static void keep(struct lines *lines, const char *bytes, size_t n)
{
    size_t room = SW_MAX_LOG_LINE - lines->line.n;
    size_t kept = n < room ? n : room;
    sw_buffer_add(&lines->line, bytes, kept);
    lines->dropped += n - kept;
}

void lines_add(struct lines *lines, struct sw_str bytes, lines_reader *reader, void *self)
{
    size_t i = 0;
    while (i < bytes.n) {
        size_t start = i;
        while (i < bytes.n && bytes.p[i] != '\n' && bytes.p[i] != '\r')
            i++;
        if (i > start && lines->returned)
            finish(lines, false, reader, self);
        keep(lines, bytes.p + start, i - start);
        if (i == bytes.n)
            return;
        if (bytes.p[i++] == '\n')
            finish(lines, true, reader, self);
        else
            lines->returned = true;
    }
}

void lines_end(struct lines *lines, lines_reader *reader, void *self)
{
    if (lines->line.n > 0)
        finish(lines, true, reader, self);
}
