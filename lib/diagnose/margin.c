#include "diagnose/margin_internal.h"

#include "diagnose/reader_internal.h"

/* Lines of something else that an output may hold. */
enum { MOST_OUTSIDE = 3 };

static bool announces(struct sw_str line)
{
    if (line.n < 8)
        return false;
    char last = line.p[line.n - 1];
    return (last == ']' &&
            (sw_str_ends(line, "lines of output]") || sw_str_ends(line, "[1 line of output]") ||
             sw_str_ends(line, "[stderr]") || sw_str_ends(line, "[stdout]"))) ||
           sw_str_is(line, "--- stderr:") ||
           (last == ':' && sw_str_ends(line, "with the following output:")) ||
           (last == ':' && sw_str_ends(line, "lines):") &&
            sw_str_find(line, SW_STR("Complete output (")) < line.n);
}

bool sw_margins_ends(struct sw_str line)
{
    return sw_str_ends(line, "[end of output]") ||
           sw_str_starts(line, "----------------------------------------");
}

/* Forget the outputs that the line stands outside of, once a few lines in a row do: a single line may be noise of something else. */
static unsigned level(struct sw_margins *m, size_t indent)
{
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
    m->flat = m->flat && !sw_str_starts(line, "---");
    m->inside = false;
    if (m->count > 0 || m->awaited) {
        size_t indent = sw_reader_indent(line);
        if (indent == line.n)
            return line;
        if (m->awaited && m->count < SW_MAX_LOG_MARGINS && indent > 0)
            m->columns[m->count++] = (unsigned)indent;
        m->flat = m->awaited && indent == 0 && m->may_be_flat;
        /* An output of pip has a margin: a line at the left is noise of something else. */
        m->awaited = m->awaited && indent == 0 && !m->may_be_flat && m->noise++ < MOST_OUTSIDE;
        unsigned inside = level(m, indent);
        m->inside = inside > 0 && inside == m->count;
        if (inside > 0)
            line = sw_str_drop(line, m->columns[inside - 1]);
        if (inside > 0 && sw_margins_ends(line))
            m->count = inside - 1;
    }
    m->inside = m->inside || m->flat;
    if (announces(line)) {
        m->awaited = true;
        m->noise = 0;
        m->may_be_flat =
            sw_str_ends(line, "[stderr]") || sw_str_ends(line, "[stdout]") || sw_str_starts(line, "---");
    }
    return line;
}
