/* Shows several builds on standard output, as lines on standard input tell what happens to them.
 *
 * usage: board color|mono utf8|ascii NAME...
 *
 * A line is the number of a build and what it does: "0 start", "0 {an event as JSON}", "0 end ok", "0 end failed". */
#include "display/board.h"

#include "base/buffer.h"
#include "base/limits.h"

#include <locale.h>
#include <poll.h>
#include <unistd.h>

static void obey(struct board *board, size_t build, struct sw_str what)
{
    SW_ARENA_AUTO arena;
    struct sw_event event;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_str_is(what, "start"))
        board_start(board, build);
    else if (sw_str_starts(what, "end"))
        board_end(board, build, sw_str_ends(what, "ok"));
    else if (progress_json_read(&event, &arena, what))
        board_event(board, build, &event);
}

static void take_lines(struct board *board, struct sw_buffer *begun, size_t count)
{
    struct sw_str rest = sw_buffer_str(begun);
    for (size_t end; (end = sw_str_find(rest, SW_STR("\n"))) < rest.n; rest = sw_str_drop(rest, end + 1)) {
        size_t build = (size_t)(rest.p[0] - '0');
        if (end > 2 && build < count)
            obey(board, build, (struct sw_str){rest.p + 2, end - 2});
    }
    sw_buffer_consume(begun, begun->n - rest.n);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    (void)setlocale(LC_CTYPE, "");
    const struct progress_options options = {
        .fd = 1, .color = strcmp(argv[1], "color") == 0, .utf8 = strcmp(argv[2], "utf8") == 0};
    size_t count = (size_t)argc - 3;
    SW_BUFFER_AUTO begun;
    sw_buffer_init(&begun, SW_MIB);
    struct board *board = board_new(&options, (const char *const *)(argv + 3), count);
    if (board == NULL)
        return 2;
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char bytes[4096];
    for (ssize_t n = 1; n > 0;) {
        if (poll(&input, 1, 100) > 0 && (n = read(0, bytes, sizeof bytes)) > 0)
            sw_buffer_add(&begun, bytes, (size_t)n);
        take_lines(board, &begun, count);
        board_draw(board, false);
    }
    board_free(board);
    return 0;
}
