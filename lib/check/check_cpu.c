/* Packages that would import and use no GPU, on a profile that names GPUs, or whose base image has CUDA: SW221. */
#include "catalog/base_stack.h"
#include "check/check_internal.h"

#include "data/path.h"
#include "python/name.h"

static bool has_extra(const struct sw_pin *pin, const struct sw_node *extras)
{
    for (size_t i = 0; i < sw_node_count(extras); i++) {
        for (size_t j = 0; j < pin->requirement.extra_count; j++) {
            if (sw_name_equal(pin->requirement.extras[j], sw_node_str(sw_node_item(extras, i))))
                return true;
        }
    }
    return false;
}

static bool has_plugin(const struct sw_stack *stack, const struct sw_node *plugins)
{
    for (size_t i = 0; i < sw_node_count(plugins); i++) {
        const char *project = sw_node_text(sw_node_item(plugins, i), "");
        if (sw_stack_requirement(stack, project) != NULL || sw_stack_installed(stack, project) != NULL)
            return true;
    }
    return false;
}

/* Return true if something gives the CUDA that the row misses. */
static bool is_given(const struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row)
{
    const char *base = sw_node_text(stack->input->plan->parts.base.reference, "");
    const char *image = sw_node_text(sw_stack_get(stack, "base_image"), "auto");
    bool own = strcmp(image, "auto") != 0 &&
               strncmp(sw_catalog_base_name(base), "python:", 7) != 0; /* it may have CUDA */
    return has_extra(pin, sw_node_get(row, "extras")) || has_plugin(stack, sw_node_get(row, "plugins")) ||
           (own && sw_node_boolean(sw_node_get(row, "base"), false));
}

/* A row of one machine speaks of wheels on the default index: the key `torch` and an index of the profile's own
 * take others. */
static bool is_for_targets(const struct sw_stack *stack, const struct sw_node *row)
{
    const char *machine = sw_node_text(sw_node_get(row, "machine"), NULL);
    if (machine != NULL && (sw_stack_get(stack, "torch") != NULL || sw_stack_get(stack, "indexes") != NULL))
        return false;
    for (size_t i = 0; machine != NULL && i < stack->target_count; i++) {
        if (strcmp(sw_catalog_machine(stack->targets[i].row), machine) == 0)
            return true;
    }
    return machine == NULL;
}

static void report(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row)
{
    const struct sw_profile *profile = stack->input->profile;
    /* A member of a lock may be another member's choice. */
    bool is_locked = profile->is_found && profile->installs != NULL && pin->install == 0;
    bool deliberate = is_locked || sw_node_boolean(sw_node_get(row, "deliberate"), false);
    const char *machine = sw_node_text(sw_node_get(row, "machine"), NULL);
    struct sw_finding *finding = sw_stack_find(
        stack, "SW221", deliberate ? SW_NOTE : SW_ERROR, pin->at, "'%s' uses no GPU%s%s%s",
        sw_node_text(pin->at, ""), machine == NULL ? "" : ": its wheel for ", machine == NULL ? "" : machine,
        machine == NULL ? "" : " on the default index has no CUDA");
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence(stack, finding, row, "%s %s: no CUDA by itself", pin->project,
                      sw_node_text(sw_node_get(row, "releases"), ""));
    sw_finding_hint(stack->findings, finding, "write %s", sw_node_text(sw_node_get(row, "instead"), ""));
    if (!deliberate)
        sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, SW_WRONG, NULL);
}

/* An open pin may come as a release of the row unless all that it allows are others; the newest comes, so that
 * only rows without an upper end count. */
static bool covers(const struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row)
{
    const char *releases = sw_node_text(sw_node_get(row, "releases"), "");
    if (pin->version == NULL)
        return strchr(releases, '<') == NULL;
    return sw_catalog_covers(releases, sw_stack_public(stack, pin->version));
}

/* "torch==2.8.0+cpu", and torch from an index of builds without CUDA. */
static void check_local(struct sw_stack *stack, const struct sw_pin *pin)
{
    const char *local = pin->version == NULL ? NULL : strchr(pin->version, '+');
    if (local == NULL || strcmp(local, "+cpu") != 0)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW221", SW_ERROR, pin->at,
                      "'%s' is a build without CUDA, and the profile names GPUs", sw_node_text(pin->at, ""));
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence_pin(stack, finding, pin);
    sw_finding_hint(stack->findings, finding,
                    "use the key 'torch' with a CUDA, or leave the local version out");
    sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, SW_WRONG, NULL);
}

/* Return true for a member that the profile requires: its requirement is judged, with its extras. */
static bool is_judged(const struct sw_stack *stack, const struct sw_pin *pin)
{
    return pin->is_member && sw_stack_requirement(stack, pin->project) != NULL;
}

/* Return true if the profile's image is for GPUs: it names some, or its base image has CUDA. */
static bool is_for_gpus(const struct sw_stack *stack)
{
    const char *base = sw_node_text(sw_stack_get(stack, "base_image"), "");
    return stack->target_count > 0 || strncmp(sw_catalog_base_name(base), "nvidia/cuda:", 12) == 0;
}

/* Return true if the stack has a torch that uses CUDA, as far as its name tells. */
static bool has_cuda_torch(const struct sw_stack *stack)
{
    const struct sw_pin *pin = sw_stack_installed(stack, "torch");
    const char *local = pin == NULL || pin->version == NULL ? NULL : strchr(pin->version, '+');
    return stack->torch.cuda != NULL || (pin != NULL && (local == NULL || strncmp(local, "+cu", 3) == 0)) ||
           (pin == NULL && sw_stack_requirement(stack, "torch") != NULL);
}

/* Return true if a container gets libcuda by a value of NVIDIA_DRIVER_CAPABILITIES (NVIDIA Container Toolkit, "Driver Capabilities"): empty
 * stands for "utility,compute". */
static bool gives_compute(struct sw_str words)
{
    if (words.n == 0 || sw_str_find(words, SW_STR("$")) < words.n)
        return true;
    while (words.p != NULL) {
        struct sw_str word = sw_str_trim(sw_str_cut(&words, ','));
        if (sw_str_is(word, "compute") || sw_str_is(word, "all"))
            return true;
    }
    return false;
}

/* Judge the GPUs and the parts of the driver that a container gets by the image's variables and by a compose file. */
static void check_container(struct sw_stack *stack)
{
    const struct sw_node *parts =
        sw_node_get(sw_stack_get(stack, "environment"), "NVIDIA_DRIVER_CAPABILITIES");
    const struct sw_node *gpuless = stack->input->profile->gpuless;
    if (!has_cuda_torch(stack))
        return;
    if (parts != NULL && !gives_compute(sw_node_str(parts))) {
        struct sw_finding *finding = sw_stack_find(stack, "SW221", SW_WARNING, parts,
                                                   "NVIDIA_DRIVER_CAPABILITIES is '%s', without 'compute': a "
                                                   "container gets no libcuda, and torch finds no GPU",
                                                   sw_node_text(parts, ""));
        sw_finding_hint(stack->findings, finding, "set it to compute,utility or to all");
    }
    if (gpuless != NULL) {
        struct sw_finding *finding =
            sw_stack_find(stack, "SW221", SW_NOTE, gpuless,
                          "service '%s' is given no GPU by its compose file", sw_node_text(gpuless, ""));
        sw_finding_hint(stack->findings, finding,
                        "add 'gpus: all', unless another compose file or option gives it GPUs");
    }
}

void sw_check_cpu(struct sw_stack *stack)
{
    check_container(stack);
    const struct sw_pin *pin;
    for (size_t i = 0; is_for_gpus(stack) && (pin = sw_stack_item(stack, i)) != NULL; i++) {
        const struct sw_node *row;
        size_t at = 0;
        if (pin->is_constraint || pin->requirement.url.n > 0 || is_judged(stack, pin))
            continue;
        check_local(stack, pin);
        while ((row = sw_catalog_next(stack->catalog->runs_on_cpu, &at, pin->project, NULL)) != NULL) {
            if (!covers(stack, pin, row) || !is_for_targets(stack, row))
                continue;
            if (is_given(stack, pin, row))
                sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, SW_NOT_JUDGED,
                               "its GPU code is not known");
            else if (pin->by == NULL)
                report(stack, pin, row);
            else
                sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, SW_NOT_JUDGED,
                               "another project requires its build without CUDA");
        }
    }
}
