/* A line for each event, like BuildKit's own plain progress: "#3 12.4 text". */
#include "display/progress_kinds.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "display/steps.h"
#include "display/write.h"

static const int64_t progress_every_ns = 5 * SW_SECOND_NS;

struct plain {
    struct progress progress;
    int fd;
    const char *profile; /* in front of each line, or NULL */
    struct steps steps;
    struct sw_buffer out;
    int64_t progress_ns; /* when a line of progress was last written */
};

/* The arguments of take_line() besides the line. */
struct output {
    struct plain *plain;
    const struct step *step;
    int64_t time_ns;
};

static void flush(struct plain *plain)
{
    write_all(plain->fd, sw_buffer_str(&plain->out));
    sw_buffer_clear(&plain->out);
}

static void begin_line(struct plain *plain)
{
    if (plain->profile != NULL)
        sw_buffer_addf(&plain->out, "%s | ", plain->profile);
}

static void begin_step_line(struct plain *plain, const struct step *step)
{
    begin_line(plain);
    sw_buffer_addf(&plain->out, "#%u ", step->number);
}

static void add_seconds(struct plain *plain, int64_t nanoseconds)
{
    int64_t tenths = nanoseconds > 0 ? nanoseconds / (SW_SECOND_NS / 10) : 0;
    sw_buffer_addf(&plain->out, "%lld.%d", (long long)(tenths / 10), (int)(tenths % 10));
}

static void take_line(void *self, struct sw_str line, size_t dropped, bool whole)
{
    const struct output *output = self;
    struct plain *plain = output->plain;
    if (!whole)
        return;
    begin_step_line(plain, output->step);
    add_seconds(plain, output->time_ns - output->step->started_ns);
    sw_buffer_add_char(&plain->out, ' ');
    sw_text_add_clean(&plain->out, line);
    if (dropped > 0)
        sw_buffer_addf(&plain->out, " [%zu bytes more]", dropped);
    sw_buffer_add_char(&plain->out, '\n');
    if (plain->out.n >= SW_MAX_LOG_LINE)
        flush(plain);
}

static void log_event(struct plain *plain, struct step *step, const struct sw_event *event)
{
    struct output output = {plain, step, event->time_ns};
    if (step_work(step) != NULL)
        lines_add(&step->work->lines[event->stream == SW_STDERR], event->text, take_line, &output);
}

/* Report an item with a size: print a line when the item is over, and now and then before. */
static void progress_event(struct plain *plain, struct step *step, const struct sw_event *event)
{
    const struct step_item *item = step_progress(step, event);
    if (item == NULL)
        return;
    bool over = item->current == item->total;
    int64_t last_ns = item->began_ns > plain->progress_ns ? item->began_ns : plain->progress_ns;
    if (!over && event->time_ns - last_ns < progress_every_ns)
        return;
    plain->progress_ns = event->time_ns;
    char text[256];
    step_item_text(text, item);
    begin_step_line(plain, step);
    sw_buffer_addf(&plain->out, "%s%s\n", text, over ? " done" : "");
}

static void end_event(struct plain *plain, struct step *step, const struct sw_event *event)
{
    struct output output = {plain, step, event->time_ns};
    for (size_t i = 0; step->work != NULL && i < SW_COUNT(step->work->lines); i++)
        lines_end(&step->work->lines[i], take_line, &output);
    step_drop_work(step);
    bool again = step->ended_ns != 0;
    enum step_state before = step->state;
    step_end(step, event);
    if (again && (before == STEP_RUNNING || before == step->state) && step->state == STEP_DONE)
        return;
    char time[16];
    sw_text_duration(time, step_elapsed(step, event->time_ns));
    begin_step_line(plain, step);
    if (step->state == STEP_FAILED) {
        sw_buffer_add_text(&plain->out, "ERROR: ");
        sw_text_add_clean(&plain->out, event->text);
    } else if (step->state == STEP_DONE) {
        sw_buffer_addf(&plain->out, "DONE %s", time);
    } else {
        sw_buffer_add_text(&plain->out, step->state == STEP_CACHED ? "CACHED" : "CANCELED");
    }
    sw_buffer_add_char(&plain->out, '\n');
}

static void message_event(struct plain *plain, const struct sw_event *event)
{
    begin_line(plain);
    if (event->kind == SW_EVENT_WARNING)
        sw_buffer_add_text(&plain->out, "warning: ");
    sw_text_add_clean(&plain->out, event->text);
    sw_buffer_add_char(&plain->out, '\n');
}

static void step_event(struct plain *plain, const struct sw_event *event)
{
    size_t before = plain->steps.count;
    struct step *step = steps_get(&plain->steps, event);
    if (step == NULL)
        return;
    if (plain->steps.count > before) {
        begin_step_line(plain, step);
        sw_buffer_addf(&plain->out, "%s\n", step->name);
    }
    if (event->kind == SW_EVENT_STEP_STARTED)
        step_start(step, event->time_ns);
    else if (event->kind == SW_EVENT_STEP_DONE)
        end_event(plain, step, event);
    else if (event->kind == SW_EVENT_PROGRESS)
        progress_event(plain, step, event);
    else
        log_event(plain, step, event);
}

static void emit(void *self, const struct sw_event *event)
{
    struct plain *plain = self;
    if (event->kind == SW_EVENT_WARNING || event->kind == SW_EVENT_NOTE)
        message_event(plain, event);
    else
        step_event(plain, event);
    flush(plain);
}

/* A build that was cut short may have left lines without an end. */
static void free_plain(struct progress *progress)
{
    struct plain *plain = (struct plain *)progress;
    for (size_t i = 0; i < plain->steps.count; i++) {
        struct step *step = plain->steps.list[i];
        struct output output = {plain, step, step->started_ns};
        for (size_t k = 0; step->work != NULL && k < SW_COUNT(step->work->lines); k++)
            lines_end(&step->work->lines[k], take_line, &output);
    }
    flush(plain);
    steps_release(&plain->steps);
    sw_buffer_release(&plain->out);
    free(plain);
}

struct progress *progress_plain_new(const struct progress_options *options)
{
    struct plain *plain = calloc(1, sizeof(*plain));
    if (plain == NULL)
        return NULL;
    plain->progress = (struct progress){emit, free_plain};
    plain->fd = options->fd;
    plain->profile = options->profile;
    sw_buffer_init(&plain->out, SW_MAX_PROCESS_OUTPUT);
    return &plain->progress;
}
