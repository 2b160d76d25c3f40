#include "stream/buildkit_internal.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/limits.h"
#include "stream/failure.h"
#include "wire/protobuf.h"

/* Field numbers of control.proto and ops.proto. */
enum { STATUS_VERTEX = 1, STATUS_PROGRESS = 2, STATUS_LOG = 3, STATUS_WARNING = 4 };

struct step {
    struct sw_str digest, name;
    char *failure; /* allocated; NULL unless it failed */
    /* The last start on the engine's clock; 0 before the first. */
    int64_t started;
    /* The line of the Dockerfile; 0 if unknown. */
    unsigned line;
    bool ended, cached, clipped;
};

struct sw_buildkit {
    const struct sw_sink *sink;
    const struct sw_dockerfile *dockerfile;
    struct sw_arena arena;
    struct step **steps; /* in the order of their announcement */
    size_t count;
    struct sw_buffer message;
    /* The difference from the engine's clock to the host's: the least that was seen, as messages only come
     * late. */
    int64_t offset;
    bool offset_known;
};

struct sw_buildkit *sw_buildkit_new(const struct sw_sink *sink, const struct sw_dockerfile *dockerfile)
{
    struct sw_buildkit *buildkit = calloc(1, sizeof(*buildkit));
    if (buildkit == NULL)
        return NULL;
    buildkit->sink = sink;
    buildkit->dockerfile = dockerfile;
    sw_arena_init(&buildkit->arena, SW_MAX_ARENA);
    sw_buffer_init(&buildkit->message, SW_MAX_JSON_SIZE);
    return buildkit;
}

void sw_buildkit_free(struct sw_buildkit *buildkit)
{
    if (buildkit == NULL)
        return;
    for (size_t i = 0; i < buildkit->count; i++)
        free(buildkit->steps[i]->failure);
    sw_buffer_release(&buildkit->message);
    sw_arena_release(&buildkit->arena);
    free(buildkit);
}

/* ---- the engine's time ---- */

/* Read a google.protobuf.Timestamp as ns since 1970; 0 if it is no time between then and the year 2242. */
static int64_t timestamp(struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    int64_t seconds = 0, nanos = 0;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 1)
            seconds = sw_proto_int(&field);
        else if (field.number == 2)
            nanos = sw_proto_int(&field);
    }
    if (seconds <= 0 || seconds > 1LL << 33 || nanos < 0 || nanos >= SW_SECOND_NS)
        return 0;
    return seconds * SW_SECOND_NS + nanos;
}

/* Return the time on the host's clock; 0 ("now") if the engine gave no time. */
static int64_t shift(struct sw_buildkit *buildkit, int64_t engine_ns)
{
    if (engine_ns == 0)
        return 0;
    int64_t offset = sw_clock_now() - engine_ns;
    if (!buildkit->offset_known || offset < buildkit->offset)
        buildkit->offset = offset;
    buildkit->offset_known = true;
    return engine_ns + buildkit->offset;
}

/* ---- steps ---- */

static struct step *find_step(const struct sw_buildkit *buildkit, struct sw_str digest)
{
    for (size_t i = buildkit->count; i-- > 0;)
        if (sw_str_equal(buildkit->steps[i]->digest, digest))
            return buildkit->steps[i];
    return NULL;
}

static struct sw_str cut(struct sw_str s, size_t max)
{
    return (struct sw_str){s.p, s.n < max ? s.n : max};
}

/* Return the step of that digest, made if it is new; NULL past the limits. */
static struct step *get_step(struct sw_buildkit *buildkit, struct sw_str digest)
{
    struct step *step = find_step(buildkit, digest);
    if (step != NULL)
        return step;
    if (digest.n == 0 || digest.n > SW_MAX_STEP_NAME || buildkit->count >= SW_MAX_BUILD_STEPS)
        return NULL;
    step = sw_arena_alloc(&buildkit->arena, sizeof(*step));
    char *copy = sw_arena_copy(&buildkit->arena, digest);
    struct step **steps =
        sw_arena_grow(&buildkit->arena, buildkit->steps, buildkit->count, sizeof(struct step *));
    if (step == NULL || copy == NULL || steps == NULL)
        return NULL;
    step->digest = (struct sw_str){copy, digest.n};
    step->name = (struct sw_str){"", 0};
    steps[buildkit->count++] = step;
    buildkit->steps = steps;
    return step;
}

/* The first name that a vertex gets is its name. */
static void set_name(struct sw_buildkit *buildkit, struct step *step, struct sw_str name)
{
    name = cut(name, SW_MAX_STEP_NAME);
    char *copy = step->name.n == 0 && name.n > 0 ? sw_arena_copy(&buildkit->arena, name) : NULL;
    if (copy == NULL)
        return;
    step->name = (struct sw_str){copy, name.n};
    step->line = sw_dockerfile_line_buildkit(buildkit->dockerfile, step->name);
}

static void set_failure(struct step *step, struct sw_str failure)
{
    failure = cut(failure, SW_MAX_FAILURE_TEXT);
    char *copy = failure.n > 0 ? strndup(failure.p, failure.n) : NULL;
    if (copy == NULL)
        return;
    free(step->failure);
    step->failure = copy;
}

/* ---- the messages ---- */

struct vertex {
    struct sw_str digest, name, failure;
    int64_t started, completed;
    bool cached;
};

static bool read_vertex(struct vertex *vertex, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    *vertex = (struct vertex){0};
    while (sw_proto_next(&reader, &field)) {
        switch (field.number) {
        case 1:
            vertex->digest = sw_proto_str(&field);
            break;
        case 3:
            vertex->name = sw_proto_str(&field);
            break;
        case 4:
            vertex->cached = sw_proto_int(&field) != 0;
            break;
        case 5:
            vertex->started = timestamp(sw_proto_str(&field));
            break;
        case 6:
            vertex->completed = timestamp(sw_proto_str(&field));
            break;
        case 7:
            vertex->failure = sw_proto_str(&field);
            break;
        default: /* inputs, progressGroup */
            break;
        }
    }
    return !reader.malformed;
}

static bool start_step(struct sw_buildkit *buildkit, struct sw_str message)
{
    struct vertex vertex;
    bool whole = read_vertex(&vertex, message);
    struct step *step = get_step(buildkit, vertex.digest);
    if (step == NULL)
        return whole;
    set_name(buildkit, step, vertex.name);
    int64_t started = vertex.started != 0 ? vertex.started : vertex.completed;
    if (started <= step->started)
        return whole;
    step->started = started;
    step->ended = false;
    sw_emit(buildkit->sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                              .step = step->digest,
                                              .text = step->name,
                                              .dockerfile_line = step->line,
                                              .time_ns = shift(buildkit, started)});
    return whole;
}

static void emit_end(const struct sw_buildkit *buildkit, const struct step *step, int64_t time_ns)
{
    sw_emit(buildkit->sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                              .step = step->digest,
                                              .text = sw_str_from(step->failure),
                                              .cached = step->cached,
                                              .dockerfile_line = step->line,
                                              .failed = step->failure != NULL,
                                              .time_ns = time_ns});
}

static bool end_step(struct sw_buildkit *buildkit, struct sw_str message)
{
    struct vertex vertex;
    bool whole = read_vertex(&vertex, message);
    struct step *step = find_step(buildkit, vertex.digest);
    if (step == NULL || vertex.completed == 0)
        return whole;
    bool news = (vertex.cached && !step->cached) || (vertex.failure.n > 0 && step->failure == NULL);
    bool earlier = vertex.started != 0 && vertex.started != step->started;
    if ((step->ended || earlier) && !news)
        return whole;
    step->ended = true;
    step->cached = step->cached || vertex.cached;
    set_failure(step, vertex.failure);
    emit_end(buildkit, step, shift(buildkit, vertex.completed));
    return whole;
}

/* Read a VertexStatus. If the message tells its end, current == total says so. */
static bool show_progress(struct sw_buildkit *buildkit, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct sw_event event = {.kind = SW_EVENT_PROGRESS};
    bool completed = false;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 1)
            event.text = sw_proto_str(&field);
        else if (field.number == 2)
            event.step = sw_proto_str(&field);
        else if (field.number == 4)
            event.current = sw_proto_int(&field);
        else if (field.number == 5)
            event.total = sw_proto_int(&field);
        else if (field.number == 6)
            event.time_ns = shift(buildkit, timestamp(sw_proto_str(&field)));
        else if (field.number == 8)
            completed = true;
    }
    event.current = event.current < 0 ? 0 : event.current;
    if (completed)
        event.total = event.current = event.total > event.current ? event.total : event.current;
    else if (event.total <= 0)
        event.total = -1;
    sw_emit(buildkit->sink, event);
    return !reader.malformed;
}

static void note_clip(struct sw_buildkit *buildkit, const struct sw_event *log)
{
    struct step *step = find_step(buildkit, log->step);
    if (step == NULL || step->clipped ||
        sw_str_find(log->text, SW_STR("\n[output clipped, log limit ")) == log->text.n)
        return;
    step->clipped = true;
    sw_emit(buildkit->sink,
            (struct sw_event){.kind = SW_EVENT_WARNING,
                              .step = log->step,
                              .text = SW_STR("the engine left out a part of this step's output; "
                                             "BUILDKIT_STEP_LOG_MAX_SIZE=-1 and "
                                             "BUILDKIT_STEP_LOG_MAX_SPEED=-1 in its daemon's environment "
                                             "would let all pass"),
                              .time_ns = log->time_ns});
}

static bool show_log(struct sw_buildkit *buildkit, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct sw_event event = {.kind = SW_EVENT_LOG, .stream = SW_STDOUT, .text = {"", 0}};
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 1)
            event.step = sw_proto_str(&field);
        else if (field.number == 2)
            event.time_ns = shift(buildkit, timestamp(sw_proto_str(&field)));
        else if (field.number == 3)
            event.stream = sw_proto_int(&field) == SW_STDERR ? SW_STDERR : SW_STDOUT;
        else if (field.number == 4)
            event.text = sw_proto_str(&field);
    }
    sw_emit(buildkit->sink, event);
    note_clip(buildkit, &event);
    return !reader.malformed;
}

/* Return pb.Range's start.line, 0 if it has none. */
static unsigned range_line(struct sw_str range)
{
    struct sw_proto reader = sw_proto_from(range);
    struct sw_proto_field field;
    int64_t line = 0;
    while (sw_proto_next(&reader, &field)) {
        if (field.number != 1)
            continue;
        struct sw_proto position = sw_proto_from(sw_proto_str(&field));
        while (sw_proto_next(&position, &field))
            line = field.number == 1 ? sw_proto_int(&field) : line;
    }
    return line > 0 && line <= INT32_MAX ? (unsigned)line : 0;
}

static bool show_warning(struct sw_buildkit *buildkit, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct sw_event event = {.kind = SW_EVENT_WARNING, .text = {"", 0}};
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 1)
            event.step = sw_proto_str(&field);
        else if (field.number == 3)
            event.text = sw_proto_str(&field);
        else if (field.number == 7 && event.dockerfile_line == 0)
            event.dockerfile_line = range_line(sw_proto_str(&field));
    }
    sw_emit(buildkit->sink, event);
    return !reader.malformed;
}

/* Read the message's fields of some kinds. */
static bool look(struct sw_buildkit *buildkit, struct sw_str message,
                 bool (*const readers[5])(struct sw_buildkit *, struct sw_str))
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    bool whole = true;
    while (sw_proto_next(&reader, &field))
        if (field.number < 5 && readers[field.number] != NULL && field.type == SW_PROTO_BYTES)
            whole = readers[field.number](buildkit, field.bytes) && whole;
    return whole && !reader.malformed;
}

/* All vertexes stand before all logs in a message, also a vertex that ended after its logs: so the starts are
 * read first and the ends last. */
int sw_buildkit_status(struct sw_buildkit *buildkit, struct sw_str message, struct sw_error *error)
{
    static bool (*const passes[3][5])(struct sw_buildkit *, struct sw_str) = {
        {[STATUS_VERTEX] = start_step},
        {[STATUS_PROGRESS] = show_progress, [STATUS_LOG] = show_log, [STATUS_WARNING] = show_warning},
        {[STATUS_VERTEX] = end_step},
    };
    bool whole = true;
    for (size_t i = 0; i < SW_COUNT(passes); i++)
        whole = look(buildkit, message, passes[i]) && whole;
    return whole ? 0 : sw_fail(error, SW_EENV, "a status message of BuildKit is malformed");
}

int sw_buildkit_feed(struct sw_buildkit *buildkit, struct sw_str base64, struct sw_error *error)
{
    struct sw_buffer *message = &buildkit->message;
    sw_buffer_clear(message);
    if (!sw_base64_decode(message, base64)) {
        int code = sw_buffer_check(message, "a status message of BuildKit", error);
        return code != 0 ? code : sw_fail(error, SW_EENV, "a status message of BuildKit is not base64");
    }
    return sw_buildkit_status(buildkit, sw_buffer_str(message), error);
}

/* ---- the result ---- */

static struct sw_buildkit_step step_result(const struct step *step)
{
    if (step == NULL)
        return (struct sw_buildkit_step){{"", 0}, {"", 0}, {"", 0}, 0};
    return (struct sw_buildkit_step){step->digest, step->name, sw_str_from(step->failure), step->line};
}

static bool ends_with(struct sw_str s, struct sw_str end)
{
    return end.n <= s.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

struct sw_buildkit_step sw_buildkit_failed(const struct sw_buildkit *buildkit, struct sw_str failure)
{
    const struct step *last = NULL;
    for (size_t i = buildkit->count; i-- > 0;) {
        const struct step *step = buildkit->steps[i];
        struct sw_str own = sw_str_from(step->failure);
        if (own.n == 0)
            continue;
        if (ends_with(failure, own))
            return step_result(step);
        if (last == NULL && !sw_failure_is_stop(own))
            last = step;
    }
    return step_result(last);
}

struct sw_buildkit_step sw_buildkit_running(const struct sw_buildkit *buildkit)
{
    const struct step *running = NULL;
    for (size_t i = 0; i < buildkit->count; i++) {
        const struct step *step = buildkit->steps[i];
        if (step->started != 0 && !step->ended && (running == NULL || step->started > running->started))
            running = step;
    }
    return step_result(running);
}

bool sw_buildkit_clipped(const struct sw_buildkit *buildkit)
{
    for (size_t i = 0; i < buildkit->count; i++)
        if (buildkit->steps[i]->clipped)
            return true;
    return false;
}

void sw_buildkit_finish(struct sw_buildkit *buildkit, struct sw_str failure)
{
    for (size_t i = 0; i < buildkit->count; i++) {
        struct step *step = buildkit->steps[i];
        if (step->started == 0 || step->ended)
            continue;
        step->ended = true;
        set_failure(step, failure);
        emit_end(buildkit, step, 0);
    }
}
