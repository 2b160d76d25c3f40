#include "check/wheel_set_internal.h"

#include "base/limits.h"
#include "check/closure_internal.h"

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

/* ---- files ---- */

static const struct sw_index_file *file_of(const struct sw_wheel_set *set,
                                           const struct sw_resolved_package *package, enum sw_index_kind kind)
{
    const struct sw_resolved_file *file = &package->file;
    struct sw_index_file *copy = sw_arena_alloc(arena_of(set), sizeof *copy);
    if (copy == NULL) {
        set->candidates->stack->b.failed = true;
        return NULL;
    }
    *copy = (struct sw_index_file){.kind = kind,
                                   .name = file->name,
                                   .url = file->url,
                                   .sha256 = file->sha256,
                                   .uploaded = file->uploaded,
                                   .size = file->size};
    struct sw_version version;
    if (sw_version_parse(&version, sw_str_from(package->version), NULL) == 0)
        copy->version = version;
    return copy;
}

static void take(struct sw_wheel_set *set, const struct sw_closure *closure)
{
    const struct sw_resolution *found = &closure->taken.resolution;
    set->items = sw_arena_array(arena_of(set), found->package_count + 1, sizeof *set->items);
    for (size_t i = 0; set->items != NULL && i < found->package_count; i++) {
        const struct sw_resolved_package *package = &found->packages[i];
        bool wheel = package->file.kind == SW_RESOLVED_WHEEL || package->file.kind == SW_RESOLVED_URL_WHEEL;
        bool source = package->file.kind == SW_RESOLVED_SDIST;
        if (closure->pins[i] == NULL)
            continue;
        set->items[set->count++] =
            (struct sw_set_wheel){.project = package->name,
                                  .version = package->version,
                                  .pin = closure->pins[i],
                                  .by = closure->by[i],
                                  .file = wheel ? file_of(set, package, SW_INDEX_WHEEL) : NULL,
                                  .source = source ? file_of(set, package, SW_INDEX_SDIST) : NULL,
                                  .known = package->known,
                                  .index = package->file.index};
        if (wheel && !package->known)
            set->open = sw_arena_format(arena_of(set), "the requirements of %s are not known", package->name);
    }
    set->candidates->stack->b.failed = set->candidates->stack->b.failed || set->items == NULL;
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
                                                         .source = file->kind == SW_INDEX_SDIST ? file : NULL,
                                                         .known = list->candidates[0].problem == NULL,
                                                         .index = list->page->index};
    }
    set->candidates->stack->b.failed = set->candidates->stack->b.failed || set->items == NULL;
}

void sw_wheel_set_read(struct sw_wheel_set *set, struct sw_candidates *candidates)
{
    *set = (struct sw_wheel_set){.candidates = candidates};
    if (candidates->closure->taken.found) {
        take(set, candidates->closure);
        return;
    }
    set->open = "no set of releases is known for the requirements";
    take_certain(set);
}
