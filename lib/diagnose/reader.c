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
