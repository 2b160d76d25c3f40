/* The stage of the Dockerfile that compiles, and the file that its program reads. */
#include "profile/render_internal.h"

#include "data/path.h"

/* A list of at most the first item. */
static struct sw_node *first_of(struct sw_builder *b, const struct sw_node *list)
{
    struct sw_node *first = sw_build_list(b);
    if (sw_node_count(list) > 0)
        sw_build_append(b, first, sw_node_item(list, 0));
    return first;
}

struct sw_node *sw_render_installs(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *installs = plan->parts.installs;
    struct sw_node *view = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(installs); i++) {
        const struct sw_node *install = sw_node_item(installs, i);
        struct sw_node *row = sw_build_map(b);
        for (size_t j = 0; j < sw_node_member_count(install); j++)
            sw_build_set(b, row, sw_node_member_at(install, j)->key.p, sw_node_member_at(install, j)->value);
        if (sw_node_get(install, "compiled") == NULL)
            sw_build_set(b, row, "compiled", sw_build_bool(b, false));
        sw_build_append(b, view, row);
    }
    return view;
}

/* Torch is in the stage as the first pass, or the first layer of the lock, installs it, with all of its headers. */
struct sw_node *sw_render_compile(struct sw_builder *b, const struct sw_plan *plan,
                                  const struct sw_node *installs)
{
    const struct sw_node *compile = plan->parts.compile.node;
    const struct sw_node *layers = plan->parts.lock.layers, *nvcc = sw_node_get(compile, "nvcc");
    if (sw_node_type(compile) != SW_NODE_MAP)
        return sw_build_null(b);
    struct sw_node *view = sw_build_map(b), *none = sw_build_list(b);
    sw_build_set(b, view, "trim", sw_build_null(b));
    sw_build_set(b, view, "bytecode", sw_build_bool(b, false));
    sw_build_set(b, view, "passes", layers != NULL ? none : first_of(b, installs));
    sw_build_set(b, view, "layers", layers == NULL ? none : first_of(b, layers));
    sw_build_set(b, view, "toolkit", sw_node_get(nvcc, "image") == NULL ? sw_build_null(b) : nvcc);
    sw_build_set(b, view, "packages", sw_node_get(compile, "packages"));
    sw_build_set(b, view, "gcc", sw_node_get(compile, "gcc"));
    sw_build_set(b, view, "copies", sw_node_get(compile, "copies"));
    return view;
}

/* The variables that may decide the result of a compilation: those of every build and all of the profile. */
static struct sw_node *deciding(struct sw_builder *b, const struct sw_plan *plan)
{
    struct sw_node *names = sw_build_list(b);
    const struct sw_node *own = plan->parts.environment, *always = plan->parts.compile.environment;
    sw_build_append(b, names, sw_build_text(b, "TORCH_CUDA_ARCH_LIST"));
    for (size_t i = 0; i < sw_node_member_count(always); i++)
        sw_build_append(b, names, sw_build_str(b, sw_node_member_at(always, i)->key));
    for (size_t i = 0; i < sw_node_count(own); i++)
        sw_build_append(b, names, sw_node_get(sw_node_item(own, i), "name"));
    return names;
}

const struct sw_node *sw_render_compile_file(struct sw_builder *b, const struct sw_plan *plan)
{
    static const char *const keys[] = {"architectures", "nvcc", "requires", "environment", "projects"};
    const struct sw_node *compile = plan->parts.compile.node;
    struct sw_node *file = sw_build_map(b);
    sw_build_set(b, file, "torch", plan->parts.torch.local);
    sw_build_set(b, file, "cuda", plan->parts.torch.cuda);
    for (size_t i = 0; i < SW_COUNT(keys); i++)
        sw_build_set(b, file, keys[i], sw_node_get(compile, keys[i]));
    sw_build_set(b, file, "decides", deciding(b, plan));
    return b->failed ? NULL : file;
}
