#include "check/closed_set.h"

#include "base/limits.h"
#include "catalog/companions.h"
#include "catalog/driver.h"

struct asking {
    struct sw_stack *stack;
    struct sw_resolve_bar *bars;
    struct sw_closed_bar *known;
    size_t count;
    /* torch comes from an index of its own, whose releases have a local version for each CUDA. */
    bool own_torch;
};

static bool add_bar(struct asking *asking, const struct sw_resolve_bar *bar, const char *code,
                    const struct sw_node *row)
{
    struct sw_arena *arena = asking->stack->b.arena;
    struct sw_resolve_bar *bars = sw_arena_grow(arena, asking->bars, asking->count, sizeof *bars);
    struct sw_closed_bar *known = sw_arena_grow(arena, asking->known, asking->count, sizeof *known);
    if (bars == NULL || known == NULL || bar->reason == NULL || bar->reason_plural == NULL)
        return false;
    asking->bars = bars;
    asking->known = known;
    bars[asking->count] = *bar;
    bars[asking->count].source = sw_node_text(sw_node_get(row, "source"), "");
    known[asking->count++] = (struct sw_closed_bar){code, row};
    return true;
}

/* A set from a format and a text, in the arena. */
static bool make_set(struct sw_specifier_set *set, struct asking *asking, const char *comparison,
                     const char *text)
{
    const char *whole = sw_arena_format(asking->stack->b.arena, "%s%s", comparison, text);
    return whole != NULL &&
           sw_specifier_set_parse(set, asking->stack->b.arena, sw_str_from(whole), NULL) == 0;
}

/* -- builds of torch -------------------------------------------------------------------------------------------- */

/* The first target that the build has no code for; NULL if it serves all, or is not known. */
static const struct sw_target *not_served(const struct asking *asking, const char *version, const char *cuda,
                                          const struct sw_node **code)
{
    const struct sw_stack *stack = asking->stack;
    for (size_t i = 0; i < stack->target_count; i++) {
        *code = sw_catalog_code(stack->catalog->torch_code, version, cuda,
                                sw_catalog_machine(stack->targets[i].row));
        if (*code != NULL && sw_catalog_serves(*code, stack->targets[i].row) == SW_NOT_SERVED)
            return &stack->targets[i];
    }
    return NULL;
}

static bool bar_for_gpu(struct asking *asking, struct sw_resolve_bar *bar, const char *version,
                        const char *cuda)
{
    struct sw_arena *arena = asking->stack->b.arena;
    const struct sw_node *code = NULL;
    const struct sw_target *target = not_served(asking, version, cuda, &code);
    if (target == NULL)
        return true;
    bar->reason = sw_arena_format(arena, "(CUDA %s) has no code that the %s (%s) can run", cuda,
                                  target->title, target->capability);
    bar->reason_plural = sw_arena_format(arena, "(CUDA %s) have no code that the %s (%s) can run", cuda,
                                         target->title, target->capability);
    return add_bar(asking, bar, "SW201", code);
}

static bool bar_for_driver(struct asking *asking, struct sw_resolve_bar *bar, const char *cuda)
{
    const struct sw_stack *stack = asking->stack;
    const struct sw_node *toolkit = sw_catalog_row(stack->catalog->toolkits, "version", cuda);
    const char *floor = sw_node_text(sw_node_get(toolkit, "floor"), NULL);
    const char *lowest = stack->driver == NULL ? NULL : sw_driver_lowest(stack->b.arena, stack->driver);
    if (floor == NULL || lowest == NULL || !sw_driver_is_older(lowest, floor) || sw_stack_is_bridged(stack))
        return true;
    bar->reason = sw_arena_format(
        stack->b.arena, "(CUDA %s) needs driver %s or newer, and the hosts may have %s", cuda, floor, lowest);
    bar->reason_plural = sw_arena_format(
        stack->b.arena, "(CUDA %s) need driver %s or newer, and the hosts may have %s", cuda, floor, lowest);
    return add_bar(asking, bar, "SW203", toolkit);
}

static bool bar_build(struct asking *asking, const char *version, const char *cuda)
{
    struct sw_arena *arena = asking->stack->b.arena;
    struct sw_resolve_bar bar = {.project = "torch"};
    const char *variant = sw_catalog_variant(arena, cuda);
    const char *release = asking->own_torch ? sw_arena_format(arena, "%s+%s", version, variant) : version;
    return variant != NULL && release != NULL && make_set(&bar.releases, asking, "==", release) &&
           bar_for_gpu(asking, &bar, version, cuda) && bar_for_driver(asking, &bar, cuda);
}

/* -- projects that are built against one torch ------------------------------------------------------------------ */

/* Return true if an earlier row names the same release of the project. */
static bool is_named_before(const struct sw_node *rows, size_t end, const char *project, const char *release)
{
    for (size_t i = 0; i < end; i++) {
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(rows, i), project), ""), release) == 0)
            return true;
    }
    return false;
}

/* A release of torchvision or torchaudio that rows of torch name, beside another torch of the catalog. Releases newer than the newest that
 * a row names are built for the torch of that row or a newer torch. A torch that is newer than the catalog is not judged; a release that
 * allows several torches has a row of its own. */
static bool bar_companion(struct asking *asking, size_t at, const char *project)
{
    struct sw_arena *arena = asking->stack->b.arena;
    const struct sw_catalog *catalog = asking->stack->catalog;
    size_t count = sw_node_count(catalog->torch), own = 0;
    bool newest = true;
    const struct sw_node *row = sw_node_item(catalog->torch, at), *last = row;
    const char *release = sw_node_text(sw_node_get(row, project), NULL);
    struct sw_resolve_bar bar = {.project = project, .beside = "torch"};
    if (release == NULL || sw_catalog_next(catalog->companions, &own, project, release) != NULL ||
        is_named_before(catalog->torch, at, project, release))
        return true;
    SW_BUFFER_AUTO others;
    sw_buffer_init(&others, SW_MAX_REQUIREMENT_SIZE);
    sw_buffer_addf(&others, "<=%s",
                   sw_node_text(sw_node_get(sw_node_item(catalog->torch, count - 1), "version"), ""));
    for (size_t i = at; i < count; i++) {
        const struct sw_node *other = sw_node_item(catalog->torch, i);
        newest = newest && sw_catalog_compare(sw_node_text(sw_node_get(other, project), "0"), release) <= 0;
        if (strcmp(sw_node_text(sw_node_get(other, project), ""), release) != 0)
            continue;
        last = other;
        sw_buffer_addf(&others, ",!=%s", sw_node_text(sw_node_get(other, "version"), ""));
    }
    const char *torch = sw_node_text(sw_node_get(row, "version"), "");
    const char *built = last == row ? sw_arena_format(arena, "for torch %s", torch)
                                    : sw_arena_format(arena, "for torch %s to %s", torch,
                                                      sw_node_text(sw_node_get(last, "version"), ""));
    bar.reason = sw_arena_format(arena, "is built %s", built == NULL ? "" : built);
    bar.reason_plural = sw_arena_format(arena, "are built %s", built == NULL ? "" : built);
    return make_set(&bar.releases, asking, "==", release) &&
           make_set(&bar.beside_releases, asking, "", others.p) && add_bar(asking, &bar, "SW205", row);
}

bool sw_closed_set_bars(const struct sw_node *row)
{
    const char *torch = sw_node_text(sw_node_get(row, "torch"), "");
    bool one = strncmp(torch, "==", 2) == 0 && strpbrk(torch, "*,") == NULL;
    return one && !sw_node_boolean(sw_node_get(row, "compiles"), false);
}

/* A row of companions.yaml: releases that are built for some torch, beside another. */
static bool bar_built(struct asking *asking, const struct sw_node *row)
{
    struct sw_arena *arena = asking->stack->b.arena;
    const char *torch = sw_node_text(sw_node_get(row, "torch"), "");
    struct sw_resolve_bar bar = {.project = sw_node_text(sw_node_get(row, "project"), ""), .beside = "torch"};
    if (!sw_closed_set_bars(row))
        return true;
    bar.reason = sw_arena_format(arena, "is built for torch %s", torch + 2);
    bar.reason_plural = sw_arena_format(arena, "are built for torch %s", torch + 2);
    return make_set(&bar.releases, asking, "", sw_node_text(sw_node_get(row, "releases"), "")) &&
           make_set(&bar.beside_releases, asking, "!=", torch + 2) && add_bar(asking, &bar, "SW205", row);
}

static bool bar_release(struct asking *asking, size_t at)
{
    const struct sw_node *row = sw_node_item(asking->stack->catalog->torch, at);
    const char *version = sw_node_text(sw_node_get(row, "version"), "");
    const struct sw_node *variants = sw_node_get(row, "cuda");
    bool done = true;
    const struct sw_torch_choice *torch = &asking->stack->torch;
    bool chosen = torch->cuda != NULL && strcmp(torch->version, version) == 0;
    const char *usual = chosen ? torch->cuda : sw_node_text(sw_node_get(row, "default"), NULL);
    for (size_t i = 0; done && asking->own_torch && i < sw_node_count(variants); i++)
        done = bar_build(asking, version, sw_node_text(sw_node_item(variants, i), ""));
    if (done && !asking->own_torch && usual != NULL)
        done = bar_build(asking, version, usual);
    /* triton has no wheel of its own choice: torch's metadata pins it. */
    for (size_t i = 0; done && sw_companions[i] != NULL; i++)
        done = bar_companion(asking, at, sw_companions[i]);
    return done;
}

static bool bar_all(struct asking *asking)
{
    const struct sw_catalog *catalog = asking->stack->catalog;
    bool done = true;
    for (size_t i = 0; done && i < sw_node_count(catalog->torch); i++)
        done = bar_release(asking, i);
    for (size_t i = 0; done && i < sw_node_count(catalog->companions); i++)
        done = bar_built(asking, sw_node_item(catalog->companions, i));
    return done;
}

/* -- requirements ----------------------------------------------------------------------------------------------- */

/* The release of a requirement without a version that the plan installs: a companion comes from torch's own index, in the release that
 * is built for that torch. NULL if the plan leaves the release open. */
static const char *planned_release(const struct sw_stack *stack, const struct sw_pin *pin)
{
    const struct sw_node *installs = stack->input->plan->parts.installs;
    const char *release = NULL;
    for (size_t i = 0; i < sw_node_count(installs) && release == NULL && pin->requirement.url.n == 0; i++) {
        const struct sw_node *found =
            sw_requirement_find(sw_node_get(sw_node_item(installs, i), "packages"), pin->project);
        release = found == NULL ? NULL : sw_requirement_pin(stack->b.arena, sw_node_str(found));
    }
    return release;
}

/* Hold a requirement to the release that its pin or the plan names. The default index has torch's own builds without their local
 * version: 2.8.0+cu128 is its 2.8.0. */
static bool hold(struct sw_requirement *requirement, const struct sw_candidates *candidates,
                 const struct sw_pin *pin)
{
    struct sw_stack *stack = candidates->stack;
    bool open = pin->version == NULL && requirement->specifiers.count == 0 && !pin->is_constraint;
    const char *version = open ? planned_release(stack, pin) : pin->version;
    if (version == NULL || (!open && strstr(version, "+cu") == NULL))
        return true;
    if (!sw_candidates_have_own_index(candidates, pin->project))
        version = sw_stack_public(stack, version);
    const char *exact = sw_arena_format(stack->b.arena, "==%s", version);
    return exact != NULL &&
           sw_specifier_set_parse(&requirement->specifiers, stack->b.arena, sw_str_from(exact), NULL) == 0;
}

/* The kinds of statements that a question has. */
enum kind { ROOTS, CONSTRAINTS, OVERRIDES, KINDS };

static enum kind kind_of(const struct sw_pin *pin)
{
    return pin->is_override ? OVERRIDES : pin->is_constraint ? CONSTRAINTS : ROOTS;
}

/* The requirements, constraints and overrides of the profile, and its key `torch`. */
static bool add_pins(struct sw_closed_set *set, const struct sw_candidates *candidates)
{
    const struct sw_stack *stack = candidates->stack;
    struct sw_arena *arena = stack->b.arena;
    size_t most = stack->pin_count + 1;
    struct sw_requirement *requirements[KINDS];
    const struct sw_pin **pins[KINDS];
    size_t counts[KINDS] = {0};
    const struct sw_pin *torch = sw_candidates_torch(candidates);
    for (size_t i = 0; i < KINDS; i++) {
        requirements[i] = sw_arena_array(arena, most, sizeof **requirements);
        pins[i] = sw_arena_array(arena, most, sizeof **pins);
        if (requirements[i] == NULL || pins[i] == NULL)
            return false;
    }
    for (size_t i = 0; i < most; i++) {
        const struct sw_pin *pin = i < stack->pin_count ? &stack->pins[i] : torch;
        if (pin == NULL || (i < stack->pin_count && torch != NULL && !pin->is_constraint &&
                            strcmp(pin->project, "torch") == 0))
            continue; /* the key `torch` stands for it */
        enum kind kind = kind_of(pin);
        struct sw_requirement *own = &requirements[kind][counts[kind]];
        *own = pin->requirement;
        if (!hold(own, candidates, pin))
            return false;
        pins[kind][counts[kind]++] = pin;
    }
    set->question.roots = requirements[ROOTS];
    set->question.root_count = counts[ROOTS];
    set->question.constraints = requirements[CONSTRAINTS];
    set->question.constraint_count = counts[CONSTRAINTS];
    set->question.overrides = requirements[OVERRIDES];
    set->question.override_count = counts[OVERRIDES];
    set->roots = pins[ROOTS];
    set->constraints = pins[CONSTRAINTS];
    set->overrides = pins[OVERRIDES];
    return true;
}

unsigned sw_closed_set_last_install(const struct sw_closed_set *set)
{
    unsigned last = 0;
    for (size_t i = 0; i < set->question.root_count; i++)
        last = set->roots[i]->install > last ? set->roots[i]->install : last;
    return last;
}

bool sw_closed_set_take_install(struct sw_resolve_input *question, const struct sw_closed_set *set,
                                struct sw_arena *arena, unsigned install)
{
    const struct sw_resolve_input *all = &set->question;
    struct sw_requirement *roots = sw_arena_array(arena, all->root_count + 1, sizeof *roots);
    question->root_count = 0;
    for (size_t i = 0; roots != NULL && i < all->root_count; i++) {
        if (set->roots[i]->install == install)
            roots[question->root_count++] = all->roots[i];
    }
    question->roots = roots;
    return roots != NULL;
}

int sw_closed_set_ask(struct sw_closed_set *out, struct sw_candidates *candidates, struct sw_error *error)
{
    /* These come with a build of torch, in other releases for each CUDA, and are on the default index for one CUDA. */
    static const char *const cuda_parts[] = {"nvidia-", "cuda-"};
    struct sw_stack *stack = candidates->stack;
    struct asking asking = {.stack = stack, .own_torch = sw_candidates_have_own_index(candidates, "torch")};
    struct sw_closed_set set = {.question = {.index = candidates->index,
                                             .tags = candidates->tags,
                                             .python = candidates->python,
                                             .environment = candidates->environment}};
    if (!add_pins(&set, candidates) || !bar_all(&asking))
        return sw_fail_memory(error);
    const char *usual = sw_node_text(sw_node_get(stack->torch.row, "default"), "");
    if (stack->torch.cuda != NULL && strcmp(stack->torch.cuda, usual) != 0 && !asking.own_torch) {
        set.question.left_out = cuda_parts;
        set.question.left_out_count = SW_COUNT(cuda_parts);
    }
    set.question.ignore_python_ends =
        strcmp(sw_node_text(stack->input->plan->parts.installer, ""), "uv") == 0;
    set.question.bars = asking.bars;
    set.question.bar_count = asking.count;
    set.bars = asking.known;
    *out = set;
    return 0;
}
