#include "stream/stream.h"

#include "base/limits.h"
#include "stream/buildkit_internal.h"
#include "stream/classic_internal.h"
#include "stream/failure.h"
#include "stream/message_internal.h"
#include "stream/step_lines_internal.h"
#include "stream/transfer_internal.h"
#include "wire/json_stream.h"

struct sw_build_stream {
    const struct sw_sink *sink;
    /* The Dockerfile; without instructions if it is not known. */
    struct sw_dockerfile dockerfile;
    struct sw_json_stream json;
    struct sw_buildkit *buildkit;
    struct sw_classic classic;
    struct sw_transfer transfer;
    bool understood; /* an object has come */
    /* A step of a build has come: an image must follow. */
    bool is_build;
    bool settled; /* its result was told */
    char image_id[80];
    struct sw_buffer failure; /* the first that was told */
    int64_t exit_code;        /* told with it, or -1 */
};

/* ---- life ---- */

struct sw_build_stream *sw_build_stream_new(const struct sw_sink *sink)
{
    struct sw_build_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return NULL;
    stream->sink = sink;
    stream->exit_code = -1;
    sw_json_stream_init(&stream->json, SW_MAX_JSON_SIZE);
    sw_classic_init(&stream->classic, sink, &stream->dockerfile);
    sw_transfer_init(&stream->transfer, sink);
    sw_buffer_init(&stream->failure, SW_MAX_FAILURE_TEXT);
    stream->buildkit = sw_buildkit_new(sink, &stream->dockerfile);
    if (stream->buildkit == NULL) {
        sw_build_stream_free(stream);
        return NULL;
    }
    return stream;
}

void sw_build_stream_free(struct sw_build_stream *stream)
{
    if (stream == NULL)
        return;
    sw_json_stream_release(&stream->json);
    sw_buildkit_free(stream->buildkit);
    sw_transfer_release(&stream->transfer);
    sw_dockerfile_release(&stream->dockerfile);
    sw_buffer_release(&stream->failure);
    free(stream);
}

void sw_build_stream_dockerfile(struct sw_build_stream *stream, struct sw_str text)
{
    sw_dockerfile_release(&stream->dockerfile);
    sw_dockerfile_init(&stream->dockerfile, text);
}

void sw_build_stream_transfer(struct sw_build_stream *stream, const char *step)
{
    stream->transfer.step = step;
}

/* ---- one message ---- */

static void warn(const struct sw_build_stream *stream, struct sw_str text)
{
    sw_emit(stream->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = text});
}

static void keep(char out[80], struct sw_str id)
{
    if (id.n < 80)
        (void)snprintf(out, 80, "%.*s", SW_STR_FORMAT(id));
}

/* An image's id alone on its line: all that a quiet build says, and one of Podman's last lines. */
static bool is_bare_id(struct sw_str line)
{
    if (sw_str_starts(line, "sha256:"))
        line = (struct sw_str){line.p + 7, line.n - 7};
    for (size_t i = 0; i < line.n; i++)
        if (!sw_is_digit(line.p[i]) && !(line.p[i] >= 'a' && line.p[i] <= 'f'))
            return false;
    return line.n == 64;
}

static void stream_text(struct sw_build_stream *stream, struct sw_str text)
{
    struct sw_str line = sw_str_trim(text);
    if (!stream->classic.open && is_bare_id(line)) {
        if (stream->image_id[0] == '\0')
            (void)snprintf(stream->image_id, sizeof(stream->image_id), "%s%.*s",
                           sw_str_starts(line, "sha256:") ? "" : "sha256:", SW_STR_FORMAT(line));
        return;
    }
    char before[sizeof(stream->classic.id)];
    memcpy(before, stream->classic.id, sizeof(before));
    sw_classic_text(&stream->classic, text);
    if (strcmp(before, stream->classic.id) != 0)
        stream->image_id[0] = '\0'; /* that was a stage's image, not the result */
    stream->is_build = stream->is_build || stream->classic.number > 0;
}

static void status_text(struct sw_build_stream *stream, const struct sw_message *message)
{
    struct sw_str step = {"", 0};
    if (stream->classic.open)
        step = sw_str_from(stream->classic.id);
    sw_transfer_status(&stream->transfer, step, message);
}

static void keep_failure(struct sw_build_stream *stream, struct sw_str text, int64_t exit_code)
{
    text = sw_str_trim(text);
    if (text.n == 0 || stream->failure.n > 0)
        return;
    sw_buffer_add(&stream->failure, text.p, text.n < SW_MAX_FAILURE_TEXT ? text.n : SW_MAX_FAILURE_TEXT);
    stream->exit_code = exit_code;
}

void sw_build_stream_status(struct sw_build_stream *stream, struct sw_str message)
{
    struct sw_error error;
    stream->is_build = stream->understood = true;
    if (sw_buildkit_status(stream->buildkit, message, &error) != 0)
        warn(stream, sw_str_from(error.text));
}

void sw_build_stream_result(struct sw_build_stream *stream, struct sw_str image, struct sw_str failure)
{
    stream->settled = stream->understood = true;
    keep(stream->image_id, image);
    keep_failure(stream, failure, -1);
}

static void take_message(struct sw_build_stream *stream, const struct sw_message *message)
{
    if (sw_str_is(message->id, "moby.buildkit.trace")) {
        stream->is_build = true;
        struct sw_error error;
        if (sw_buildkit_feed(stream->buildkit, message->trace, &error) != 0)
            warn(stream, sw_str_from(error.text));
        return;
    }
    if (message->image.n > 0)
        keep(stream->image_id, message->image);
    if (message->digest.n > 0)
        keep(stream->transfer.digest, message->digest);
    keep_failure(stream, message->failure, message->exit_code);
    if (message->stream.n > 0)
        stream_text(stream, message->stream);
    if (message->status.n > 0)
        status_text(stream, message);
}

static void take_object(struct sw_build_stream *stream, struct sw_str object)
{
    SW_MESSAGE_AUTO message = {0};
    struct sw_error error;
    if (sw_message_read(&message, object, &error) != 0)
        warn(stream, sw_str_from(error.text));
    else
        take_message(stream, &message);
}

int sw_build_stream_feed(struct sw_build_stream *stream, const void *bytes, size_t n, struct sw_error *error)
{
    struct sw_str input = {bytes, n};
    for (;;) {
        struct sw_str object = {"", 0};
        enum sw_json_item item = sw_json_stream_next(&stream->json, &input, &object);
        if (item == SW_JSON_MORE)
            return 0;
        if (item == SW_JSON_DAMAGED && !stream->understood) {
            sw_fail(error, SW_EENV, "the engine's answer is not a stream of JSON objects");
            return sw_error_hint(error, "does another program listen at the engine's address?");
        }
        stream->understood = true;
        if (item == SW_JSON_OBJECT)
            take_object(stream, object);
        else
            warn(stream, item == SW_JSON_OVERSIZE
                             ? SW_STR("a part of the engine's stream is too large to read")
                             : SW_STR("a part of the engine's stream is damaged"));
    }
}

/* ---- the outcome ---- */

struct verdict {
    /* The kind is SW_BUILD_OK if there is no failure. */
    struct sw_failure failure;
    struct sw_str text, step, step_name;
};

static struct sw_str lost_text(const struct sw_build_stream *stream, bool whole)
{
    if (whole)
        return stream->understood ? SW_STR("the engine ended the build with neither an image nor an error")
                                  : SW_STR("the engine's answer is empty");
    return SW_STR("the engine's answer broke off");
}

/* Find the reason of the failure; a step's own error stands in if the engine ends without a reason. */
static void find_failure(const struct sw_build_stream *stream, bool clean_end, struct verdict *verdict)
{
    bool whole = clean_end && sw_json_stream_whole(&stream->json);
    bool told = stream->failure.n > 0;
    if (!told && whole && stream->understood &&
        (stream->settled || !stream->is_build || stream->image_id[0] != '\0'))
        return;
    verdict->text = sw_buffer_str(&stream->failure);
    if (!told && whole)
        verdict->text = sw_buildkit_failed(stream->buildkit, verdict->text).failure;
    if (verdict->text.n == 0) {
        verdict->text = lost_text(stream, whole);
        verdict->failure = (struct sw_failure){SW_BUILD_LOST, -1, 0};
        return;
    }
    verdict->failure = sw_failure_read(verdict->text);
    if (stream->exit_code > 0 && stream->exit_code <= 255) {
        verdict->failure.kind = SW_BUILD_COMMAND;
        verdict->failure.exit_code = (int)stream->exit_code;
    }
}

static void find_step(const struct sw_build_stream *stream, struct verdict *verdict)
{
    struct sw_buildkit_step step = verdict->failure.kind == SW_BUILD_LOST
                                       ? sw_buildkit_running(stream->buildkit)
                                       : sw_buildkit_failed(stream->buildkit, verdict->text);
    unsigned line = step.line;
    verdict->step = step.id;
    verdict->step_name = step.name;
    if (stream->classic.open) {
        verdict->step = sw_str_from(stream->classic.id);
        verdict->step_name = sw_str_from(stream->classic.name);
        line = stream->classic.line;
    }
    if (verdict->failure.dockerfile_line == 0)
        verdict->failure.dockerfile_line = line;
}

static void end_steps(struct sw_build_stream *stream, const struct verdict *verdict)
{
    bool failed = verdict->failure.kind != SW_BUILD_OK;
    bool lost = verdict->failure.kind == SW_BUILD_LOST;
    struct sw_str stopped = failed ? SW_STR("context canceled") : (struct sw_str){"", 0};
    sw_buildkit_finish(stream->buildkit, lost ? verdict->text : stopped);
    sw_classic_finish(&stream->classic, verdict->text);
}

static int fill_outcome(const struct sw_build_stream *stream, const struct verdict *verdict,
                        struct sw_build_outcome *outcome, struct sw_error *error)
{
    struct sw_build_outcome filled = {
        .failed = verdict->failure.kind != SW_BUILD_OK,
        .failure = verdict->failure.kind,
        .exit_code = verdict->failure.exit_code,
        .dockerfile_line = verdict->failure.dockerfile_line,
        .clipped = sw_buildkit_clipped(stream->buildkit),
        .cached = stream->transfer.cached,
        .retried = stream->transfer.retried,
    };
    struct sw_arena *arena = &filled.arena;
    sw_arena_init(arena, SW_MAX_ARENA);
    filled.image_id = sw_arena_text(arena, filled.failed ? "" : stream->image_id);
    filled.digest = sw_arena_text(arena, stream->transfer.digest);
    filled.failure_text = sw_arena_copy(arena, verdict->text);
    filled.step = sw_arena_copy(arena, verdict->step);
    filled.step_name = sw_arena_copy(arena, verdict->step_name);
    if (filled.image_id == NULL || filled.digest == NULL || filled.failure_text == NULL ||
        filled.step == NULL || filled.step_name == NULL) {
        sw_arena_release(arena);
        return sw_fail_memory(error);
    }
    *outcome = filled;
    return 0;
}

int sw_build_stream_finish(struct sw_build_stream *stream, bool clean_end, struct sw_build_outcome *outcome,
                           struct sw_error *error)
{
    struct verdict verdict = {
        .failure = {SW_BUILD_OK, -1, 0}, .text = {"", 0}, .step = {"", 0}, .step_name = {"", 0}};
    find_failure(stream, clean_end, &verdict);
    if (verdict.failure.kind != SW_BUILD_OK)
        find_step(stream, &verdict);
    int code = fill_outcome(stream, &verdict, outcome, error);
    end_steps(stream, &verdict);
    return code;
}

void sw_build_outcome_release(struct sw_build_outcome *outcome)
{
    if (outcome == NULL)
        return;
    sw_arena_release(&outcome->arena);
    *outcome = (struct sw_build_outcome){0};
}
