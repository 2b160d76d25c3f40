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

struct sw_str sw_margins_strip(struct sw_margins *m, struct sw_str line)
{
    size_t indent = m->count > 0 || m->awaited ? sw_reader_indent(line) : 0;
    bool blank = indent == line.n;
    while (m->count > 0 && !blank && indent < m->columns[m->count - 1])
        m->count--;
    if (m->awaited && !blank) {
        m->awaited = false;
        if (m->count < SW_MAX_LOG_MARGINS && indent > 0)
            m->columns[m->count++] = (unsigned)indent;
    }
    if (m->count > 0) {
        size_t columns = m->columns[m->count - 1];
        line = sw_str_drop(line, columns < indent ? columns : indent);
    }
    if (announces(line))
        m->awaited = true;
    return line;
}
