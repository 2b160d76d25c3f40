/* A JSON object for each event, each on a line. Fields: `profile` if several builds run at once; `event`
 * ("step-started", "step-done", "progress", "log", "warning", "note"), `time` (seconds since the first
 * event), `step` (its id) and `text` always; `stream` ("stdout", "stderr") of a log; `current` and `total`
 * (-1: unknown) of a progress; `cached` and `failed` of a step-done; `line` (of the Dockerfile) if it is
 * known. */
#include "display/progress_kinds.h"

#include "base/clock.h"
#include "base/limits.h"
#include "data/json.h"
#include "display/write.h"

enum { CARRY = 3 }; /* a UTF-8 sequence less its last byte */

struct json {
    struct progress progress;
    int fd;
    const char *profile; /* or NULL */
    int64_t first_ns;
    struct sw_buffer out;
    /* The beginning of a character that a log event was cut in, and whose log that is. */
    struct sw_buffer carry;
    struct sw_buffer carry_step;
    enum sw_stream carry_stream;
};

static const char *const names[] = {
    [SW_EVENT_STEP_STARTED] = "step-started", [SW_EVENT_STEP_DONE] = "step-done",
    [SW_EVENT_PROGRESS] = "progress",         [SW_EVENT_LOG] = "log",
    [SW_EVENT_WARNING] = "warning",           [SW_EVENT_NOTE] = "note",
};

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void write_event(struct json *json, const struct sw_event *event)
{
    struct sw_buffer *out = &json->out;
    int64_t since = event->time_ns > json->first_ns ? event->time_ns - json->first_ns : 0;
    sw_buffer_add_char(out, '{');
    if (json->profile != NULL) {
        sw_buffer_add_text(out, "\"profile\":");
        sw_json_quote(out, sw_str_from(json->profile));
        sw_buffer_add_char(out, ',');
    }
    sw_buffer_addf(out, "\"event\":\"%s\",\"time\":%lld.%03d,\"step\":", names[event->kind],
                   (long long)(since / SW_SECOND_NS), (int)(since % SW_SECOND_NS / SW_MILLISECOND_NS));
    sw_json_quote_shown(out, event->step);
    sw_buffer_add_text(out, ",\"text\":");
    sw_json_quote_shown(out, event->text);
    if (event->kind == SW_EVENT_LOG)
        sw_buffer_addf(out, ",\"stream\":\"%s\"", event->stream == SW_STDERR ? "stderr" : "stdout");
    if (event->kind == SW_EVENT_PROGRESS)
        sw_buffer_addf(out, ",\"current\":%lld,\"total\":%lld", (long long)event->current,
                       (long long)event->total);
    if (event->kind == SW_EVENT_STEP_DONE)
        sw_buffer_addf(out, ",\"cached\":%s,\"failed\":%s", truth(event->cached), truth(event->failed));
    if (event->dockerfile_line > 0)
        sw_buffer_addf(out, ",\"line\":%u", event->dockerfile_line);
    sw_buffer_add_text(out, "}\n");
    write_all(json->fd, sw_buffer_str(out));
    sw_buffer_clear(out);
}

/* Bytes at the end of `text` that may be the beginning of a character. */
static size_t unfinished(struct sw_str text)
{
    for (size_t n = 1; n <= CARRY && n <= text.n; n++) {
        unsigned char c = (unsigned char)text.p[text.n - n];
        size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        if (c < 0x80 || c >= 0xC0)
            return length > n ? n : 0;
    }
    return 0;
}

/* Write the carried beginning of a character as text of its own, because its rest did not come next. */
static void give_up_carry(struct json *json, int64_t time_ns)
{
    if (json->carry.n == 0)
        return;
    write_event(json, &(struct sw_event){.kind = SW_EVENT_LOG,
                                         .step = sw_buffer_str(&json->carry_step),
                                         .text = sw_buffer_str(&json->carry),
                                         .stream = json->carry_stream,
                                         .time_ns = time_ns});
    sw_buffer_clear(&json->carry);
}

static void write_log(struct json *json, struct sw_event event)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, CARRY + event.text.n);
    sw_buffer_add_str(&text, sw_buffer_str(&json->carry));
    sw_buffer_add_str(&text, event.text);
    size_t cut = unfinished(sw_buffer_str(&text));
    sw_buffer_clear(&json->carry);
    sw_buffer_add(&json->carry, text.p + text.n - cut, cut);
    sw_buffer_clear(&json->carry_step);
    sw_buffer_add_str(&json->carry_step, event.step);
    json->carry_stream = event.stream;
    event.text = (struct sw_str){text.p, text.n - cut};
    if (event.text.n > 0)
        write_event(json, &event);
}

static void emit(void *self, const struct sw_event *event)
{
    struct json *json = self;
    if (json->first_ns == 0)
        json->first_ns = event->time_ns;
    bool goes_on = event->kind == SW_EVENT_LOG && event->stream == json->carry_stream &&
                   sw_str_equal(event->step, sw_buffer_str(&json->carry_step));
    if (!goes_on)
        give_up_carry(json, event->time_ns);
    if (event->kind == SW_EVENT_LOG)
        write_log(json, *event);
    else
        write_event(json, event);
}

static void free_json(struct progress *progress)
{
    struct json *json = (struct json *)progress;
    give_up_carry(json, json->first_ns);
    sw_buffer_release(&json->out);
    sw_buffer_release(&json->carry);
    sw_buffer_release(&json->carry_step);
    free(json);
}

struct progress *progress_json_new(const struct progress_options *options)
{
    struct json *json = calloc(1, sizeof(*json));
    if (json == NULL)
        return NULL;
    json->progress = (struct progress){emit, free_json};
    json->fd = options->fd;
    json->profile = options->profile;
    sw_buffer_init(&json->out, 8 * SW_MAX_JSON_SIZE); /* a byte becomes six at most */
    sw_buffer_init(&json->carry, CARRY);
    sw_buffer_init(&json->carry_step, SW_MAX_STEP_NAME);
    return &json->progress;
}

bool progress_json_read(struct sw_event *event, struct sw_arena *arena, struct sw_str line)
{
    const struct sw_node *root = NULL;
    if (sw_json_read(&root, arena, line, NULL, NULL) != 0)
        return false;
    const char *name = sw_node_text(sw_node_get(root, "event"), "");
    size_t kind = 0;
    while (kind < SW_COUNT(names) && strcmp(names[kind], name) != 0)
        kind++;
    const struct sw_node *step = sw_node_get(root, "step"), *text = sw_node_get(root, "text");
    if (kind == SW_COUNT(names) || step == NULL || text == NULL)
        return false;
    bool is_error = strcmp(sw_node_text(sw_node_get(root, "stream"), ""), "stderr") == 0;
    *event = (struct sw_event){.kind = (enum sw_event_kind)kind,
                               .step = sw_node_str(step),
                               .text = sw_node_str(text),
                               .stream = is_error ? SW_STDERR : SW_STDOUT,
                               .current = sw_node_integer(sw_node_get(root, "current"), 0),
                               .total = sw_node_integer(sw_node_get(root, "total"), -1),
                               .time_ns = sw_clock_now(),
                               .cached = sw_node_boolean(sw_node_get(root, "cached"), false),
                               .failed = sw_node_boolean(sw_node_get(root, "failed"), false),
                               .dockerfile_line = (unsigned)sw_node_integer(sw_node_get(root, "line"), 0)};
    return true;
}
