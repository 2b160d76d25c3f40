#include "diagnose/reader_internal.h"

const struct sw_reader *const sw_readers[SW_READERS] = {
    &sw_reader_traceback, &sw_reader_shell, &sw_reader_events,  &sw_reader_poetry,
    &sw_reader_pytest,    &sw_reader_mpi,   &sw_reader_message,
};

size_t sw_reader_indent(struct sw_str line)
{
    size_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return n;
}

bool sw_reader_is_backtrace(struct sw_str line)
{
    enum { LONGEST_NUMBER = 4 };
    size_t indent = sw_reader_indent(line), digits = 0;
    struct sw_str text = sw_str_drop(line, indent);
    while (digits < text.n && sw_is_digit((unsigned char)text.p[digits]))
        digits++;
    bool frame = digits > 0 && digits <= LONGEST_NUMBER && sw_str_starts(sw_str_drop(text, digits), ": ");
    if (indent == 0)
        return sw_str_is(line, "stack backtrace:") || sw_str_is(line, "Stack backtrace:");
    return frame || sw_str_starts(text, "at /") || sw_str_starts(text, "at ./");
}
