/* The projects that are compiled with nvcc, and the needs of that; the projects that would be compiled without nvcc: SW230. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/closure_internal.h"
#include "data/path.h"
#include "index/cuda_source.h"
#include "python/name.h"

/* The entry of the plan for a project that is compiled, or NULL. */
static const struct sw_node *compiled(const struct sw_stack *stack, const char *project)
{
    const struct sw_node *projects = sw_node_at(stack->input->plan->root, "compile.projects");
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *entry = sw_node_item(projects, i);
        if (sw_name_equal(sw_node_str(sw_node_get(entry, "project")), sw_str_from(project)))
            return entry;
    }
    return NULL;
}

/* The origin of nvcc, for a sentence. */
static const char *origin_of(const struct sw_stack *stack)
{
    const struct sw_node *nvcc = sw_node_at(stack->input->plan->root, "compile.nvcc");
    const char *image = sw_node_text(sw_node_get(nvcc, "image"), NULL);
    if (image != NULL)
        return image;
    return sw_node_count(sw_node_get(nvcc, "wheels")) > 0 ? "NVIDIA's wheels on the package index"
                                                          : "the base image";
}

/* Say that a project will be compiled, for which GPUs and with which nvcc. */
static void tell(struct sw_stack *stack, const char *project, const struct sw_node *at)
{
    const struct sw_node *compile = sw_node_get(stack->input->plan->root, "compile");
    const char *architectures = sw_node_text(sw_node_get(compile, "architectures"), "");
    if (architectures[0] == '\0') {
        struct sw_finding *unknown = sw_stack_find(
            stack, "SW230", SW_ERROR, at,
            "%s must be compiled, and neither the profile nor the catalog tells for which GPUs", project);
        sw_finding_subject(stack->findings, unknown, project);
        sw_stack_evidence(stack, unknown, sw_stack_get(stack, "torch.version"), "torch %s for CUDA %s",
                          stack->torch.version, stack->torch.cuda);
        sw_finding_hint(stack->findings, unknown, "name the GPUs in 'accelerators'");
        return;
    }
    const char *cache = sw_node_text(sw_stack_get(stack, "wheels.cache"), NULL);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW230", SW_NOTE, at,
                      "%s is compiled for %s in a stage of its own, unless the index has a wheel that fits: "
                      "nvcc %s comes from %s, and the "
                      "wheel is kept in the builder's cache%s%s%s",
                      project, architectures, stack->torch.cuda, origin_of(stack),
                      cache == NULL ? "" : " and in '", cache == NULL ? "" : cache, cache == NULL ? "" : "'");
    sw_finding_subject(stack->findings, finding, project);
    if (sw_node_count(sw_node_get(stack->input->plan->root, "accelerators")) == 0)
        sw_finding_hint(stack->findings, finding,
                        "name the GPUs in 'accelerators': each further architecture takes its time");
}

/* Report a requirement that must be compiled and for which the plan has no torch to compile it against. */
static void refuse(struct sw_stack *stack, const struct sw_pin *pin)
{
    struct sw_finding *finding = sw_stack_find(
        stack, "SW230", SW_ERROR, pin->at,
        "%s must be compiled with the nvcc of torch's CUDA, and the profile has no key 'torch' that names it",
        pin->project);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence_pin(stack, finding, pin);
    if (stack->torch.version != NULL && stack->torch.cuda != NULL)
        sw_finding_hint(stack->findings, finding, "add torch: {version: \"%s\", cuda: \"%s\"}",
                        stack->torch.version, stack->torch.cuda);
    else
        sw_finding_hint(stack->findings, finding,
                        "add for example torch: {version: \"2.8.0\", cuda: \"12.8\"}");
}

/* Say the same of the dependencies that the key `compile` names. */
static void check_key(struct sw_stack *stack)
{
    const struct sw_node *list = sw_stack_get(stack, "compile");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *at = sw_node_item(list, i);
        const char *project = sw_name_normalized(stack->b.arena, sw_node_str(at));
        if (project == NULL || sw_stack_requirement(stack, project) != NULL)
            continue;
        if (compiled(stack, project) != NULL)
            tell(stack, project, at);
    }
}

void sw_check_compile(struct sw_stack *stack)
{
    if (stack->input->profile->is_found)
        return;
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        bool needed = !pin->is_constraint &&
                      sw_plan_compiler(stack->input->profile, stack->catalog, sw_node_str(pin->at)) != NULL;
        if (!needed)
            continue;
        if (compiled(stack, pin->project) == NULL)
            refuse(stack, pin);
        else
            tell(stack, pin->project, pin->at);
    }
    check_key(stack);
}

/* ---- sources on the index ---- */

/* A member of the closed set that is built from source, in the order of `source`. */
struct built {
    const struct sw_resolved_package *package;
    const struct sw_pin *pin;
    const char *by; /* the member in front of it, or NULL */
    struct sw_index_file file;
};

static void report_source(struct sw_stack *stack, const struct built *built,
                          const struct sw_cuda_source *source)
{
    const char *project = built->package->name, *version = built->package->version;
    const char *by = built->by == NULL ? "" : built->by, *before = built->by == NULL ? "" : ", for ";
    if (sw_stack_about(stack, "SW230", project, built->pin->at) != NULL)
        return;
    bool wants = source->wants_torch, may = source->may_want_torch;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW230", wants ? SW_ERROR : SW_WARNING, built->pin->at, "%s %s%s%s is built from source %s",
        project, version, before, by,
        wants ? "and its setup.py imports torch, which build isolation hides; nor is nvcc there"
        : may ? "and its setup.py may import torch, which build isolation hides; nor is nvcc there"
              : "with CUDA code in it, and without nvcc");
    sw_finding_subject(stack->findings, finding, project);
    const char *text = sw_arena_format(stack->b.arena, "%s: %s", built->file.name,
                                       source->member[0] == '\0' ? "setup.py" : source->member);
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), built->package->file.index);
    sw_finding_hint(stack->findings, finding,
                    "add it to 'compile', so that it is compiled in a stage with torch and nvcc%s",
                    stack->torch.cuda_path == NULL ? ", and add the key 'torch'" : "");
    sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "compile", project);
}

/* Report a source that a command of the user's builds, as installers do, isolated from the torch that is installed. */
static void report_isolated(struct sw_stack *stack, const struct built *built,
                            const struct sw_cuda_source *source)
{
    const char *project = built->package->name, *by = built->by == NULL ? "" : built->by;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW230", source->wants_torch ? SW_ERROR : SW_WARNING, built->pin->at,
        "%s %s%s%s is built from source, and its setup.py %s torch, which build isolation hides", project,
        built->package->version, built->by == NULL ? "" : ", for ", by,
        source->wants_torch ? "imports" : "may import");
    sw_finding_subject(stack->findings, finding, project);
    sw_finding_evidence(stack->findings, finding, sw_str_from(built->file.name), built->package->file.index);
    sw_finding_hint(stack->findings, finding,
                    "install it after torch with --no-build-isolation, where its build finds nvcc, or name a "
                    "wheel of it");
}

/* Name the sources that could not be read. */
static void report_unread(struct sw_stack *stack, const struct built *built,
                          const struct sw_cuda_source *sources, size_t count)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    const struct sw_error *why = NULL;
    for (size_t i = 0; i < count; i++) {
        if (sources[i].code == 0)
            continue;
        sw_buffer_addf(&names, "%s%s", why == NULL ? "" : ", ", built[i].package->name);
        why = why == NULL ? &sources[i].error : why;
    }
    if (why != NULL)
        (void)sw_stack_find(
            stack, "SW403", SW_NOTE, NULL,
            "CUDA code, which would be built without nvcc, is not looked for in the source of %s: %s",
            names.p, stack->input->offline ? "--offline, and the cache has nothing of it" : why->text);
}

/* Return true if the command that installs the member builds it among the packages that are installed by then. */
static bool is_unisolated(const struct sw_profile *profile, unsigned install, const char *project)
{
    for (size_t i = 0; i < profile->unisolated_count; i++) {
        const struct sw_unisolated *row = &profile->unisolated[i];
        if ((profile->installs == NULL || row->install == install) &&
            (row->project == NULL || strcmp(row->project, project) == 0))
            return true;
    }
    return false;
}

/* Collect the members that are built from source, and that the plan does not compile; their count. In files of others only those
 * that a command installs and builds alone. */
static size_t collect(struct built *built, const struct sw_stack *stack, const struct sw_closure *closure,
                      bool found)
{
    const struct sw_resolution *set = &closure->taken.resolution;
    const struct sw_profile *profile = stack->input->profile;
    size_t count = 0;
    for (size_t i = 0; i < set->package_count; i++) {
        const struct sw_resolved_file *file = &set->packages[i].file;
        bool source = file->kind == SW_RESOLVED_SDIST || file->kind == SW_RESOLVED_URL_SDIST;
        if (!source || closure->pins[i] == NULL || compiled(stack, set->packages[i].name) != NULL)
            continue;
        unsigned install = closure->pins[i]->install;
        if (found && ((profile->installs != NULL && install == 0) ||
                      is_unisolated(profile, install, set->packages[i].name)))
            continue;
        built[count++] = (struct built){&set->packages[i],
                                        closure->pins[i],
                                        closure->by[i],
                                        {.kind = SW_INDEX_SDIST,
                                         .name = file->name,
                                         .url = file->url,
                                         .sha256 = file->sha256,
                                         .size = file->size}};
    }
    return count;
}

int sw_check_sources(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_stack *stack = candidates->stack;
    const struct sw_closure *closure = candidates->closure;
    bool found = stack->input->profile->is_found;
    if (closure->code != 0 || !closure->taken.found)
        return 0;
    size_t most = closure->taken.resolution.package_count + 1;
    struct built *built = sw_arena_array(stack->b.arena, most, sizeof *built);
    struct sw_cuda_source *sources = sw_arena_array(stack->b.arena, most, sizeof *sources);
    if (built == NULL || sources == NULL)
        return sw_fail_memory(error);
    size_t count = collect(built, stack, closure, found);
    for (size_t i = 0; i < count; i++)
        sources[i].file = &built[i].file;
    int code = sw_index_cuda_sources(sources, candidates->index, count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct sw_cuda_source *source = &sources[i];
        bool torch = source->wants_torch || source->may_want_torch;
        if (source->code == 0 && found && torch)
            report_isolated(stack, &built[i], source);
        else if (source->code == 0 && !found && (torch || source->member[0] != '\0'))
            report_source(stack, &built[i], source);
    }
    if (code == 0)
        report_unread(stack, built, sources, count);
    return code;
}
