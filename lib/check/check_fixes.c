/* The fixes that move a pin, after all findings about it are known: a fix has to satisfy all of them. Each
 * release that a fix allows is tried by the checks that need no index; a release that fails again is excluded. */
#include "check/check_internal.h"

#include "base/limits.h"

/* A pin with fixes, and the fixes of the findings about it. */
struct moved {
    struct sw_stack *stack;
    const struct sw_pin *pin;
    /* The requirements that the fixes set. */
    struct sw_requirement *wanted;
    size_t count;
};

static bool moves(const struct sw_finding *finding, const struct sw_pin *pin)
{
    return finding->fix_count == 1 && finding->fix[0].op == SW_EDIT_SET &&
           strcmp(finding->fix[0].path, pin->path) == 0;
}

static int read_fixes(struct moved *moved)
{
    struct sw_stack *stack = moved->stack;
    moved->wanted = sw_arena_array(stack->b.arena, stack->findings->count + 1, sizeof *moved->wanted);
    for (size_t i = 0; moved->wanted != NULL && i < stack->findings->count; i++) {
        const struct sw_finding *finding = stack->findings->items[i];
        if (moves(finding, moved->pin) && sw_requirement_parse(&moved->wanted[moved->count], stack->b.arena,
                                                               sw_str_from(finding->fix[0].value), NULL) == 0)
            moved->count++;
    }
    return moved->wanted == NULL ? SW_EENV : 0;
}

/* ---- releases that may be pinned, newest first ---- */

static int by_age(const void *a, const void *b)
{
    return -sw_catalog_compare(*(const char *const *)a, *(const char *const *)b);
}

static void add_release(const char **releases, size_t *count, const char *version)
{
    for (size_t i = 0; i < *count; i++) {
        if (sw_catalog_compare(releases[i], version) == 0)
            return;
    }
    if (*count < SW_MAX_CHECK_CANDIDATES)
        releases[(*count)++] = version;
}

/* The index's releases, newest first as they come; without an index those of the catalog. */
static const char **find_releases(size_t *count, const struct moved *moved,
                                  const struct sw_candidates *candidates)
{
    struct sw_stack *stack = moved->stack;
    const struct sw_candidate_list *list =
        candidates == NULL ? NULL : sw_candidates_list(candidates, moved->pin->project);
    const char **releases = sw_arena_array(stack->b.arena, SW_MAX_CHECK_CANDIDATES, sizeof *releases);
    *count = 0;
    for (size_t i = 0;
         releases != NULL && list != NULL && list->page != NULL && i < list->page->release_count; i++) {
        const struct sw_index_release *release = &list->page->releases[i];
        struct sw_version version = release->version;
        const struct sw_index_file *file = NULL;
        const char *text = sw_version_normalized(stack->b.arena, &version);
        if (text != NULL && !release->yanked && !sw_version_is_prerelease(&version) &&
            sw_candidates_usable(candidates, release, &file))
            add_release(releases, count, text);
    }
    const struct sw_node *rows =
        strcmp(moved->pin->project, "bitsandbytes") == 0 ? stack->catalog->bitsandbytes : NULL;
    for (size_t i = 0; releases != NULL && *count == 0 && i < sw_node_count(rows); i++)
        releases[i] = sw_node_text(sw_node_get(sw_node_item(rows, i), "version"), "");
    if (releases != NULL && *count == 0)
        *count = sw_node_count(rows);
    if (*count > 1)
        qsort(releases, *count, sizeof *releases, by_age);
    return releases;
}

/* ---- trying one ---- */

static bool is_at(const struct sw_finding *finding, const struct sw_node *at)
{
    return finding->severity == SW_ERROR && finding->file != NULL && sw_node_file(at) != NULL &&
           strcmp(finding->file, sw_node_file(at)) == 0 && finding->line == sw_node_line(at) &&
           finding->column == sw_node_column(at);
}

/* Return true if the checks have nothing to say about the pin of this release. */
static bool passes(const struct moved *moved, const char *release)
{
    struct sw_stack stack = *moved->stack;
    struct sw_version version;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    stack.findings = &findings;
    stack.trial = true;
    stack.member_count = 0; /* another release brings other members */
    stack.pins = sw_arena_array(stack.b.arena, stack.pin_count, sizeof *stack.pins);
    const char *text = sw_arena_format(stack.b.arena, "%s==%s", moved->pin->project, release);
    if (stack.pins == NULL || text == NULL || sw_version_parse(&version, sw_str_from(release), NULL) != 0)
        return false;
    for (size_t i = 0; i < moved->count; i++) {
        if (!sw_specifier_set_contains(&moved->wanted[i].specifiers, &version, SW_PRERELEASES_ALLOW))
            return false;
    }
    memcpy(stack.pins, moved->stack->pins, stack.pin_count * sizeof *stack.pins);
    struct sw_pin *pin = &stack.pins[moved->pin - moved->stack->pins];
    pin->version = release;
    if (sw_requirement_parse(&pin->requirement, stack.b.arena, sw_str_from(text), NULL) != 0)
        return false;
    sw_check_catalog(&stack);
    bool good = true;
    for (size_t i = 0; i < findings.count; i++)
        good = good && !is_at(findings.items[i], pin->at);
    return good;
}

/* Return true if the fix allows a release that fails again. */
static bool allows_failing(const struct sw_requirement *wanted, const char *const *releases, const bool *good,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sw_version version;
        if (!good[i] && sw_version_parse(&version, sw_str_from(releases[i]), NULL) == 0 &&
            sw_specifier_set_contains(&wanted->specifiers, &version, SW_PRERELEASES_ALLOW))
            return true;
    }
    return false;
}

/* Set all fixes of the pin to the newest releases that pass one after the other, if one of the fixes allows a
 * release that fails again. */
static void agree(struct moved *moved, const struct sw_candidates *candidates)
{
    struct sw_stack *stack = moved->stack;
    size_t count = 0, first = 0, end = 0;
    const char **releases = find_releases(&count, moved, candidates);
    bool *good = sw_arena_array(stack->b.arena, count + 1, sizeof *good), failing = false;
    if (releases == NULL || good == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        good[i] = passes(moved, releases[i]);
    for (size_t i = 0; i < moved->count; i++)
        failing = failing || allows_failing(&moved->wanted[i], releases, good, count);
    while (first < count && !good[first])
        first++;
    for (end = first; end < count && good[end]; end++)
        continue;
    if (!failing || first == count || end == SW_MAX_CHECK_CANDIDATES)
        return;
    const char *upper = first == 0 ? "" : sw_arena_format(stack->b.arena, ",<=%s", releases[first]);
    const char *value = sw_arena_format(stack->b.arena, "%s>=%s%s", moved->pin->project, releases[end - 1],
                                        upper == NULL ? "" : upper);
    for (size_t i = 0; value != NULL && i < stack->findings->count; i++) {
        struct sw_finding *finding = stack->findings->items[i];
        if (!moves(finding, moved->pin) || strcmp(finding->fix[0].value, value) == 0)
            continue;
        finding->fix_count = 0;
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, moved->pin->path, value);
        sw_finding_hint(stack->findings, finding, "%s has none of the faults that are told of %s %s", value,
                        moved->pin->project, moved->pin->version);
    }
}

void sw_check_fixes(struct sw_stack *stack, const struct sw_candidates *candidates)
{
    for (size_t i = 0; i < stack->pin_count; i++) {
        struct moved moved = {.stack = stack, .pin = &stack->pins[i]};
        if (moved.pin->version != NULL && !moved.pin->is_constraint && read_fixes(&moved) == 0 &&
            moved.count > 0)
            agree(&moved, candidates);
    }
}
