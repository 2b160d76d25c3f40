#include "template/shipped.h"

#include "data/resource.h"

struct store {
    struct sw_arena *arena;
    const char *project;
};

static int load(void *self, struct sw_str *text, const char **label, const char *name, struct sw_error *error)
{
    const struct store *store = self;
    if (strchr(name, '/') == NULL)
        name = sw_arena_format(store->arena, "templates/%s", name);
    return name == NULL ? sw_fail_memory(error)
                        : sw_resource_load(text, label, store->arena, store->project, name, error);
}

int sw_template_render_shipped(struct sw_buffer *out, struct sw_arena *arena, const char *project,
                               const char *name, const struct sw_node *data, struct sw_error *error)
{
    struct store store = {arena, project};
    const struct sw_template_source source = {load, &store};
    return sw_template_render(out, &source, name, data, error);
}
