/* The GPU code of the wheels beside torch and bitsandbytes, and the GPUs that a release refuses whatever code it has: SW208. */
#include "check/check_internal.h"

#include "catalog/wheel_code.h"
#include "data/path.h"

struct judging {
    struct sw_stack *stack;
    const struct sw_pin *pin;
    const char *version; /* public */
};

/* Return true if the profile names an index of its own for the project. */
static bool has_own_index(const struct sw_stack *stack, const char *project)
{
    const struct sw_node *indexes = sw_stack_get(stack, "indexes");
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        if (sw_catalog_lists(sw_node_get(sw_node_item(indexes, i), "for"), project))
            return true;
    }
    return false;
}

/* Return true if the project comes from torch's own index, built for another CUDA than on the default index. */
static bool is_of_another_cuda(const struct sw_stack *stack, const char *project)
{
    const char *built = sw_node_text(sw_node_get(stack->torch.row, "default"), "");
    size_t at = 0;
    return stack->torch.cuda != NULL && strcmp(stack->torch.cuda, built) != 0 &&
           (sw_stack_companion(stack, project) != NULL ||
            sw_catalog_next(sw_node_get(stack->catalog->libraries, "builds"), &at, project, NULL) != NULL);
}

/* Return true if the pin's local version is that of torch: "+cu128", as torch's own index names a build for the CUDA of the default index. */
static bool is_local_of_torch(const struct judging *j)
{
    const char *own = strchr(j->pin->version, '+');
    const char *local = j->stack->torch.local == NULL ? NULL : strchr(j->stack->torch.local, '+');
    return own == NULL || (local != NULL && strcmp(own, local) == 0);
}

/* A build of another index may have other code than the rows say. */
static bool is_default(const struct judging *j)
{
    return is_local_of_torch(j) && j->pin->requirement.url.n == 0 &&
           !has_own_index(j->stack, j->pin->project) && !is_of_another_cuda(j->stack, j->pin->project);
}

/* torch and bitsandbytes have checks of their own; the libraries of CUDA come as torch's build wants them. */
bool sw_check_code_wanted(const struct sw_stack *stack, const struct sw_pin *pin)
{
    return pin->version != NULL && !pin->is_constraint && strcmp(pin->project, "torch") != 0 &&
           strcmp(pin->project, "bitsandbytes") != 0 &&
           sw_catalog_row(sw_node_get(stack->catalog->libraries, "projects"), "project", pin->project) ==
               NULL;
}

static struct sw_finding *report(const struct judging *j, const struct sw_target *target, const char *message)
{
    if (sw_stack_about(j->stack, "SW208", j->pin->project, j->pin->at) != NULL)
        return NULL;
    /* A project that goes on without its compiled part is a fault only for who asks for it. */
    const struct sw_node *optional = sw_node_at(j->stack->catalog->libraries, "optional.projects");
    bool may_miss = j->pin->by != NULL && sw_catalog_lists(optional, j->pin->project);
    struct sw_finding *finding =
        sw_stack_find(j->stack, "SW208", may_miss ? SW_NOTE : SW_ERROR, j->pin->at, "%s %s %s the %s (%s)",
                      j->pin->project, j->version, message, target->title, target->capability);
    sw_finding_subject(j->stack->findings, finding, j->pin->project);
    sw_stack_evidence_brought(j->stack, finding, j->pin);
    return finding;
}

/* Return true if the release refuses the GPU. */
static bool check_floors(const struct judging *j, const struct sw_target *target)
{
    size_t at = 0;
    const struct sw_node *row =
        sw_wheel_floor(j->stack->catalog, &at, j->pin->project, j->version, target->row);
    if (row == NULL)
        return false;
    struct sw_finding *finding = report(j, target, "does not run on");
    if (finding == NULL)
        return true;
    sw_stack_evidence(j->stack, finding, row, "%s %s: %s", j->pin->project,
                      sw_node_text(sw_node_get(row, "releases"), ""),
                      sw_node_text(sw_node_get(row, "why"), ""));
    struct sw_str releases = sw_str_from(sw_node_text(sw_node_get(row, "releases"), ""));
    bool ends = !sw_str_starts(releases, ">=") || sw_str_find(releases, SW_STR(",")) < releases.n;
    if (ends)
        sw_finding_hint(j->stack->findings, finding, "take another release of %s, or another GPU",
                        j->pin->project);
    else
        sw_finding_hint(j->stack->findings, finding,
                        "each release of %s from %.*s on refuses it: take an older release, or another GPU",
                        j->pin->project, SW_STR_FORMAT(sw_str_drop(releases, 2)));
    return true;
}

/* The oldest newer release that has code for every target, else the newest older release; NULL if no row has. */
static const char *release_that_serves(const struct judging *j)
{
    const struct sw_node *rows = j->stack->catalog->wheel_code;
    const char *newer = NULL, *older = NULL;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        const char *version = sw_node_text(sw_node_get(row, "version"), "");
        bool serves = strcmp(sw_node_text(sw_node_get(row, "project"), ""), j->pin->project) == 0;
        for (size_t k = 0; serves && k < j->stack->target_count; k++)
            serves = sw_wheel_code_serves(row, j->stack->targets[k].row) != SW_NOT_SERVED;
        if (!serves)
            continue;
        if (sw_catalog_compare(version, j->version) > 0)
            newer = newer == NULL || sw_catalog_compare(version, newer) < 0 ? version : newer;
        else
            older = older == NULL || sw_catalog_compare(version, older) > 0 ? version : older;
    }
    return newer == NULL ? older : newer;
}

static bool check_code(const struct judging *j, const struct sw_target *target, const struct sw_node *row)
{
    if (sw_wheel_code_serves(row, target->row) != SW_NOT_SERVED)
        return false;
    struct sw_finding *finding = report(j, target, "has no code for");
    if (finding == NULL)
        return true;
    const char *other = release_that_serves(j);
    sw_stack_evidence(j->stack, finding, row, "%s %s: code for %s", j->pin->project,
                      sw_node_text(sw_node_get(row, "version"), ""), sw_stack_code_text(j->stack, row));
    if (other == NULL)
        sw_finding_hint(j->stack->findings, finding,
                        "no release that was read has code for it on the default index: compile it, or take "
                        "a build of another index");
    else
        sw_finding_hint(j->stack->findings, finding, "%s %s has code for it", j->pin->project, other);
    return true;
}

void sw_check_code_unknown(struct sw_stack *stack, const struct sw_pin *pin)
{
    if (sw_catalog_lists(sw_node_get(stack->catalog->wheel_projects, "projects"), pin->project))
        sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, SW_NOT_JUDGED,
                       "the catalog does not know the code of this release");
}

static void judge(const struct judging *j, const struct sw_node *row)
{
    bool wrong = false, code = row != NULL && sw_wheel_code_has_any(row);
    for (size_t i = 0; i < j->stack->target_count; i++) {
        const struct sw_target *target = &j->stack->targets[i];
        bool x86 = strcmp(sw_catalog_machine(target->row), SW_CATALOG_MACHINE) == 0;
        wrong = check_floors(j, target) || (code && x86 && check_code(j, target, row)) || wrong;
        code = code && x86;
    }
    if (wrong || code)
        sw_stack_cover(j->stack, SW_ASPECT_GPU, j->pin->project, wrong ? SW_WRONG : SW_PROVEN, NULL);
    else if (row == NULL && j->stack->input->index == NULL)
        sw_check_code_unknown(j->stack, j->pin);
}

const struct sw_node *sw_check_code_row(struct sw_stack *stack, const struct sw_pin *pin)
{
    const struct judging j = {stack, pin, sw_stack_public(stack, pin->version)};
    return is_default(&j) ? sw_wheel_code_row(stack->catalog, pin->project, j.version) : NULL;
}

void sw_check_code_of(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row)
{
    const struct judging j = {stack, pin, sw_stack_public(stack, pin->version)};
    bool wrong = false;
    for (size_t i = 0; i < stack->target_count; i++)
        wrong = check_code(&j, &stack->targets[i], row) || wrong;
    if (sw_wheel_code_has_any(row))
        sw_stack_cover(stack, SW_ASPECT_GPU, pin->project, wrong ? SW_WRONG : SW_PROVEN, NULL);
}

void sw_check_code(struct sw_stack *stack)
{
    const struct sw_pin *pin;
    for (size_t i = 0; stack->target_count > 0 && (pin = sw_stack_item(stack, i)) != NULL; i++) {
        if (!sw_check_code_wanted(stack, pin))
            continue;
        const struct judging j = {stack, pin, sw_stack_public(stack, pin->version)};
        judge(&j, sw_check_code_row(stack, pin));
    }
}
