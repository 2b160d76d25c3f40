/* A conda environment.yml as a draft: its pip part, and the names of the rest. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"

/* A line of `pip:`, as a line of a requirements file. */
static void read_pip(struct sw_draft *draft, const struct sw_node *item, const char *folder)
{
    struct sw_str text = sw_str_trim(sw_node_str(item));
    struct sw_error error;
    if (!sw_str_starts(text, "-")) {
        draft_require(draft, text, NULL, draft_place_of(item));
        return;
    }
    struct sw_str value = text, option = sw_str_cut(&value, ' ');
    value = value.p == NULL ? SW_STR("") : sw_str_trim(value);
    bool is_index =
        sw_str_is(option, "--extra-index-url") || sw_str_is(option, "--index-url") || sw_str_is(option, "-i");
    const char *variant = is_index ? draft_variant(draft, draft_copy(draft, value)) : NULL;
    bool is_file = sw_str_is(option, "-r") || sw_str_is(option, "--requirement");
    const char *path = is_file ? sw_path_join(&draft->arena, folder, draft_copy(draft, value)) : NULL;
    if (variant != NULL)
        draft->variant = variant;
    else if (path == NULL)
        draft_leave_unjudged(draft, draft_place_of(item), text,
                             "an option of pip that a profile has no key for");
    else if (draft_read_requirements(draft, path, NULL, false, &error) != 0)
        draft_leave_unjudged(draft, draft_place_of(item), text, "%s", error.text);
}

/* python=3.10, pytorch=2.1.2 or conda-forge::numpy. */
static void read_package(struct sw_draft *draft, const struct sw_node *item)
{
    struct sw_str text = sw_str_trim(sw_node_str(item));
    size_t n = 0;
    while (n < text.n && strchr("=<>! ", text.p[n]) == NULL)
        n++;
    struct sw_str name = {text.p, n};
    if (sw_str_is(name, "python"))
        draft_take_python(draft, sw_str_drop(text, n), draft_place_of(item));
    else if (!sw_str_is(name, "pip"))
        draft_leave_unjudged(draft, draft_place_of(item), text, "a package of conda, not of a package index");
}

void draft_read_conda(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *list = sw_node_get(root, "dependencies");
    const char *folder = sw_path_dir(&draft->arena, path);
    draft->failed = draft->failed || folder == NULL;
    for (size_t i = 0; !draft->failed && i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i), *pip = sw_node_get(item, "pip");
        for (size_t k = 0; k < sw_node_count(pip); k++)
            read_pip(draft, sw_node_item(pip, k), folder);
        if (pip == NULL)
            read_package(draft, item);
    }
    for (size_t i = 0; i < sw_node_member_count(root); i++) {
        const struct sw_member *member = sw_node_member_at(root, i);
        if (!sw_str_is(member->key, "dependencies") && !sw_str_is(member->key, "name"))
            draft_leave(draft, (struct draft_place){path, member->line, 1}, member->key,
                        "conda's own; a profile has no key for it");
    }
}
