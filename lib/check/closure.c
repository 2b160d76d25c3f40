#include "check/closure_internal.h"

#include "base/limits.h"
#include "resolve/kept.h"

/* The most projects on the way from a requirement to a member that are looked at. */
enum { MOST_STEPS = 64 };

static bool has_release(const struct sw_resolved_package **package, const struct sw_resolution *set,
                        const char *project, const struct sw_specifier_set *releases)
{
    struct sw_version version;
    *package = sw_resolution_find(set, project);
    return *package != NULL && sw_version_parse(&version, sw_str_from((*package)->version), NULL) == 0 &&
           sw_specifier_set_contains(releases, &version, SW_PRERELEASES_ALLOW);
}

bool sw_closure_breaks(const struct sw_resolved_package **member, const struct sw_resolution *set,
                       const struct sw_resolve_bar *bar)
{
    const struct sw_resolved_package *beside;
    return has_release(member, set, bar->project, &bar->releases) &&
           (bar->beside == NULL || has_release(&beside, set, bar->beside, &bar->beside_releases));
}

/* ---- resolved ---- */

/* Return true if the lock was made from these requirements: its places of requirements are then those of the question. */
static bool is_for(const struct sw_pylock *lock, const struct sw_resolve_input *question)
{
    bool same = lock != NULL && lock->requirement_count == question->root_count;
    for (size_t i = 0; same && i < question->root_count; i++)
        same = sw_str_is(question->roots[i].text, lock->requirements[i]);
    return same;
}

static bool breaks_a_bar(const struct sw_closure *closure)
{
    const struct sw_resolved_package *member;
    for (size_t i = 0; i < closure->asked.question.bar_count; i++) {
        if (sw_closure_breaks(&member, &closure->taken.resolution, &closure->asked.question.bars[i]))
            return true;
    }
    return false;
}

/* Set `*out` if each command that installs has a set of its own. */
static int resolve_each(bool *out, const struct sw_closure *closure, const struct sw_stack *stack,
                        struct sw_error *error)
{
    struct sw_resolve_input question = closure->asked.question;
    unsigned last = sw_closed_set_last_install(&closure->asked);
    *out = last <= SW_MAX_CHECK_INSTALLS;
    question.bar_count = 0;
    for (unsigned install = 1; *out && install <= last; install++) {
        struct sw_resolve_answer answer = {.found = true};
        if (!sw_closed_set_take_install(&question, &closure->asked, stack->b.arena, install))
            return sw_fail_memory(error);
        int code = question.root_count == 0 ? 0 : sw_resolve_kept(&answer, stack->b.arena, &question, error);
        if (code != 0)
            return code;
        *out = answer.found;
    }
    return 0;
}

/* Let the pins stand above the requirements of others. Commands that install one after the other do so: each leaves its own releases in the
 * image, whatever the releases of an earlier command require. */
static bool override_pins(struct sw_closure *closure, struct sw_arena *arena)
{
    struct sw_resolve_input *question = &closure->asked.question;
    struct sw_requirement *overrides = sw_arena_array(arena, question->root_count + 1, sizeof *overrides);
    for (size_t i = 0; overrides != NULL && i < question->root_count; i++) {
        if (closure->asked.roots[i]->version != NULL && question->roots[i].url.n == 0)
            overrides[question->override_count++] = question->roots[i];
    }
    question->overrides = overrides;
    return overrides != NULL;
}

/* Resolve requirements that contradict each other, if no command has to hold all of them. */
static int resolve_in_turn(struct sw_closure *closure, const struct sw_stack *stack)
{
    bool each = false;
    if (closure->taken.found || stack->input->profile->installs == NULL)
        return 0;
    int code = resolve_each(&each, closure, stack, &closure->problem);
    if (code != 0 || !each)
        return code;
    if (!override_pins(closure, stack->b.arena))
        return sw_fail_memory(&closure->problem);
    struct sw_resolve_input question = closure->asked.question;
    question.bar_count = 0;
    return sw_resolve_kept(&closure->taken, stack->b.arena, &question, &closure->problem);
}

static int resolve(struct sw_closure *closure, const struct sw_stack *stack)
{
    const struct sw_pylock *lock = stack->input->lock;
    struct sw_resolve_input question = closure->asked.question;
    question.bar_count = 0; /* the installer knows nothing of GPUs */
    int code = 0;
    if (is_for(lock, &question))
        closure->taken = (struct sw_resolve_answer){.found = true, .resolution = lock->set};
    else
        code = sw_resolve_kept(&closure->taken, stack->b.arena, &question, &closure->problem);
    if (code == 0)
        code = resolve_in_turn(closure, stack);
    closure->fitting = closure->taken;
    if (code == 0 && closure->taken.found && breaks_a_bar(closure))
        code =
            sw_resolve_kept(&closure->fitting, stack->b.arena, &closure->asked.question, &closure->problem);
    return code;
}

/* ---- members ---- */

/* Find the statement of the profile that leads to a package, and the package in front of it. */
static void find_way(struct sw_closure *closure, struct sw_arena *arena, size_t package)
{
    const struct sw_resolution *set = &closure->taken.resolution;
    size_t way[MOST_STEPS];
    size_t length = sw_resolution_why(way, MOST_STEPS, set, package);
    if (length == 0 || length > MOST_STEPS)
        return;
    const struct sw_resolved_package *last = length > 1 ? &set->packages[way[length - 2]] : NULL;
    closure->pins[package] = closure->asked.roots[set->packages[way[0]].requirers[0].requirement];
    if (last != NULL)
        closure->by[package] = sw_arena_format(arena, "%s %s", last->name, last->version);
}

/* Return true if the stack knows the release already: from an exact pin or the key `torch`. */
static bool is_pinned(const struct sw_stack *stack, const char *project)
{
    return sw_stack_pinned(stack, project) != NULL ||
           (strcmp(project, "torch") == 0 && stack->torch.cuda_path != NULL);
}

/* Return true if a package in a pinned release requires exactly one release of the member. */
static bool is_held(const struct sw_stack *stack, const struct sw_resolution *set,
                    const struct sw_resolved_package *member)
{
    bool held = false;
    for (size_t i = 0; i < member->requirer_count && !held; i++) {
        const struct sw_resolved_requirer *requirer = &member->requirers[i];
        if (requirer->package == SW_RESOLVED_ROOT || !is_pinned(stack, set->packages[requirer->package].name))
            continue;
        const char *text = set->packages[requirer->package].dependencies[requirer->requirement].text;
        held = sw_requirement_pin(stack->b.arena, sw_str_from(text)) != NULL;
    }
    return held;
}

static bool add_member(struct sw_stack *stack, const struct sw_closure *closure, size_t i)
{
    const struct sw_resolved_package *package = &closure->taken.resolution.packages[i];
    const struct sw_pin *pin = closure->pins[i];
    const char *text = sw_arena_format(stack->b.arena, "%s==%s", package->name, package->version);
    struct sw_pin *member = &stack->members[stack->member_count];
    if (text == NULL)
        return false;
    if (pin == NULL || is_pinned(stack, package->name) ||
        sw_requirement_parse(&member->requirement, stack->b.arena, sw_str_from(text), NULL) != 0)
        return true;
    member->at = pin->at;
    member->path = "";
    member->project = package->name;
    member->version = package->version;
    member->is_member = true;
    member->by = closure->by[i];
    member->is_held = is_held(stack, &closure->taken.resolution, package);
    stack->member_count++;
    return true;
}

static int take_members(struct sw_stack *stack, struct sw_closure *closure, struct sw_error *error)
{
    struct sw_arena *arena = stack->b.arena;
    size_t count = closure->taken.found ? closure->taken.resolution.package_count : 0;
    closure->pins = sw_arena_array(arena, count + 1, sizeof *closure->pins);
    closure->by = sw_arena_array(arena, count + 1, sizeof *closure->by);
    stack->members = sw_arena_array(arena, count + 1, sizeof *stack->members);
    bool done = closure->pins != NULL && closure->by != NULL && stack->members != NULL;
    for (size_t i = 0; done && i < count; i++) {
        find_way(closure, arena, i);
        done = add_member(stack, closure, i);
    }
    if (!done)
        return sw_fail_memory(error);
    sw_stack_read_members(stack);
    return 0;
}

int sw_closure_read(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_stack *stack = candidates->stack;
    struct sw_closure *closure = sw_arena_alloc(stack->b.arena, sizeof *closure);
    if (closure == NULL)
        return sw_fail_memory(error);
    *closure = (struct sw_closure){0};
    int code = sw_closed_set_ask(&closure->asked, candidates, error);
    if (code != 0)
        return code;
    closure->code = resolve(closure, stack);
    if (closure->code == SW_ECANCELED)
        return sw_fail(error, SW_ECANCELED, "%s", closure->problem.text);
    if (closure->code != 0)
        closure->fitting.found = false;
    candidates->closure = closure;
    return take_members(stack, closure, error);
}
