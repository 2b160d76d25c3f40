/* A draft as a profile in memory, whose values have the places of the files of others. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "python/name.h"

/* The tree on its way. */
struct found {
    struct sw_builder b;
    struct sw_draft *draft;
};

static struct sw_node *at(const struct found *found, struct sw_node *node, struct draft_place place)
{
    bool is_known = place.file != NULL && place.line > 0;
    return sw_build_at(node, is_known ? place.file : found->draft->source, is_known ? place.line : 1,
                       is_known && place.column > 0 ? place.column : 1);
}

static struct sw_node *text_at(struct found *found, const char *text, struct draft_place place)
{
    return at(found, sw_build_text(&found->b, text), place);
}

static struct sw_node *items_of(struct found *found, enum draft_list list)
{
    const struct draft_items *items = &found->draft->lists[list];
    struct sw_node *node = sw_build_list(&found->b);
    for (size_t i = 0; i < items->count; i++)
        sw_build_append(&found->b, node, text_at(found, items->items[i].text, items->items[i].place));
    return items->count == 0 ? NULL : node;
}

static struct sw_node *torch_of(struct found *found)
{
    const struct sw_draft *draft = found->draft;
    struct sw_node *torch = sw_build_map(&found->b);
    if (draft->torch == NULL)
        return NULL;
    sw_build_set(&found->b, torch, "version", text_at(found, draft->torch, draft->torch_place));
    sw_build_set(&found->b, torch, "cuda", text_at(found, draft->cuda, draft->torch_place));
    return at(found, torch, draft->torch_place);
}

/* The row of an index, with its projects; `place` is that of the first. */
static struct sw_node *index_row(struct found *found, const char *url, struct draft_place place)
{
    const struct sw_draft *draft = found->draft;
    const struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_node *row = sw_build_map(&found->b), *projects = sw_build_list(&found->b);
    if (draft->torch_index != NULL && strcmp(draft->torch_index, url) == 0)
        sw_build_append(&found->b, projects, text_at(found, "torch", draft->torch_place));
    for (size_t i = 0; i < items->count; i++) {
        const struct draft_item *item = &items->items[i];
        if (item->index != NULL && strcmp(item->index, url) == 0)
            sw_build_append(&found->b, projects, text_at(found, item->project, item->place));
    }
    sw_build_set(&found->b, row, "url", text_at(found, url, place));
    sw_build_set(&found->b, row, "for", projects);
    return at(found, row, place);
}

static bool has_index(const struct sw_node *list, const char *url)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_str_is(sw_node_str(sw_node_get(sw_node_item(list, i), "url")), url))
            return true;
    }
    return false;
}

static struct sw_node *indexes_of(struct found *found)
{
    const struct sw_draft *draft = found->draft;
    const struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_node *list = sw_build_list(&found->b);
    if (draft->torch_index != NULL)
        sw_build_append(&found->b, list, index_row(found, draft->torch_index, draft->torch_place));
    for (size_t i = 0; i < items->count; i++) {
        const struct draft_item *item = &items->items[i];
        if (item->index != NULL && !has_index(list, item->index))
            sw_build_append(&found->b, list, index_row(found, item->index, item->place));
    }
    return sw_node_count(list) == 0 ? NULL : list;
}

static struct sw_node *environment_of(struct found *found)
{
    const struct draft_pairs *pairs = &found->draft->environment;
    struct sw_node *map = sw_build_map(&found->b);
    for (size_t i = 0; i < pairs->count; i++)
        sw_build_set(&found->b, map, pairs->items[i].first,
                     text_at(found, pairs->items[i].second, pairs->items[i].place));
    return pairs->count == 0 ? NULL : map;
}

static void set(struct found *found, struct sw_node *root, const char *key, const struct sw_node *value)
{
    if (value != NULL)
        sw_build_set(&found->b, root, key, value);
}

static struct sw_node *tree_of(struct found *found)
{
    struct sw_draft *draft = found->draft;
    const struct draft_place top = {draft->source, 1, 1};
    struct sw_node *root = sw_build_map(&found->b);
    const char *python = draft->python == NULL ? draft->usual_python : draft->python;
    set(found, root, "name", text_at(found, draft->name, top));
    set(found, root, "accelerators", items_of(found, DRAFT_ACCELERATORS));
    if (draft->driver != NULL)
        set(found, root, "driver", text_at(found, draft->driver, top));
    set(found, root, "python_version", text_at(found, python, draft->python_place));
    if (draft->base != NULL)
        set(found, root, "base_image", text_at(found, draft->base, draft->base_place));
    set(found, root, "torch", torch_of(found));
    set(found, root, "requirements", items_of(found, DRAFT_REQUIREMENTS));
    set(found, root, "constraints", items_of(found, DRAFT_CONSTRAINTS));
    set(found, root, "overrides", items_of(found, DRAFT_OVERRIDES));
    set(found, root, "indexes", indexes_of(found));
    set(found, root, "environment", environment_of(found));
    set(found, root, "steps", items_of(found, DRAFT_STEPS));
    if (draft->judged)
        set(found, root, "system_packages", items_of(found, DRAFT_PACKAGES));
    return at(found, root, top);
}

/* The commands that install the requirements; NULL if one command installs all. */
static bool read_installs(struct sw_profile *profile, const struct sw_draft *draft)
{
    const struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    unsigned *installs = sw_arena_array(&profile->arena, items->count + 1, sizeof *installs);
    bool several = items->count > 0 && items->items[0].install == 0;
    for (size_t i = 0; installs != NULL && i < items->count; i++) {
        installs[i] = items->items[i].install;
        several = several || installs[i] != installs[0] ||
                  (draft->torch != NULL && installs[i] != draft->torch_install);
    }
    profile->installs = several ? installs : NULL;
    profile->torch_install = draft->torch_install;
    if (draft->torch != NULL && draft->torch == draft->base_torch) {
        profile->base_torch = sw_arena_text(&profile->arena, draft->base_torch);
        profile->base_companions = draft->base_companions;
    }
    profile->has_unread_index = draft->has_unread_index || draft->has_links;
    profile->guesses_python = draft->python == NULL;
    profile->keeps_numpy = draft->base_torch != NULL || draft->conda_torch;
    return installs != NULL;
}

/* Copy the commands that do not isolate builds; false without memory. */
static bool copy_unisolated(struct sw_profile *profile, const struct sw_draft *draft)
{
    struct sw_unisolated *rows = sw_arena_array(&profile->arena, draft->unisolated_count + 1, sizeof *rows);
    bool whole = rows != NULL;
    for (size_t i = 0; whole && i < draft->unisolated_count; i++) {
        const struct sw_unisolated *row = &draft->unisolated[i];
        rows[i].install = row->install;
        rows[i].project =
            row->project == NULL ? NULL : sw_name_normalized(&profile->arena, sw_str_from(row->project));
        whole = row->project == NULL || rows[i].project != NULL;
    }
    profile->unisolated = rows;
    profile->unisolated_count = whole ? draft->unisolated_count : 0;
    return whole;
}

/* Report the parts that were not judged and that may change the installed set. */
static void report_unjudged(const struct sw_draft *draft, struct sw_findings *findings)
{
    for (size_t i = 0; i < draft->left_count; i++) {
        const struct sw_draft_left *left = &draft->left[i];
        if (!left->is_unjudged)
            continue;
        struct sw_finding *finding =
            sw_findings_add(findings, "SW403", SW_NOTE, "not judged: '%s': %s", left->text, left->why);
        sw_finding_place(findings, finding, left->file, left->line == 0 ? 1 : left->line, 1);
    }
    for (size_t i = 0; i < draft->fault_count; i++) {
        const struct draft_fault *fault = &draft->faults[i];
        struct sw_finding *finding =
            sw_findings_add(findings, "SW102", fault->severity, "%s", fault->message);
        sw_finding_place(findings, finding, fault->place.file, fault->place.line, fault->place.column);
        sw_finding_hint(findings, finding, "%s", fault->hint);
    }
    bool has_gpu = draft->lists[DRAFT_ACCELERATORS].count > 0;
    if (!has_gpu) {
        struct sw_finding *finding =
            sw_findings_add(findings, "SW403", SW_NOTE,
                            "not judged: no GPU is named, so that torch's code is held against none");
        sw_finding_place(findings, finding, draft->source, 1, 1);
        sw_finding_hint(findings, finding,
                        "name the GPUs that it runs on: --gpu rtx-4090; 'slipway gpus' lists them");
    }
    if (draft->python == NULL) {
        struct sw_finding *finding =
            sw_findings_add(findings, "SW403", SW_NOTE,
                            "no file says which Python; it is judged for Python %s", draft->usual_python);
        sw_finding_place(findings, finding, draft->source, 1, 1);
        sw_finding_hint(findings, finding, "name it with --python");
    }
}

int sw_draft_profile(struct sw_profile *profile, struct sw_draft *draft, struct sw_findings *findings,
                     struct sw_error *error)
{
    draft_settle_torch(draft);
    int code = draft_check(draft, error);
    if (code != 0)
        return code;
    struct sw_profile made = {.is_found = true};
    sw_arena_init(&made.arena, SW_MAX_ARENA);
    struct found found = {.b = {.arena = &made.arena}, .draft = draft};
    made.root = tree_of(&found);
    made.path = sw_arena_text(&made.arena, draft->source);
    made.name = sw_arena_text(&made.arena, draft->name);
    if (draft->gpuless != NULL)
        made.gpuless = text_at(&found, draft->gpuless, draft->gpuless_place);
    if (!read_installs(&made, draft) || !copy_unisolated(&made, draft) || found.b.failed ||
        made.path == NULL || made.name == NULL) {
        sw_arena_release(&made.arena);
        return sw_fail_memory(error);
    }
    report_unjudged(draft, findings);
    *profile = made;
    return 0;
}
