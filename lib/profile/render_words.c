/* The view of the image's own words, of its files and its steps. */
#include "profile/render_internal.h"

#include "data/path.h"

static const struct sw_node *or_null(struct sw_builder *b, const struct sw_node *value)
{
    return value == NULL ? sw_build_null(b) : value;
}

static const struct sw_node *or_empty(struct sw_builder *b, const struct sw_node *list)
{
    return list == NULL ? sw_build_list(b) : list;
}

/* ---- the user ---- */

static bool is_text(const struct sw_node *value)
{
    return sw_node_type(value) == SW_NODE_TEXT;
}

/* "NAME:GROUP" for chown. Without a group the engines take the number of the user for the group's, and chown the user's own
 * group if the colon is there; an ID may have no entry to take the group from. */
static struct sw_node *owner_of(struct sw_builder *b, const struct sw_node *user, bool for_chown)
{
    const char *name = sw_node_text(sw_node_get(user, "name"), "");
    const struct sw_node *group = sw_node_get(user, "group");
    if (is_text(group))
        return sw_build_format(b, "%s:%s", name, sw_node_text(group, ""));
    return sw_is_digit((unsigned char)name[0]) ? sw_build_format(b, "%s:%s", name, name)
                                               : sw_build_format(b, "%s%s", name, for_chown ? ":" : "");
}

/* The user as the image names it: by the ID, if the profile gives an ID. */
static struct sw_node *reference_of(struct sw_builder *b, const struct sw_node *user)
{
    const struct sw_node *id = sw_node_get(user, "id"), *group = sw_node_get(user, "group");
    return sw_build_format(b, "%s%s%s", sw_node_text(is_text(id) ? id : sw_node_get(user, "name"), ""),
                           is_text(group) ? ":" : "", sw_node_text(group, ""));
}

/* The folders that belong to the user if the base lacks them: the working directory, the volumes, those of files. */
static struct sw_node *folders_of(struct sw_builder *b, const struct sw_plan *plan)
{
    struct sw_node *folders = sw_build_list(b);
    const struct sw_node *workdir = plan->parts.workdir, *volumes = plan->parts.volumes,
                         *copies = plan->parts.copies;
    if (workdir != NULL)
        sw_build_append(b, folders, workdir);
    for (size_t i = 0; i < sw_node_count(volumes); i++)
        sw_build_append(b, folders, sw_node_item(volumes, i));
    for (size_t i = 0; i < sw_node_count(copies); i++) {
        const struct sw_node *to = sw_node_get(sw_node_item(copies, i), "to");
        if (sw_str_ends(sw_node_str(to), "/"))
            sw_build_append(b, folders, to);
    }
    return folders;
}

static struct sw_node *user_view(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *user = plan->parts.user;
    struct sw_node *view = sw_build_map(b), *arguments = sw_build_list(b);
    static const char *const keys[] = {"name", "id", "group"};
    if (user == NULL)
        return sw_build_null(b);
    for (size_t i = 0; i < SW_COUNT(keys); i++)
        sw_build_append(b, arguments, sw_build_text(b, sw_node_text(sw_node_get(user, keys[i]), "")));
    sw_build_append(b, arguments, owner_of(b, user, true));
    const struct sw_node *folders = folders_of(b, plan);
    for (size_t i = 0; i < sw_node_count(folders); i++)
        sw_build_append(b, arguments, sw_node_item(folders, i));
    sw_build_set(b, view, "arguments", arguments);
    sw_build_set(b, view, "reference", reference_of(b, user));
    return view;
}

/* ---- arguments ---- */

static bool mentions(const struct sw_node *list, const char *key, struct sw_str name)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str text = sw_node_str(sw_node_get(sw_node_item(list, i), key));
        if (sw_str_find(text, name) < text.n)
            return true;
    }
    return false;
}

/* An argument is declared as late as it can be: another value runs all steps behind it again, those that install torch too. */
static void add_arguments(struct sw_builder *b, struct sw_node *view, const struct sw_plan *plan)
{
    const struct sw_node *all = plan->parts.arguments;
    struct sw_node *early = sw_build_list(b), *late = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(all); i++) {
        const struct sw_node *argument = sw_node_item(all, i);
        struct sw_str name = sw_node_str(sw_node_get(argument, "name"));
        bool is_early = mentions(plan->parts.environment, "value", name) ||
                        mentions(plan->parts.steps_before, "command", name);
        sw_build_append(b, is_early ? early : late, argument);
    }
    sw_build_set(b, view, "early_arguments", early);
    sw_build_set(b, view, "arguments", late);
}

/* ---- files ---- */

static struct sw_node *copies_view(struct sw_builder *b, const struct sw_plan *plan)
{
    static const char *const keys[] = {"source", "image", "url", "file", "from", "sha256", "to"};
    const struct sw_node *copies = plan->parts.copies;
    struct sw_node *view = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(copies); i++) {
        struct sw_node *row = sw_build_map(b);
        for (size_t k = 0; k < SW_COUNT(keys); k++)
            sw_build_set(b, row, keys[k], or_null(b, sw_node_get(sw_node_item(copies, i), keys[k])));
        sw_build_append(b, view, row);
    }
    return view;
}

/* ---- commands ---- */

static struct sw_node *shell_view(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *planned = plan->parts.shell;
    struct sw_node *words = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(planned); i++)
        sw_build_append(b, words, sw_node_item(planned, i));
    if (planned == NULL) {
        sw_build_append(b, words, sw_build_text(b, "/bin/sh"));
        sw_build_append(b, words, sw_build_text(b, "-c"));
    }
    return words;
}

/* {words}: the guard runs the profile's own entry point. */
static struct sw_node *entrypoint_view(struct sw_builder *b, const struct sw_plan *plan)
{
    bool guarded = sw_node_type(plan->parts.guard) == SW_NODE_MAP;
    const struct sw_node *own = plan->parts.entrypoint;
    if (!guarded && own == NULL)
        return sw_build_null(b);
    struct sw_node *view = sw_build_map(b), *words = sw_build_list(b);
    if (guarded)
        sw_build_append(b, words, sw_build_text(b, "/opt/slipway/guard"));
    for (size_t i = 0; i < sw_node_count(own); i++)
        sw_build_append(b, words, sw_node_item(own, i));
    sw_build_set(b, view, "words", words);
    return view;
}

static struct sw_node *words_view(struct sw_builder *b, const struct sw_node *words)
{
    if (sw_node_type(words) != SW_NODE_LIST)
        return sw_build_null(b);
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "words", words);
    return view;
}

static struct sw_node *healthcheck_view(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *check = plan->parts.healthcheck.node;
    if (check == NULL)
        return sw_build_null(b);
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "options", or_empty(b, sw_node_get(check, "options")));
    sw_build_set(b, view, "test", words_view(b, sw_node_get(check, "command")));
    return view;
}

void sw_render_words(struct sw_builder *b, struct sw_node *view, const struct sw_plan *plan)
{
    static const char *const lists[] = {"ports", "volumes", "steps_before"};
    static const char *const texts[] = {"workdir", "stop_signal"};
    const struct sw_node *user = plan->parts.user;
    for (size_t i = 0; i < SW_COUNT(lists); i++)
        sw_build_set(b, view, lists[i], or_empty(b, sw_node_get(plan->root, lists[i])));
    for (size_t i = 0; i < SW_COUNT(texts); i++)
        sw_build_set(b, view, texts[i], or_null(b, sw_node_get(plan->root, texts[i])));
    sw_build_set(b, view, "environment", sw_render_environment(b, plan));
    sw_build_set(b, view, "user", user_view(b, plan));
    sw_build_set(b, view, "owner", user == NULL ? sw_build_null(b) : owner_of(b, user, false));
    add_arguments(b, view, plan);
    sw_build_set(b, view, "copies", copies_view(b, plan));
    sw_build_set(b, view, "shell", shell_view(b, plan));
    sw_build_set(b, view, "own_shell", words_view(b, plan->parts.shell));
    sw_build_set(b, view, "entrypoint", entrypoint_view(b, plan));
    sw_build_set(b, view, "healthcheck", healthcheck_view(b, plan));
}
