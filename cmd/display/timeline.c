#include "display/timeline.h"

#include "base/clock.h"
#include "base/text.h"

static void emit(void *self, const struct sw_event *event)
{
    struct timeline *timeline = self;
    if (timeline->steps.first_ns == 0)
        timeline->steps.first_ns = event->time_ns;
    timeline->last_ns = event->time_ns > timeline->last_ns ? event->time_ns : timeline->last_ns;
    if (event->kind != SW_EVENT_STEP_STARTED && event->kind != SW_EVENT_STEP_DONE)
        return;
    struct step *step = steps_get(&timeline->steps, event);
    if (step == NULL)
        return;
    if (event->kind == SW_EVENT_STEP_STARTED)
        step_start(step, event->time_ns);
    else
        step_end(step, event);
}

struct sw_sink timeline_sink(struct timeline *timeline)
{
    return (struct sw_sink){emit, timeline};
}

void timeline_release(struct timeline *timeline)
{
    steps_release(&timeline->steps);
}

static struct sw_node *per_cent(struct sw_builder *b, int64_t part_ns, int64_t whole_ns)
{
    double share = whole_ns <= 0 || part_ns <= 0 ? 0.0 : (double)part_ns * 100.0 / (double)whole_ns;
    return sw_build_format(b, "%.2f", share > 100.0 ? 100.0 : share);
}

struct sw_node *timeline_node(struct sw_builder *b, const struct timeline *timeline)
{
    static const char *const states[] = {[STEP_RUNNING] = "running",
                                         [STEP_DONE] = "done",
                                         [STEP_CACHED] = "cached",
                                         [STEP_FAILED] = "failed",
                                         [STEP_CANCELED] = "canceled"};
    struct sw_node *list = sw_build_list(b);
    int64_t first_ns = timeline->steps.first_ns, whole_ns = timeline->last_ns - first_ns;
    for (size_t i = 0; i < timeline->steps.count; i++) {
        const struct step *step = timeline->steps.list[i];
        int64_t elapsed_ns = step_elapsed(step, timeline->last_ns);
        char duration[16];
        sw_text_duration(duration, elapsed_ns);
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "number", sw_build_int(b, step->number));
        sw_build_set(b, row, "name", sw_build_text(b, step->name));
        sw_build_set(b, row, "state", sw_build_text(b, states[step->state]));
        sw_build_set(b, row, "duration", sw_build_text(b, duration));
        sw_build_set(b, row, "left", per_cent(b, step->started_ns - step->earlier_ns - first_ns, whole_ns));
        sw_build_set(b, row, "width", per_cent(b, elapsed_ns, whole_ns));
        sw_build_append(b, list, row);
    }
    return list;
}
