/* The CUDA that the libraries of a wheel are built for: against torch's, SW217; against the GPUs, SW208; and against the
 * driver, SW203. A compiler of CUDA makes no code for GPUs that its CUDA has dropped. */
#include "catalog/driver.h"
#include "check/link_internal.h"

/* The CUDA that a library needs at least; NULL if it needs none. `by` gets the name that shows it. */
static const char *cuda_of_library(const struct sw_link_subject *subject,
                                   const struct sw_index_library *library, const char **by)
{
    const char *highest = NULL;
    for (size_t i = 0; i < library->needed.count; i++) {
        const char *cuda = sw_bringers_cuda(&subject->link->bringers, library->needed.items[i]);
        if (cuda == NULL || (highest != NULL && sw_catalog_compare(cuda, highest) <= 0))
            continue;
        highest = cuda;
        *by = library->needed.items[i];
    }
    return highest;
}

struct use {
    const char *cuda; /* "13" */
    const struct sw_index_library *library;
    const char *by; /* "libcudart.so.13" */
};

/* The lowest CUDA that any library of the wheel makes do with, of those that use CUDA; false if there is none. */
static bool lowest_use(struct use *use, const struct sw_link_subject *subject)
{
    *use = (struct use){NULL, NULL, NULL};
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        const char *by = NULL,
                   *cuda = sw_link_is_own(library) ? cuda_of_library(subject, library, &by) : NULL;
        if (cuda != NULL && (use->cuda == NULL || sw_catalog_compare(cuda, use->cuda) < 0))
            *use = (struct use){cuda, library, by};
    }
    return use->cuda != NULL;
}

static bool is_major_of(const char *cuda, const char *major)
{
    size_t n = strlen(major);
    return strncmp(cuda, major, n) == 0 && (cuda[n] == '.' || cuda[n] == '\0');
}

/* Return true if a library links torch's libraries for CUDA. */
static bool links_torch(const struct sw_index_library *library)
{
    for (size_t i = 0; i < library->needed.count; i++) {
        if (strcmp(library->needed.items[i], "libtorch_cuda.so") == 0 ||
            strcmp(library->needed.items[i], "libc10_cuda.so") == 0)
            return true;
    }
    return false;
}

/* The higher of `highest` (may be NULL) and the oldest CUDAs that have these names. */
static const char *higher(const struct sw_bringers *bringers, const char *highest,
                          const struct sw_index_texts *names)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *cuda = sw_bringers_cuda(bringers, names->items[i]);
        if (cuda != NULL && (highest == NULL || sw_catalog_compare(cuda, highest) > 0))
            highest = cuda;
    }
    return highest;
}

const char *sw_link_cuda(const struct sw_link_subject *subject)
{
    const struct sw_bringers *bringers = &subject->link->bringers;
    const char *needed = NULL, *opened = NULL;
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        if (sw_link_is_own(library))
            needed = higher(bringers, needed, &library->needed);
        opened = higher(bringers, opened, &library->opened);
    }
    /* Names that a library opens are often those of several CUDAs: torch's decides first. */
    return needed == NULL && bringers->cuda == NULL ? opened : needed;
}

const char *sw_link_other_cuda(const struct sw_link_subject *subject)
{
    struct use use;
    const char *cuda = subject->link->bringers.cuda;
    bool other =
        cuda != NULL && lowest_use(&use, subject) && links_torch(use.library) && !is_major_of(cuda, use.cuda);
    return other ? use.cuda : NULL;
}

/* Report another CUDA than torch's if its libraries are there too, so that none is reported as missing. */
static void check_torch(const struct sw_link_subject *subject, const struct use *use)
{
    struct sw_stack *stack = subject->link->stack;
    const char *other = sw_link_other_cuda(subject);
    if (other == NULL || sw_bringers_find(&subject->link->bringers, subject->wheel, use->by) != SW_BROUGHT)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW217", sw_link_severity_of(subject, use->library), subject->of->pin->at,
                      "%s is built for CUDA %s, and torch %s for CUDA %s", subject->text, other,
                      subject->link->bringers.torch, subject->link->bringers.cuda);
    sw_link_about(subject, finding);
    sw_link_evidence(subject, finding, use->library, "needs", use->by);
    sw_finding_hint(stack->findings, finding, "take a build of %s for torch's CUDA, or torch for CUDA %s",
                    subject->of->project, other);
}

static void check_targets(const struct sw_link_subject *subject, const struct use *use, const char *first)
{
    struct sw_stack *stack = subject->link->stack;
    for (size_t i = 0; i < stack->target_count; i++) {
        const struct sw_target *target = &stack->targets[i];
        const struct sw_node *row =
            sw_catalog_row(stack->catalog->architectures, "compute_capability", target->capability);
        const char *last = sw_node_text(sw_node_get(row, "last"), NULL);
        if (last == NULL || sw_catalog_compare(last, first) >= 0 ||
            sw_stack_about(stack, "SW208", subject->of->project, subject->of->pin->at) != NULL)
            continue;
        struct sw_finding *finding =
            sw_stack_find(stack, "SW208", sw_link_severity(subject), subject->of->pin->at,
                          "%s is built for CUDA %s, which makes no code for the %s (%s)", subject->text,
                          use->cuda, target->title, target->capability);
        sw_link_about(subject, finding);
        sw_link_evidence(subject, finding, use->library, "needs", use->by);
        sw_stack_evidence(stack, finding, row, "CUDA %s is the last for %s", last, target->capability);
        sw_finding_hint(stack->findings, finding, "take a build of %s for CUDA %s or older",
                        subject->of->project, last);
    }
}

/* cuda-compat of a CUDA image may let the driver run it. */
static void check_driver(const struct sw_link_subject *subject, const struct use *use, const char *first)
{
    struct sw_stack *stack = subject->link->stack;
    const struct sw_node *toolkit = sw_catalog_row(stack->catalog->toolkits, "version", first);
    const char *floor = sw_node_text(sw_node_get(toolkit, "floor"), NULL);
    const char *lowest = stack->driver == NULL ? NULL : sw_driver_lowest(stack->b.arena, stack->driver);
    bool told = stack->torch.cuda != NULL && is_major_of(stack->torch.cuda, use->cuda);
    if (floor == NULL || lowest == NULL || told || !sw_driver_is_older(lowest, floor) ||
        sw_bringers_base_has_cuda(&subject->link->bringers))
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW203", SW_ERROR, subject->of->pin->at,
                      "%s is built for CUDA %s, which needs driver %s; the profile admits %s", subject->text,
                      use->cuda, floor, lowest);
    sw_link_about(subject, finding);
    sw_link_evidence(subject, finding, use->library, "needs", use->by);
    sw_stack_evidence(stack, finding, toolkit, "CUDA %s: driver %s", first, floor);
    sw_finding_hint(stack->findings, finding,
                    "take a build of %s for an older CUDA, or raise 'driver' to >=%s", subject->of->project,
                    floor);
}

void sw_link_check_cuda(const struct sw_link_subject *subject)
{
    struct use use;
    if (!lowest_use(&use, subject))
        return;
    const char *first = sw_arena_format(subject->link->stack->b.arena, "%s.0", use.cuda);
    check_torch(subject, &use);
    if (first == NULL)
        return;
    check_targets(subject, &use, first);
    check_driver(subject, &use, first);
}
