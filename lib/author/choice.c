#include "author/choice_internal.h"

#include "base/limits.h"
#include "check/asked_stack.h"

static void add(struct sw_choice *choice, struct sw_arena *arena, struct sw_str version)
{
    const char *text = sw_arena_copy(arena, version);
    if (choice->versions != NULL && text != NULL && choice->count < SW_MAX_CHOICE_RELEASES)
        choice->versions[choice->count++] = text;
}

static bool allows(const struct sw_pin *pin, const char *text)
{
    struct sw_version version;
    return sw_version_parse(&version, sw_str_from(text), NULL) == 0 &&
           sw_specifier_set_contains(&pin->requirement.specifiers, &version, SW_PRERELEASES_ALLOW);
}

/* Add the releases of bitsandbytes that the catalog knows, if the index was not asked. */
static void add_known(struct sw_choice *choice, struct sw_arena *arena, const struct sw_stack *stack,
                      const struct sw_pin *pin)
{
    const struct sw_node *rows = stack->catalog->bitsandbytes;
    for (size_t i = sw_node_count(rows); i-- > 0;) {
        const char *version = sw_node_text(sw_node_get(sw_node_item(rows, i), "version"), "");
        if (allows(pin, version))
            add(choice, arena, sw_str_from(version));
    }
}

static void add_offered(struct sw_choice *choice, struct sw_arena *arena, const struct sw_stack *stack,
                        const struct sw_candidate_list *list)
{
    const struct sw_node *known =
        strcmp(list->project, "bitsandbytes") == 0 ? stack->catalog->bitsandbytes : NULL;
    for (size_t i = list->chosen; i < list->candidate_count; i++) {
        struct sw_str version = list->candidates[i].release->version.text;
        const char *text = sw_arena_copy(stack->b.arena, version);
        if (known == NULL || (text != NULL && sw_catalog_row(known, "version", text) != NULL))
            add(choice, arena, version);
    }
}

static void find(struct sw_choice *choice, struct sw_arena *arena, const struct sw_stack *stack,
                 const struct sw_candidates *candidates, const struct sw_pin *pin)
{
    const char *companion = sw_stack_companion(stack, pin->project);
    const struct sw_candidate_list *list =
        candidates == NULL ? NULL : sw_candidates_list(candidates, pin->project);
    choice->versions = sw_arena_array(arena, SW_MAX_CHOICE_RELEASES, sizeof *choice->versions);
    if (pin->requirement.url.n > 0)
        return;
    if (companion != NULL && allows(pin, companion))
        add(choice, arena, sw_str_from(companion));
    else if (list != NULL && list->page != NULL)
        add_offered(choice, arena, stack, list);
    else if (strcmp(pin->project, "bitsandbytes") == 0)
        add_known(choice, arena, stack, pin);
}

static int find_all(struct sw_choice **choices, size_t *count, struct sw_arena *arena,
                    const struct sw_stack *stack, const struct sw_candidates *candidates,
                    struct sw_error *error)
{
    struct sw_choice *found = sw_arena_array(arena, stack->pin_count + 1, sizeof *found);
    size_t n = 0;
    for (size_t i = 0; found != NULL && i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        if (pin->is_constraint)
            continue;
        found[n].project = sw_arena_text(arena, pin->project);
        find(&found[n], arena, stack, candidates, pin);
        if (found[n].project == NULL || found[n].versions == NULL)
            return sw_fail_memory(error);
        n++;
    }
    if (found == NULL || stack->b.failed)
        return sw_fail_memory(error);
    *choices = found;
    *count = n;
    return 0;
}

int sw_choices_find(struct sw_choice **choices, size_t *count, struct sw_arena *arena,
                    const struct sw_check_input *input, struct sw_error *error)
{
    struct sw_asked_stack asked;
    int code = sw_asked_stack_open(&asked, input, error);
    if (code == 0)
        code = find_all(choices, count, arena, &asked.stack, input->index == NULL ? NULL : &asked.candidates,
                        error);
    return sw_asked_stack_close(&asked, code, error);
}
