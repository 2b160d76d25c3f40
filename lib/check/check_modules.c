/* Imports of a release that another release does not have, read from the modules of both: SW209. The check covers
 * all wheels and source distributions of the closed set. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/closure_internal.h"
#include "check/imported_internal.h"
#include "check/wheel_set_internal.h"

enum { SHOWN = 5, MOST = 50 };

/* The wheels to look at, and for each its place in the set. */
struct modules {
    struct sw_candidates *candidates;
    struct sw_index_wheel *wheels;
    const struct sw_set_wheel **of;
    size_t count;
};

/* torch's modules are read for their names alone: torch pins its companions. */
static int choose(struct modules *modules, struct sw_error *error)
{
    const struct sw_wheel_set *set = modules->candidates->wheels;
    struct sw_arena *arena = modules->candidates->stack->b.arena;
    modules->wheels = sw_arena_array(arena, set->count + 1, sizeof *modules->wheels);
    modules->of = sw_arena_array(arena, set->count + 1, sizeof(const struct sw_set_wheel *));
    if (modules->wheels == NULL || modules->of == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < set->count; i++) {
        const struct sw_set_wheel *item = &set->items[i];
        const struct sw_index_file *file = item->file != NULL ? item->file : item->source;
        if (file == NULL || (file == item->file && !item->known))
            continue; /* SW403 says so of its requirements */
        modules->wheels[modules->count] = (struct sw_index_wheel){
            .project = item->project, .file = file, .imports = strcmp(item->project, "torch") != 0};
        modules->of[modules->count++] = item;
    }
    return 0;
}

static const struct sw_set_wheel *place_of(const struct modules *modules, const struct sw_index_wheel *wheel)
{
    return modules->of[wheel - modules->wheels];
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
    const struct sw_pin *pin = place_of(modules, loss->importer)->pin;
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
                            place_of(modules, loss->importer)->index);
    if (gone != NULL && !again)
        sw_finding_evidence(stack->findings, finding, sw_str_from(gone),
                            place_of(modules, loss->from)->index);
}

static bool is_same(const struct sw_index_loss *a, const struct sw_index_loss *b)
{
    return strcmp(a->gone, b->gone) == 0 && a->is_name == b->is_name &&
           (!a->is_name || strcmp(a->name, b->name) == 0);
}

/* Return true if a wheel has a file that runs at each start of Python: "_numba_cuda_redirector.pth". */
static bool runs_at_start(const struct sw_index_wheel *wheel)
{
    for (size_t i = 0; i < wheel->files->top_count; i++) {
        const struct sw_wheel_top *top = &wheel->files->tops[i];
        if (sw_str_ends(top->name, ".pth") && wheel->files->items[top->first].name.n == top->name.n)
            return true;
    }
    return false;
}

static bool requires(const struct sw_resolution *set, const char *project, const char *other)
{
    const struct sw_resolved_package *package = sw_resolution_find(set, project);
    for (size_t i = 0; package != NULL && i < package->dependency_count; i++) {
        if (strcmp(set->packages[package->dependencies[i].package].name, other) == 0)
            return true;
    }
    return false;
}

/* Return true if a third project may put modules of its own into the package, as numba-cuda does into numba. */
static bool is_redirected(const struct modules *modules, const struct sw_index_loss *loss)
{
    const struct sw_resolution *set = &modules->candidates->closure->taken.resolution;
    for (size_t i = 0; i < modules->count; i++) {
        if (requires(set, modules->wheels[i].project, loss->from->project) &&
            runs_at_start(&modules->wheels[i]))
            return true;
    }
    return false;
}

/* Return true if one release requires another release of the other project than the pinned release; another
 * finding says so. */
static bool is_contradicted(const struct modules *modules, const struct sw_index_loss *loss)
{
    const struct sw_candidate_list *from = sw_candidates_list(modules->candidates, loss->from->project);
    const char *importer = release_of(modules, loss->importer);
    for (size_t i = 0; from != NULL && from->candidate_count > 0 && i < from->requirer_count; i++) {
        const struct sw_requirer *requirer = &from->requirers[i];
        if (requirer->by != NULL && importer != NULL && strcmp(requirer->by, importer) == 0 &&
            !sw_requirer_allows(requirer, from->candidates[0].release))
            return true;
    }
    return false;
}

/* Name the member that brings a wheel in. */
static void add_way(const struct modules *modules, struct sw_finding *finding,
                    const struct sw_index_wheel *wheel)
{
    const struct sw_set_wheel *place = place_of(modules, wheel);
    sw_stack_evidence_way(modules->candidates->stack, finding, place->project, place->version, place->by,
                          place->pin->at);
}

/* Report in one finding all that one wheel lacks of another; its first imports are evidence enough. */
static void report_pair(const struct modules *modules, const struct sw_index_loss *losses, size_t count)
{
    const struct sw_index_loss *worst = worst_of(losses, count);
    if (is_contradicted(modules, worst) || is_redirected(modules, worst))
        return;
    struct sw_finding *finding = finding_for(modules, worst);
    if (finding == NULL)
        return;
    add_evidence(modules, finding, worst, false);
    add_way(modules, finding, worst->importer);
    add_way(modules, finding, worst->from);
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
            wrong = wrong || (losses[j].importer == wheel && is_fatal(&losses[j]) &&
                              !is_redirected(modules, &losses[j]));
        if (wheel->imports || wheel->code != 0)
            sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project,
                           wheel->code != 0 ? SW_NOT_JUDGED
                           : wrong          ? SW_WRONG
                                            : SW_PROVEN,
                           wheel->code != 0 ? "SW403, its modules could not be read" : NULL);
    }
}

/* The losses of imports that happen. */
static int choose_losses(struct sw_index_loss **losses, size_t *count, const struct sw_imported *imported,
                         struct sw_error *error)
{
    *count = 0;
    *losses = sw_arena_array(imported->candidates->stack->b.arena, imported->loss_count + 1, sizeof **losses);
    if (*losses == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < imported->loss_count; i++) {
        const struct sw_index_loss *loss = &imported->losses[i];
        if (sw_imported_happens(imported, loss->importer, loss->member, &loss->terms))
            (*losses)[(*count)++] = *loss;
    }
    return 0;
}

static int judge(const struct modules *modules, const struct sw_imported *imported, struct sw_error *error)
{
    struct sw_index_loss *losses = NULL;
    size_t count = 0;
    int code = choose_losses(&losses, &count, imported, error);
    if (code != 0)
        return code;
    cover(modules, losses, count);
    report(modules, losses, count);
    sw_check_removed(imported);
    report_unread(modules);
    sw_check_absent(imported);
    sw_check_refusals(imported);
    return 0;
}

int sw_check_modules(struct sw_candidates *candidates, struct sw_error *error)
{
    struct modules modules = {.candidates = candidates};
    struct sw_index_loss *losses = NULL;
    size_t count = 0;
    int code = choose(&modules, error);
    if (code == 0 && modules.count > 0)
        code = sw_index_losses(&losses, &count, candidates->stack->b.arena, candidates->index, modules.wheels,
                               modules.count, error);
    if (code != 0)
        return code;
    struct sw_imported *imported = sw_arena_array(candidates->stack->b.arena, 1, sizeof *imported);
    if (imported == NULL)
        return sw_fail_memory(error);
    *imported = (struct sw_imported){.candidates = candidates,
                                     .wheels = modules.wheels,
                                     .count = modules.count,
                                     .losses = losses,
                                     .loss_count = count};
    candidates->imported = imported;
    sw_imported_read(imported);
    code = judge(&modules, imported, error);
    return code != 0 ? code : sw_check_files(candidates, modules.wheels, modules.count, error);
}
