#include "display/board.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "display/screen.h"
#include "display/steps.h"
#include "display/write.h"

enum { FRAME_NS = 85 * SW_MILLISECOND_NS, MOST_NAME_COLUMNS = 30 };

struct row {
    const char *name;
    bool runs;
    int64_t started_ns;
    struct steps steps;
};

struct board {
    struct screen screen;
    struct row *rows;
    size_t count, waiting, running, built, failed;
    unsigned name_columns;
    int64_t began_ns, drawn_ns;
    /* Warnings and notes that are not shown yet: clean text, a line each. */
    struct sw_buffer messages;
};

struct board *board_new(const struct progress_options *options, const char *const *names, size_t count)
{
    struct board *board = calloc(1, sizeof *board);
    struct row *rows = calloc(count, sizeof *rows);
    if (board == NULL || rows == NULL) {
        free(board);
        free(rows);
        return NULL;
    }
    *board = (struct board){.rows = rows, .count = count, .waiting = count, .began_ns = sw_clock_now()};
    screen_init(&board->screen, options->fd, options->color, options->utf8);
    sw_buffer_init(&board->messages, 64 * SW_KIB);
    for (size_t i = 0; i < count; i++) {
        rows[i].name = names[i];
        size_t columns = sw_text_width(sw_str_from(names[i]));
        unsigned wanted = columns < MOST_NAME_COLUMNS ? (unsigned)columns : MOST_NAME_COLUMNS;
        board->name_columns = wanted > board->name_columns ? wanted : board->name_columns;
    }
    return board;
}

void board_free(struct board *board)
{
    if (board == NULL)
        return;
    board_clear(board);
    for (size_t i = 0; i < board->count; i++)
        steps_release(&board->rows[i].steps);
    free(board->rows);
    screen_release(&board->screen);
    sw_buffer_release(&board->messages);
    free(board);
}

/* ---- the events of the builds ---- */

void board_start(struct board *board, size_t build)
{
    board->rows[build].runs = true;
    board->rows[build].started_ns = sw_clock_now();
    board->waiting--;
    board->running++;
}

static void add_message(struct board *board, const struct row *row, const struct sw_event *event)
{
    sw_buffer_addf(&board->messages, "%s: ", row->name);
    if (event->kind == SW_EVENT_WARNING)
        sw_buffer_add_text(&board->messages, "warning: ");
    sw_text_add_clean(&board->messages, event->text);
    sw_buffer_add_char(&board->messages, '\n');
    if (board->messages.state != SW_BUFFER_OK)
        sw_buffer_clear(&board->messages);
}

static void step_event(struct row *row, const struct sw_event *event)
{
    struct step *step = steps_get(&row->steps, event);
    if (step == NULL)
        return;
    if (event->kind == SW_EVENT_STEP_STARTED) {
        step_start(step, event->time_ns);
    } else if (event->kind == SW_EVENT_STEP_DONE) {
        step_end(step, event);
        step_drop_work(step);
    } else if (event->kind == SW_EVENT_PROGRESS) {
        (void)step_progress(step, event);
    } else {
        step_log(step, event);
    }
}

void board_event(struct board *board, size_t build, const struct sw_event *event)
{
    struct row *row = &board->rows[build];
    if (event->kind == SW_EVENT_WARNING || event->kind == SW_EVENT_NOTE)
        add_message(board, row, event);
    else
        step_event(row, event);
}

void board_end(struct board *board, size_t build, bool ok)
{
    struct row *row = &board->rows[build];
    row->runs = false;
    steps_release(&row->steps);
    board->running--;
    board->built += ok;
    board->failed += !ok;
}

/* ---- the frame ---- */

static void draw_header(struct board *board, int64_t now)
{
    char time[16], text[160];
    sw_text_duration(time, now - board->began_ns);
    (void)snprintf(text, sizeof text, "%zu profiles: %zu done, %zu failed, %zu running, %zu waiting, %s",
                   board->count, board->built, board->failed, board->running, board->waiting, time);
    screen_put_text(&board->screen, STYLE_DIM, text);
    screen_next_line(&board->screen);
}

/* The step that began last of those that run; else the last. NULL before the first. */
static const struct step *current_step(const struct steps *steps)
{
    for (size_t i = steps->count; i-- > 0;) {
        if (steps->list[i]->state == STEP_RUNNING)
            return steps->list[i];
    }
    return steps->count == 0 ? NULL : steps->list[steps->count - 1];
}

/* " ● alpha  [2/5] RUN …                12.4s" */
static void draw_row(struct board *board, const struct row *row, const struct step *step, int64_t now)
{
    struct screen *screen = &board->screen;
    char time[16];
    sw_text_duration(time, step == NULL ? now - row->started_ns : step_elapsed(step, now));
    unsigned right = screen->columns - (unsigned)strlen(time), left = 3 + board->name_columns + 2;
    screen_go(screen, 1);
    screen_put_text(screen, STYLE_BUSY, screen->utf8 ? "\u25CF" : "*");
    screen_go(screen, 3);
    screen_put(screen, STYLE_PLAIN, sw_str_from(row->name), board->name_columns);
    screen_go(screen, left);
    if (left + 1 < right)
        screen_put(screen, STYLE_PLAIN, sw_str_from(step == NULL ? "checking" : step->name),
                   right - left - 1);
    screen_go(screen, right);
    screen_put_text(screen, STYLE_DIM, time);
    screen_next_line(screen);
}

/* Describe the step's work: a transfer under way, else a download, else its last line of output. Return false
 * if there is none of these. */
static bool describe(char text[STEP_TAIL_SIZE], const struct step *step)
{
    const struct step_work *work = step == NULL || step->state != STEP_RUNNING ? NULL : step->work;
    for (size_t i = work == NULL ? 0 : work->item_count; i-- > 0;) {
        if (step_item_shows(step, &work->items[i])) {
            step_item_text(text, &work->items[i]);
            return true;
        }
    }
    if (work == NULL || (!step_downloads(step) && work->tail_count == 0))
        return false;
    if (step_downloads(step))
        downloads_text(text, &work->downloads);
    else
        (void)snprintf(text, STEP_TAIL_SIZE, "%s", work->tail[work->tail_count - 1]);
    return true;
}

static void draw_detail(struct board *board, const struct step *step)
{
    struct screen *screen = &board->screen;
    char text[STEP_TAIL_SIZE];
    if (!describe(text, step))
        return;
    screen_go(screen, 3);
    screen_put_text(screen, STYLE_DIM, screen->utf8 ? "\u2502 " : "| ");
    screen_put_text(screen, STYLE_DIM, text);
    screen_next_line(screen);
}

/* Draw a row for each running build. Names come first: a detail is drawn only if every build that runs still
 * has a line. */
static void draw_rows(struct board *board, int64_t now)
{
    struct screen *screen = &board->screen;
    size_t left = board->running;
    for (size_t i = 0; i < board->count && screen_rows_left(screen) > 0; i++) {
        if (!board->rows[i].runs)
            continue;
        const struct step *step = current_step(&board->rows[i].steps);
        draw_row(board, &board->rows[i], step, now);
        left--;
        if (screen_rows_left(screen) > left)
            draw_detail(board, step);
    }
}

void board_clear(struct board *board)
{
    if (board->screen.drawn > 0) {
        screen_begin(&board->screen);
        screen_end(&board->screen);
    }
    write_all(board->screen.fd, sw_buffer_str(&board->messages));
    sw_buffer_clear(&board->messages);
}

void board_draw(struct board *board, bool now)
{
    int64_t time_ns = sw_clock_now();
    if (!now && time_ns - board->drawn_ns < FRAME_NS)
        return;
    if (board->messages.n > 0)
        board_clear(board);
    screen_begin(&board->screen);
    draw_header(board, time_ns);
    draw_rows(board, time_ns);
    screen_end(&board->screen);
    board->drawn_ns = time_ns;
}
