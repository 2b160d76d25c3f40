#include "output/table.h"
#include "output/say.h"

#include "base/text.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { GAP = 2, LEAST_WIDTH = 6 };

static const char *cell(const struct table *table, size_t row, size_t column)
{
    return row == 0 ? table->titles[column] : table->cells[(row - 1) * table->columns + column];
}

static size_t width_of(const char *text)
{
    return sw_text_width(sw_str_from(text));
}

/* The columns of the terminal; SIZE_MAX, which means no limit, if standard output is not a terminal. */
static size_t terminal_width(void)
{
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : SIZE_MAX;
}

/* Return the next column to narrow; 0 if no column can become narrower. */
static size_t choose(const struct table *table, const size_t *widths)
{
    size_t last = table->columns - 1, widest = 1;
    if (widths[last] > LEAST_WIDTH)
        return last;
    for (size_t column = 1; column < last; column++)
        widest = widths[column] > widths[widest] ? column : widest;
    return widths[widest] > LEAST_WIDTH ? widest : 0;
}

static void measure(size_t *widths, const struct table *table)
{
    size_t total = 0, terminal = terminal_width();
    for (size_t column = 0; column < table->columns; column++) {
        for (size_t row = 0; row <= table->rows; row++) {
            size_t width = width_of(cell(table, row, column));
            widths[column] = width > widths[column] ? width : widths[column];
        }
        total += widths[column] + (column == 0 ? 0 : GAP);
    }
    for (size_t column = 1; total > terminal && column != 0; total -= column != 0) {
        column = choose(table, widths);
        widths[column] -= column != 0;
    }
}

/* Return the number of bytes of a text that are printed in a column: all of them, or as many as leave room
 * for the dots. */
static size_t fit(const char *text, size_t width)
{
    size_t n = 0, step;
    if (width_of(text) <= width)
        return strlen(text);
    while ((step = sw_utf8_length((struct sw_str){text + n, strlen(text + n)})) > 0 &&
           sw_text_width((struct sw_str){text, n + step}) + strlen("...") <= width)
        n += step;
    return n;
}

/* Blanks are owed until something follows them, so that no line ends in any. */
static void print_row(FILE *to, const struct table *table, const size_t *widths, size_t row)
{
    int owed = 0;
    for (size_t column = 0; column < table->columns; column++) {
        const char *text = cell(table, row, column);
        size_t n = fit(text, widths[column]);
        const char *dots = text[n] == '\0' ? "" : "...";
        int blanks = (int)(widths[column] - sw_text_width((struct sw_str){text, n}) - strlen(dots));
        if (text[0] != '\0') {
            say(to, "%*s%.*s%s", owed + (table->right[column] ? blanks : 0), "", (int)n, text, dots);
            owed = 0;
        }
        owed += GAP + (table->right[column] && text[0] != '\0' ? 0 : blanks);
    }
    say(to, "\n");
}

void table_print(const struct session *session, const struct table *table)
{
    size_t widths[TABLE_MOST_COLUMNS] = {0};
    measure(widths, table);
    for (size_t row = 0; row <= table->rows; row++)
        print_row(session->out, table, widths, row);
}
