/* The last layer on the image of a user's own Dockerfile: a small Dockerfile that is built on that image. */
#include "project/attempt.h"

#include "base/limits.h"
#include "data/path.h"
#include "engine/call.h"
#include "engine/image.h"

#define NAME "localhost/slipway-layer"

/* The image of the user's Dockerfile, under a name that only this build knows. */
struct layer {
    struct sw_attempt *attempt;
    struct sw_arena *arena;
    const struct sw_node *config;
    char token[SW_TOKEN_SIZE];
    const char *name;
    /* The ID of the image without triggers; empty if the image has no triggers. */
    char plain[SW_IMAGE_ID_SIZE];
};

static bool is_not_trigger(struct sw_str key)
{
    return !sw_str_is(key, "OnBuild");
}

/* An image with ONBUILD would run these in the layer's build: the layer is built on the image without them, and has them again. */
static int drop_triggers(struct layer *layer, struct sw_error *error)
{
    struct sw_builder b = {.arena = layer->arena};
    if (sw_node_count(sw_node_get(layer->config, "OnBuild")) == 0)
        return 0;
    const struct sw_node *config = sw_build_filtered(&b, layer->config, is_not_trigger);
    if (b.failed)
        return sw_fail_memory(error);
    int code = sw_image_commit(layer->plain, layer->attempt->engine.engine, layer->attempt->outcome.image_id,
                               config, error);
    return code == 0 ? 0 : sw_error_context(code, error, "the image has ONBUILD, and a layer would run it");
}

static int name_image(struct layer *layer, struct sw_error *error)
{
    struct sw_engine *engine = layer->attempt->engine.engine;
    const char *image = layer->attempt->outcome.image_id;
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, layer->arena, engine, image, error);
    layer->config = sw_node_get(inspected, "Config");
    if (code == 0)
        code = sw_call_token(layer->token, error);
    if (code == 0)
        code = drop_triggers(layer, error);
    layer->name = code == 0 ? sw_arena_format(layer->arena, NAME ":%s", layer->token) : NULL;
    if (code == 0 && layer->name == NULL)
        code = sw_fail_memory(error);
    return code == 0
               ? sw_image_tag(engine, layer->plain[0] == '\0' ? image : layer->plain, layer->name, error)
               : code;
}

/* The files of the layer: its Dockerfile, and those of the plan's rendering that go into it. */
static int make_files(struct sw_context_options *options, const struct layer *layer, struct sw_str dockerfile)
{
    const struct sw_rendering *rendering = &layer->attempt->rendering;
    struct sw_context_file *files = sw_arena_array(layer->arena, rendering->count + 1, sizeof *files);
    size_t count = 0;
    if (files == NULL)
        return -1;
    files[count++] = (struct sw_context_file){.path = "Dockerfile", .content = dockerfile};
    for (size_t i = 0; i < rendering->count; i++) {
        const struct sw_rendered_file *file = &rendering->files[i];
        if (sw_render_is_layer_file(file->name))
            files[count++] =
                (struct sw_context_file){.path = file->name, .content = file->text, .mode = file->mode};
    }
    options->files = files;
    options->files_count = count;
    return 0;
}

/* The layer runs one program, the guard, which an image without a C library cannot run. */
static int refuse(struct sw_attempt *attempt, const struct sw_build_outcome *outcome, struct sw_error *error)
{
    if (sw_node_type(attempt->prepared.plan.parts.guard) != SW_NODE_MAP)
        return sw_fail(error, SW_EENV, "the last layer could not be added: %s", outcome->failure_text);
    struct sw_finding *finding =
        sw_findings_add(&attempt->findings, "SW401", SW_ERROR, "the guard cannot run in the image: %s",
                        outcome->failure_text);
    sw_profile_place(&attempt->prepared.profile, &attempt->findings, finding, "guard");
    sw_finding_hint(&attempt->findings, finding,
                    "the guard needs the C library of a distribution; leave out guard if the image has none");
    return 0;
}

static int run(struct layer *layer, struct sw_context *context, struct sw_str dockerfile,
               struct sw_error *error)
{
    struct sw_attempt *attempt = layer->attempt;
    struct sw_build_outcome outcome = {0};
    const struct sw_build_request request = {
        .offer = {.context = context, .context_key = layer->token, .credentials = attempt->credentials},
        .dockerfile_text = dockerfile,
        .platform = attempt->choices->platform,
        .zstd = attempt->zstd,
    };
    int code = sw_engine_build(&outcome, attempt->engine.engine, &request, &attempt->sink, error);
    if (code != 0)
        return code;
    if (outcome.failed) {
        code = refuse(attempt, &outcome, error);
        sw_build_outcome_release(&outcome);
        return code;
    }
    sw_build_outcome_release(&attempt->outcome);
    attempt->outcome = outcome;
    return 0;
}

static int build_it(struct layer *layer, struct sw_error *error)
{
    struct sw_attempt *attempt = layer->attempt;
    SW_BUFFER_AUTO text;
    struct sw_context *context = NULL;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    const struct sw_render_layer rendered = {layer->name, layer->config};
    struct sw_context_options options = {.root = sw_context_root(attempt->context),
                                         .real_root = NULL,
                                         .sink = &attempt->sink,
                                         .cancel = attempt->project->cancel};
    int code = sw_render_layer(&text, &attempt->prepared.plan, &rendered, attempt->project->overrides, error);
    if (code == 0 && make_files(&options, layer, sw_buffer_str(&text)) != 0)
        code = sw_fail_memory(error);
    if (code == 0)
        code = sw_context_scan(&context, &options, error);
    if (code == 0)
        code = run(layer, context, sw_buffer_str(&text), error);
    sw_context_free(context);
    return code;
}

int sw_attempt_check_dockerfile(const struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_plan *plan = &attempt->prepared.plan;
    const struct sw_engine_info *info = sw_engine_info(attempt->engine.engine);
    const struct sw_build_part *outputs = attempt->parts.outputs, *attestations = attempt->parts.attestations;
    if (!sw_plan_is_wrapped(plan))
        return 0;
    if (!info->buildkit && sw_node_text(plan->parts.dockerfile.path, NULL) == NULL) {
        (void)sw_fail(error, SW_EINPUT, "%s takes no Dockerfile from outside of the context", info->product);
        return sw_error_hint(error, "move the Dockerfile into the context, or build with a Docker Engine");
    }
    bool leaves = info->builder || (outputs != NULL && outputs->type != NULL) ||
                  (attestations != NULL && attestations->type != NULL);
    if (!sw_plan_has_layer(plan) || !leaves)
        return 0;
    (void)sw_fail(error, SW_EINPUT,
                  "the last layer goes on an image in the engine, and outputs, attestations and BuildKit "
                  "daemons leave none there");
    return sw_error_hint(error, "prove: outside adds no layer");
}

int sw_attempt_layer(struct sw_attempt *attempt, struct sw_error *error)
{
    struct layer layer = {.attempt = attempt, .arena = attempt->project->arena};
    if (!sw_plan_has_layer(&attempt->prepared.plan) || attempt->outcome.failed)
        return 0;
    attempt->is_own_step = true;
    int code = name_image(&layer, error);
    if (code == 0)
        code = build_it(&layer, error);
    /* Names that nobody knows; the image stays as long as another image is built on it. */
    if (layer.name != NULL && sw_image_remove(attempt->engine.engine, layer.name, NULL) != 0 && code == 0)
        sw_emit(&attempt->sink,
                (struct sw_event){.kind = SW_EVENT_WARNING,
                                  .text = SW_STR("a name of the last layer's build could not be removed")});
    attempt->is_own_step = false;
    return code;
}
