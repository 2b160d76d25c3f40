#include "stream/classic_internal.h"

static const char red[] = "\x1B[91m";
static const char plain[] = "\x1B[0m";

void sw_classic_init(struct sw_classic *classic, const struct sw_sink *sink,
                     const struct sw_dockerfile *dockerfile)
{
    *classic = (struct sw_classic){.sink = sink, .dockerfile = dockerfile};
}

/* ---- taking text apart: each moves `s` on and tells whether it could ---- */

static bool skip(struct sw_str *s, const char *text)
{
    if (!sw_str_starts(*s, text))
        return false;
    *s = (struct sw_str){s->p + strlen(text), s->n - strlen(text)};
    return true;
}

static bool skip_number(struct sw_str *s, unsigned *number)
{
    size_t n = 0;
    while (n < s->n && sw_is_digit(s->p[n]))
        n++;
    uint64_t value = 0;
    if (!sw_str_to_u64((struct sw_str){s->p, n}, &value) || value == 0 || value > SW_MAX_BUILD_STEPS)
        return false;
    *number = (unsigned)value;
    *s = (struct sw_str){s->p + n, s->n - n};
    return true;
}

static bool skip_fraction(struct sw_str *s, unsigned *number, unsigned *total)
{
    return skip_number(s, number) && skip(s, "/") && skip_number(s, total) && *number <= *total;
}

static bool is_hex(struct sw_str s, size_t digits)
{
    for (size_t i = 0; i < s.n; i++)
        if (!sw_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
            return false;
    return s.n == digits;
}

/* ---- steps ---- */

struct heading {
    unsigned stage, stages, number, total;
    struct sw_str instruction;
};

/* "Step 2/7 : RUN x" of Docker; "STEP 2/7: RUN x\n" and "[1/2] STEP 2/7: RUN x\n" of Podman. */
static bool read_heading(struct heading *heading, struct sw_str text)
{
    *heading = (struct heading){0};
    if (skip(&text, "Step ")) {
        if (!skip_fraction(&text, &heading->number, &heading->total) || !skip(&text, " : "))
            return false;
    } else {
        if (skip(&text, "[") &&
            (!skip_fraction(&text, &heading->stage, &heading->stages) || !skip(&text, "] ")))
            return false;
        if (!skip(&text, "STEP ") || !skip_fraction(&text, &heading->number, &heading->total) ||
            !skip(&text, ": "))
            return false;
    }
    heading->instruction = sw_str_trim(text);
    return true;
}

/* Return true if this step may come now: stages may be built side by side, steps outside of a stage only in
 * order. */
static bool is_due(const struct sw_classic *classic, const struct heading *heading)
{
    if (heading->stage != 0)
        return classic->number == 0 || heading->stages == classic->stages;
    return heading->number == classic->number + 1 &&
           (classic->total == 0 || heading->total == classic->total) && classic->stage == 0;
}

static void end_step(struct sw_classic *classic, struct sw_str failure)
{
    if (!classic->open)
        return;
    classic->open = false;
    sw_emit(classic->sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                             .step = sw_str_from(classic->id),
                                             .text = failure,
                                             .cached = classic->cached,
                                             .dockerfile_line = classic->line,
                                             .failed = failure.n > 0});
}

static void start_step(struct sw_classic *classic, const struct heading *heading)
{
    end_step(classic, (struct sw_str){"", 0});
    classic->stage = heading->stage;
    classic->stages = heading->stages;
    classic->number = heading->number;
    classic->total = heading->total;
    classic->cached = false;
    classic->open = true;
    if (heading->stage != 0)
        (void)snprintf(classic->id, sizeof(classic->id), "%u/%u %u/%u", heading->stage, heading->stages,
                       heading->number, heading->total);
    else
        (void)snprintf(classic->id, sizeof(classic->id), "%u/%u", heading->number, heading->total);
    size_t n =
        heading->instruction.n < SW_MAX_STEP_NAME - 64 ? heading->instruction.n : SW_MAX_STEP_NAME - 64;
    (void)snprintf(classic->name, sizeof(classic->name), "[%s] %.*s", classic->id, (int)n,
                   heading->instruction.p);
    classic->line = sw_dockerfile_line_classic(classic->dockerfile, sw_str_from(classic->name));
    sw_emit(classic->sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                             .step = sw_str_from(classic->id),
                                             .text = sw_str_from(classic->name),
                                             .dockerfile_line = classic->line});
}

/* ---- the builder's own lines ---- */

static void emit_line(const struct sw_classic *classic, enum sw_event_kind kind, struct sw_str line)
{
    struct sw_event event = {.kind = kind, .text = line};
    if (classic->open)
        event.step = sw_str_from(classic->id);
    sw_emit(classic->sink, event);
}

/* Podman's "COMMIT name", in a stage's last step. */
static bool is_commit(struct sw_str line)
{
    unsigned stage = 0, stages = 0;
    if (skip(&line, "[") && (!skip_fraction(&line, &stage, &stages) || !skip(&line, "] ")))
        return false;
    return skip(&line, "COMMIT ");
}

/* Podman's advice to give a value to an argument that the Dockerfile leaves open, which is no fault: no index is named, for example. */
static bool is_false_advice(struct sw_str line)
{
    return (sw_str_starts(line, "time=\"") || sw_str_starts(line, "missing \"")) &&
           sw_str_find(line, SW_STR("build argument. Try adding ")) < line.n;
}

/* " ---> …" and its like, all of one message; Docker's and Podman's forms differ in the blank before. */
static bool own_line(struct sw_classic *classic, struct sw_str text)
{
    if (!sw_str_ends(text, "\n"))
        return false;
    struct sw_str line = {text.p, text.n - 1};
    bool docker = skip(&line, " ---> ");
    if (docker && sw_str_is(line, "Using cache")) {
        classic->cached = true;
    } else if ((docker || skip(&line, "--> ")) && is_hex(line, 12)) {
        end_step(classic, (struct sw_str){"", 0});
    } else if (!docker && skip(&line, "Using cache ") && is_hex(line, 64)) {
        classic->cached = true;
    } else if ((docker && (skip(&line, "Running in ") || skip(&line, "Removed intermediate container "))) ||
               skip(&line, "Removing intermediate container ")) {
        return is_hex(line, 12);
    } else if (is_commit(line)) {
        return classic->open;
    } else if (skip(&line, "[Warning] ")) {
        emit_line(classic, SW_EVENT_WARNING, line);
    } else {
        return is_false_advice(line);
    }
    return true;
}

static void emit_log(const struct sw_classic *classic, struct sw_str text)
{
    struct sw_event event = {
        .kind = SW_EVENT_LOG, .step = sw_str_from(classic->id), .text = text, .stream = SW_STDOUT};
    if (sw_str_starts(text, red) && sw_str_ends(text, plain) && text.n >= sizeof(red) + sizeof(plain) - 2) {
        event.stream = SW_STDERR;
        event.text.p += sizeof(red) - 1;
        event.text.n -= sizeof(red) + sizeof(plain) - 2;
    }
    sw_emit(classic->sink, event);
}

void sw_classic_text(struct sw_classic *classic, struct sw_str text)
{
    struct heading heading;
    if (read_heading(&heading, text) && is_due(classic, &heading)) {
        start_step(classic, &heading);
        classic->in_heading = !sw_str_ends(text, "\n");
        return;
    }
    bool heading_end = classic->in_heading && sw_str_is(text, "\n");
    classic->in_heading = false;
    if (heading_end || own_line(classic, text))
        return;
    if (!classic->open && sw_str_starts(text, "Successfully ")) /* built, tagged: the outcome says it */
        return;
    if (classic->number == 0)
        emit_line(classic, SW_EVENT_NOTE, sw_str_trim(text));
    else
        emit_log(classic, text);
}

void sw_classic_finish(struct sw_classic *classic, struct sw_str failure)
{
    end_step(classic, failure);
}
