/* A draft as the YAML of a profile. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "profile/values.h"
#include "template/shipped.h"

/* The items of a list; a step in the image's working directory needs no `cd` to it. */
static struct sw_node *items_node(struct sw_builder *b, const struct draft_items *items, const char *workdir)
{
    struct sw_node *map = sw_build_map(b), *list = sw_build_list(b);
    for (size_t i = 0; i < items->count; i++) {
        struct sw_node *row = sw_build_map(b);
        const struct draft_item *item = &items->items[i];
        bool is_there = item->folder != NULL && strcmp(item->folder, workdir == NULL ? "/" : workdir) == 0;
        sw_build_set(b, row, "text",
                     sw_build_text(b, item->pin != NULL ? item->pin
                                      : is_there        ? item->bare
                                                        : item->text));
        sw_build_set(b, row, "note", sw_build_text(b, items->items[i].note));
        sw_build_append(b, list, row);
    }
    sw_build_set(b, map, "items", list);
    return items->count == 0 ? sw_build_null(b) : map;
}

static struct sw_node *pairs_node(struct sw_builder *b, const struct draft_pairs *pairs)
{
    struct sw_node *map = sw_build_map(b), *list = sw_build_list(b);
    for (size_t i = 0; i < pairs->count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "first", sw_build_text(b, pairs->items[i].first));
        sw_build_set(b, row, "second", sw_build_text(b, pairs->items[i].second));
        sw_build_append(b, list, row);
    }
    sw_build_set(b, map, "items", list);
    return pairs->count == 0 ? sw_build_null(b) : map;
}

/* The names of the projects that come from `url`. */
static struct sw_node *projects_of(struct sw_builder *b, const struct sw_draft *draft, const char *url)
{
    const struct draft_items *requirements = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_node *projects = sw_build_list(b);
    if (draft->torch_index != NULL && strcmp(draft->torch_index, url) == 0)
        sw_build_append(b, projects, sw_build_text(b, "torch"));
    for (size_t i = 0; i < requirements->count; i++) {
        struct sw_requirement parsed;
        const struct draft_item *item = &requirements->items[i];
        if (item->index != NULL && strcmp(item->index, url) == 0 &&
            sw_requirement_parse(&parsed, b->arena, sw_str_from(item->text), NULL) == 0)
            sw_build_append(b, projects, sw_build_str(b, parsed.name));
    }
    return projects;
}

static void add_index(struct sw_builder *b, struct sw_node *list, const struct sw_draft *draft,
                      const char *url)
{
    if (url == NULL)
        return;
    for (size_t i = 0; i < sw_node_count(list); i++)
        if (sw_str_is(sw_node_str(sw_node_get(sw_node_item(list, i), "url")), url))
            return;
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "url", sw_build_text(b, url));
    sw_build_set(b, row, "projects", projects_of(b, draft, url));
    sw_build_append(b, list, row);
}

static struct sw_node *indexes_node(struct sw_builder *b, const struct sw_draft *draft)
{
    const struct draft_items *requirements = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_node *map = sw_build_map(b), *list = sw_build_list(b);
    add_index(b, list, draft, draft->torch_index);
    for (size_t i = 0; i < requirements->count; i++)
        add_index(b, list, draft, requirements->items[i].index);
    sw_build_set(b, map, "items", list);
    return sw_node_count(list) == 0 ? sw_build_null(b) : map;
}

static struct sw_node *torch_node(struct sw_builder *b, const struct sw_draft *draft)
{
    struct sw_node *torch = sw_build_map(b);
    sw_build_set(b, torch, "version", sw_build_text(b, draft->torch));
    sw_build_set(b, torch, "cuda", sw_build_text(b, draft->cuda));
    return draft->torch == NULL ? sw_build_null(b) : torch;
}

static struct sw_node *view_of(struct sw_builder *b, const struct sw_draft *draft,
                               const struct sw_draft_form *form)
{
    static const struct {
        const char *key;
        enum draft_list list;
    } lists[] = {{"accelerators", DRAFT_ACCELERATORS}, {"requirements", DRAFT_REQUIREMENTS},
                 {"constraints", DRAFT_CONSTRAINTS},   {"overrides", DRAFT_OVERRIDES},
                 {"packages", DRAFT_PACKAGES},         {"steps", DRAFT_STEPS},
                 {"entrypoint", DRAFT_ENTRYPOINT},     {"command", DRAFT_COMMAND},
                 {"secrets", DRAFT_SECRETS},           {"ports", DRAFT_PORTS},
                 {"volumes", DRAFT_VOLUMES},           {"user", DRAFT_USER},
                 {"stop_signal", DRAFT_STOP_SIGNAL},   {"shell", DRAFT_SHELL},
                 {"healthcheck", DRAFT_HEALTHCHECK}};
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "name", sw_build_text(b, draft->name));
    sw_build_set(b, view, "by", sw_build_text(b, form->by));
    sw_build_set(b, view, "source",
                 sw_build_text(b, draft->source == NULL ? NULL : sw_path_base(draft->source)));
    sw_build_set(b, view, "description", sw_build_text(b, draft->description));
    sw_build_set(b, view, "python",
                 sw_build_text(b, draft->python == NULL ? draft->usual_python : draft->python));
    sw_build_set(b, view, "python_note",
                 sw_build_text(b, draft->python == NULL ? "DECIDE: nothing said which" : NULL));
    sw_build_set(b, view, "driver", sw_build_text(b, draft->driver));
    sw_build_set(b, view, "base", sw_build_text(b, draft->base));
    sw_build_set(b, view, "torch", torch_node(b, draft));
    sw_build_set(b, view, "context", sw_build_text(b, form->context));
    sw_build_set(b, view, "indexes", indexes_node(b, draft));
    sw_build_set(b, view, "environment", pairs_node(b, &draft->environment));
    sw_build_set(b, view, "copies", pairs_node(b, &draft->copies));
    sw_build_set(b, view, "labels", pairs_node(b, &draft->labels));
    sw_build_set(b, view, "health_options", pairs_node(b, &draft->health_options));
    sw_build_set(b, view, "workdir", sw_build_text(b, draft->workdir));
    sw_build_set(b, view, "entrypoint_is_none", sw_build_bool(b, draft->entrypoint_is_none));
    sw_build_set(b, view, "health_is_text", sw_build_bool(b, draft->health_is_text));
    sw_build_set(b, view, "health_is_none", sw_build_bool(b, draft->health_is_none));
    sw_build_set(b, view, "assertions", pairs_node(b, &draft->assertions));
    for (size_t i = 0; i < SW_COUNT(lists); i++)
        sw_build_set(b, view, lists[i].key, items_node(b, &draft->lists[lists[i].list], draft->workdir));
    return view;
}

int sw_draft_write(struct sw_buffer *out, struct sw_draft *draft, const struct sw_draft_form *form,
                   struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    draft_settle_torch(draft);
    struct sw_node *view = view_of(&b, draft, form);
    int code = draft_check(draft, error);
    if (code == 0 && b.failed)
        code = sw_fail_memory(error);
    if (code != 0)
        return code;
    return sw_template_render_shipped(out, &arena, form->project, "templates/profile.yaml", view, error);
}

/* ---- a Dockerfile as it is ---- */

/* The build arguments; the latest of a name counts. */
static struct sw_node *arguments_node(struct sw_builder *b, const struct sw_draft *draft)
{
    struct draft_pairs latest = {sw_arena_array(b->arena, draft->arguments.count + 1, sizeof *latest.items),
                                 0};
    b->failed = b->failed || latest.items == NULL;
    for (size_t i = 0; !b->failed && i < draft->arguments.count; i++) {
        size_t at = 0;
        while (at < latest.count && strcmp(latest.items[at].first, draft->arguments.items[i].first) != 0)
            at++;
        latest.items[at] = draft->arguments.items[i];
        latest.count += at == latest.count;
    }
    return pairs_node(b, &latest);
}

static struct sw_node *wrapped_view(struct sw_builder *b, const struct sw_draft *draft,
                                    const struct sw_draft_form *form)
{
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "name", sw_build_text(b, draft->name));
    sw_build_set(b, view, "by", sw_build_text(b, form->by));
    sw_build_set(b, view, "source", sw_build_text(b, sw_path_base(draft->source)));
    sw_build_set(b, view, "description", sw_build_text(b, draft->description));
    sw_build_set(b, view, "driver", sw_build_text(b, draft->driver));
    sw_build_set(b, view, "path", sw_build_text(b, form->dockerfile));
    sw_build_set(b, view, "context", sw_build_text(b, form->context));
    sw_build_set(b, view, "target", sw_build_text(b, draft->target));
    sw_build_set(b, view, "arguments", arguments_node(b, draft));
    sw_build_set(b, view, "accelerators", items_node(b, &draft->lists[DRAFT_ACCELERATORS], NULL));
    return view;
}

/* SW_EINPUT if a path of the form, which may have any name, is none that a profile can name. */
static int check_paths(const struct sw_draft_form *form, struct sw_error *error)
{
    const char *const paths[] = {form->dockerfile, form->context};
    for (size_t i = 0; i < SW_COUNT(paths); i++) {
        const char *wrong = paths[i] == NULL ? NULL : sw_value_line(sw_str_from(paths[i]));
        if (wrong != NULL)
            return sw_fail(error, SW_EINPUT, "a profile cannot name '%s': it %s", paths[i], wrong);
    }
    return 0;
}

int sw_draft_write_wrapped(struct sw_buffer *out, const struct sw_draft *draft,
                           const struct sw_draft_form *form, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *view = wrapped_view(&b, draft, form);
    int code = draft_check(draft, error);
    if (code == 0)
        code = check_paths(form, error);
    if (code == 0 && b.failed)
        code = sw_fail_memory(error);
    if (code != 0)
        return code;
    return sw_template_render_shipped(out, &arena, form->project, "templates/wrapped.yaml", view, error);
}
