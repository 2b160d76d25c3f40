#include "history/recipe.h"

#include "history/form_internal.h"

#include "base/limits.h"
#include "data/path.h"

/* The reading of a record. */
struct reading {
    struct sw_arena *arena;
    struct sw_history *history;
    const struct sw_record *record;
    struct sw_error *error;
};

/* A file of the record in the arena; `*out` stays if there is none and none is `needed`. */
static int read_file(struct sw_str *out, const struct reading *r, const char *path, size_t most, bool needed)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, most);
    struct sw_error failure;
    int code = sw_history_read(&text, r->history, r->record, path, &failure);
    if (code == SW_ENOTFOUND)
        return needed ? sw_record_refuse(r->error, r->record, path, "is missing") : 0;
    if (code != 0) {
        if (r->error != NULL)
            *r->error = failure;
        return code;
    }
    *out = (struct sw_str){sw_arena_copy(r->arena, sw_buffer_str(&text)), text.n};
    return out->p == NULL ? sw_fail_memory(r->error) : 0;
}

/* Comparing two plans takes the square of their longest lists. Depth is bounded by SW_MAX_JSON_DEPTH. */
static bool is_small(const struct sw_node *node)
{
    bool small =
        sw_node_count(node) <= SW_MAX_RECORD_ITEMS && sw_node_member_count(node) <= SW_MAX_RECORD_ITEMS;
    for (size_t i = 0; small && i < sw_node_count(node); i++)
        small = is_small(sw_node_item(node, i));
    for (size_t i = 0; small && i < sw_node_member_count(node); i++)
        small = is_small(sw_node_member_at(node, i)->value);
    return small;
}

static const char *check_bootstrap(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum(text.p[i]) && strchr(":.-", text.p[i]) == NULL)
            return "is no base system";
    }
    return text.n > 0 && text.n < 100 ? NULL : "is no base system";
}

static struct sw_texts read_secrets(struct sw_form *form)
{
    const struct sw_node *list = sw_node_get(form->root, "secrets");
    const char **ids = sw_form_keep(form, sw_arena_array(form->arena, sw_node_count(list) + 1, sizeof *ids));
    for (size_t i = 0; i < sw_node_count(list) && form->code == 0; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "secrets[%zu].id", i);
        ids[i] = sw_form_text(form, at, sw_form_line);
    }
    return (struct sw_texts){ids, form->code == 0 ? sw_node_count(list) : 0};
}

/* Return true if the image has files of the user's: those from images, URLs and texts are not in the context. */
static bool copies_files(const struct sw_node *plan)
{
    const struct sw_node *copies = sw_node_get(plan, "copies");
    bool found = false;
    for (size_t i = 0; i < sw_node_count(copies); i++)
        found = found || sw_node_get(sw_node_item(copies, i), "source") != NULL;
    return found;
}

/* A path below the context that leads nowhere else. */
static const char *check_inner_path(struct sw_str text)
{
    struct sw_str rest = text;
    const char *fault = sw_form_line(text);
    if (fault != NULL || sw_str_starts(text, "/"))
        return fault == NULL ? "is no path below a folder" : fault;
    while (rest.p != NULL) {
        if (sw_str_is(sw_str_cut(&rest, '/'), ".."))
            return "is no path below a folder";
    }
    return NULL;
}

/* The parts of the user's Dockerfile that a build takes. */
static void read_dockerfile(struct sw_recipe *recipe, struct sw_form *form)
{
    recipe->dockerfile = sw_node_get(form->root, "dockerfile");
    if (recipe->dockerfile == NULL)
        return;
    const struct sw_node *arguments = sw_node_get(recipe->dockerfile, "arguments");
    (void)sw_form_optional(form, "dockerfile.path", check_inner_path);
    (void)sw_form_optional(form, "dockerfile.target", sw_form_line);
    (void)sw_form_text(form, "dockerfile.prove", sw_form_line);
    for (size_t i = 0; i < sw_node_count(arguments) && form->code == 0; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "dockerfile.arguments[%zu].name", i);
        (void)sw_form_text(form, at, sw_form_line);
        (void)snprintf(at, sizeof at, "dockerfile.arguments[%zu].value", i);
        (void)sw_form_text(form, at, sw_form_line);
    }
    recipe->copies = true;
}

static int read_plan(struct sw_recipe *recipe, const struct reading *r)
{
    static const char own[] = "localhost/slipway-base:";
    struct sw_form form = {.arena = r->arena, .record = r->record, .error = r->error};
    struct sw_str text = {0};
    int code = read_file(&text, r, "plan.json", SW_MAX_RECORD_JSON, true);
    if (code == 0)
        code = sw_form_read(&form, r->arena, text, "plan.json");
    if (code != 0)
        return code;
    if (!is_small(form.root))
        sw_form_refuse(&form, "plan.json", "has a list that is too long");
    recipe->plan = form.root;
    recipe->base = sw_form_text(&form, "base.reference", sw_form_tag);
    recipe->bootstrap = sw_form_optional(&form, "base.bootstrap", check_bootstrap);
    if (recipe->bootstrap != NULL && strncmp(recipe->base, own, strlen(own)) != 0)
        sw_form_refuse(&form, "base.reference", "is no name for a base system that is made here");
    recipe->copies =
        copies_files(form.root) || sw_node_text(sw_node_at(form.root, "interpreter.folder"), NULL) != NULL;
    read_dockerfile(recipe, &form);
    recipe->secrets = read_secrets(&form);
    recipe->ssh = sw_node_boolean(sw_node_get(form.root, "ssh"), false);
    return form.code;
}

static int read_rendered(struct sw_recipe *recipe, const struct reading *r)
{
    const struct sw_record_entry *entries = NULL;
    struct sw_error failure;
    size_t count = 0;
    int code = sw_history_list(&entries, &count, r->arena, r->history, r->record, "rendered", &failure);
    if (code == SW_ENOTFOUND)
        return sw_record_refuse(r->error, r->record, "rendered", "is missing");
    if (code != 0 && r->error != NULL)
        *r->error = failure;
    recipe->files = code == 0 ? sw_arena_array(r->arena, count + 1, sizeof *recipe->files) : NULL;
    if (code == 0 && recipe->files == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct sw_recipe_file *file = &recipe->files[recipe->files_count++];
        const char *path = sw_arena_format(r->arena, "rendered/%s", entries[i].name);
        *file = (struct sw_recipe_file){.name = entries[i].name, .executable = entries[i].executable};
        code = path == NULL ? sw_fail_memory(r->error)
                            : read_file(&file->text, r, path, SW_MAX_RENDERED_SIZE, true);
    }
    return code;
}

bool sw_recipe_is_release(struct sw_str line)
{
    size_t at = sw_str_find(line, SW_STR("=="));
    if (at == 0 || at + 2 >= line.n || line.n > SW_MAX_REQUIREMENT_SIZE || !sw_is_alnum(line.p[0]))
        return false;
    for (size_t i = 0; i < line.n; i++) {
        const char *also = i < at ? "._-" : i < at + 2 ? "=" : "._-+!";
        if (!sw_is_alnum(line.p[i]) && (line.p[i] == '\0' || strchr(also, line.p[i]) == NULL))
            return false;
    }
    return true;
}

static int read_installed(struct sw_recipe *recipe, const struct reading *r)
{
    int code = read_file(&recipe->installed, r, "installed.txt", SW_MAX_PROCESS_OUTPUT, false);
    struct sw_str rest = recipe->installed;
    while (code == 0 && rest.n > 0) {
        if (!sw_recipe_is_release(sw_str_cut(&rest, '\n')))
            code = sw_record_refuse(r->error, r->record, "installed.txt", "has a line that names no release");
    }
    return code;
}

int sw_recipe_read(struct sw_recipe *out, struct sw_arena *arena, struct sw_history *history,
                   const struct sw_record *record, struct sw_error *error)
{
    const struct reading reading = {arena, history, record, error};
    struct sw_recipe recipe = {0};
    int code = read_plan(&recipe, &reading);
    if (code == 0)
        code = read_rendered(&recipe, &reading);
    if (code == 0)
        code = read_installed(&recipe, &reading);
    if (code == 0)
        code = read_file(&recipe.context, &reading, "context.tar", 2 * SW_MAX_RECORD_CONTEXT, false);
    if (code == 0)
        *out = recipe;
    return code;
}
