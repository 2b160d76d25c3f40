/* Imports of a pinned release that another release does not have, read from the modules of both: SW209.
 *
 * The check covers the releases that are certain: those that the profile names, and the companions that torch
 * pins. torch's modules are read for their names, and not for their imports: torch pins its companions. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "index/missing_imports.h"

enum { SHOWN = 5, MOST = 50 };

/* The wheels to look at, and for each the offer that it is of. */
struct modules {
    struct sw_candidates *candidates;
    struct sw_index_wheel *wheels;
    const struct sw_candidate_list **lists;
    size_t count;
};

/* Return true if it is certain which file comes, and the index had it. */
static bool is_certain(const struct sw_candidate_list *list)
{
    return list->page != NULL && list->candidate_count == 1 && list->candidates[0].problem == NULL;
}

/* The file that comes if the index has no newer release then; NULL if no wheel does. */
static const struct sw_index_file *likely_file(const struct sw_candidate_list *list)
{
    const struct sw_candidate *candidate =
        list->page == NULL || list->chosen >= list->candidate_count ? NULL : &list->candidates[list->chosen];
    bool wheel = candidate != NULL && candidate->problem == NULL && candidate->file->kind == SW_INDEX_WHEEL;
    return wheel ? candidate->file : NULL;
}

static int choose(struct modules *modules, struct sw_error *error)
{
    struct sw_candidates *candidates = modules->candidates;
    struct sw_arena *arena = candidates->stack->b.arena;
    modules->wheels = sw_arena_array(arena, SW_MAX_SCANNED_WHEELS, sizeof *modules->wheels);
    modules->lists = sw_arena_array(arena, SW_MAX_SCANNED_WHEELS, sizeof *modules->lists);
    if (modules->wheels == NULL || modules->lists == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < candidates->count && modules->count < SW_MAX_SCANNED_WHEELS; i++) {
        const struct sw_candidate_list *list = candidates->lists[i];
        bool torch = strcmp(list->project, "torch") == 0, certain = is_certain(list);
        const struct sw_index_file *file = certain ? list->candidates[0].file : likely_file(list);
        if (file == NULL ||
            (!list->named && (!certain || sw_stack_companion(candidates->stack, list->project) == NULL)))
            continue;
        modules->wheels[modules->count] = (struct sw_index_wheel){.project = list->project,
                                                                  .file = file,
                                                                  .imports = certain && list->named && !torch,
                                                                  .only_files = !certain};
        modules->lists[modules->count++] = list;
    }
    return 0;
}

static const struct sw_candidate_list *offer_of(const struct modules *modules,
                                                const struct sw_index_wheel *wheel)
{
    return modules->lists[wheel - modules->wheels];
}

static const char *release_of(const struct modules *modules, const struct sw_index_wheel *wheel)
{
    return sw_arena_format(modules->candidates->stack->b.arena, "%s %.*s", wheel->project,
                           SW_STR_FORMAT(wheel->file->version.text));
}

/* Return true if the package cannot be used: it fails itself, or most of its lazily loaded modules fail. */
static bool is_fatal(const struct sw_index_loss *loss)
{
    return !loss->lazy || loss->share >= MOST;
}

/* The loss that tells most: a loss of the package itself, else the loss that most lazily loaded modules run
 * into. */
static const struct sw_index_loss *worst_of(const struct sw_index_loss *losses, size_t count)
{
    const struct sw_index_loss *worst = losses;
    for (size_t i = 1; i < count; i++) {
        bool worse = worst->lazy && (!losses[i].lazy || losses[i].share > worst->share);
        worst = worse ? &losses[i] : worst;
    }
    return worst;
}

/* The finding of the catalog about the same two releases; else a new finding. */
static struct sw_finding *finding_for(const struct modules *modules, const struct sw_index_loss *loss)
{
    struct sw_stack *stack = modules->candidates->stack;
    const struct sw_pin *pin = offer_of(modules, loss->importer)->pin;
    const char *importer = release_of(modules, loss->importer), *from = release_of(modules, loss->from);
    if (importer == NULL || from == NULL)
        return NULL;
    struct sw_finding *finding = sw_stack_about(stack, "SW209", from, pin->at);
    if (finding != NULL)
        return finding;
    bool name = loss->is_name;
    finding = sw_stack_find(stack, "SW209", is_fatal(loss) ? SW_ERROR : SW_WARNING, pin->at,
                            "%s imports %s%s%s, which %s does not have", importer, name ? loss->name : "",
                            name ? " of " : "", loss->gone, from);
    sw_finding_subject(stack->findings, finding, from);
    sw_finding_hint(stack->findings, finding, "pin another release of %s, or one of %s that still has it",
                    loss->importer->project, loss->from->project);
    return finding;
}

/* Add the import, with its place; and, once, the missing module or name. */
static void add_evidence(const struct modules *modules, struct sw_finding *finding,
                         const struct sw_index_loss *loss, bool again)
{
    struct sw_stack *stack = modules->candidates->stack;
    bool from = loss->name[0] != '\0';
    const char *how = sw_arena_format(stack->b.arena, "%s: %s:%u: %s %s%s%s", loss->importer->file->name,
                                      loss->member, loss->line, from ? "from" : "import", loss->module,
                                      from ? " import " : "", loss->name);
    const char *gone = sw_arena_format(stack->b.arena, "%s: %s %s%s%s", loss->from->file->name,
                                       loss->is_name ? "module" : "no module", loss->gone,
                                       loss->is_name ? " has no " : "", loss->is_name ? loss->name : "");
    if (loss->lazy && how != NULL)
        how = sw_arena_format(stack->b.arena, "%s (loaded lazily, by %u of 100 modules)", how, loss->share);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how),
                            offer_of(modules, loss->importer)->page->index);
    if (gone != NULL && !again)
        sw_finding_evidence(stack->findings, finding, sw_str_from(gone),
                            offer_of(modules, loss->from)->page->index);
}

static bool is_same(const struct sw_index_loss *a, const struct sw_index_loss *b)
{
    return strcmp(a->gone, b->gone) == 0 && a->is_name == b->is_name &&
           (!a->is_name || strcmp(a->name, b->name) == 0);
}

/* Return true if one release requires another release of the other project than the pinned release; another
 * finding says so. */
static bool is_contradicted(const struct modules *modules, const struct sw_index_loss *loss)
{
    const struct sw_candidate_list *from = offer_of(modules, loss->from);
    const char *importer = release_of(modules, loss->importer);
    for (size_t i = 0; i < from->requirer_count; i++) {
        const struct sw_requirer *requirer = &from->requirers[i];
        if (requirer->by != NULL && importer != NULL && strcmp(requirer->by, importer) == 0 &&
            !sw_requirer_allows(requirer, from->candidates[0].release))
            return true;
    }
    return false;
}

/* Report in one finding all that one wheel lacks of another; its first imports are evidence enough. */
static void report_pair(const struct modules *modules, const struct sw_index_loss *losses, size_t count)
{
    const struct sw_index_loss *worst = worst_of(losses, count);
    if (is_contradicted(modules, worst))
        return;
    struct sw_finding *finding = finding_for(modules, worst);
    if (finding == NULL)
        return;
    add_evidence(modules, finding, worst, false);
    size_t shown = 1;
    for (size_t i = 0; i < count && shown < SHOWN; i++) {
        if (&losses[i] == worst)
            continue;
        bool again = is_same(worst, &losses[i]);
        for (size_t k = 0; k < i; k++)
            again = again || is_same(&losses[k], &losses[i]);
        add_evidence(modules, finding, &losses[i], again);
        shown++;
    }
}

static void report(const struct modules *modules, const struct sw_index_loss *losses, size_t count)
{
    for (size_t i = 0, end = 0; i < count; i = end) {
        for (end = i + 1;
             end < count && losses[end].importer == losses[i].importer && losses[end].from == losses[i].from;
             end++)
            continue;
        report_pair(modules, &losses[i], end - i);
    }
}

/* Report in one finding all that could not be read. */
static void report_unread(const struct modules *modules)
{
    struct sw_stack *stack = modules->candidates->stack;
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    const struct sw_index_wheel *first = NULL;
    for (size_t i = 0; i < modules->count; i++) {
        const struct sw_index_wheel *wheel = &modules->wheels[i];
        if (wheel->code == 0)
            continue;
        sw_buffer_addf(&names, "%s%s", first == NULL ? "" : ", ", wheel->project);
        first = first == NULL ? wheel : first;
    }
    if (first == NULL)
        return;
    bool known = stack->input->offline || first->code == SW_EINPUT; /* nothing that a second try would mend */
    (void)sw_stack_find(stack, "SW403", known ? SW_NOTE : SW_WARNING, NULL,
                        "imports between wheels are not checked for %s: %s", names.p,
                        stack->input->offline ? "--offline, and the cache has nothing of them"
                                              : first->error.text);
}

/* Record whose imports were looked at. */
static void cover(const struct modules *modules, const struct sw_index_loss *losses, size_t count)
{
    struct sw_stack *stack = modules->candidates->stack;
    for (size_t i = 0; modules->count > 1 && i < modules->count; i++) {
        const struct sw_index_wheel *wheel = &modules->wheels[i];
        bool wrong = false;
        for (size_t j = 0; j < count; j++)
            wrong = wrong || (losses[j].importer == wheel && is_fatal(&losses[j]));
        if (wheel->imports || wheel->code != 0)
            sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project,
                           wheel->code != 0 ? SW_NOT_JUDGED
                           : wrong          ? SW_WRONG
                                            : SW_PROVEN,
                           wheel->code != 0 ? "SW403, its modules could not be read" : NULL);
    }
}

int sw_check_modules(struct sw_candidates *candidates, struct sw_error *error)
{
    struct modules modules = {.candidates = candidates};
    struct sw_index_loss *losses = NULL;
    size_t count = 0;
    int code = choose(&modules, error);
    if (code == 0 && modules.count > 0)
        code = sw_index_losses(&losses, &count, candidates->index, modules.wheels, modules.count, error);
    if (code != 0)
        return code;
    cover(&modules, losses, count);
    report(&modules, losses, count);
    sw_check_removed(candidates, modules.wheels, modules.count);
    report_unread(&modules);
    return sw_check_files(candidates, modules.wheels, modules.count, error);
}
