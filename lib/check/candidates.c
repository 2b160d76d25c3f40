#include "check/candidates.h"

#include "base/limits.h"
#include "check/candidates_internal.h"
#include "python/name.h"

/* The parts of CUDA that come with a build of torch differ by variant and are not on the default index as
 * such. */
static bool is_cuda_part(struct sw_str name)
{
    return sw_str_starts(name, "nvidia-") || sw_str_starts(name, "nvidia_") || sw_str_starts(name, "cuda-");
}

struct sw_candidate_list *sw_candidates_list(const struct sw_candidates *candidates, const char *project)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (strcmp(candidates->lists[i]->project, project) == 0)
            return candidates->lists[i];
    }
    return NULL;
}

/* Remember, once, a project that is not looked up. */
static void leave_out(struct sw_candidates *candidates, const char *project)
{
    size_t low = 0, high = candidates->left_out_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(candidates->left_out[middle], project);
        if (order == 0)
            return;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (candidates->left_out_count == SW_MAX_CHECK_LEFT_OUT)
        return;
    const char **more = sw_arena_grow(candidates->stack->b.arena, (void *)candidates->left_out,
                                      candidates->left_out_count, sizeof(const char *));
    if (more == NULL) {
        candidates->stack->b.failed = true;
        return;
    }
    memmove((void *)(more + low + 1), (const void *)(more + low),
            (candidates->left_out_count - low) * sizeof(const char *));
    more[low] = project;
    candidates->left_out = more;
    candidates->left_out_count++;
}

/* NULL if the project is beyond those that are looked up, or without memory. */
static struct sw_candidate_list *add_offer(struct sw_candidates *candidates, const char *project,
                                           const struct sw_pin *pin)
{
    struct sw_candidate_list *list = sw_candidates_list(candidates, project);
    if (list != NULL)
        return list;
    if (candidates->count == SW_MAX_CHECK_PROJECTS) {
        leave_out(candidates, project);
        return NULL;
    }
    struct sw_arena *arena = candidates->stack->b.arena;
    list = sw_arena_alloc(arena, sizeof *list);
    struct sw_candidate_list **lists =
        sw_arena_grow(arena, candidates->lists, candidates->count, sizeof *lists);
    if (list == NULL || lists == NULL) {
        candidates->stack->b.failed = true;
        return NULL;
    }
    *list = (struct sw_candidate_list){.project = project, .pin = pin};
    candidates->lists = lists;
    candidates->lists[candidates->count++] = list;
    return list;
}

static void add_ask(struct sw_candidates *candidates, struct sw_candidate_list *list,
                    const struct sw_requirer *requirer)
{
    struct sw_requirer *requirers =
        sw_arena_grow(candidates->stack->b.arena, list->requirers, list->requirer_count, sizeof *requirers);
    if (requirers == NULL)
        return;
    list->requirers = requirers;
    list->requirers[list->requirer_count++] = *requirer;
}

/* The key `torch` as a pin like any other. An index of its own may have each release for several CUDAs. */
const struct sw_pin *sw_candidates_torch(const struct sw_candidates *candidates)
{
    struct sw_stack *stack = candidates->stack;
    if (stack->torch.cuda_path == NULL)
        return NULL;
    bool own = sw_candidates_have_own_index(candidates, "torch") && stack->torch.local != NULL;
    struct sw_pin *pin = sw_arena_alloc(stack->b.arena, sizeof *pin);
    const char *text =
        sw_arena_format(stack->b.arena, "torch==%s", own ? stack->torch.local : stack->torch.version);
    const struct sw_node *at = sw_build_placed(&stack->b, text, stack->torch.at_version);
    if (pin == NULL || text == NULL || at == NULL || stack->torch.at_version == NULL ||
        sw_requirement_parse(&pin->requirement, stack->b.arena, sw_str_from(text), NULL) != 0)
        return NULL;
    pin->at = at;
    pin->path = stack->torch.version_path;
    pin->project = "torch";
    pin->version = stack->torch.version;
    pin->install = stack->input->profile->torch_install;
    return pin;
}

static void add_pins(struct sw_candidates *candidates)
{
    struct sw_stack *stack = candidates->stack;
    const struct sw_pin *torch = sw_candidates_torch(candidates);
    for (size_t i = 0; i <= stack->pin_count; i++) {
        const struct sw_pin *pin = i < stack->pin_count ? &stack->pins[i] : torch;
        if (pin == NULL)
            continue;
        struct sw_candidate_list *list = add_offer(candidates, pin->project, pin);
        if (list == NULL)
            continue;
        list->named = list->named || !pin->is_constraint;
        list->wanted = true;
        const struct sw_requirer requirer = {.pin = pin, .requirement = pin->requirement};
        if (pin->is_constraint || sw_stack_override(stack, pin->project) == NULL)
            add_ask(candidates, list, &requirer);
    }
}

bool sw_requirer_allows(const struct sw_requirer *requirer, const struct sw_index_release *release)
{
    struct sw_version version = release->version;
    if (requirer->requirement.url.n > 0)
        return true;
    if (sw_specifier_set_contains(&requirer->requirement.specifiers, &version, SW_PRERELEASES_AUTO))
        return true;
    /* a pin of torch's own build, 2.8.0+cu128, is the same release on the default index */
    for (size_t i = 0; i < requirer->requirement.specifiers.count; i++) {
        const struct sw_specifier *clause = &requirer->requirement.specifiers.items[i];
        if (clause->comparison == SW_SPECIFIER_EQUAL && clause->is_version && clause->version.local.n > 0 &&
            version.local.n == 0 && sw_version_compare_public(&clause->version, &version) == 0)
            return true;
    }
    return false;
}

bool sw_candidates_usable(const struct sw_candidates *candidates, const struct sw_index_release *release,
                          const struct sw_index_file **file)
{
    *file = sw_index_wheel(release, &candidates->tags, &candidates->python);
    if (*file == NULL)
        *file = sw_index_sdist(release);
    return *file != NULL && sw_index_allows_python(*file, &candidates->python);
}

static bool all_allow(const struct sw_candidate_list *list, const struct sw_index_release *release)
{
    for (size_t i = 0; i < list->requirer_count; i++) {
        bool own = list->requirers[i].by == NULL || list->requirers[i].pin == list->pin;
        if (own && !sw_requirer_allows(&list->requirers[i], release))
            return false;
    }
    return true;
}

static bool has_exact(const struct sw_candidate_list *list)
{
    for (size_t i = 0; i < list->requirer_count; i++) {
        if (list->requirers[i].by == NULL && list->requirers[i].pin->version != NULL)
            return true;
    }
    return false;
}

/* Find the allowed releases. A yanked release counts only if it is pinned exactly, as installers do it. */
static void find_candidates(struct sw_candidates *candidates, struct sw_candidate_list *list)
{
    const struct sw_index_project *page = list->page;
    list->candidates =
        sw_arena_array(candidates->stack->b.arena, page->release_count + 1, sizeof *list->candidates);
    if (list->candidates == NULL) {
        candidates->stack->b.failed = true;
        return;
    }
    bool exact = has_exact(list);
    for (size_t i = 0; i < page->release_count; i++) {
        const struct sw_index_release *release = &page->releases[i];
        const struct sw_index_file *file;
        if ((!release->yanked || exact) && all_allow(list, release) &&
            sw_candidates_usable(candidates, release, &file))
            list->candidates[list->candidate_count++] =
                (struct sw_candidate){.release = release, .file = file};
    }
}

/* The URL that the profile names for a project, or an empty text. */
static struct sw_str url_of(const struct sw_candidate_list *list)
{
    for (size_t i = 0; i < list->requirer_count; i++) {
        if (list->requirers[i].by == NULL && list->requirers[i].requirement.url.n > 0)
            return list->requirers[i].requirement.url;
    }
    return SW_STR("");
}

static void take_page(struct sw_candidates *candidates, struct sw_candidate_list *list,
                      const struct sw_index_project *page)
{
    list->page = page;
    if (page != NULL)
        find_candidates(candidates, list);
}

/* A wheel that the profile names by its URL is its project's page; without one the offer's problem says why. */
static void look_up_direct(struct sw_candidates *candidates, struct sw_candidate_list *list,
                           struct sw_str url)
{
    const struct sw_index_project *page = NULL;
    list->direct = true;
    if (sw_index_direct(&page, candidates->index, list->project, url, &list->problem) == 0)
        take_page(candidates, list, page);
}

/* Look up, in one batch, the pages of all lists from `from` on that are wanted. */
static int look_up_pages(struct sw_candidates *candidates, size_t from, struct sw_error *error)
{
    struct sw_arena *arena = candidates->stack->b.arena;
    size_t most = candidates->count - from, count = 0;
    const char **names = sw_arena_array(arena, most + 1, sizeof *names);
    struct sw_candidate_list **lists = sw_arena_array(arena, most + 1, sizeof *lists);
    struct sw_index_answer *answers = sw_arena_array(arena, most + 1, sizeof *answers);
    if (names == NULL || answers == NULL || lists == NULL)
        return sw_fail_memory(error);
    for (size_t i = from; i < candidates->count; i++) {
        struct sw_candidate_list *list = candidates->lists[i];
        struct sw_str url = url_of(list);
        if (!list->wanted)
            continue;
        if (url.n > 0) {
            look_up_direct(candidates, list, url);
            continue;
        }
        names[count] = candidates->lists[i]->project;
        lists[count++] = candidates->lists[i];
    }
    int code = sw_index_projects(answers, candidates->index, names, count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        lists[i]->problem = answers[i].error;
        take_page(candidates, lists[i], answers[i].project);
    }
    return code;
}

/* The lowest and the highest version that clauses leave; NULL if they leave that end open. */
static void find_bounds(const struct sw_version **lowest, const struct sw_version **highest,
                        const struct sw_requirer *requirer)
{
    for (size_t i = 0; i < requirer->requirement.specifiers.count; i++) {
        const struct sw_specifier *clause = &requirer->requirement.specifiers.items[i];
        bool both = clause->comparison == SW_SPECIFIER_COMPATIBLE || clause->comparison == SW_SPECIFIER_EQUAL;
        bool from = both || clause->comparison == SW_SPECIFIER_GREATER_EQUAL ||
                    clause->comparison == SW_SPECIFIER_GREATER;
        bool to =
            both || clause->comparison == SW_SPECIFIER_LESS_EQUAL || clause->comparison == SW_SPECIFIER_LESS;
        if (clause->is_version && from &&
            (*lowest == NULL || sw_version_compare(&clause->version, *lowest) > 0))
            *lowest = &clause->version;
        if (clause->is_version && to &&
            (*highest == NULL || sw_version_compare(&clause->version, *highest) < 0))
            *highest = &clause->version;
    }
}

/* Return true if a contradiction may lie in a project that only releases require. ~=1.4 and ==1.4.* count as
 * if they ended at 1.4, so that the answer is rather once too often true. */
static bool is_worth(const struct sw_candidate_list *list)
{
    const struct sw_version *lowest = NULL, *highest = NULL;
    size_t length = strlen(list->pin->project);
    for (size_t i = 0; i < list->requirer_count; i++) {
        const struct sw_specifier_set *set = &list->requirers[i].requirement.specifiers;
        if (set->count == 1 && set->items[0].comparison == SW_SPECIFIER_EQUAL && !set->items[0].prefix)
            return true;
        find_bounds(&lowest, &highest, &list->requirers[i]);
    }
    bool is_part = strncmp(list->project, list->pin->project, length) == 0 && list->project[length] == '-';
    return is_part || (list->requirer_count > 1 && lowest != NULL && highest != NULL &&
                       sw_version_compare(lowest, highest) >= 0);
}

/* NULL without memory: the release then stays unknown. */
static const struct sw_error *keep_error(struct sw_arena *arena, const struct sw_error *error)
{
    struct sw_error *copy = sw_arena_alloc(arena, sizeof *copy);
    if (copy != NULL)
        *copy = *error;
    return copy;
}

/* Look up, in one batch, the requirements of the candidates. */
static int look_up_metadata(struct sw_candidates *candidates, struct sw_candidate **wanted, size_t count,
                            struct sw_error *error)
{
    struct sw_arena *arena = candidates->stack->b.arena;
    const struct sw_index_file **files = sw_arena_array(arena, count + 1, sizeof *files);
    struct sw_index_metadata_answer *answers = sw_arena_array(arena, count + 1, sizeof *answers);
    if (files == NULL || answers == NULL)
        return sw_fail_memory(error);
    size_t asked = 0;
    for (size_t i = 0; i < count; i++) {
        if (wanted[i]->looked || wanted[i]->file->kind != SW_INDEX_WHEEL)
            continue;
        files[asked] = wanted[i]->file;
        wanted[asked++] = wanted[i];
    }
    int code = asked == 0 ? 0 : sw_index_metadata(answers, candidates->index, files, asked, error);
    for (size_t i = 0; code == 0 && i < asked; i++) {
        wanted[i]->looked = true;
        wanted[i]->metadata = answers[i].metadata;
        wanted[i]->problem = answers[i].code == 0 ? NULL : keep_error(arena, &answers[i].error);
    }
    return code;
}

/* The extras that are asked of a project. */
static const char **extras_of(struct sw_candidates *candidates, const struct sw_candidate_list *list,
                              size_t *count)
{
    size_t most = 0;
    for (size_t i = 0; i < list->requirer_count; i++)
        most += list->requirers[i].requirement.extra_count;
    const char **extras = sw_arena_array(candidates->stack->b.arena, most + 1, sizeof *extras);
    *count = 0;
    for (size_t i = 0; extras != NULL && i < list->requirer_count; i++) {
        for (size_t j = 0; j < list->requirers[i].requirement.extra_count; j++) {
            const char *extra =
                sw_arena_copy(candidates->stack->b.arena, list->requirers[i].requirement.extras[j]);
            if (extra != NULL)
                extras[(*count)++] = extra;
        }
    }
    return extras;
}

static bool holds(const struct sw_candidates *candidates, const struct sw_requirement *requirement,
                  const char *const *extras, size_t count)
{
    bool holds = false;
    return requirement->marker == NULL ||
           (sw_marker_evaluate_extras(&holds, requirement->marker, &candidates->environment, extras, count,
                                      NULL) == 0 &&
            holds);
}

/* Take the next requirement of a candidate: `*at` goes from requirement to requirement. False at the end. */
static bool next_requirement(struct sw_requirer *required, const char **project, size_t *at,
                             struct sw_candidates *candidates, const struct sw_candidate_list *list,
                             const struct sw_candidate *candidate)
{
    size_t count;
    const char **extras = extras_of(candidates, list, &count);
    while (candidate->metadata != NULL && *at < candidate->metadata->requirement_count) {
        const struct sw_metadata_requirement *row = &candidate->metadata->requirements[(*at)++];
        if (!row->valid || is_cuda_part(row->requirement.name) ||
            !holds(candidates, &row->requirement, extras, extras == NULL ? 0 : count))
            continue;
        const char *name = sw_name_normalized(candidates->stack->b.arena, row->requirement.name);
        *project = name == NULL ? "" : name;
        /* An extra that is made of other extras of the same project. */
        if (strcmp(*project, list->project) == 0 || sw_stack_override(candidates->stack, *project) != NULL)
            continue;
        *required =
            (struct sw_requirer){.pin = list->pin,
                                 .by = sw_arena_format(candidates->stack->b.arena, "%s %.*s", list->project,
                                                       SW_STR_FORMAT(candidate->release->version.text)),
                                 .file = candidate->file->name,
                                 .index = list->page->index,
                                 .requirement = row->requirement};
        return required->by != NULL;
    }
    return false;
}

/* Return true if the requirement allows none of the releases of the project that the profile allows. */
static bool contradicts(const struct sw_candidate_list *other, const struct sw_requirer *required)
{
    for (size_t i = 0; i < other->candidate_count; i++) {
        if (sw_requirer_allows(required, other->candidates[i].release))
            return false;
    }
    return other->candidate_count > 0 && required->requirement.url.n == 0;
}

/* The first pin of the profile that a candidate contradicts, or NULL; `required` gets the requirement that
 * contradicts it. */
static const struct sw_requirer *find_contradicted(struct sw_requirer *required,
                                                   struct sw_candidates *candidates,
                                                   const struct sw_candidate_list *list,
                                                   const struct sw_candidate *candidate)
{
    const char *project;
    size_t at = 0;
    while (next_requirement(required, &project, &at, candidates, list, candidate)) {
        const struct sw_candidate_list *other = sw_candidates_list(candidates, project);
        for (size_t i = 0; other != NULL && contradicts(other, required) && i < other->requirer_count; i++) {
            if (other->requirers[i].by == NULL)
                return &other->requirers[i];
        }
    }
    return NULL;
}

/* Choose the newest of several candidates that contradicts no pin. Older candidates are only looked at if the
 * newest contradicts a pin. */
static int choose(struct sw_candidates *candidates, struct sw_candidate_list *list, struct sw_error *error)
{
    if (list->candidate_count < 2)
        return 0;
    struct sw_requirer required;
    list->against = find_contradicted(&list->required, candidates, list, &list->candidates[0]);
    list->looked_at = 1;
    if (list->against == NULL)
        return 0;
    size_t most =
        list->candidate_count < SW_MAX_CHECK_CANDIDATES ? list->candidate_count : SW_MAX_CHECK_CANDIDATES;
    struct sw_candidate **wanted = sw_arena_array(candidates->stack->b.arena, most, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < most; i++)
        wanted[i] = &list->candidates[i];
    int code = look_up_metadata(candidates, wanted, most, error);
    for (size_t i = 1; code == 0 && i < most; i++) {
        if (list->candidates[i].metadata == NULL ||
            find_contradicted(&required, candidates, list, &list->candidates[i]) == NULL) {
            /* A candidate that cannot be read may fit. */
            list->chosen = i;
            list->against = NULL;
            return 0;
        }
    }
    list->looked_at = most;
    list->chosen = list->candidate_count;
    return code;
}

/* Look up the requirements of the lists from `from` to `to`; with `expand` the requirements of the certain
 * candidates become lists too. */
static int look_into(struct sw_candidates *candidates, size_t from, size_t to, bool expand,
                     struct sw_error *error)
{
    struct sw_candidate **wanted = sw_arena_array(candidates->stack->b.arena, to - from + 1, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct sw_candidate_list *list = candidates->lists[i];
        if (list->candidate_count > 0 && (list->named || !expand))
            wanted[count++] = &list->candidates[0];
    }
    int code = look_up_metadata(candidates, wanted, count, error);
    for (size_t i = from; code == 0 && i < to; i++)
        code = choose(candidates, candidates->lists[i], error);
    for (size_t i = from; code == 0 && i < to; i++) {
        struct sw_candidate_list *list = candidates->lists[i];
        struct sw_requirer required;
        const char *project;
        size_t at = 0;
        if (list->candidate_count != 1)
            continue;
        while (next_requirement(&required, &project, &at, candidates, list, &list->candidates[0])) {
            struct sw_candidate_list *other =
                expand ? add_offer(candidates, project, list->pin) : sw_candidates_list(candidates, project);
            if (other != NULL)
                add_ask(candidates, other, &required);
        }
    }
    return code;
}

int sw_candidates_open(struct sw_candidates *candidates, struct sw_stack *stack, struct sw_index *index,
                       struct sw_error *error)
{
    *candidates = (struct sw_candidates){.stack = stack, .index = index};
    int code = sw_candidates_read_target(candidates, error);
    if (code != 0)
        return code;
    code = sw_candidates_read_indexes(candidates, error);
    if (code != 0)
        return code;
    add_pins(candidates);
    size_t named = candidates->count;
    code = look_up_pages(candidates, 0, error);
    if (code == 0)
        code = look_into(candidates, 0, named, true, error);
    for (size_t i = named; i < candidates->count; i++)
        candidates->lists[i]->wanted = is_worth(candidates->lists[i]);
    if (code == 0)
        code = look_up_pages(candidates, named, error);
    return code == 0 ? look_into(candidates, named, candidates->count, false, error) : code;
}
