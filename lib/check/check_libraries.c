/* The CUDA library that bitsandbytes will load, and its code for the target GPUs: SW207, SW208; and the use
 * of BNB_CUDA_VERSION: SW215. */
#include "check/check_internal.h"

struct loading {
    const struct sw_pin *pin;
    const char *version;            /* of bitsandbytes */
    const struct sw_node *row;      /* of the catalog */
    const char *own;                /* the number of torch's CUDA: "128" */
    const struct sw_node *override; /* BNB_CUDA_VERSION in the profile, or NULL */
    /* The library that is loaded; NULL if there is none. */
    const char *number;
};

/* The value in the plan: the profile's own value, or the value that the resolver adds if it helps. The
 * resolver's value does not count for a release that cannot stay: its successor is to have a library of its
 * own. */
static const char *planned_override(struct sw_stack *stack)
{
    size_t at = 0;
    const char *own = sw_node_text(sw_stack_get(stack, "environment.BNB_CUDA_VERSION"), NULL);
    if (own != NULL || stack->trial || sw_imports_row(stack, "bitsandbytes", &at) != NULL)
        return own;
    const struct sw_node *list = stack->input->plan->parts.environment;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(list, i), "name"), ""), "BNB_CUDA_VERSION") == 0)
            return sw_node_text(sw_node_get(sw_node_item(list, i), "value"), "");
    }
    return NULL;
}

/* From 0.50.0 on: torch's own library, else the highest lower library of the same major number, else the
 * lowest higher library. */
static const char *fall_back(const struct sw_node *libraries, const char *own)
{
    const char *lower = NULL, *higher = NULL;
    for (size_t i = 0; i < sw_node_count(libraries); i++) {
        const char *number = sw_node_text(sw_node_item(libraries, i), "");
        if (strlen(number) != strlen(own) || strncmp(number, own, 2) != 0)
            continue;
        int order = strcmp(number, own);
        if (order <= 0 && (lower == NULL || strcmp(number, lower) > 0))
            lower = number;
        if (order > 0 && (higher == NULL || strcmp(number, higher) < 0))
            higher = number;
    }
    return lower == NULL ? higher : lower;
}

static void choose_library(struct sw_stack *stack, struct loading *loading)
{
    const struct sw_node *libraries = sw_node_get(loading->row, "libraries");
    const char *override = planned_override(stack);
    bool falls_back = strcmp(sw_node_text(sw_node_get(loading->row, "override"), ""), "none") == 0;
    const char *wanted = override != NULL ? override : loading->own;
    if (sw_catalog_lists(libraries, wanted))
        loading->number = wanted;
    else if (override == NULL && falls_back)
        loading->number = fall_back(libraries, loading->own);
}

/* "121" → "12.1". */
static const char *cuda_of(const struct sw_stack *stack, const char *number)
{
    const char *cuda =
        strlen(number) != 3 ? NULL : sw_arena_format(stack->b.arena, "%.2s.%s", number, number + 2);
    return cuda == NULL ? "" : cuda;
}

/* The first later release with a library for torch's CUDA that serves every target, or NULL. */
static const char *first_that_fits(const struct sw_stack *stack, const struct loading *loading)
{
    const struct sw_node *rows = stack->catalog->bitsandbytes;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const char *version = sw_node_text(sw_node_get(sw_node_item(rows, i), "version"), "");
        if (sw_catalog_compare(version, loading->version) <= 0 ||
            !sw_catalog_lists(sw_node_get(sw_node_item(rows, i), "libraries"), loading->own))
            continue;
        const struct sw_node *code = sw_catalog_code(stack->catalog->bitsandbytes_code, version,
                                                     cuda_of(stack, loading->own), SW_CATALOG_MACHINE);
        bool fits = code != NULL;
        for (size_t j = 0; fits && j < stack->target_count; j++)
            fits = sw_catalog_serves(code, stack->targets[j].row) == SW_SERVED;
        if (fits)
            return version;
    }
    return NULL;
}

static void suggest_release(struct sw_stack *stack, struct sw_finding *finding, const struct loading *loading)
{
    const char *version = first_that_fits(stack, loading);
    if (version == NULL) {
        sw_finding_hint(stack->findings, finding,
                        "no release that is known fits torch for CUDA %s here: change torch",
                        stack->torch.cuda);
        return;
    }
    sw_finding_hint(stack->findings, finding,
                    "bitsandbytes %s is the first with a library for CUDA %s that serves%s", version,
                    stack->torch.cuda, stack->target_count == 0 ? " it" : " the target");
    const char *specifier = sw_arena_format(stack->b.arena, ">=%s", version);
    if (specifier != NULL)
        sw_stack_fix_pin(stack, finding, loading->pin, specifier);
}

static void report_missing(struct sw_stack *stack, const struct loading *loading)
{
    const char *libraries = sw_stack_join(stack, sw_node_get(loading->row, "libraries"));
    const char *wanted = planned_override(stack);
    struct sw_finding *finding = sw_stack_find(stack, "SW207", SW_ERROR, loading->pin->at,
                                               "bitsandbytes %s has no libbitsandbytes_cuda%s.so",
                                               loading->version, wanted == NULL ? loading->own : wanted);
    sw_stack_evidence(stack, finding, loading->row, "bitsandbytes %s: libraries for %s", loading->version,
                      libraries);
    sw_stack_evidence_brought(stack, finding, loading->pin);
    suggest_release(stack, finding, loading);
}

static void check_code(struct sw_stack *stack, const struct loading *loading)
{
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_target *target = &stack->targets[i];
        const struct sw_node *code =
            sw_catalog_code(stack->catalog->bitsandbytes_code, loading->version,
                            cuda_of(stack, loading->number), sw_catalog_machine(target->row));
        bool served = sw_catalog_serves(code, target->row) != SW_NOT_SERVED;
        sw_stack_cover(stack, SW_ASPECT_GPU, "bitsandbytes",
                       code == NULL ? SW_NOT_JUDGED
                       : served     ? SW_PROVEN
                                    : SW_WRONG,
                       code == NULL ? "the catalog does not know the code of this release" : NULL);
        if (code == NULL || served)
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW208", SW_ERROR, loading->pin->at,
                          "libbitsandbytes_cuda%s.so of bitsandbytes %s has no code for the %s (%s)",
                          loading->number, loading->version, target->title, target->capability);
        sw_stack_evidence(stack, finding, code, "bitsandbytes %s, library %s: code for %s", loading->version,
                          loading->number, sw_stack_code_text(stack, code));
        sw_stack_evidence_brought(stack, finding, loading->pin);
        suggest_release(stack, finding, loading);
    }
}

static bool serves_all(const struct sw_stack *stack, const struct loading *loading)
{
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_node *gpu = stack->targets[i].row;
        const struct sw_node *code =
            sw_catalog_code(stack->catalog->bitsandbytes_code, loading->version,
                            cuda_of(stack, loading->number), sw_catalog_machine(gpu));
        if (code != NULL && sw_catalog_serves(code, gpu) == SW_NOT_SERVED)
            return false;
    }
    return true;
}

/* An override is of use only if torch's own library is missing, the named library is there, and it has code
 * for the targets. */
static void check_override(struct sw_stack *stack, const struct loading *loading)
{
    const char *value = sw_node_text(loading->override, "");
    bool own = sw_catalog_lists(sw_node_get(loading->row, "libraries"), loading->own);
    struct sw_finding *finding = NULL;
    if (own)
        finding = sw_stack_find(
            stack, "SW215", SW_WARNING, loading->override,
            strcmp(value, loading->own) == 0
                ? "BNB_CUDA_VERSION=%s is not needed: bitsandbytes %s loads that library by itself"
                : "BNB_CUDA_VERSION=%s keeps bitsandbytes %s from the library that is made for torch's CUDA",
            value, loading->version);
    else if (loading->number == NULL)
        finding = sw_stack_find(stack, "SW215", SW_WARNING, loading->override,
                                "BNB_CUDA_VERSION=%s names a library that bitsandbytes %s does not have",
                                value, loading->version);
    else if (!serves_all(stack, loading))
        finding = sw_stack_find(
            stack, "SW215", SW_WARNING, loading->override,
            "BNB_CUDA_VERSION=%s cannot help: it loads another library of bitsandbytes %s, and no other code",
            value, loading->version);
    if (finding == NULL)
        return;
    sw_stack_evidence(stack, finding, loading->row, "bitsandbytes %s: libraries for %s", loading->version,
                      sw_stack_join(stack, sw_node_get(loading->row, "libraries")));
    if (own)
        sw_finding_fix(stack->findings, finding, SW_EDIT_REMOVE, "environment.BNB_CUDA_VERSION", NULL);
}

void sw_check_libraries(struct sw_stack *stack)
{
    struct loading loading = {.override = sw_stack_get(stack, "environment.BNB_CUDA_VERSION")};
    loading.pin = sw_stack_installed(stack, "bitsandbytes");
    if (loading.override != NULL && loading.pin == NULL &&
        sw_stack_requirement(stack, "bitsandbytes") == NULL) {
        (void)sw_stack_find(stack, "SW215", SW_WARNING, loading.override,
                            "BNB_CUDA_VERSION is set and the profile does not ask for bitsandbytes");
        return;
    }
    const char *variant =
        stack->torch.cuda == NULL ? NULL : sw_catalog_variant(stack->b.arena, stack->torch.cuda);
    if (sw_stack_requirement(stack, "bitsandbytes") != NULL && (loading.pin == NULL || variant == NULL))
        sw_stack_cover(stack, SW_ASPECT_GPU, "bitsandbytes", SW_NOT_JUDGED,
                       loading.pin == NULL ? "its release is open" : "torch's CUDA is not known");
    if (loading.pin == NULL || variant == NULL)
        return;
    loading.version = sw_stack_public(stack, loading.pin->version);
    loading.row = sw_catalog_row(stack->catalog->bitsandbytes, "version", loading.version);
    loading.own = variant + strlen("cu");
    if (loading.row == NULL) {
        sw_stack_cover(stack, SW_ASPECT_GPU, "bitsandbytes", SW_NOT_JUDGED,
                       "the catalog does not know this release");
        return;
    }
    choose_library(stack, &loading);
    if (loading.number == NULL) {
        sw_stack_cover(stack, SW_ASPECT_GPU, "bitsandbytes", SW_WRONG, NULL);
        report_missing(stack, &loading);
    } else {
        check_code(stack, &loading);
    }
    if (loading.override != NULL)
        check_override(stack, &loading);
}
