/* A base image with CUDA of its own: its demand on the driver, and the packages that use its CUDA: SW216. */
#include "catalog/base_stack.h"
#include "catalog/driver.h"
#include "check/check_internal.h"

#include "data/path.h"

/* The CUDA in a tag such as nvidia/cuda:12.4.1-devel-ubuntu22.04, as "12.4"; NULL for other images. */
static const char *cuda_of(const struct sw_stack *stack, const char *reference)
{
    static const char *const repository = "nvidia/cuda:";
    reference = sw_catalog_base_name(reference);
    if (strncmp(reference, repository, strlen(repository)) != 0)
        return NULL;
    const char *tag = reference + strlen(repository);
    size_t major = strspn(tag, "0123456789");
    if (major == 0 || tag[major] != '.')
        return NULL;
    size_t minor = strspn(tag + major + 1, "0123456789");
    return sw_arena_copy(stack->b.arena, (struct sw_str){tag, major + 1 + minor});
}

/* Return true if something may use the CUDA of the base image: a project that is compiled, or a step. */
static bool compiles(const struct sw_stack *stack)
{
    bool from_source = sw_node_get(stack->input->plan->root, "compile") != NULL;
    const struct sw_pin *pin;
    for (size_t i = 0; (pin = sw_stack_item(stack, i)) != NULL; i++) {
        bool source = pin->requirement.url.n > 0 && !sw_str_ends(pin->requirement.url, ".whl");
        from_source =
            from_source || source ||
            sw_catalog_lists(sw_node_at(stack->catalog->images, "compiled_with_nvcc.projects"), pin->project);
    }
    return from_source || sw_stack_step(stack, 0) != NULL;
}

static void check_driver(struct sw_stack *stack, const struct sw_node *at, const char *cuda)
{
    const struct sw_node *toolkit = sw_catalog_row(stack->catalog->toolkits, "version", cuda);
    const char *wanted = sw_node_text(sw_node_get(toolkit, "driver"), NULL);
    const char *lowest = stack->driver == NULL ? NULL : sw_driver_lowest(stack->b.arena, stack->driver);
    if (wanted == NULL || lowest == NULL || !sw_driver_is_older(lowest, wanted))
        return;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW216", SW_WARNING, at,
        "the base image is made for driver %s and may refuse to start on %s, which the profile admits",
        wanted, lowest);
    sw_stack_evidence(stack, finding, toolkit, "CUDA %s: driver %s", cuda, wanted);
    sw_finding_hint(stack->findings, finding, "a base image without CUDA demands nothing: base_image: auto");
}

void sw_check_base(struct sw_stack *stack)
{
    const struct sw_node *at = sw_stack_get(stack, "base_image");
    const char *cuda = at == NULL ? NULL : cuda_of(stack, sw_node_text(at, ""));
    if (cuda == NULL)
        return;
    check_driver(stack, at, cuda);
    if (stack->torch.cuda == NULL || compiles(stack))
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW216", SW_NOTE, at,
                      "nothing uses the CUDA %s of the base image: torch's wheels bring their own", cuda);
    sw_finding_hint(stack->findings, finding,
                    stack->input->profile->is_found
                        ? "a base image with Python alone is some GB smaller"
                        : "base_image: auto takes an image with Python alone, some GB smaller");
}
