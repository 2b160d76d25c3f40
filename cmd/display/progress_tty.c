#include "display/progress_kinds.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "display/screen.h"
#include "display/steps.h"

#include <pthread.h>
#include <signal.h>

enum { FRAME_NS = 85 * SW_MILLISECOND_NS, TICK_NS = 100 * SW_MILLISECOND_NS };

struct tty {
    struct progress progress;
    /* The thread that draws while no event comes, so that the elapsed times go on. */
    pthread_t ticker;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    struct steps steps;
    struct screen screen;
    /* Warnings and notes that are not shown yet, a line each: a style, then clean text. */
    struct sw_buffer messages;
    int64_t drawn_ns;
    bool changed; /* since it was last drawn */
};

/* ---- the frame ---- */

static const struct {
    const char *utf8, *ascii;
    enum style style;
} marks[] = {
    [STEP_RUNNING] = {"\u25CF", "*", STYLE_BUSY}, [STEP_DONE] = {"\u2713", "+", STYLE_GOOD},
    [STEP_CACHED] = {"\u2713", "=", STYLE_DIM},   [STEP_FAILED] = {"\u2717", "x", STYLE_BAD},
    [STEP_CANCELED] = {"\u25CB", "-", STYLE_DIM},
};

/* Return the number of bytes of a long text for one line: the text breaks after a blank if there is a blank. */
static size_t fold(const struct screen *screen, struct sw_str text)
{
    size_t fits = screen_fit(screen, text, screen->columns);
    for (size_t n = fits; fits < text.n && n > 1; n--)
        if (text.p[n - 1] == ' ')
            return n;
    return fits;
}

/* Warnings and notes scroll away above the steps. */
static void draw_messages(struct tty *tty)
{
    struct screen *screen = &tty->screen;
    struct sw_str rest = sw_buffer_str(&tty->messages);
    while (rest.n > 0) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        enum style style = (enum style)line.p[0];
        line = (struct sw_str){line.p + 1, line.n - 1};
        do {
            size_t n = fold(screen, line);
            screen_put(screen, style, (struct sw_str){line.p, n}, screen->columns);
            screen_next_line(screen);
            line = (struct sw_str){line.p + n, line.n - n};
        } while (line.n > 0);
    }
    sw_buffer_clear(&tty->messages);
    screen_keep(&tty->screen);
}

/* " ✓ [2/5] RUN …                    12.4s" */
static void draw_step(struct tty *tty, const struct step *step, int64_t now)
{
    struct screen *screen = &tty->screen;
    char time[16];
    sw_text_duration(time, step_elapsed(step, now));
    const char *right = step->state == STEP_CACHED     ? "cached"
                        : step->state == STEP_CANCELED ? "canceled"
                                                       : time;
    unsigned right_column = screen->columns - (unsigned)strlen(right);
    screen_go(screen, 1);
    screen_put_text(screen, marks[step->state].style,
                    screen->utf8 ? marks[step->state].utf8 : marks[step->state].ascii);
    screen_go(screen, 3);
    screen_put(screen, step->state == STEP_FAILED ? STYLE_BAD : STYLE_PLAIN, sw_str_from(step->name),
               right_column - 4);
    screen_go(screen, right_column);
    screen_put_text(screen, STYLE_DIM, right);
    screen_next_line(screen);
}

static void draw_detail(struct tty *tty, const char *text)
{
    struct screen *screen = &tty->screen;
    screen_go(screen, 3);
    screen_put_text(screen, STYLE_DIM, screen->utf8 ? "\u2502 " : "| ");
    screen_put_text(screen, STYLE_DIM, text);
    screen_next_line(screen);
}

static unsigned detail_rows(const struct step *step)
{
    if (step->work == NULL || (step->state != STEP_RUNNING && step->state != STEP_FAILED))
        return 0;
    unsigned rows = (unsigned)step->work->tail_count + step_downloads(step);
    for (size_t i = 0; i < step->work->item_count; i++)
        rows += step_item_shows(step, &step->work->items[i]);
    return rows;
}

/* The last of its details that fit into `rows`. */
static void draw_details(struct tty *tty, const struct step *step, unsigned rows)
{
    unsigned skip = detail_rows(step) - rows;
    char text[DOWNLOADS_TEXT];
    for (size_t i = 0; rows > 0 && i < step->work->tail_count; i++)
        if (skip == 0)
            draw_detail(tty, step->work->tail[i]);
        else
            skip--;
    for (size_t i = 0; rows > 0 && i < step->work->item_count; i++) {
        if (!step_item_shows(step, &step->work->items[i]))
            continue;
        step_item_text(text, &step->work->items[i]);
        if (skip == 0)
            draw_detail(tty, text);
        else
            skip--;
    }
    if (rows > 0 && step_downloads(step)) {
        downloads_text(text, &step->work->downloads);
        draw_detail(tty, text);
    }
}

/* Give a row to each step that `wanted` describes, the latest first, while there are any. */
static unsigned share_names(struct tty *tty, unsigned rows, bool (*wanted)(const struct step *))
{
    for (size_t i = tty->steps.count; i-- > 0 && rows > 0;) {
        struct step *step = tty->steps.list[i];
        if (step->rows == 0 && wanted(step)) {
            step->rows = 1;
            rows--;
        }
    }
    return rows;
}

static bool is_failed(const struct step *step)
{
    return step->state == STEP_FAILED;
}

static bool is_running(const struct step *step)
{
    return step->state == STEP_RUNNING;
}

static bool is_any(const struct step *step)
{
    (void)step;
    return true;
}

/* Share the remaining rows among the steps that have a row, for their last lines of output; the latest step
 * comes first. */
static unsigned share_details(struct tty *tty, unsigned rows)
{
    for (size_t i = tty->steps.count; i-- > 0 && rows > 0;) {
        struct step *step = tty->steps.list[i];
        unsigned more = step->rows > 0 ? detail_rows(step) : 0;
        more = more < rows ? more : rows;
        step->rows += more;
        rows -= more;
    }
    return rows;
}

static void draw_header(struct tty *tty, int64_t now)
{
    size_t cached = 0, running = 0;
    for (size_t i = 0; i < tty->steps.count; i++) {
        cached += tty->steps.list[i]->state == STEP_CACHED;
        running += tty->steps.list[i]->state == STEP_RUNNING;
    }
    char time[16], text[128];
    sw_text_duration(time, now - tty->steps.first_ns);
    (void)snprintf(text, sizeof(text), "%zu step%s, %zu cached, %zu running, %s", tty->steps.count,
                   tty->steps.count == 1 ? "" : "s", cached, running, time);
    screen_put_text(&tty->screen, STYLE_DIM, text);
    screen_next_line(&tty->screen);
}

static void draw_steps(struct tty *tty, int64_t now)
{
    for (size_t i = 0; i < tty->steps.count; i++)
        tty->steps.list[i]->rows = 0;
    unsigned rows = screen_rows_left(&tty->screen);
    rows = share_names(tty, rows, is_failed);
    rows = share_names(tty, rows, is_running);
    rows = share_details(tty, rows);
    (void)share_names(tty, rows, is_any);
    for (size_t i = 0; i < tty->steps.count; i++) {
        const struct step *step = tty->steps.list[i];
        if (step->rows == 0)
            continue;
        draw_step(tty, step, now);
        if (step->rows > 1)
            draw_details(tty, step, step->rows - 1);
    }
}

static void draw(struct tty *tty)
{
    int64_t now = sw_clock_now();
    screen_begin(&tty->screen);
    draw_messages(tty);
    if (tty->steps.count > 0) {
        draw_header(tty, now);
        draw_steps(tty, now);
    }
    screen_end(&tty->screen);
    tty->drawn_ns = now;
    tty->changed = false;
}

/* ---- events ---- */

static void add_message(struct tty *tty, const struct sw_event *event)
{
    bool warning = event->kind == SW_EVENT_WARNING;
    sw_buffer_add_char(&tty->messages, warning ? STYLE_WARN : STYLE_DIM);
    if (warning)
        sw_buffer_add_text(&tty->messages, "warning: ");
    sw_text_add_clean(&tty->messages, event->text);
    sw_buffer_add_char(&tty->messages, '\n');
    if (tty->messages.state != SW_BUFFER_OK)
        sw_buffer_clear(&tty->messages);
}

static void step_event(struct tty *tty, const struct sw_event *event)
{
    struct step *step = steps_get(&tty->steps, event);
    if (step == NULL)
        return;
    if (event->kind == SW_EVENT_STEP_STARTED) {
        step_start(step, event->time_ns);
    } else if (event->kind == SW_EVENT_STEP_DONE) {
        step_log_end(step);
        step_end(step, event);
        if (step->state != STEP_FAILED)
            step_drop_work(step);
    } else if (event->kind == SW_EVENT_PROGRESS) {
        (void)step_progress(step, event);
    } else {
        step_log(step, event);
    }
}

static void emit(void *self, const struct sw_event *event)
{
    struct tty *tty = self;
    (void)pthread_mutex_lock(&tty->lock);
    if (tty->steps.first_ns == 0)
        tty->steps.first_ns = event->time_ns;
    if (event->kind == SW_EVENT_WARNING || event->kind == SW_EVENT_NOTE)
        add_message(tty, event);
    else
        step_event(tty, event);
    tty->changed = true;
    if (sw_clock_now() - tty->drawn_ns >= FRAME_NS)
        draw(tty);
    (void)pthread_mutex_unlock(&tty->lock);
}

/* ---- life ---- */

static bool is_alive(const struct tty *tty)
{
    for (size_t i = 0; i < tty->steps.count; i++)
        if (tty->steps.list[i]->state == STEP_RUNNING)
            return true;
    return tty->changed;
}

static void *tick(void *self)
{
    struct tty *tty = self;
    (void)pthread_mutex_lock(&tty->lock);
    while (!tty->over) {
        int64_t until = sw_clock_now() + TICK_NS;
        struct timespec at = {.tv_sec = until / SW_SECOND_NS, .tv_nsec = until % SW_SECOND_NS};
        (void)pthread_cond_timedwait(&tty->wake, &tty->lock, &at);
        if (!tty->over && is_alive(tty) && sw_clock_now() - tty->drawn_ns >= FRAME_NS)
            draw(tty);
    }
    (void)pthread_mutex_unlock(&tty->lock);
    return NULL;
}

static void free_tty(struct progress *progress)
{
    struct tty *tty = (struct tty *)progress;
    (void)pthread_mutex_lock(&tty->lock);
    tty->over = true;
    (void)pthread_cond_signal(&tty->wake);
    (void)pthread_mutex_unlock(&tty->lock);
    (void)pthread_join(tty->ticker, NULL);
    if (tty->steps.count > 0 || tty->messages.n > 0)
        draw(tty);
    steps_release(&tty->steps);
    screen_release(&tty->screen);
    sw_buffer_release(&tty->messages);
    (void)pthread_mutex_destroy(&tty->lock);
    (void)pthread_cond_destroy(&tty->wake);
    free(tty);
}

/* Start the thread with all signals blocked: signals are for the thread that can cancel. */
static bool start_ticker(struct tty *tty)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&tty->ticker, NULL, tick, tty) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct progress *progress_tty_new(const struct progress_options *options)
{
    struct tty *tty = calloc(1, sizeof(*tty));
    if (tty == NULL)
        return NULL;
    tty->progress = (struct progress){emit, free_tty};
    screen_init(&tty->screen, options->fd, options->color, options->utf8);
    sw_buffer_init(&tty->messages, 64 * SW_KIB);
    (void)pthread_mutex_init(&tty->lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&tty->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (!start_ticker(tty)) {
        free(tty);
        return NULL;
    }
    return &tty->progress;
}
