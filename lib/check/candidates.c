#include "check/candidates.h"

#include "base/limits.h"
#include "python/name.h"

/* What comes with each build of torch differs by variant and is not on the default index as such. */
static bool is_cuda_part(struct sw_str name)
{
    return sw_str_starts(name, "nvidia-") || sw_str_starts(name, "nvidia_") || sw_str_starts(name, "cuda-");
}

struct sw_offer *sw_market_offer(const struct sw_market *market, const char *project)
{
    for (size_t i = 0; i < market->count; i++) {
        if (strcmp(market->offers[i]->project, project) == 0)
            return market->offers[i];
    }
    return NULL;
}

static struct sw_offer *add_offer(struct sw_market *market, const char *project, const struct sw_pin *pin)
{
    struct sw_offer *offer = sw_market_offer(market, project);
    if (offer != NULL)
        return offer;
    struct sw_arena *arena = market->stack->b.arena;
    offer = market->count < SW_MAX_CHECK_PROJECTS ? sw_arena_alloc(arena, sizeof *offer) : NULL;
    struct sw_offer **offers = sw_arena_grow(arena, market->offers, market->count, sizeof *offers);
    if (offer == NULL || offers == NULL)
        return NULL;
    *offer = (struct sw_offer){.project = project, .pin = pin};
    market->offers = offers;
    market->offers[market->count++] = offer;
    return offer;
}

static void add_ask(struct sw_market *market, struct sw_offer *offer, const struct sw_ask *ask)
{
    struct sw_ask *asks = sw_arena_grow(market->stack->b.arena, offer->asks, offer->ask_count, sizeof *asks);
    if (asks == NULL)
        return;
    offer->asks = asks;
    offer->asks[offer->ask_count++] = *ask;
}

/* The key `torch` as a pin like any other. An index of its own may have each release for several CUDAs. */
static struct sw_pin *torch_pin(const struct sw_market *market)
{
    struct sw_stack *stack = market->stack;
    bool own = sw_market_has_own_index(market, "torch") && stack->torch.local != NULL;
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
    return pin;
}

/* The projects that the profile takes from indexes of its own. */
static int read_indexes(struct sw_market *market, struct sw_error *error)
{
    const struct sw_node *indexes = sw_stack_get(market->stack, "indexes");
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        const struct sw_node *projects = sw_node_get(sw_node_item(indexes, i), "for");
        const char *url = sw_node_text(sw_node_get(sw_node_item(indexes, i), "url"), "");
        for (size_t j = 0; strcmp(url, "default") != 0 && j < sw_node_count(projects); j++) {
            market->pins =
                sw_arena_grow(market->stack->b.arena, market->pins, market->pin_count, sizeof *market->pins);
            if (market->pins == NULL)
                return sw_fail_memory(error);
            market->pins[market->pin_count++] =
                (struct sw_index_pin){sw_node_text(sw_node_item(projects, j), ""), url};
        }
    }
    return sw_index_pin(market->index, market->pins, market->pin_count, error);
}

bool sw_market_has_own_index(const struct sw_market *market, const char *project)
{
    for (size_t i = 0; i < market->pin_count; i++) {
        if (sw_name_equal(sw_str_from(market->pins[i].project), sw_str_from(project)))
            return true;
    }
    return false;
}

static void add_pins(struct sw_market *market)
{
    struct sw_stack *stack = market->stack;
    const struct sw_pin *torch = stack->torch.cuda_path == NULL ? NULL : torch_pin(market);
    for (size_t i = 0; i <= stack->pin_count; i++) {
        const struct sw_pin *pin = i < stack->pin_count ? &stack->pins[i] : torch;
        if (pin == NULL)
            continue;
        struct sw_offer *offer = add_offer(market, pin->project, pin);
        if (offer == NULL)
            continue;
        offer->named = offer->named || !pin->is_constraint;
        offer->wanted = true;
        const struct sw_ask ask = {.pin = pin, .requirement = pin->requirement};
        add_ask(market, offer, &ask);
    }
}

bool sw_market_allows(const struct sw_ask *ask, const struct sw_index_release *release)
{
    struct sw_version version = release->version;
    if (ask->requirement.url.n > 0)
        return true;
    if (sw_specifier_set_contains(&ask->requirement.specifiers, &version, SW_PRERELEASES_AUTO))
        return true;
    /* a pin of torch's own build, 2.8.0+cu128, is the same release on the default index */
    for (size_t i = 0; i < ask->requirement.specifiers.count; i++) {
        const struct sw_specifier *clause = &ask->requirement.specifiers.items[i];
        if (clause->comparison == SW_SPECIFIER_EQUAL && clause->is_version && clause->version.local.n > 0 &&
            version.local.n == 0 && sw_version_compare_public(&clause->version, &version) == 0)
            return true;
    }
    return false;
}

bool sw_market_usable(const struct sw_market *market, const struct sw_index_release *release,
                      const struct sw_index_file **file)
{
    *file = sw_index_wheel(release, &market->tags, &market->python);
    if (*file == NULL)
        *file = sw_index_sdist(release);
    return *file != NULL && sw_index_allows_python(*file, &market->python);
}

static bool all_allow(const struct sw_offer *offer, const struct sw_index_release *release)
{
    for (size_t i = 0; i < offer->ask_count; i++) {
        bool own = offer->asks[i].by == NULL || offer->asks[i].pin == offer->pin;
        if (own && !sw_market_allows(&offer->asks[i], release))
            return false;
    }
    return true;
}

static bool has_exact(const struct sw_offer *offer)
{
    for (size_t i = 0; i < offer->ask_count; i++) {
        if (offer->asks[i].by == NULL && offer->asks[i].pin->version != NULL)
            return true;
    }
    return false;
}

/* The allowed releases. A yanked one counts only where it is pinned exactly, as installers do it. */
static void find_candidates(struct sw_market *market, struct sw_offer *offer)
{
    const struct sw_index_project *page = offer->page;
    offer->candidates =
        sw_arena_array(market->stack->b.arena, page->release_count + 1, sizeof *offer->candidates);
    if (offer->candidates == NULL) {
        market->stack->b.failed = true;
        return;
    }
    bool exact = has_exact(offer);
    for (size_t i = 0; i < page->release_count; i++) {
        const struct sw_index_release *release = &page->releases[i];
        const struct sw_index_file *file;
        if ((!release->yanked || exact) && all_allow(offer, release) &&
            sw_market_usable(market, release, &file))
            offer->candidates[offer->candidate_count++] =
                (struct sw_candidate){.release = release, .file = file};
    }
}

/* The URL that the profile names for a project, or an empty text. */
static struct sw_str url_of(const struct sw_offer *offer)
{
    for (size_t i = 0; i < offer->ask_count; i++) {
        if (offer->asks[i].by == NULL && offer->asks[i].requirement.url.n > 0)
            return offer->asks[i].requirement.url;
    }
    return SW_STR("");
}

static void take_page(struct sw_market *market, struct sw_offer *offer, const struct sw_index_project *page)
{
    offer->page = page;
    if (page != NULL)
        find_candidates(market, offer);
}

/* A wheel that the profile names by its URL is its project's page; without one the offer's problem says why. */
static void look_up_direct(struct sw_market *market, struct sw_offer *offer, struct sw_str url)
{
    const struct sw_index_project *page = NULL;
    offer->direct = true;
    if (sw_index_direct(&page, market->index, offer->project, url, &offer->problem) == 0)
        take_page(market, offer, page);
}

/* One batch: the pages of all offers from `from` on that are wanted. */
static int look_up_pages(struct sw_market *market, size_t from, struct sw_error *error)
{
    struct sw_arena *arena = market->stack->b.arena;
    size_t most = market->count - from, count = 0;
    const char **names = sw_arena_array(arena, most + 1, sizeof *names);
    struct sw_offer **offers = sw_arena_array(arena, most + 1, sizeof *offers);
    struct sw_index_answer *answers = sw_arena_array(arena, most + 1, sizeof *answers);
    if (names == NULL || answers == NULL || offers == NULL)
        return sw_fail_memory(error);
    for (size_t i = from; i < market->count; i++) {
        struct sw_offer *offer = market->offers[i];
        struct sw_str url = url_of(offer);
        if (!offer->wanted)
            continue;
        if (url.n > 0) {
            look_up_direct(market, offer, url);
            continue;
        }
        names[count] = market->offers[i]->project;
        offers[count++] = market->offers[i];
    }
    int code = sw_index_projects(answers, market->index, names, count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        offers[i]->problem = answers[i].error;
        take_page(market, offers[i], answers[i].project);
    }
    return code;
}

/* The lowest and the highest version that clauses leave; NULL where they leave that end open. */
static void find_bounds(const struct sw_version **lowest, const struct sw_version **highest,
                        const struct sw_ask *ask)
{
    for (size_t i = 0; i < ask->requirement.specifiers.count; i++) {
        const struct sw_specifier *clause = &ask->requirement.specifiers.items[i];
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

/* Whether a contradiction may lie in a project that only releases ask for. ~=1.4 and ==1.4.* count as if they ended at 1.4,
 * so that this asks rather once too often. */
static bool is_worth(const struct sw_offer *offer)
{
    const struct sw_version *lowest = NULL, *highest = NULL;
    size_t length = strlen(offer->pin->project);
    for (size_t i = 0; i < offer->ask_count; i++) {
        const struct sw_specifier_set *set = &offer->asks[i].requirement.specifiers;
        if (set->count == 1 && set->items[0].comparison == SW_SPECIFIER_EQUAL && !set->items[0].prefix)
            return true;
        find_bounds(&lowest, &highest, &offer->asks[i]);
    }
    bool is_part = strncmp(offer->project, offer->pin->project, length) == 0 && offer->project[length] == '-';
    return is_part || (offer->ask_count > 1 && lowest != NULL && highest != NULL &&
                       sw_version_compare(lowest, highest) >= 0);
}

/* NULL without memory: what is not known then stays so. */
static const struct sw_error *keep_error(struct sw_arena *arena, const struct sw_error *error)
{
    struct sw_error *copy = sw_arena_alloc(arena, sizeof *copy);
    if (copy != NULL)
        *copy = *error;
    return copy;
}

/* One batch: what the candidates require. */
static int look_up_metadata(struct sw_market *market, struct sw_candidate **wanted, size_t count,
                            struct sw_error *error)
{
    struct sw_arena *arena = market->stack->b.arena;
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
    int code = asked == 0 ? 0 : sw_index_metadata(answers, market->index, files, asked, error);
    for (size_t i = 0; code == 0 && i < asked; i++) {
        wanted[i]->looked = true;
        wanted[i]->metadata = answers[i].metadata;
        wanted[i]->problem = answers[i].code == 0 ? NULL : keep_error(arena, &answers[i].error);
    }
    return code;
}

/* The extras that are asked of a project. */
static const char **extras_of(struct sw_market *market, const struct sw_offer *offer, size_t *count)
{
    size_t most = 0;
    for (size_t i = 0; i < offer->ask_count; i++)
        most += offer->asks[i].requirement.extra_count;
    const char **extras = sw_arena_array(market->stack->b.arena, most + 1, sizeof *extras);
    *count = 0;
    for (size_t i = 0; extras != NULL && i < offer->ask_count; i++) {
        for (size_t j = 0; j < offer->asks[i].requirement.extra_count; j++) {
            const char *extra = sw_arena_copy(market->stack->b.arena, offer->asks[i].requirement.extras[j]);
            if (extra != NULL)
                extras[(*count)++] = extra;
        }
    }
    return extras;
}

static bool holds(const struct sw_market *market, const struct sw_requirement *requirement,
                  const char *const *extras, size_t count)
{
    bool holds = false;
    return requirement->marker == NULL ||
           (sw_marker_evaluate_extras(&holds, requirement->marker, &market->environment, extras, count,
                                      NULL) == 0 &&
            holds);
}

/* What a candidate asks of others, one by one: `*at` goes from requirement to requirement. False at the end. */
static bool next_wish(struct sw_ask *wish, const char **project, size_t *at, struct sw_market *market,
                      const struct sw_offer *offer, const struct sw_candidate *candidate)
{
    size_t count;
    const char **extras = extras_of(market, offer, &count);
    while (candidate->metadata != NULL && *at < candidate->metadata->requirement_count) {
        const struct sw_metadata_requirement *row = &candidate->metadata->requirements[(*at)++];
        if (!row->valid || is_cuda_part(row->requirement.name) ||
            !holds(market, &row->requirement, extras, extras == NULL ? 0 : count))
            continue;
        const char *name = sw_name_normalized(market->stack->b.arena, row->requirement.name);
        *project = name == NULL ? "" : name;
        if (strcmp(*project, offer->project) == 0) /* an extra that is made of others of its own */
            continue;
        *wish = (struct sw_ask){.pin = offer->pin,
                                .by = sw_arena_format(market->stack->b.arena, "%s %.*s", offer->project,
                                                      SW_STR_FORMAT(candidate->release->version.text)),
                                .file = candidate->file->name,
                                .index = offer->page->index,
                                .requirement = row->requirement};
        return wish->by != NULL;
    }
    return false;
}

/* Whether no release that the profile allows of the project is one that the wish allows. */
static bool contradicts(const struct sw_offer *other, const struct sw_ask *wish)
{
    for (size_t i = 0; i < other->candidate_count; i++) {
        if (sw_market_allows(wish, other->candidates[i].release))
            return false;
    }
    return other->candidate_count > 0 && wish->requirement.url.n == 0;
}

/* The first pin of the profile that a candidate contradicts, or NULL; `wish` gets what it asks instead. */
static const struct sw_ask *find_contradicted(struct sw_ask *wish, struct sw_market *market,
                                              const struct sw_offer *offer,
                                              const struct sw_candidate *candidate)
{
    const char *project;
    size_t at = 0;
    while (next_wish(wish, &project, &at, market, offer, candidate)) {
        const struct sw_offer *other = sw_market_offer(market, project);
        for (size_t i = 0; other != NULL && contradicts(other, wish) && i < other->ask_count; i++) {
            if (other->asks[i].by == NULL)
                return &other->asks[i];
        }
    }
    return NULL;
}

/* Of several candidates the newest that contradicts no pin. More of them are only looked at where the newest does. */
static int choose(struct sw_market *market, struct sw_offer *offer, struct sw_error *error)
{
    if (offer->candidate_count < 2)
        return 0;
    struct sw_ask wish;
    offer->against = find_contradicted(&offer->wish, market, offer, &offer->candidates[0]);
    offer->looked_at = 1;
    if (offer->against == NULL)
        return 0;
    size_t most =
        offer->candidate_count < SW_MAX_CHECK_CANDIDATES ? offer->candidate_count : SW_MAX_CHECK_CANDIDATES;
    struct sw_candidate **wanted = sw_arena_array(market->stack->b.arena, most, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < most; i++)
        wanted[i] = &offer->candidates[i];
    int code = look_up_metadata(market, wanted, most, error);
    for (size_t i = 1; code == 0 && i < most; i++) {
        if (offer->candidates[i].metadata == NULL ||
            find_contradicted(&wish, market, offer, &offer->candidates[i]) == NULL) {
            offer->chosen = i; /* one that cannot be read may fit */
            offer->against = NULL;
            return 0;
        }
    }
    offer->looked_at = most;
    offer->chosen = offer->candidate_count;
    return code;
}

/* What the offers from `from` to `to` require; with `expand` what the certain ones require becomes offers too. */
static int look_into(struct sw_market *market, size_t from, size_t to, bool expand, struct sw_error *error)
{
    struct sw_candidate **wanted = sw_arena_array(market->stack->b.arena, to - from + 1, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct sw_offer *offer = market->offers[i];
        if (offer->candidate_count > 0 && (offer->named || !expand))
            wanted[count++] = &offer->candidates[0];
    }
    int code = look_up_metadata(market, wanted, count, error);
    for (size_t i = from; code == 0 && i < to; i++)
        code = choose(market, market->offers[i], error);
    for (size_t i = from; code == 0 && i < to; i++) {
        struct sw_offer *offer = market->offers[i];
        struct sw_ask wish;
        const char *project;
        size_t at = 0;
        if (offer->candidate_count != 1)
            continue;
        while (next_wish(&wish, &project, &at, market, offer, &offer->candidates[0])) {
            struct sw_offer *other =
                expand ? add_offer(market, project, offer->pin) : sw_market_offer(market, project);
            if (other != NULL)
                add_ask(market, other, &wish);
        }
    }
    return code;
}

static int read_target(struct sw_market *market, struct sw_error *error)
{
    enum { GLIBC_MINOR = 35 }; /* of Ubuntu 22.04, the oldest base that is in use */
    const struct sw_stack *stack = market->stack;
    const char *machine =
        stack->target_count == 0 ? SW_CATALOG_MACHINE : sw_catalog_machine(stack->targets[0].row);
    uint64_t minor = 0;
    struct sw_str rest = sw_str_from(stack->python);
    (void)sw_str_cut(&rest, '.');
    const char *full =
        sw_arena_format(stack->b.arena, "%s.99", stack->python); /* images take the last patch release */
    if (full == NULL)
        return sw_fail_memory(error);
    if (!sw_str_to_u64(rest, &minor) || sw_version_parse(&market->python, sw_str_from(full), error) != 0)
        return sw_fail(error, SW_EINPUT, "'%s' is no Python version", stack->python);
    market->environment = sw_marker_environment_linux(stack->python, full, machine);
    const struct sw_tag_target target = {
        .python_major = 3, .python_minor = (unsigned)minor, .machine = machine, .glibc_minor = GLIBC_MINOR};
    return sw_tag_list_make(&market->tags, stack->b.arena, &target, error);
}

int sw_market_open(struct sw_market *market, struct sw_stack *stack, struct sw_index *index,
                   struct sw_error *error)
{
    *market = (struct sw_market){.stack = stack, .index = index};
    int code = read_target(market, error);
    if (code != 0)
        return code;
    code = read_indexes(market, error);
    if (code != 0)
        return code;
    add_pins(market);
    size_t named = market->count;
    code = look_up_pages(market, 0, error);
    if (code == 0)
        code = look_into(market, 0, named, true, error);
    for (size_t i = named; i < market->count; i++)
        market->offers[i]->wanted = is_worth(market->offers[i]);
    if (code == 0)
        code = look_up_pages(market, named, error);
    return code == 0 ? look_into(market, named, market->count, false, error) : code;
}
