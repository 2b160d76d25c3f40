/* A user's own Dockerfile as it is built, and the layer that its image gets. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/path.h"
#include "dockerfile/hold.h"
#include "template/shipped.h"

#define HOLD_LINES                                                    \
    "COPY [\"" SW_HOLD_FILE "\", \"/opt/slipway/constraints.txt\"]\n" \
    "ENV PIP_CONSTRAINT=/opt/slipway/constraints.txt UV_CONSTRAINT=/opt/slipway/constraints.txt\n"

static bool holds(const struct sw_plan *plan)
{
    return sw_node_boolean(plan->parts.dockerfile.hold, false);
}

int sw_render_dockerfile(struct sw_buffer *out, const struct sw_plan *plan, struct sw_error *error)
{
    if (holds(plan))
        return sw_dockerfile_hold(out, plan->dockerfile, SW_STR(HOLD_LINES), error);
    sw_buffer_add_str(out, plan->dockerfile);
    return sw_buffer_check(out, "the Dockerfile", error);
}

unsigned sw_render_dockerfile_line(const struct sw_plan *plan, unsigned line)
{
    return holds(plan) ? sw_dockerfile_held_line(plan->dockerfile, SW_STR(HOLD_LINES), line) : line;
}

bool sw_render_is_layer_file(const char *name)
{
    static const char *const names[] = {"guard", "probe.py", "stack.json"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

bool sw_render_is_wrapped_file(const struct sw_plan *plan, const char *name)
{
    if (strcmp(name, "Dockerfile") == 0)
        return true;
    return strcmp(name, "constraints.txt") == 0 ? holds(plan)
                                                : sw_plan_has_layer(plan) && sw_render_is_layer_file(name);
}

/* The guard, and then the words of the image's own entry point. */
static const struct sw_node *entry_point(struct sw_builder *b, const struct sw_node *own)
{
    struct sw_node *list = sw_build_list(b);
    sw_build_append(b, list, sw_build_text(b, "/opt/slipway/guard"));
    for (size_t i = 0; i < sw_node_count(own); i++)
        sw_build_append(b, list, sw_node_item(own, i));
    return list;
}

static const struct sw_node *list_or_empty(struct sw_builder *b, const struct sw_node *list)
{
    return sw_node_type(list) == SW_NODE_LIST ? list : sw_build_list(b);
}

/* A trigger stands on a line of its own. */
static int check_triggers(const struct sw_node *triggers, struct sw_error *error)
{
    for (size_t i = 0; i < sw_node_count(triggers); i++) {
        struct sw_str text = sw_node_str(sw_node_item(triggers, i));
        for (size_t k = 0; k < text.n; k++) {
            if ((unsigned char)text.p[k] < ' ' && text.p[k] != '\t')
                return sw_fail(error, SW_EINPUT, "an ONBUILD of the image has a control character");
        }
    }
    return 0;
}

static const struct sw_node *files_of(struct sw_builder *b, const struct sw_plan *plan)
{
    struct sw_node *files = sw_build_list(b);
    bool guarded = sw_node_type(plan->parts.guard) == SW_NODE_MAP;
    sw_build_append(b, files, sw_build_text(b, "probe.py"));
    sw_build_append(b, files, sw_build_text(b, "stack.json"));
    if (guarded)
        sw_build_append(b, files, sw_build_text(b, "guard"));
    return files;
}

int sw_render_layer(struct sw_buffer *out, const struct sw_plan *plan, const struct sw_render_layer *layer,
                    const char *project, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *view = sw_build_map(&b);
    const struct sw_node *triggers = list_or_empty(&b, sw_node_get(layer->config, "OnBuild"));
    bool guarded = sw_node_type(plan->parts.guard) == SW_NODE_MAP;
    sw_build_set(&b, view, "name", plan->parts.name);
    sw_build_set(&b, view, "image", sw_build_text(&b, layer->image));
    sw_build_set(&b, view, "files", files_of(&b, plan));
    sw_build_set(&b, view, "guard", sw_build_bool(&b, guarded));
    sw_build_set(&b, view, "entrypoint", entry_point(&b, sw_node_get(layer->config, "Entrypoint")));
    sw_build_set(&b, view, "command", list_or_empty(&b, sw_node_get(layer->config, "Cmd")));
    /* An ENTRYPOINT makes an engine forget the CMD, and an image without triggers has another. */
    sw_build_set(&b, view, "restated", sw_build_bool(&b, guarded || sw_node_count(triggers) > 0));
    sw_build_set(&b, view, "labels", sw_render_labels(&b, plan));
    sw_build_set(&b, view, "triggers", triggers);
    int code = b.failed ? sw_fail_memory(error) : check_triggers(triggers, error);
    return code == 0 ? sw_template_render_shipped(out, &arena, project, "templates/last-layer", view, error)
                     : code;
}
