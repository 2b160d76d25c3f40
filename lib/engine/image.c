#include "engine/image.h"

#include "base/limits.h"
#include "data/json.h"
#include "engine/call.h"
#include "engine/reference.h"

#include <errno.h>
#include <unistd.h>

/* Write the target "/v1.41/images/NAME" and `rest`. */
static void image_target(struct sw_buffer *target, const struct sw_engine *engine, const char *name,
                         const char *rest)
{
    sw_call_target(target, engine, "/images/");
    sw_query_add_path(target, name);
    sw_buffer_add_text(target, rest);
}

static int call(struct sw_engine *engine, const char *method, const struct sw_buffer *target,
                struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    sw_http_response_init(&response);
    return sw_call_simple(&response, engine, method, target, error);
}

static int get(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine, const char *name,
               const char *what, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    image_target(&target, engine, name, what);
    int code = sw_call_simple(&response, engine, "GET", &target, error);
    if (code == 0)
        code = sw_call_json(out, arena, &response, error);
    return code == 0 ? 0 : sw_error_context(code, error, "image '%s'", name);
}

int sw_image_inspect(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                     const char *name, struct sw_error *error)
{
    return get(out, arena, engine, name, "/json", error);
}

int sw_image_history(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                     const char *name, struct sw_error *error)
{
    return get(out, arena, engine, name, "/history", error);
}

int sw_image_exists(bool *out, struct sw_engine *engine, const char *name, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *image = NULL;
    struct sw_error failure;
    int code = sw_image_inspect(&image, &arena, engine, name, &failure);
    if (code == 0 || code == SW_ENOTFOUND) {
        *out = code == 0;
        return 0;
    }
    if (error != NULL)
        *error = failure;
    return code;
}

int sw_image_tag(struct sw_engine *engine, const char *image, const char *name, struct sw_error *error)
{
    struct sw_reference reference;
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    int code = sw_reference_split(&reference, name, error);
    if (code != 0)
        return code;
    image_target(&target, engine, image, "/tag");
    sw_query_add(&target, "repo", reference.repository);
    sw_query_add(&target, "tag", reference.tag);
    code = call(engine, "POST", &target, error);
    return code == 0 ? 0 : sw_error_context(code, error, "cannot name an image '%s'", name);
}

int sw_image_remove(struct sw_engine *engine, const char *name, struct sw_error *error)
{
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    image_target(&target, engine, name, "");
    int code = call(engine, "DELETE", &target, error);
    return code == 0 ? 0 : sw_error_context(code, error, "cannot remove image '%s'", name);
}

/* A receiver that writes to the descriptor `*self`. */
static int write_piece(void *self, const void *bytes, size_t n, struct sw_error *error)
{
    const int *fd = self;
    const char *at = bytes;
    while (n > 0) {
        ssize_t done = write(*fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return sw_fail_errno(error, SW_EENV, "cannot write an image's archive");
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

int sw_image_save(struct sw_engine *engine, const char *name, int fd, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    const struct sw_receiver receiver = {write_piece, &fd};
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    image_target(&target, engine, name, "/get");
    int code = sw_buffer_check(&target, "the image's name", error);
    const struct sw_http_request request = {
        .method = "GET", .target = target.p, .receiver = &receiver, .patience = SW_PATIENCE_STREAM};
    if (code == 0)
        code = sw_call(&response, engine, &request, error);
    return code == 0 ? 0 : sw_error_context(code, error, "image '%s'", name);
}

int sw_image_list(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                  const char *label, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    SW_BUFFER_AUTO filter;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&filter, SW_MAX_HTTP_HEADERS);
    sw_buffer_add_text(&filter, "{\"label\":[");
    sw_json_quote(&filter, sw_str_from(label));
    sw_buffer_add_text(&filter, "]}");
    sw_call_target(&target, engine, "/images/json");
    sw_query_add(&target, "filters", filter.p);
    int code = sw_call_simple(&response, engine, "GET", &target, error);
    if (code == 0)
        code = sw_call_json(out, arena, &response, error);
    return code == 0 ? 0 : sw_error_context(code, error, "cannot list the images with label '%s'", label);
}
