#include "base/file.h"
#include "diagnose/diagnosis_internal.h"
#include "diagnose/level_internal.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Read the built-in rules before the first line is held against them: reading takes longer than a build whose
 * steps are all in the cache, and such a build prints no line. */
static int take_rules(struct sw_diagnosis *d, struct sw_error *error)
{
    int code = 0;
    if (d->matcher != NULL)
        return 0;
    if (d->rules == NULL) {
        code = sw_rules_load(&d->built_in, NULL, error);
        d->rules = d->built_in;
    }
    if (code != 0)
        return code;
    free(d->owners);
    free(d->course);
    free(d->matches);
    d->course = calloc(sw_scan_words(d->rules->scan) + 1, sizeof *d->course);
    d->owners = calloc(sw_scan_words(d->rules->scan) + 1, sizeof *d->owners);
    d->matches = calloc(d->rules->count + 1, sizeof *d->matches);
    for (size_t i = 0; d->course != NULL && i < d->rules->count; i++) {
        if (d->rules->items[i].transient || d->rules->items[i].success)
            d->course[i / 64] |= 1ULL << (i % 64);
    }
    if (d->owners != NULL && d->matches != NULL && d->course != NULL)
        d->matcher = sw_matcher_new();
    return d->matcher != NULL ? 0 : sw_fail_memory(error);
}

struct sw_diagnosis *sw_diagnosis_new(const struct sw_rules *rules)
{
    struct sw_diagnosis *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->rules = rules;
    int code = rules == NULL ? 0 : take_rules(d, NULL);
    if (code == 0)
        code = sw_steps_init(&d->steps, NULL);
    if (code != 0) {
        sw_diagnosis_free(d);
        return NULL;
    }
    return d;
}

void sw_diagnosis_free(struct sw_diagnosis *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->hit_count; i++)
        sw_hit_free(d->hits[i]);
    for (size_t i = 0; i < d->pending_count; i++)
        sw_hit_free(d->pending[i]);
    for (size_t i = 0; i < SW_COUNT(d->streams); i++)
        free(d->streams[i]);
    sw_matcher_free(d->matcher);
    sw_steps_release(&d->steps);
    free(d->owners);
    free(d->course);
    free(d->matches);
    sw_rules_free(d->built_in);
    free(d);
}

/* A step is announced without a number of its own on each line: the one before ended well, unless it is a summary that
 * follows or slipway's own log, which says of each step how it ended. */
static void enter_step(struct sw_diagnosis *d, struct sw_str inner)
{
    struct sw_log_stream *stream = d->stream;
    struct sw_str outer = {stream->key, stream->key_n}, before = {stream->inner, stream->inner_n};
    if (before.n > 0 && !sw_str_starts(inner, " >") && !sw_str_starts(inner, "==="))
        sw_diagnosis_pass_step(d, sw_steps_get(&d->steps, outer, before));
    stream->inner_n = inner.n < sizeof stream->inner ? inner.n : sizeof stream->inner;
    memcpy(stream->inner, inner.p, stream->inner_n);
}

static void keep_place(struct sw_diagnosis *d, struct sw_str text)
{
    size_t n = text.n;
    uint64_t line = 0;
    while (n > 0 && text.p[n - 1] != ':')
        n--;
    if (n < 2 || n > sizeof d->place.file || !sw_str_to_u64((struct sw_str){text.p + n, text.n - n}, &line) ||
        line > UINT32_MAX)
        return;
    memcpy(d->place.file, text.p, n - 1);
    d->place.file[n - 1] = '\0';
    d->place.line = (unsigned)line;
}

/* Return the length of a shell's prompt before a command that somebody typed: "root@host:/app# python x.py",
 * "$ docker build .". */
static size_t prompt(struct sw_str text)
{
    enum { LONGEST = 120, LONGEST_NAME = 40 };
    if (text.n > 2 && text.p[0] == '$' && text.p[1] == ' ')
        return 2;
    size_t n = text.n < LONGEST_NAME ? text.n : LONGEST_NAME;
    if (n == 0 || !sw_is_alpha((unsigned char)text.p[0]) || memchr(text.p, '@', n) == NULL)
        return 0;
    struct sw_str head = {text.p, text.n < LONGEST ? text.n : LONGEST};
    size_t root = sw_str_find(head, SW_STR("# ")), user = sw_str_find(head, SW_STR("$ "));
    size_t at = root < user ? root : user;
    size_t blank = sw_str_find(head, SW_STR(" "));
    return at < head.n && blank == at + 1 ? at + 2 : 0;
}

/* Keep a line of an output within the step's output, if it may be the last that the inner command said. */
static void keep_inside(struct sw_step *step, struct sw_str line, uint64_t number)
{
    if ((!step->margins.inside && !step->inside_speaks) || sw_log_level(line) != SW_LEVEL_NONE)
        return;
    if (!step->margins.inside)
        step->inside_speaks = false;
    if (!step->margins.inside || sw_margins_ends(line))
        return;
    bool speaks = sw_speaks_of_failure(line);
    if (step->inside_speaks && !speaks)
        return;
    step->inside_speaks = speaks;
    struct sw_kept_line *kept = &step->inside;
    kept->number = number;
    kept->n = line.n < sizeof kept->text ? line.n : sizeof kept->text;
    memcpy(kept->text, line.p, kept->n);
}

/* Read a line of output: a command that was typed begins something new, and its words are the user's. */
static void read_output(struct sw_diagnosis *d, struct sw_step *step, struct sw_str *text,
                        enum sw_line_end end)
{
    size_t typed = prompt(*text);
    if (typed > 0) {
        sw_diagnosis_complete(d, step);
        step->margins = (struct sw_margins){0};
        sw_step_rename(step, sw_str_drop(*text, typed));
        return;
    }
    if (end == SW_LINE_ENDED) {
        *text = sw_margins_strip(&step->margins, *text);
        keep_inside(step, *text, d->lines);
    }
    if (end == SW_LINE_ENDED && sw_str_starts(*text, "+ ") && sw_step_trace(step, *text))
        sw_diagnosis_retry(d, step);
    if (take_rules(d, NULL) == 0) /* sw_diagnosis_finish() tells */
        sw_diagnosis_examine(d, step, *text, end);
}

/* Skip the lines that buildx repeats of a failed step whose own lines were read, from the head behind " > " to the rule of dashes. */
static bool skip_repeated(struct sw_diagnosis *d, const struct sw_log_line *line, bool numbered)
{
    struct sw_log_stream *stream = d->stream;
    if (line->mark == SW_LOG_STEP || numbered) {
        stream->repeats = !numbered && sw_str_is(line->step, " >") && sw_steps_failed(&d->steps, line->text);
        return false;
    }
    bool skipped = stream->repeats;
    stream->repeats = skipped && !sw_str_is(line->text, "------");
    return skipped;
}

/* Read a line, or text that a carriage return overwrote. */
static void read_line(void *self, struct sw_str raw, enum sw_line_end end)
{
    struct sw_diagnosis *d = self;
    struct sw_log_line line;
    d->lines += end == SW_LINE_ENDED;
    sw_log_line_read(&line, raw, d->scratch);
    if (line.mark == SW_LOG_PROGRESS)
        return;
    struct sw_log_stream *stream = d->stream;
    bool numbered = line.step.n > 0 && line.step.p[0] == '#';
    if (skip_repeated(d, &line, numbered))
        return;
    if (line.mark == SW_LOG_STEP && !numbered)
        enter_step(d, line.step);
    struct sw_str inner = {stream->inner, stream->inner_n};
    if (numbered || inner.n == 0)
        inner = line.step.n > 0 ? line.step : inner;
    struct sw_step *step = sw_steps_get(&d->steps, (struct sw_str){stream->key, stream->key_n}, inner);
    d->last_step = step->serial;
    switch (line.mark) {
    case SW_LOG_STEP:
        sw_step_rename(step, line.text);
        return;
    case SW_LOG_DONE:
        sw_diagnosis_pass_step(d, step);
        return;
    case SW_LOG_PLACE:
        keep_place(d, line.text);
        break;
    case SW_LOG_FAILED:
        sw_diagnosis_fail_step(d, step);
        read_output(d, step, &line.text, end);
        break;
    case SW_LOG_TEXT:
        if (sw_str_trim(line.text).n == 0)
            return;
        read_output(d, step, &line.text, end);
        break;
    case SW_LOG_QUOTE:
    case SW_LOG_PROGRESS:
        break;
    }
    if (end == SW_LINE_ENDED)
        sw_step_keep(step, line.text, d->lines);
}

/* Return the stream of this key; a new stream takes the place of the stream that was silent longest. NULL
 * without memory. */
static struct sw_log_stream *find_stream(struct sw_diagnosis *d, struct sw_str key)
{
    size_t place = 0;
    key.n = key.n < sizeof d->stream->key ? key.n : sizeof d->stream->key;
    for (size_t i = 0; i < SW_COUNT(d->streams); i++) {
        struct sw_log_stream *stream = d->streams[i];
        if (stream != NULL && sw_str_equal((struct sw_str){stream->key, stream->key_n}, key))
            return stream;
        if (d->streams[place] != NULL && (stream == NULL || stream->used < d->streams[place]->used))
            place = i;
    }
    struct sw_log_stream *stream = d->streams[place];
    if (stream == NULL)
        stream = d->streams[place] = malloc(sizeof *stream);
    else {
        d->stream = stream;
        sw_assemble_end(&stream->assembler, read_line, d);
    }
    if (stream == NULL)
        return NULL;
    *stream = (struct sw_log_stream){.key_n = key.n};
    if (key.n > 0)
        memcpy(stream->key, key.p, key.n);
    return stream;
}

void sw_diagnosis_feed(struct sw_diagnosis *d, struct sw_str step, struct sw_str bytes)
{
    struct sw_log_stream *stream = find_stream(d, step);
    if (stream == NULL)
        return;
    stream->used = ++d->clock;
    d->stream = stream;
    sw_assemble(&stream->assembler, bytes, read_line, d);
}

/* End the step's output, even if its last line has no line end. */
static struct sw_step *end_output(struct sw_diagnosis *d, struct sw_str step)
{
    struct sw_log_stream *stream = find_stream(d, step);
    if (stream != NULL) {
        d->stream = stream;
        sw_assemble_end(&stream->assembler, read_line, d);
    }
    return sw_steps_get(&d->steps, step, (struct sw_str){"", 0});
}

static void read_event(void *self, const struct sw_event *event)
{
    struct sw_diagnosis *d = self;
    struct sw_step *step;
    switch (event->kind) {
    case SW_EVENT_LOG:
        sw_diagnosis_feed(d, event->step, event->text);
        break;
    case SW_EVENT_STEP_STARTED:
        step = sw_steps_get(&d->steps, event->step, (struct sw_str){"", 0});
        sw_step_rename(step, event->text);
        step->dockerfile_line = event->dockerfile_line;
        break;
    case SW_EVENT_STEP_DONE:
        step = end_output(d, event->step);
        if (event->dockerfile_line > 0)
            step->dockerfile_line = event->dockerfile_line;
        if (!event->failed) {
            sw_diagnosis_pass_step(d, step);
            break;
        }
        sw_diagnosis_feed(d, event->step, event->text);
        sw_diagnosis_fail_step(d, end_output(d, event->step));
        break;
    case SW_EVENT_PROGRESS:
    case SW_EVENT_WARNING:
    case SW_EVENT_NOTE:
        break;
    }
}

struct sw_sink sw_diagnosis_sink(struct sw_diagnosis *d)
{
    return (struct sw_sink){read_event, d};
}

/* A pipe or a terminal may keep silent for as long as it likes, and an interruption must end that. */
static int wait_for(int fd, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct pollfd waits[] = {{.fd = fd, .events = POLLIN},
                             {.fd = cancel == NULL ? -1 : cancel->fd, .events = POLLIN}};
    /* read() tells of any fault here. */
    (void)poll(waits, SW_COUNT(waits), -1);
    return sw_cancel_requested(cancel) ? sw_fail_canceled(error) : 0;
}

int sw_diagnosis_read(struct sw_diagnosis *d, int fd, const char *name, const struct sw_cancel *cancel,
                      struct sw_error *error)
{
    char chunk[64 * 1024];
    for (;;) {
        if (wait_for(fd, cancel, error) != 0)
            return SW_ECANCELED;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", name);
        sw_diagnosis_feed(d, (struct sw_str){"", 0}, (struct sw_str){chunk, (size_t)n});
    }
}

int sw_diagnosis_finish(struct sw_diagnosis *d, const struct sw_node *profile, enum sw_log_outcome outcome,
                        struct sw_findings *out, struct sw_error *error)
{
    for (size_t i = 0; i < SW_COUNT(d->streams); i++) {
        if (d->streams[i] == NULL)
            continue;
        d->stream = d->streams[i];
        sw_assemble_end(&d->stream->assembler, read_line, d);
    }
    struct sw_step *last = sw_steps_find(&d->steps, d->last_step);
    d->ends_well = sw_step_ends_well(last);
    bool well = outcome == SW_OUTCOME_UNKNOWN && d->ends_well;
    for (size_t i = 0; i < SW_MAX_LOG_STEPS; i++) {
        if (d->steps.items[i].serial != 0)
            sw_diagnosis_complete(d, &d->steps.items[i]);
    }
    sw_diagnosis_drop_pending(d);
    if (well && d->failed_step == 0)
        sw_diagnosis_overcome(d, last);
    int code = take_rules(d, error);
    return code != 0 ? code : sw_diagnosis_judge(d, profile, outcome, out, error);
}

size_t sw_diagnosis_matches(const struct sw_diagnosis *d, const char *id)
{
    for (size_t i = 0; d->matcher != NULL && i < d->rules->count; i++) {
        if (strcmp(d->rules->items[i].id, id) == 0)
            return d->matches[i];
    }
    return 0;
}

const struct sw_unjudged *sw_diagnosis_unjudged(const struct sw_diagnosis *diagnosis)
{
    return &diagnosis->unjudged;
}

uint64_t sw_diagnosis_lines(const struct sw_diagnosis *d)
{
    return d->lines;
}
