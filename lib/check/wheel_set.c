#include "check/wheel_set_internal.h"

#include "base/limits.h"
#include "check/closed_set.h"

enum { MOST_STEPS = 64 };

const struct sw_set_wheel *sw_wheel_set_find(const struct sw_wheel_set *set, const char *project)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->items[i].project, project) == 0)
            return &set->items[i];
    }
    return NULL;
}

static struct sw_arena *arena_of(const struct sw_wheel_set *set)
{
    return set->candidates->stack->b.arena;
}

/* ---- parts of CUDA that do not come with this torch ---- */

/* The default index has each release of torch for one CUDA; the wheels for another require other parts of CUDA. */
static bool is_of_another_cuda(const struct sw_wheel_set *set)
{
    const struct sw_torch_choice *torch = &set->candidates->stack->torch;
    const char *built = torch->row == NULL ? NULL : sw_node_text(sw_node_get(torch->row, "default"), NULL);
    return torch->cuda != NULL && built != NULL && strcmp(built, torch->cuda) != 0 &&
           !sw_candidates_have_own_index(set->candidates, "torch");
}

static bool is_cuda_part(const char *project)
{
    return strncmp(project, "nvidia-", 7) == 0 || strncmp(project, "cuda-", 5) == 0;
}

/* Mark all that is required by a marked package; torch's parts of CUDA are left out. */
static bool mark_required(bool *reached, const struct sw_resolution *found, size_t i)
{
    const struct sw_resolved_package *package = &found->packages[i];
    bool more = false;
    for (size_t k = 0; k < package->dependency_count; k++) {
        size_t other = package->dependencies[k].package;
        if (reached[other] ||
            (strcmp(package->name, "torch") == 0 && is_cuda_part(found->packages[other].name)))
            continue;
        reached[other] = more = true;
    }
    return more;
}

/* The packages that come without torch's own parts of CUDA; NULL without memory. */
static const bool *reach(const struct sw_wheel_set *set, const struct sw_resolution *found)
{
    bool *reached = sw_arena_array(arena_of(set), found->package_count + 1, sizeof *reached);
    bool all = !is_of_another_cuda(set), more = true;
    for (size_t i = 0; reached != NULL && i < found->package_count; i++)
        reached[i] = all || found->packages[i].requirers[0].package == SW_RESOLVED_ROOT;
    while (reached != NULL && more && !all) {
        more = false;
        for (size_t i = 0; i < found->package_count; i++)
            more = (reached[i] && mark_required(reached, found, i)) || more;
    }
    return reached;
}

/* ---- files ---- */

static const struct sw_index_file *file_of(const struct sw_wheel_set *set,
                                           const struct sw_resolved_file *file)
{
    struct sw_index_file *copy = sw_arena_alloc(arena_of(set), sizeof *copy);
    if (copy == NULL) {
        set->candidates->stack->b.failed = true;
        return NULL;
    }
    *copy = (struct sw_index_file){.kind = SW_INDEX_WHEEL,
                                   .name = file->name,
                                   .url = file->url,
                                   .sha256 = file->sha256,
                                   .size = file->size};
    return copy;
}

/* The profile's requirement that leads to a package. */
static const struct sw_pin *pin_of(const struct sw_closed_set *asked, const struct sw_resolution *found,
                                   size_t package)
{
    size_t way[MOST_STEPS];
    size_t length = sw_resolution_why(way, MOST_STEPS, found, package);
    return length == 0 || length > MOST_STEPS
               ? NULL
               : asked->roots[found->packages[way[0]].requirers[0].requirement];
}

static void take(struct sw_wheel_set *set, const struct sw_closed_set *asked,
                 const struct sw_resolution *found)
{
    const bool *reached = reach(set, found);
    set->items = sw_arena_array(arena_of(set), found->package_count + 1, sizeof *set->items);
    for (size_t i = 0; set->items != NULL && reached != NULL && i < found->package_count; i++) {
        const struct sw_resolved_package *package = &found->packages[i];
        const struct sw_pin *pin = pin_of(asked, found, i);
        bool wheel = package->file.kind == SW_RESOLVED_WHEEL || package->file.kind == SW_RESOLVED_URL_WHEEL;
        if (!reached[i] || pin == NULL)
            continue;
        set->items[set->count++] = (struct sw_set_wheel){.project = package->name,
                                                         .version = package->version,
                                                         .pin = pin,
                                                         .file = wheel ? file_of(set, &package->file) : NULL,
                                                         .index = package->file.index};
        if (wheel && !package->known)
            set->open = sw_arena_format(arena_of(set), "the requirements of %s are not known", package->name);
    }
    set->candidates->stack->b.failed =
        set->candidates->stack->b.failed || set->items == NULL || reached == NULL;
}

/* The releases that are certain without a resolution. */
static void take_certain(struct sw_wheel_set *set)
{
    const struct sw_candidates *candidates = set->candidates;
    set->items = sw_arena_array(arena_of(set), candidates->count + 1, sizeof *set->items);
    for (size_t i = 0; set->items != NULL && i < candidates->count; i++) {
        const struct sw_candidate_list *list = candidates->lists[i];
        if (!list->named || list->page == NULL || list->candidate_count != 1)
            continue;
        const struct sw_index_file *file = list->candidates[0].file;
        const char *version = sw_arena_copy(arena_of(set), list->candidates[0].release->version.text);
        set->items[set->count++] = (struct sw_set_wheel){.project = list->project,
                                                         .version = version == NULL ? "" : version,
                                                         .pin = list->pin,
                                                         .file = file->kind == SW_INDEX_WHEEL ? file : NULL,
                                                         .index = list->page->index};
    }
    set->candidates->stack->b.failed = set->candidates->stack->b.failed || set->items == NULL;
}

int sw_wheel_set_read(struct sw_wheel_set *set, struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_closed_set asked;
    struct sw_resolve_answer answer = {0};
    struct sw_error failure = {0};
    *set = (struct sw_wheel_set){.candidates = candidates};
    int code = sw_closed_set_ask(&asked, candidates, error);
    if (code != 0)
        return code;
    asked.question.bar_count = 0; /* the installer knows nothing of GPUs */
    code = sw_resolve(&answer, arena_of(set), &asked.question, &failure);
    if (code == SW_ECANCELED)
        return sw_fail(error, SW_ECANCELED, "%s", failure.text);
    if (code == 0 && answer.found) {
        take(set, &asked, &answer.resolution);
        return 0;
    }
    set->open = "no set of releases is known for the requirements";
    take_certain(set);
    return 0;
}
