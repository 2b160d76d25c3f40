#include "engine/image.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "engine/call.h"
#include "engine/reference.h"
#include "wire/json_stream.h"

/* Podman has been seen to import without naming; asking costs little. */
static int ensure_name(struct sw_engine *engine, const char *name, const char *id, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *image = NULL;
    int code = sw_image_inspect(&image, &arena, engine, name, error);
    if (code == 0 && strcmp(sw_node_text(sw_node_get(image, "Id"), ""), id) == 0)
        return 0;
    return code == 0 || code == SW_ENOTFOUND ? sw_image_tag(engine, id, name, error) : code;
}

/* A source that is read while it is sent, with its progress. */
struct counted_source {
    const struct sw_source *inner;
    const struct sw_sink *sink;
    int64_t total, told;
};

enum { TELL_EVERY = 4 * 1024 * 1024 };

static void tell_progress(const struct counted_source *source)
{
    sw_emit(source->sink, (struct sw_event){.kind = SW_EVENT_PROGRESS,
                                            .step = SW_STR("import"),
                                            .text = SW_STR("sending"),
                                            .current = source->total,
                                            .total = -1});
}

static int read_counted(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    struct counted_source *source = self;
    int code = source->inner->read(source->inner->self, out, n, got, error);
    if (code != 0)
        return code;
    source->total += (int64_t)*got;
    if (*got == 0 || source->total - source->told >= TELL_EVERY) {
        source->told = source->total;
        tell_progress(source);
    }
    return 0;
}

/* The answer is objects with a "status"; the last status is the image's id, or the last object holds the
 * error. */
static int read_import_answer(char id[SW_IMAGE_ID_SIZE], struct sw_str answer, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_json_stream stream;
    sw_json_stream_init(&stream, SW_MAX_JSON_SIZE);
    const char *status = "", *failure = NULL;
    struct sw_str text;
    for (enum sw_json_item item; (item = sw_json_stream_next(&stream, &answer, &text)) != SW_JSON_MORE;) {
        const struct sw_node *object = NULL;
        if (item != SW_JSON_OBJECT || sw_json_read(&object, &arena, text, NULL, NULL) != 0)
            continue;
        status = sw_node_text(sw_node_get(object, "status"), status);
        failure = sw_node_text(sw_node_get(object, "error"), failure);
        failure = sw_node_text(sw_node_get(sw_node_get(object, "errorDetail"), "message"), failure);
    }
    sw_json_stream_release(&stream);
    if (failure != NULL) {
        const char *clean = sw_text_clean(&arena, sw_str_trim(sw_str_from(failure)));
        return sw_fail(error, SW_EENV, "the engine says: %s", clean == NULL ? "" : clean);
    }
    if (!sw_str_starts(sw_str_from(status), "sha256:") || strlen(status) >= SW_IMAGE_ID_SIZE)
        return sw_fail(error, SW_EENV, "the engine's answer names no image");
    (void)snprintf(id, SW_IMAGE_ID_SIZE, "%s", status);
    return 0;
}

static int send_import(char id[SW_IMAGE_ID_SIZE], struct sw_engine *engine,
                       const struct sw_reference *reference, const char *change, const struct sw_source *tar,
                       struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/images/create?fromSrc=-");
    sw_query_add(&target, "repo", reference->repository);
    sw_query_add(&target, "tag", reference->tag);
    sw_query_add(&target, "changes", change);
    int code = sw_buffer_check(&target, "the request", error);
    if (code != 0)
        return code;
    const struct sw_http_request request = {.method = "POST",
                                            .target = target.p,
                                            .content_type = "application/x-tar",
                                            .source = tar,
                                            .patience = SW_PATIENCE_STREAM};
    code = sw_call(&response, engine, &request, error);
    return code != 0 ? code : read_import_answer(id, sw_buffer_str(&response.body), error);
}

int sw_image_import(char id[SW_IMAGE_ID_SIZE], struct sw_engine *engine, const char *name, const char *change,
                    const struct sw_source *tar, const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_reference reference;
    struct counted_source counted = {.inner = tar, .sink = sink};
    const struct sw_source source = {read_counted, &counted};
    int code = sw_reference_split(&reference, name, error);
    if (code != 0)
        return code;
    sw_emit(sink, (struct sw_event){
                      .kind = SW_EVENT_STEP_STARTED, .step = SW_STR("import"), .text = sw_str_from(name)});
    code = send_import(id, engine, &reference, change, &source, error);
    if (code == 0)
        code = ensure_name(engine, name, id, error);
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                    .step = SW_STR("import"),
                                    .failed = code != 0,
                                    .text = sw_str_from(code != 0 && error != NULL ? error->text : "")});
    return code == 0 ? 0 : sw_error_context(code, error, "cannot import image '%s'", name);
}
