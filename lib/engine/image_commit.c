/* An image with another configuration: a container of the image, which never runs, becomes the new image. */
#include "engine/image.h"

#include "base/limits.h"
#include "data/json.h"
#include "engine/call.h"

static int post(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                const struct sw_buffer *target, const struct sw_node *body, struct sw_error *error)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO text;
    sw_http_response_init(&response);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    sw_json_write(&text, body, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, "the image's configuration", error);
    if (code != 0)
        return code;
    const struct sw_http_request call = {.method = "POST",
                                         .target = target->p,
                                         .content_type = "application/json",
                                         .body = sw_buffer_str(&text),
                                         .patience = SW_PATIENCE_WORK};
    code = sw_call(&response, engine, &call, error);
    return code == 0 ? sw_call_json(out, arena, &response, error) : code;
}

/* An image without a command makes a container only if the request has a command. */
static int create(struct sw_arena *arena, struct sw_engine *engine, const char *image, const char *name,
                  struct sw_error *error)
{
    struct sw_builder b = {.arena = arena};
    struct sw_node *config = sw_build_map(&b), *command = sw_build_list(&b);
    const struct sw_node *made = NULL;
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_build_append(&b, command, sw_build_text(&b, "none"));
    sw_build_set(&b, config, "Image", sw_build_text(&b, image));
    sw_build_set(&b, config, "Cmd", command);
    sw_call_target(&target, engine, "/containers/create");
    sw_query_add(&target, "name", name);
    return b.failed ? sw_fail_memory(error) : post(&made, arena, engine, &target, config, error);
}

static int commit(char id[SW_IMAGE_ID_SIZE], struct sw_arena *arena, struct sw_engine *engine,
                  const struct sw_node *config, const char *name, struct sw_error *error)
{
    const struct sw_node *made = NULL;
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/commit");
    sw_query_add(&target, "container", name);
    sw_query_add(&target, "pause", "0");
    int code = post(&made, arena, engine, &target, config, error);
    struct sw_str found = sw_node_str(sw_node_get(made, "Id"));
    if (code == 0 && (found.n == 0 || found.n >= SW_IMAGE_ID_SIZE))
        return sw_fail(error, SW_EENV, "the engine did not name the image that it made");
    if (code == 0)
        (void)snprintf(id, SW_IMAGE_ID_SIZE, "%.*s", SW_STR_FORMAT(found));
    return code;
}

int sw_image_commit(char id[SW_IMAGE_ID_SIZE], struct sw_engine *engine, const char *image,
                    const struct sw_node *config, struct sw_error *error)
{
    char token[SW_TOKEN_SIZE], name[sizeof "slipway-" + SW_TOKEN_SIZE];
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO target;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    if (engine->info.podman)
        return sw_fail(error, SW_ENO, "Podman cannot give an image another configuration");
    int code = sw_call_token(token, error);
    if (code != 0)
        return code;
    (void)snprintf(name, sizeof name, "slipway-%s", token);
    code = create(&arena, engine, image, name, error);
    if (code == 0)
        code = commit(id, &arena, engine, config, name, error);
    sw_call_target(&target, engine, "/containers/");
    sw_query_add_path(&target, name);
    sw_buffer_add_text(&target, "?force=1&v=1");
    sw_call_cleanup(engine, "DELETE", &target);
    return code;
}
