/* A base image with CUDA of its own: its demand on the driver, and the packages that use its CUDA: SW216; packages that load the
 * libraries of another CUDA, or of another cuDNN: SW217. */
#include "catalog/base_stack.h"
#include "catalog/driver.h"
#include "check/bringers_internal.h"
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
    bool from_source = stack->input->plan->parts.compile.node != NULL;
    const struct sw_pin *pin;
    for (size_t i = 0; (pin = sw_stack_item(stack, i)) != NULL; i++) {
        bool source = pin->requirement.url.n > 0 && !sw_str_ends(pin->requirement.url, ".whl");
        from_source =
            from_source || source ||
            sw_catalog_lists(sw_node_at(stack->catalog->images, "compiled_with_nvcc.projects"), pin->project);
    }
    return from_source || sw_stack_step(stack, 0) != NULL;
}

/* Return true if all GPUs are of data centers: the image's own demand lets these pass on some older drivers. */
static bool may_pass(const struct sw_stack *stack)
{
    bool may = stack->target_count > 0;
    for (size_t i = 0; i < stack->target_count && may; i++)
        may = sw_node_boolean(sw_node_get(stack->targets[i].row, "datacenter"), false);
    return may;
}

static void check_driver(struct sw_stack *stack, const struct sw_node *at, const char *cuda)
{
    const struct sw_node *toolkit = sw_catalog_row(stack->catalog->toolkits, "version", cuda);
    const char *wanted = sw_node_text(sw_node_get(toolkit, "driver"), NULL);
    const char *lowest = stack->driver == NULL ? NULL : sw_driver_lowest(stack->b.arena, stack->driver);
    if (wanted == NULL || lowest == NULL || !sw_driver_is_older(lowest, wanted))
        return;
    bool may = may_pass(stack);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW216", may ? SW_WARNING : SW_ERROR, at,
                      "the base image is made for driver %s and %s to start on %s, which the profile admits",
                      wanted, may ? "may refuse" : "refuses", lowest);
    sw_stack_evidence(stack, finding, toolkit, "CUDA %s: driver %s", cuda, wanted);
    sw_finding_hint(stack->findings, finding, "a base image without CUDA demands nothing: base_image: auto");
}

/* ---- releases that load the CUDA of the base image ---- */

/* The major number of the cuDNN in a tag such as 11.2.2-cudnn8-runtime; NULL if the tag does not say it. */
static const char *cudnn_of(const struct sw_stack *stack, const char *reference)
{
    const char *found = strstr(reference, "cudnn");
    size_t digits = found == NULL ? 0 : strspn(found + strlen("cudnn"), "0123456789");
    return digits == 0 ? NULL
                       : sw_arena_copy(stack->b.arena, (struct sw_str){found + strlen("cudnn"), digits});
}

/* Return true if a release that is built with one CUDA can load the libraries of the other. */
static bool serves(const char *built, const char *cuda)
{
    if (!sw_catalog_covers(">=11.1", built))
        return strcmp(built, cuda) == 0;
    return strtoul(built, NULL, 10) == strtoul(cuda, NULL, 10) && sw_catalog_covers(">=11.1", cuda);
}

/* Return true if a wheel of NVIDIA's brings the libraries in the place of the base image. */
static bool is_brought(const struct sw_stack *stack, const struct sw_pin *pin, const char *cuda)
{
    const char *project = sw_arena_format(stack->b.arena, "nvidia-cudnn-cu%lu", strtoul(cuda, NULL, 10));
    return project == NULL || pin->requirement.extra_count > 0 ||
           sw_stack_requirement(stack, project) != NULL || sw_stack_installed(stack, project) != NULL;
}

static void report_other(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row,
                         const char *what, const char *built, const char *found)
{
    const char *version = sw_stack_public(stack, pin->version);
    struct sw_finding *finding = sw_stack_find(
        stack, "SW217", SW_ERROR, pin->at, "%s %s loads the libraries of %s %s, and the base image has %s %s",
        pin->project, version, what, built, what, found);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence(stack, finding, row, "%s %s: %s %s", pin->project,
                      sw_node_text(sw_node_get(row, "releases"), ""), what, built);
    sw_finding_hint(stack->findings, finding,
                    "take a base image with %s %s, or a release of %s that is built with %s %s", what, built,
                    pin->project, what, found);
    sw_stack_cover(stack, SW_ASPECT_LIBRARIES, pin->project, SW_WRONG, NULL);
}

static void check_built(struct sw_stack *stack, const struct sw_pin *pin, const char *reference,
                        const char *cuda)
{
    size_t at = 0;
    const struct sw_node *row =
        sw_catalog_next(stack->catalog->built_with, &at, pin->project, sw_stack_public(stack, pin->version));
    const char *built = row == NULL ? NULL : sw_node_text(sw_node_get(row, "cuda"), "");
    if (built == NULL || is_brought(stack, pin, built))
        return;
    const char *cudnn = sw_node_text(sw_node_get(row, "cudnn"), NULL), *found = cudnn_of(stack, reference);
    if (!serves(built, cuda))
        report_other(stack, pin, row, "CUDA", built, cuda);
    else if (cudnn != NULL && found != NULL && strcmp(cudnn, found) != 0)
        report_other(stack, pin, row, "cuDNN", cudnn, found);
}

/* Other packages and steps may bring another CUDA beside the image's. */
static void check_all_built(struct sw_stack *stack, const char *reference, const char *cuda)
{
    const struct sw_pin *pin;
    for (size_t i = 0; !sw_bringers_has_more_cuda(stack) && (pin = sw_stack_item(stack, i)) != NULL; i++) {
        if (pin->version != NULL && !pin->is_constraint && pin->requirement.url.n == 0)
            check_built(stack, pin, reference, cuda);
    }
}

void sw_check_base(struct sw_stack *stack)
{
    const struct sw_node *at = sw_stack_get(stack, "base_image");
    const char *cuda = at == NULL ? NULL : cuda_of(stack, sw_node_text(at, ""));
    if (cuda == NULL)
        return;
    check_driver(stack, at, cuda);
    check_all_built(stack, sw_node_text(at, ""), cuda);
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
