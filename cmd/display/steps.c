#include "display/steps.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

void step_drop_work(struct step *step)
{
    if (step->work == NULL)
        return;
    for (size_t i = 0; i < SW_COUNT(step->work->lines); i++)
        lines_release(&step->work->lines[i]);
    free(step->work);
    step->work = NULL;
}

static void free_step(struct step *step)
{
    if (step == NULL)
        return;
    step_drop_work(step);
    free(step->id);
    free(step->name);
    free(step);
}

void steps_release(struct steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        free_step(steps->list[i]);
    free(steps->list);
    *steps = (struct steps){0};
}

static bool make_room(struct steps *steps)
{
    if (steps->count < steps->capacity)
        return true;
    size_t capacity = steps->capacity == 0 ? 32 : 2 * steps->capacity;
    struct step **list = realloc(steps->list, capacity * sizeof(struct step *));
    if (list == NULL)
        return false;
    steps->list = list;
    steps->capacity = capacity;
    return true;
}

static struct step *new_step(const struct sw_event *event, unsigned number)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, 4 * SW_MAX_STEP_NAME); /* a byte becomes four at most */
    sw_text_add_clean(&name, event->kind == SW_EVENT_STEP_STARTED ? event->text : event->step);
    struct step *step = calloc(1, sizeof(*step));
    if (step == NULL)
        return NULL;
    step->number = number;
    step->started_ns = event->time_ns;
    step->id = strndup(event->step.n == 0 ? "" : event->step.p, event->step.n);
    step->name = sw_buffer_steal(&name);
    if (step->id == NULL || step->name == NULL) {
        free_step(step);
        return NULL;
    }
    return step;
}

struct step *steps_get(struct steps *steps, const struct sw_event *event)
{
    for (size_t i = steps->count; i-- > 0;)
        if (sw_str_is(event->step, steps->list[i]->id))
            return steps->list[i];
    if (steps->count >= SW_MAX_BUILD_STEPS || !make_room(steps))
        return NULL;
    struct step *step = new_step(event, (unsigned)steps->count + 1);
    if (step != NULL)
        steps->list[steps->count++] = step;
    return step;
}

struct step_work *step_work(struct step *step)
{
    if (step->work == NULL)
        step->work = calloc(1, sizeof(*step->work));
    if (step->work != NULL && step->work->lines[0].line.p == NULL)
        for (size_t i = 0; i < SW_COUNT(step->work->lines); i++)
            lines_init(&step->work->lines[i]);
    return step->work;
}

void step_start(struct step *step, int64_t time_ns)
{
    if (step->state != STEP_RUNNING)
        step->earlier_ns += step->ended_ns - step->started_ns;
    step->state = STEP_RUNNING;
    step->started_ns = time_ns;
}

void step_end(struct step *step, const struct sw_event *event)
{
    if (step->state == STEP_RUNNING)
        step->ended_ns = event->time_ns > step->started_ns ? event->time_ns : step->started_ns;
    bool stopped = event->failed && sw_str_ends(event->text, "context canceled");
    step->state = stopped         ? STEP_CANCELED
                  : event->failed ? STEP_FAILED
                  : event->cached ? STEP_CACHED
                                  : STEP_DONE;
}

static bool item_is_over(const struct step_item *item)
{
    return item->current == item->total;
}

/* Find the item with that text; if there is none, take a new item, an item that is over, or the oldest. */
static struct step_item *find_item(struct step_work *work, const char *what)
{
    for (size_t i = 0; i < work->item_count; i++)
        if (strcmp(work->items[i].what, what) == 0)
            return &work->items[i];
    struct step_item *item = NULL;
    if (work->item_count < STEP_ITEMS)
        item = &work->items[work->item_count++];
    for (size_t i = 0; item == NULL && i < work->item_count; i++)
        if (item_is_over(&work->items[i]))
            item = &work->items[i];
    if (item == NULL)
        item = &work->items[0];
    *item = (struct step_item){0};
    return item;
}

struct step_item *step_progress(struct step *step, const struct sw_event *event)
{
    struct step_work *work = step_work(step);
    if (work == NULL)
        return NULL;
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * SW_MAX_STEP_NAME);
    sw_text_add_clean(&clean, event->text);
    char what[sizeof(work->items[0].what)];
    (void)snprintf(what, sizeof(what), "%s", clean.p);
    struct step_item *item = find_item(work, what);
    if (item->began_ns == 0) {
        memcpy(item->what, what, sizeof(what));
        item->began_ns = event->time_ns;
        item->began_at = event->current;
    }
    item->current = event->current;
    item->total = event->total;
    item->told_ns = event->time_ns;
    return item;
}

/* Take a line of the step's output, as a terminal would show it, among the last lines. */
static void take_line(void *self, struct sw_str raw, size_t dropped, bool whole)
{
    (void)dropped;
    struct step_work *work = self;
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * SW_MAX_LOG_LINE);
    sw_text_add_clean(&clean, raw);
    struct sw_str line = sw_buffer_str(&clean);
    if (sw_str_trim(line).n == 0 || downloads_take(&work->downloads, line))
        return;
    work->downloads.name[0] = '\0'; /* other words: that download is over */
    if (!work->tail_moves && work->tail_count == STEP_TAIL)
        memmove(work->tail[0], work->tail[1], sizeof(work->tail) - sizeof(work->tail[0]));
    else if (!work->tail_moves)
        work->tail_count++;
    work->tail_moves = !whole;
    (void)snprintf(work->tail[work->tail_count - 1], STEP_TAIL_SIZE, "%s", clean.p);
}

void step_log(struct step *step, const struct sw_event *event)
{
    if (step_work(step) != NULL)
        lines_add(&step->work->lines[event->stream == SW_STDERR], event->text, take_line, step->work);
}

void step_log_end(struct step *step)
{
    for (size_t i = 0; step->work != NULL && i < SW_COUNT(step->work->lines); i++)
        lines_end(&step->work->lines[i], take_line, step->work);
}

bool step_item_shows(const struct step *step, const struct step_item *item)
{
    return step->state == STEP_RUNNING && !item_is_over(item);
}

bool step_downloads(const struct step *step)
{
    return step->state == STEP_RUNNING && step->work->downloads.name[0] != '\0';
}

int64_t step_elapsed(const struct step *step, int64_t now_ns)
{
    int64_t end = step->state == STEP_RUNNING ? now_ns : step->ended_ns;
    return step->earlier_ns + (end > step->started_ns ? end - step->started_ns : 0);
}

void step_item_text(char out[256], const struct step_item *item)
{
    char current[16], total[16], rate[24] = "";
    sw_text_size(current, (uint64_t)item->current);
    sw_text_size(total, item->total > 0 ? (uint64_t)item->total : 0);
    int64_t span = item->told_ns - item->began_ns;
    if (span > SW_SECOND_NS / 2 && item->current > item->began_at) {
        char each[16];
        double bytes = (double)(item->current - item->began_at) * (double)SW_SECOND_NS / (double)span;
        sw_text_size(each, bytes < 1e18 ? (uint64_t)bytes : 0);
        (void)snprintf(rate, sizeof(rate), ", %s/s", each);
    }
    size_t n = strlen(item->what);
    int what = (int)(n > 0 && item->what[n - 1] == ':' ? n - 1 : n);
    if (item->current <= 0 && item->total <= 0)
        (void)snprintf(out, 256, "%.*s", what, item->what);
    else if (item->total > 0 && !item_is_over(item))
        (void)snprintf(out, 256, "%.*s %s / %s%s", what, item->what, current, total, rate);
    else
        (void)snprintf(out, 256, "%.*s %s%s", what, item->what, current, rate);
}
