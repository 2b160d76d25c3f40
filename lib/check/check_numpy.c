/* A package built for NumPy 1 beside NumPy 2: SW214. Known packages are rows of the catalog; of others that require NumPy and were
 * uploaded before NumPy 2 the extension modules are read. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/closure_internal.h"
#include "check/wheel_set_internal.h"
#include "index/numpy_abi.h"

/* The day of NumPy 2.0.0: no wheel from before was compiled for it, as far as its headers are meant. */
#define NUMPY_2_RELEASED "2024-06-16"

/* Releases that are tried if no exact release is pinned. */
static const char *const releases[] = {"1.24.0", "1.26.4", "2.0.0", "2.0.2",
                                       "2.1.0",  "2.2.0",  "2.3.0", "2.4.0"};

static bool contains(const struct sw_requirement *requirement, const char *release)
{
    struct sw_version version;
    return sw_version_parse(&version, sw_str_from(release), NULL) != 0 ||
           sw_specifier_set_contains(&requirement->specifiers, &version, SW_PRERELEASES_ALLOW);
}

/* Return true if the pins allow the release, and so do the requirements of the other pins' wheels, as far as
 * they are known. */
static bool is_allowed(const struct sw_stack *stack, const struct sw_candidates *candidates,
                       const char *release)
{
    const struct sw_candidate_list *numpy =
        candidates == NULL ? NULL : sw_candidates_list(candidates, "numpy");
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        if (strcmp(pin->project, "numpy") == 0 && !contains(&pin->requirement, release))
            return false;
    }
    for (size_t i = 0; numpy != NULL && i < numpy->requirer_count; i++) {
        if (!contains(&numpy->requirers[i].requirement, release))
            return false;
    }
    return true;
}

/* Return true if a NumPy is there before any command installs, and no requirement replaces it. Its release is not known, but the torch beside it
 * was installed with it. */
static bool is_kept(const struct sw_stack *stack, const struct sw_candidates *candidates, const char *wanted)
{
    bool stays = false;
    if (!stack->input->profile->keeps_numpy || sw_stack_requirement(stack, "numpy") != NULL)
        return false;
    for (size_t i = 0; i < SW_COUNT(releases); i++)
        stays =
            stays || (sw_catalog_covers(wanted, releases[i]) && is_allowed(stack, candidates, releases[i]));
    return stays;
}

/* Return true if they keep NumPy within `wanted`. */
static bool is_held(const struct sw_stack *stack, const struct sw_candidates *candidates, const char *wanted)
{
    const struct sw_pin *exact = sw_stack_installed(stack, "numpy");
    if (exact != NULL)
        return sw_catalog_covers(wanted, exact->version);
    for (size_t i = 0; i < SW_COUNT(releases); i++) {
        if (!sw_catalog_covers(wanted, releases[i]) && is_allowed(stack, candidates, releases[i]))
            return false;
    }
    return true;
}

/* An error if it is certain that NumPy 2 comes: it is pinned, or the installer takes it. `built` is "numba 0.58.0 is built for numpy<2". */
static struct sw_finding *find_numpy(struct sw_stack *stack, const struct sw_candidates *candidates,
                                     const struct sw_pin *pin, const struct sw_node *at, const char *built,
                                     const char *wanted)
{
    const struct sw_pin *numpy = sw_stack_installed(stack, "numpy");
    struct sw_finding *finding =
        is_kept(stack, candidates, wanted)
            ? sw_stack_find(stack, "SW403", SW_NOTE, at,
                            "%s, and the release of the numpy that is there before is not known", built)
        : numpy == NULL
            ? sw_stack_find(stack, "SW214", SW_WARNING, at, "%s, and nothing holds numpy there", built)
        : numpy->is_member ? sw_stack_find(stack, "SW214", SW_ERROR, at,
                                           "%s, and the installer takes numpy %s", built, numpy->version)
                           : sw_stack_find(stack, "SW214", SW_ERROR, numpy->at, "%s, and numpy %s is pinned",
                                           built, numpy->version);
    if (pin != NULL)
        sw_stack_evidence_brought(stack, finding, pin);
    if (numpy != NULL)
        sw_stack_evidence_brought(stack, finding, numpy);
    return finding;
}

/* Offer to hold NumPy by a constraint, unless it is pinned. */
static void offer_constraint(struct sw_stack *stack, struct sw_finding *finding, const char *wanted)
{
    const struct sw_pin *numpy = sw_stack_installed(stack, "numpy");
    const char *constraint = sw_arena_format(stack->b.arena, "numpy%s", wanted);
    if (constraint != NULL && (numpy == NULL || numpy->is_member))
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "constraints", constraint);
}

static void report(struct sw_stack *stack, const struct sw_candidates *candidates, const struct sw_node *row,
                   const char *project, const char *release, const struct sw_pin *pin)
{
    const char *wanted = sw_node_text(sw_node_get(row, "numpy"), "");
    const char *built =
        sw_arena_format(stack->b.arena, "%s %s is built for numpy%s", project, release, wanted);
    const struct sw_pin *numpy = sw_stack_pinned(stack, "numpy");
    struct sw_finding *finding =
        find_numpy(stack, candidates, pin, pin != NULL ? pin->at : stack->torch.at_version,
                   built == NULL ? "" : built, wanted);
    sw_stack_evidence(stack, finding, row, "%s %s: numpy%s", project,
                      sw_node_text(sw_node_get(row, "releases"), ""), wanted);
    if (numpy == NULL)
        sw_finding_hint(stack->findings, finding, "add the constraint numpy%s", wanted);
    offer_constraint(stack, finding, wanted);
}

void sw_check_numpy(struct sw_stack *stack, const struct sw_candidates *candidates)
{
    for (size_t i = 0; i < sw_node_count(stack->catalog->built_for_numpy); i++) {
        const struct sw_node *row = sw_node_item(stack->catalog->built_for_numpy, i);
        const char *project = sw_node_text(sw_node_get(row, "project"), "");
        const char *release = sw_stack_comes(stack, project);
        const struct sw_pin *pin = sw_stack_installed(stack, project);
        if (release == NULL || !sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""), release) ||
            is_held(stack, candidates, sw_node_text(sw_node_get(row, "numpy"), "")))
            continue;
        if (strcmp(project, "torch") == 0 &&
            is_kept(stack, candidates, sw_node_text(sw_node_get(row, "numpy"), "")))
            continue;
        report(stack, candidates, row, project, release, pin);
    }
}

/* ---- wheels that no row knows ---- */

static bool has_row(const struct sw_stack *stack, const char *project)
{
    return sw_catalog_row(stack->catalog->built_for_numpy, "project", project) != NULL;
}

static bool requires_numpy(const struct sw_resolution *set, const struct sw_resolved_package *package)
{
    for (size_t i = 0; i < package->dependency_count; i++) {
        if (strcmp(set->packages[package->dependencies[i].package].name, "numpy") == 0)
            return true;
    }
    return false;
}

/* Return true for a wheel with compiled code from before NumPy 2 that uses NumPy. */
static bool is_suspect(const struct sw_stack *stack, const struct sw_closure *closure,
                       const struct sw_set_wheel *wheel)
{
    const struct sw_resolution *set = &closure->taken.resolution;
    const struct sw_resolved_package *package = sw_resolution_find(set, wheel->project);
    if (wheel->file == NULL || package == NULL || has_row(stack, wheel->project) ||
        strcmp(wheel->project, "numpy") == 0)
        return false;
    const char *uploaded = wheel->file->uploaded;
    bool old = uploaded[0] != '\0' && strncmp(uploaded, NUMPY_2_RELEASED, strlen(NUMPY_2_RELEASED)) < 0;
    return old && strstr(wheel->file->name, "-any.whl") == NULL && requires_numpy(set, package);
}

static void report_wheel(struct sw_candidates *candidates, const struct sw_set_wheel *of,
                         const struct sw_index_abi *wheel)
{
    struct sw_stack *stack = candidates->stack;
    const struct sw_pin *pin = sw_stack_installed(stack, of->project);
    const char *built =
        sw_arena_format(stack->b.arena, "%s %s is compiled for numpy<2", of->project, of->version);
    struct sw_finding *finding =
        find_numpy(stack, candidates, pin, of->pin->at, built == NULL ? "" : built, "<2");
    const char *text =
        sw_arena_format(stack->b.arena, "%s: %s names numpy.core._multiarray_umath, and not numpy._core",
                        wheel->file->name, wheel->member);
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), of->index);
    sw_finding_hint(stack->findings, finding,
                    "add the constraint numpy<2, or pin a release of %s for NumPy 2", of->project);
    offer_constraint(stack, finding, "<2");
}

/* The wheels of the set that may be compiled for NumPy 1 beside a NumPy that nothing holds there. */
static size_t choose(struct sw_index_abi *wheels, const struct sw_set_wheel **of,
                     const struct sw_wheel_set *set)
{
    const struct sw_candidates *candidates = set->candidates;
    bool held = is_held(candidates->stack, candidates, "<2") || !candidates->closure->taken.found;
    size_t count = 0;
    for (size_t i = 0; !held && i < set->count && count < SW_MAX_SCANNED_WHEELS; i++) {
        if (!is_suspect(candidates->stack, candidates->closure, &set->items[i]))
            continue;
        of[count] = &set->items[i];
        wheels[count++] = (struct sw_index_abi){.file = set->items[i].file};
    }
    return count;
}

int sw_check_numpy_wheels(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_stack *stack = candidates->stack;
    const struct sw_wheel_set *set = candidates->wheels;
    struct sw_index_abi *wheels = sw_arena_array(stack->b.arena, set->count + 1, sizeof *wheels);
    const struct sw_set_wheel **of =
        sw_arena_array(stack->b.arena, set->count + 1, sizeof(const struct sw_set_wheel *));
    if (wheels == NULL || of == NULL)
        return sw_fail_memory(error);
    size_t count = choose(wheels, of, set);
    int code = count == 0 ? 0 : sw_index_numpy_abi(wheels, candidates->index, count, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        if (wheels[i].code == 0 && wheels[i].abi == SW_NUMPY_1)
            report_wheel(candidates, of[i], &wheels[i]);
        else if (wheels[i].code != 0)
            (void)sw_stack_find(stack, "SW403", SW_NOTE, NULL,
                                "the NumPy that %s is compiled for is not known: %s", of[i]->project,
                                wheels[i].error.text);
    }
    return code;
}
