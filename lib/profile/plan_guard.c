/* The facts for the image's guard: the GPU code of the stack, and the driver that its CUDA needs. */
#include "profile/plan_internal.h"

#include "catalog/gpu.h"
#include "data/path.h"

static const struct sw_node *or_empty(struct resolver *r, const struct sw_node *list)
{
    return list == NULL ? sw_build_list(&r->b) : list;
}

static struct sw_node *resolve(struct resolver *r)
{
    struct sw_node *guard = sw_build_map(&r->b);
    const struct sw_node *code = NULL;
    if (r->cuda != NULL) {
        const char *version = sw_node_text(sw_node_at(r->root, "torch.version"), "");
        code = sw_catalog_code(r->catalog->torch_code, version, r->cuda, SW_CATALOG_MACHINE);
        if (code == NULL)
            (void)sw_resolver_find(
                r, "SW403", SW_WARNING, "guard",
                "the GPU code of torch %s for CUDA %s is not known: the guard can only ask "
                "for a driver and a GPU",
                version, r->cuda);
    }
    if (sw_resolver_get(r, "command") == NULL && sw_node_count(sw_node_get(r->root, "entrypoint")) == 0 &&
        r->profile->dockerfile.file == NULL) {
        struct sw_finding *finding = sw_resolver_find(r, "SW102", SW_WARNING, "guard",
                                                      "there is no 'command' for the guard to start, and the "
                                                      "base image's own does not count beside it");
        sw_finding_hint(r->findings, finding, "add command, or name one with each docker run");
    }
    sw_build_set(&r->b, guard, "driver", sw_node_get(r->facts, "driver"));
    const struct sw_node *trim = sw_node_get(r->root, "trim");
    if (code != NULL && sw_node_type(sw_node_get(trim, "code")) == SW_NODE_MAP)
        code = sw_node_get(trim, "code");
    if (trim != NULL)
        sw_build_set(&r->b, guard, "trimmed", sw_node_get(trim, "for"));
    sw_build_set(&r->b, guard, "sass", or_empty(r, sw_node_get(code, "sass")));
    sw_build_set(&r->b, guard, "ptx", or_empty(r, sw_node_get(code, "ptx")));
    return guard;
}

void sw_resolve_guard(struct resolver *r)
{
    const struct sw_node *memory = sw_resolver_get(r, "gpu_memory");
    const struct sw_node *toolkit =
        r->cuda == NULL ? NULL : sw_catalog_row(r->catalog->toolkits, "version", r->cuda);
    bool guarded = sw_node_boolean(sw_resolver_get(r, "guard"), false);
    sw_build_set(&r->b, r->facts, "driver",
                 sw_build_text(&r->b, sw_node_text(sw_node_get(toolkit, "floor"), NULL)));
    sw_resolver_set(r, "gpu_memory",
                    memory == NULL ? sw_build_null(&r->b) : sw_build_int(&r->b, sw_node_integer(memory, 0)));
    sw_resolver_set(r, "guard", guarded ? resolve(r) : sw_build_null(&r->b));
}

int sw_plan_add_neighbour(struct sw_plan *plan, const struct sw_profile *profile,
                          const struct sw_catalog *catalog, struct sw_error *error)
{
    struct sw_builder b = {.arena = &plan->arena};
    struct sw_node *neighbour = sw_build_map(&b), *capabilities = sw_build_list(&b);
    const struct sw_node *names = sw_node_get(profile->root, "accelerators");
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const struct sw_node *row = sw_gpu_row(catalog, sw_node_text(sw_node_item(names, i), ""));
        const char *capability = sw_node_text(sw_node_get(row, "compute_capability"), NULL);
        if (capability != NULL)
            sw_build_append(&b, capabilities, sw_build_text(&b, capability));
    }
    if (plan->neighbours == NULL)
        plan->neighbours = sw_build_list(&b);
    sw_build_set(&b, neighbour, "name", sw_build_text(&b, profile->name));
    sw_build_set(&b, neighbour, "capabilities", capabilities);
    sw_build_append(&b, plan->neighbours, neighbour);
    return b.failed ? sw_fail_memory(error) : 0;
}
