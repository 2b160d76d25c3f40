/* The members of the closed set that are built from source. Their builds want torch and nvcc, or a compiler: SW230; or requirements that
 * the index does not have: SW204. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "catalog/base_stack.h"
#include "check/closure_internal.h"
#include "data/path.h"
#include "index/cuda_source.h"
#include "python/name.h"

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

/* ---- a compiler that is not there ---- */

/* Return true if a text of the list has one of the words in it. */
static bool names_any(const struct sw_node *list, const char *const *words, size_t count)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        for (size_t k = 0; k < count; k++) {
            if (strstr(sw_node_text(sw_node_item(list, i), ""), words[k]) != NULL)
                return true;
        }
    }
    return false;
}

/* Return true if the base image certainly has no compiler, and nothing in the profile may install a compiler. */
static bool lacks_compiler(const struct sw_stack *stack, bool rust)
{
    static const char *const of_c[] = {"gcc", "g++", "build-essential", "clang"}, *const of_rust[] = {
                                                                                      "rust", "cargo"};
    const struct sw_node *packages = sw_stack_get(stack, "system_packages");
    const char *base = sw_catalog_base_name(sw_node_text(stack->input->plan->parts.base.reference, ""));
    bool python = strncmp(base, "python:", 7) == 0 && (rust || strstr(base, "-slim") != NULL);
    bool cuda = strncmp(base, "nvidia/cuda:", 12) == 0 && (rust || strstr(base, "-devel-") == NULL);
    bool plain = strncmp(base, "debian:", 7) == 0 || strncmp(base, "ubuntu:", 7) == 0;
    bool installs =
        rust ? names_any(packages, of_rust, SW_COUNT(of_rust)) : names_any(packages, of_c, SW_COUNT(of_c));
    return (python || cuda || plain) && !installs && sw_stack_step(stack, 0) == NULL &&
           sw_node_count(sw_stack_get(stack, "context.copy")) == 0;
}

/* Report a source whose code needs a compiler that the image does not have. */
static void report_uncompiled(struct sw_stack *stack, const struct built *built,
                              const struct sw_cuda_source *source)
{
    const char *project = built->package->name;
    bool rust = sw_str_ends(sw_str_from(source->code_member), "Cargo.toml");
    if (!source->compiles || source->code_member[0] == '\0' || !lacks_compiler(stack, rust) ||
        sw_stack_about(stack, "SW230", project, built->pin->at) != NULL)
        return;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW230", source->may_do_without ? SW_WARNING : SW_ERROR, built->pin->at,
        "%s %s%s%s is built from source, which is compiled, and the base image has no compiler%s", project,
        built->package->version, built->by == NULL ? "" : ", for ", built->by == NULL ? "" : built->by,
        rust ? " for Rust" : "");
    sw_finding_subject(stack->findings, finding, project);
    const char *text = sw_arena_format(stack->b.arena, "%s: %s", built->file.name, source->code_member);
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), built->package->file.index);
    sw_finding_hint(
        stack->findings, finding,
        "take a release of %s that has a wheel for this Python, or add a compiler to system_packages%s",
        project, rust ? ": rustc and cargo beside build-essential" : "");
    if (!rust)
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "system_packages", "build-essential");
}

/* ---- requirements of builds ---- */

/* Return true if the index has a release that the requirement allows, or cannot tell. */
static bool is_there(struct sw_candidates *candidates, const struct sw_requirement *requirement)
{
    const struct sw_index_project *project = NULL;
    struct sw_error ignored;
    const char *name = sw_name_normalized(candidates->stack->b.arena, requirement->name);
    if (name == NULL || sw_index_project(&project, candidates->index, name, &ignored) != 0)
        return true;
    for (size_t i = 0; i < project->release_count; i++) {
        if (sw_specifier_set_contains(&requirement->specifiers, &project->releases[i].version,
                                      SW_PRERELEASES_ALLOW))
            return true;
    }
    return project->release_count == 0;
}

/* Report the first exact requirement of a build that no release satisfies. */
static void check_requirements(struct sw_candidates *candidates, const struct built *built,
                               const struct sw_cuda_source *source)
{
    struct sw_stack *stack = candidates->stack;
    struct sw_str rest = sw_str_from(source->requires);
    while (rest.p != NULL && rest.n > 0) {
        struct sw_requirement requirement;
        const struct sw_str line = sw_str_cut(&rest, '\n');
        bool holds = true;
        if (sw_str_find(line, SW_STR("==")) == line.n ||
            sw_requirement_parse(&requirement, stack->b.arena, line, NULL) != 0 ||
            (requirement.marker != NULL &&
             (sw_marker_evaluate(&holds, requirement.marker, &candidates->environment, NULL) != 0 ||
              !holds)) ||
            is_there(candidates, &requirement))
            continue;
        struct sw_finding *finding = sw_stack_find(
            stack, "SW204", SW_ERROR, built->pin->at,
            "%s %s is built from source, and its build requires '%.*s', of which the index has no release",
            built->package->name, built->package->version, SW_STR_FORMAT(line));
        sw_finding_subject(stack->findings, finding, built->package->name);
        sw_finding_evidence(stack->findings, finding, sw_str_from(built->file.name),
                            built->package->file.index);
        sw_finding_hint(stack->findings, finding, "take a release of %s that has a wheel for this Python",
                        built->package->name);
        return;
    }
}

/* ---- all of them ---- */

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
        if (!source || closure->pins[i] == NULL || sw_check_compiled(stack, set->packages[i].name) != NULL)
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
        if (source->code == 0 && !found)
            report_uncompiled(stack, &built[i], source);
        if (source->code == 0)
            check_requirements(candidates, &built[i], source);
    }
    if (code == 0)
        report_unread(stack, built, sources, count);
    return code;
}
