#include "author/draft.h"

#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/gpu.h"
#include "data/path.h"
#include "profile/values.h"
#include "template/shipped.h"

#include <stdarg.h>

struct sw_draft *sw_draft_new(const char *name, const struct sw_catalog *catalog)
{
    struct sw_draft *draft = calloc(1, sizeof(*draft));
    if (draft == NULL)
        return NULL;
    sw_arena_init(&draft->arena, SW_MAX_ARENA);
    draft->catalog = catalog;
    draft->usual_python = SW_DRAFT_USUAL_PYTHON;
    draft->name = draft_copy(draft, sw_str_from(name));
    return draft;
}

void sw_draft_free(struct sw_draft *draft)
{
    if (draft == NULL)
        return;
    sw_arena_release(&draft->arena);
    free(draft);
}

const struct sw_draft_left *sw_draft_left(const struct sw_draft *draft, size_t *count)
{
    *count = draft->left_count;
    return draft->left;
}

/* ---- functions that the readers call ---- */

const char *draft_copy(struct sw_draft *draft, struct sw_str text)
{
    const char *copy = sw_arena_copy(&draft->arena, text);
    draft->failed = draft->failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

char *draft_format(struct sw_draft *draft, const char *format, ...)
{
    static char nothing[] = "";
    char *room = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&room, format, arguments);
    va_end(arguments);
    char *copy = n < 0 ? NULL : sw_arena_copy(&draft->arena, (struct sw_str){room, (size_t)n});
    if (n >= 0)
        free(room);
    draft->failed = draft->failed || copy == NULL;
    return copy == NULL ? nothing : copy;
}

/* Return true if another item fits into a list or map of the profile. */
static bool has_room(struct sw_draft *draft, size_t count, const char *what)
{
    if (count < SW_MAX_PROFILE_ITEMS)
        return true;
    if (draft->crowded == NULL)
        draft->crowded = what;
    return false;
}

void draft_leave(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                 ...)
{
    if (!has_room(draft, draft->left_count, "instructions and options to leave out"))
        return;
    struct sw_draft_left *left =
        sw_arena_grow(&draft->arena, draft->left, draft->left_count, sizeof(*draft->left));
    char brief[SW_TEXT_BRIEF], why[SW_TEXT_BRIEF * 4];
    sw_text_brief(brief, text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    if (left == NULL) {
        draft->failed = true;
        return;
    }
    draft->left = left;
    left[draft->left_count++] = (struct sw_draft_left){
        place.file, place.line, draft_copy(draft, sw_str_from(brief)), draft_copy(draft, sw_str_from(why))};
}

int draft_check(const struct sw_draft *draft, struct sw_error *error)
{
    if (draft->crowded != NULL)
        return sw_fail(error, SW_EINPUT, "a profile holds at most %d %s; more are asked for",
                       SW_MAX_PROFILE_ITEMS, draft->crowded);
    return draft->failed ? sw_fail_memory(error) : 0;
}

typedef const char *value_check(struct sw_str text);

static value_check *const checks[DRAFT_LISTS] = {
    [DRAFT_ACCELERATORS] = sw_value_name,
    [DRAFT_REQUIREMENTS] = sw_value_requirement,
    [DRAFT_CONSTRAINTS] = sw_value_constraint,
    [DRAFT_PACKAGES] = sw_value_package,
    [DRAFT_STEPS] = sw_value_step,
    [DRAFT_COMMAND] = sw_value_line,
    [DRAFT_SECRETS] = sw_value_name,
};

static const char *const contents[DRAFT_LISTS] = {
    [DRAFT_ACCELERATORS] = "accelerators",
    [DRAFT_REQUIREMENTS] = "requirements",
    [DRAFT_CONSTRAINTS] = "constraints",
    [DRAFT_PACKAGES] = "system packages",
    [DRAFT_STEPS] = "steps",
    [DRAFT_COMMAND] = "words of a command",
    [DRAFT_SECRETS] = "secrets",
};

void draft_add(struct sw_draft *draft, enum draft_list list, const char *text, struct draft_place place)
{
    struct draft_items *items = &draft->lists[list];
    if (draft->crowded != NULL)
        return;
    const char *wrong = checks[list](sw_str_from(text));
    if (wrong != NULL) {
        draft_leave(draft, place, sw_str_from(text), "%s", wrong);
        return;
    }
    for (size_t i = 0; list != DRAFT_COMMAND && list != DRAFT_STEPS && i < items->count; i++) {
        if (strcmp(items->items[i].text, text) == 0)
            return;
    }
    if (!has_room(draft, items->count, contents[list]))
        return;
    struct draft_item *grown = sw_arena_grow(&draft->arena, items->items, items->count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    items->items = grown;
    grown[items->count++] = (struct draft_item){.text = draft_copy(draft, sw_str_from(text)), .place = place};
}

void draft_set(struct sw_draft *draft, struct draft_pairs *pairs, const char *first, const char *second)
{
    if (!has_room(draft, pairs->count, "variables, copies or assertions"))
        return;
    struct draft_pair pair = {draft_copy(draft, sw_str_from(first)),
                              second == NULL ? NULL : draft_copy(draft, sw_str_from(second))};
    struct draft_pair *grown = sw_arena_grow(&draft->arena, pairs->items, pairs->count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    pairs->items = grown;
    grown[pairs->count++] = pair;
}

/* ---- the user's options ---- */

int sw_draft_gpu(struct sw_draft *draft, const char *name, struct sw_error *error)
{
    const struct sw_node *row;
    int code = sw_gpu_find(&row, draft->catalog, name, error);
    if (code != 0)
        return code;
    draft_add(draft, DRAFT_ACCELERATORS, sw_node_text(sw_node_get(row, "name"), ""),
              (struct draft_place){"", 0});
    return 0;
}

int sw_draft_python(struct sw_draft *draft, const char *version, struct sw_error *error)
{
    const char *wrong = sw_value_python(sw_str_from(version));
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "Python '%s' %s", version, wrong);
    draft->python = draft_copy(draft, sw_str_from(version));
    return 0;
}

int sw_draft_driver(struct sw_draft *draft, const char *version, struct sw_error *error)
{
    const char *wrong = sw_value_version(sw_str_from(version));
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "driver '%s' %s", version, wrong);
    draft->driver = draft_format(draft, ">=%s", version);
    return 0;
}

int sw_draft_read(struct sw_draft *draft, const struct sw_permissions *permissions, const char *path,
                  struct sw_error *error)
{
    draft->permissions = permissions;
    struct sw_str name = sw_str_from(path);
    if (draft->source == NULL)
        draft->source = draft_copy(draft, sw_str_from(sw_path_base(path)));
    int code;
    if (sw_str_ends(name, ".yaml") || sw_str_ends(name, ".yml"))
        code = draft_read_truss(draft, path, error);
    else if (sw_str_ends(name, ".txt") || sw_str_ends(name, ".in"))
        code = draft_read_requirements(draft, path, NULL, false, error);
    else
        code = draft_read_dockerfile(draft, path, error);
    return code != 0 ? code : draft_check(draft, error);
}

/* The release of CPython that a text names: "3.11" of "python:3.11.4-slim" and of "1.0-py3.11-cuda12.1". */
static const char *python_of(struct sw_draft *draft, const char *text)
{
    const char *at = strstr(text, "py");
    while (at != NULL && !sw_is_digit((unsigned char)at[strcspn(at, "0123456789/")]))
        at = strstr(at + 1, "py");
    if (at == NULL)
        return NULL;
    at += strncmp(at, "python", 6) == 0 ? 6 : 2;
    at += *at == ':' || *at == '-';
    size_t n = strncmp(at, "3.", 2) == 0 ? 2 + strspn(at + 2, "0123456789") : 0;
    const struct sw_str version = {at, n};
    return sw_value_python(version) != NULL ? NULL : draft_copy(draft, version);
}

/* The distribution that a reference is, or is made on: "ubuntu:jammy" of "ubuntu:22.04" and "x-ubuntu22.04"; NULL: unknown. */
static const char *distribution_of(struct sw_draft *draft, const char *reference)
{
    const struct sw_node *images = draft->catalog->images;
    const struct sw_node *tags = sw_node_at(images, "distributions.tags");
    const struct sw_node *pythons = sw_node_at(images, "distributions.python");
    struct sw_str rest = sw_str_from(reference);
    struct sw_str repository = sw_str_cut(&rest, ':');
    const char *joined = draft_format(draft, "%.*s%.*s", SW_STR_FORMAT(repository), SW_STR_FORMAT(rest));
    for (size_t i = 0; i < sw_node_member_count(tags); i++) {
        if (strstr(joined, sw_node_member_at(tags, i)->key.p) != NULL)
            return sw_node_text(sw_node_member_at(tags, i)->value, NULL);
    }
    for (size_t i = 0; i < sw_node_member_count(pythons); i++) {
        if (sw_str_starts(sw_str_from(reference), sw_node_member_at(pythons, i)->key.p))
            return sw_node_member_at(pythons, i)->key.p;
    }
    return NULL;
}

/* Add the packages that a bare distribution needs for a virtual environment; plan.c adds those of NVIDIA's
 * images. */
static void add_python(struct sw_draft *draft, struct draft_place place)
{
    static const char *const packages[] = {"ca-certificates", "python3", "python3-venv"};
    for (size_t i = 0; i < SW_COUNT(packages); i++)
        draft_add(draft, DRAFT_PACKAGES, packages[i], place);
}

void draft_base(struct sw_draft *draft, const char *reference, struct draft_place place)
{
    struct sw_str name = sw_str_from(reference);
    const char *wrong = sw_value_reference(name);
    if (wrong != NULL) {
        draft_leave(draft, place, name, "%s", wrong);
        return;
    }
    const char *python = python_of(draft, reference), *distribution = distribution_of(draft, reference);
    const struct sw_node *pythons = sw_node_at(draft->catalog->images, "distributions.python");
    if (python == NULL && distribution != NULL)
        python = sw_node_text(sw_node_get(pythons, distribution), NULL);
    if (python != NULL)
        draft->python = python;
    if (sw_str_starts(name, "pytorch/pytorch:")) {
        draft_leave(draft, place, name, "its torch is installed by the profile, on a small base");
        return;
    }
    if (python != NULL && strcmp(reference, draft_format(draft, "python:%s-slim", python)) == 0)
        return;
    draft->base = draft_copy(draft, name);
    if (sw_str_starts(name, "ubuntu:") || sw_str_starts(name, "debian:"))
        add_python(draft, place);
}

/* ---- writing ---- */

static struct sw_node *items_node(struct sw_builder *b, const struct draft_items *items)
{
    struct sw_node *map = sw_build_map(b), *list = sw_build_list(b);
    for (size_t i = 0; i < items->count; i++) {
        struct sw_node *row = sw_build_map(b);
        const struct draft_item *item = &items->items[i];
        sw_build_set(b, row, "text", sw_build_text(b, item->pin == NULL ? item->text : item->pin));
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
    } lists[] = {{"accelerators", DRAFT_ACCELERATORS},
                 {"requirements", DRAFT_REQUIREMENTS},
                 {"constraints", DRAFT_CONSTRAINTS},
                 {"packages", DRAFT_PACKAGES},
                 {"steps", DRAFT_STEPS},
                 {"command", DRAFT_COMMAND},
                 {"secrets", DRAFT_SECRETS}};
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "name", sw_build_text(b, draft->name));
    sw_build_set(b, view, "by", sw_build_text(b, form->by));
    sw_build_set(b, view, "source", sw_build_text(b, draft->source));
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
    sw_build_set(b, view, "assertions", pairs_node(b, &draft->assertions));
    for (size_t i = 0; i < SW_COUNT(lists); i++)
        sw_build_set(b, view, lists[i].key, items_node(b, &draft->lists[lists[i].list]));
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
