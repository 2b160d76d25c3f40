#include "diagnose/margin_internal.h"

#include "diagnose/reader_internal.h"

static bool announces(struct sw_str line)
{
    if (line.n < 8)
        return false;
    char last = line.p[line.n - 1];
    return (last == ']' &&
            (sw_str_ends(line, "lines of output]") || sw_str_ends(line, "[1 line of output]") ||
             sw_str_ends(line, "[stderr]") || sw_str_ends(line, "[stdout]"))) ||
           (last == ':' && sw_str_ends(line, "lines):") &&
            sw_str_find(line, SW_STR("Complete output (")) < line.n);
}

/* Does this line end the innermost output? pip says so, pip 20 draws a line. */
static bool ends(struct sw_str line)
{
    return sw_str_ends(line, "[end of output]") ||
           sw_str_starts(line, "----------------------------------------");
}

/* Forget the outputs that the line stands outside of, once a few lines in a row do: a single line may be noise of something else. */
static unsigned level(struct sw_margins *m, size_t indent)
{
    enum { MOST_OUTSIDE = 3 };
    unsigned inside = m->count;
    while (inside > 0 && indent < m->columns[inside - 1])
        inside--;
    m->outside = inside < m->count ? m->outside + 1 : 0;
    if (m->outside > MOST_OUTSIDE) {
        m->count = inside;
        m->outside = 0;
    }
    return inside;
}

struct sw_str sw_margins_strip(struct sw_margins *m, struct sw_str line)
{
    if (m->count > 0 || m->awaited) {
        size_t indent = sw_reader_indent(line);
        if (indent == line.n)
            return line;
        if (m->awaited && m->count < SW_MAX_LOG_MARGINS && indent > 0)
            m->columns[m->count++] = (unsigned)indent;
        m->awaited = false;
        unsigned inside = level(m, indent);
        if (inside > 0)
            line = sw_str_drop(line, m->columns[inside - 1]);
        if (inside > 0 && ends(line))
            m->count = inside - 1;
    }
    if (announces(line))
        m->awaited = true;
    return line;
}
