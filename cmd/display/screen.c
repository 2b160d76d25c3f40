#include "display/screen.h"

#include "base/text.h"
#include "display/write.h"

#include <sys/ioctl.h>

enum { LEAST_ROWS = 2, LEAST_COLUMNS = 20, MAX_FRAME = 1 << 20 };

static const char *const styles[] = {
    [STYLE_PLAIN] = "",       [STYLE_DIM] = "\x1B[2m",   [STYLE_GOOD] = "\x1B[32m",
    [STYLE_BAD] = "\x1B[31m", [STYLE_WARN] = "\x1B[33m", [STYLE_BUSY] = "\x1B[36m"};

void screen_init(struct screen *screen, int fd, bool color, bool utf8)
{
    *screen = (struct screen){.fd = fd, .color = color, .utf8 = utf8};
    sw_buffer_init(&screen->frame, MAX_FRAME);
}

void screen_release(struct screen *screen)
{
    sw_buffer_release(&screen->frame);
}

static unsigned between(unsigned least, unsigned value, unsigned most)
{
    return value < least ? least : value > most ? most : value;
}

static void measure(struct screen *screen)
{
    struct winsize size = {0};
    bool known = ioctl(screen->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    screen->rows = between(LEAST_ROWS, known ? size.ws_row : 24, SCREEN_MOST_ROWS + 1) - 1;
    screen->columns = between(LEAST_COLUMNS, known ? size.ws_col : 80, 1000) - 1;
}

void screen_begin(struct screen *screen)
{
    measure(screen);
    sw_buffer_clear(&screen->frame);
    screen->row = screen->column = 0;
    /* A line that was written on a wider terminal now takes several rows. */
    unsigned up = 0;
    for (unsigned i = 0; i < screen->drawn; i++)
        up += 1 + (screen->widths[i] > 0 ? (screen->widths[i] - 1) / (screen->columns + 1) : 0);
    sw_buffer_add_text(&screen->frame, "\x1B[?25l\r");
    if (up > 0)
        sw_buffer_addf(&screen->frame, "\x1B[%uA", up);
}

/* Length of the first code point, or of a byte that is none; `*width` are its columns. */
static size_t glyph(const struct screen *screen, struct sw_str text, unsigned *width)
{
    size_t n = sw_utf8_length(text);
    n = n == 0 ? 1 : n;
    *width = screen->utf8 ? (unsigned)sw_text_width((struct sw_str){text.p, n}) : 1;
    return n;
}

size_t screen_fit(const struct screen *screen, struct sw_str text, unsigned width)
{
    size_t fits = 0;
    while (fits < text.n) {
        unsigned columns = 0;
        size_t n = glyph(screen, (struct sw_str){text.p + fits, text.n - fits}, &columns);
        if (columns > width)
            break;
        width -= columns;
        fits += n;
    }
    return fits;
}

static void put_all(struct screen *screen, struct sw_str text)
{
    size_t n = 0;
    for (; text.n > 0; text = (struct sw_str){text.p + n, text.n - n}) {
        unsigned columns = 0;
        n = glyph(screen, text, &columns);
        screen->column += columns;
        if (screen->utf8 || n == 1)
            sw_buffer_add(&screen->frame, text.p, n);
        else
            sw_buffer_add_char(&screen->frame, '?');
    }
}

void screen_put(struct screen *screen, enum style style, struct sw_str text, unsigned width)
{
    unsigned room = screen->columns - screen->column;
    width = width < room ? width : room;
    bool styled = screen->color && style != STYLE_PLAIN && text.n > 0;
    if (styled)
        sw_buffer_add_text(&screen->frame, styles[style]);
    if (screen_fit(screen, text, width) == text.n) {
        put_all(screen, text);
    } else if (width > 0) {
        put_all(screen, (struct sw_str){text.p, screen_fit(screen, text, width - 1)});
        sw_buffer_add_text(&screen->frame, screen->utf8 ? "\u2026" : ">");
        screen->column++;
    }
    if (styled)
        sw_buffer_add_text(&screen->frame, "\x1B[0m");
}

void screen_put_text(struct screen *screen, enum style style, const char *text)
{
    screen_put(screen, style, sw_str_from(text), screen->columns);
}

void screen_go(struct screen *screen, unsigned column)
{
    for (; screen->column < column && screen->column < screen->columns; screen->column++)
        sw_buffer_add_char(&screen->frame, ' ');
}

void screen_next_line(struct screen *screen)
{
    sw_buffer_add_text(&screen->frame, "\x1B[K\r\n");
    if (screen->row < SCREEN_MOST_ROWS)
        screen->widths[screen->row++] = screen->column;
    screen->column = 0;
}

unsigned screen_rows_left(const struct screen *screen)
{
    return screen->row < screen->rows ? screen->rows - screen->row : 0;
}

void screen_keep(struct screen *screen)
{
    screen->row = 0;
}

void screen_end(struct screen *screen)
{
    sw_buffer_add_text(&screen->frame, "\x1B[J\x1B[?25h");
    screen->drawn = screen->row;
    write_all(screen->fd, sw_buffer_str(&screen->frame));
}
