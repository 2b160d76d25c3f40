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

/* A line of `dependencies`: "pytorch::pytorch=2.1.2=py3.10_cuda11.8_0" or "python >=3.10". */
struct package {
    struct sw_str name, condition;
};

static struct package package_of(const struct sw_node *item)
{
    struct sw_str text = sw_str_trim(sw_node_str(item));
    size_t channel = sw_str_find(text, SW_STR("::")), n = 0;
    text = channel < text.n ? sw_str_drop(text, channel + 2) : text;
    while (n < text.n && strchr("=<>! ", text.p[n]) == NULL)
        n++;
    return (struct package){{text.p, n}, sw_str_drop(text, n)};
}

/* "2.1.2" of "=2.1.2" and "==2.1.2=py3.10_0"; NULL if the condition leaves the release open. */
static const char *release_of(struct sw_draft *draft, struct sw_str condition)
{
    size_t n = 0;
    while (sw_str_starts(condition, "=") || sw_str_starts(condition, " "))
        condition = sw_str_drop(condition, 1);
    while (n < condition.n && (sw_is_digit((unsigned char)condition.p[n]) || condition.p[n] == '.'))
        n++;
    bool ends = n == condition.n || condition.p[n] == '=' || condition.p[n] == ' ';
    return n == 0 || !ends ? NULL : draft_copy(draft, (struct sw_str){condition.p, n});
}

/* The torch of conda's packages pytorch and pytorch-cuda, which pip finds installed. Its builds have the GPU code of the wheels of that release
 * and CUDA. */
static bool take_torch(struct sw_draft *draft, const struct sw_node *list)
{
    const char *torch = NULL, *cuda = NULL;
    const struct sw_node *at = NULL;
    bool is_for_cpu = false;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i);
        struct package package = package_of(item);
        if (sw_str_is(package.name, "pytorch-cuda"))
            cuda = release_of(draft, package.condition);
        is_for_cpu = is_for_cpu || sw_str_is(package.name, "cpuonly");
        if (!sw_str_is(package.name, "pytorch"))
            continue;
        torch = release_of(draft, package.condition);
        at = item;
    }
    const struct sw_node *row = torch == NULL ? NULL : sw_catalog_version(draft->catalog->torch, torch);
    draft->conda_torch = at != NULL;
    if (torch != NULL && row == NULL && draft->judged)
        draft_lock(draft, sw_str_from("torch"), sw_str_from(torch), SW_STR(""), NULL, draft_place_of(at));
    if (row == NULL || is_for_cpu)
        return false;
    if (cuda == NULL) {
        const struct sw_node *known = sw_node_get(row, "cuda");
        cuda = sw_node_text(sw_node_item(known, sw_node_count(known) - 1), "");
        draft_leave_unjudged(draft, draft_place_of(at), sw_node_str(at),
                             "it does not name its CUDA, which is taken for %s, the newest of this release",
                             cuda);
    }
    draft->torch = torch;
    draft->cuda = cuda;
    draft->torch_place = draft_place_of(at);
    draft_mention(draft, draft->torch_place, sw_node_str(at),
                  "the profile installs torch %s for CUDA %s by its wheel", torch, cuda);
    return true;
}

static bool is_torch(struct sw_str name)
{
    return sw_str_is(name, "pytorch") || sw_str_is(name, "pytorch-cuda");
}

static void read_package(struct sw_draft *draft, const struct sw_node *item, bool has_torch)
{
    struct sw_str text = sw_str_trim(sw_node_str(item));
    struct package package = package_of(item);
    if (sw_str_is(package.name, "python"))
        draft_take_python(draft, package.condition, draft_place_of(item));
    else if (!sw_str_is(package.name, "pip") && !(has_torch && is_torch(package.name)))
        draft_leave_unjudged(draft, draft_place_of(item), text, "a package of conda, not of a package index");
}

void draft_read_conda(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *list = sw_node_get(root, "dependencies");
    const char *folder = sw_path_dir(&draft->arena, path);
    bool has_torch = take_torch(draft, list);
    draft->failed = draft->failed || folder == NULL;
    for (size_t i = 0; !draft->failed && i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i), *pip = sw_node_get(item, "pip");
        for (size_t k = 0; k < sw_node_count(pip); k++)
            read_pip(draft, sw_node_item(pip, k), folder);
        if (pip == NULL)
            read_package(draft, item, has_torch);
    }
    for (size_t i = 0; i < sw_node_member_count(root); i++) {
        const struct sw_member *member = sw_node_member_at(root, i);
        if (!sw_str_is(member->key, "dependencies") && !sw_str_is(member->key, "name"))
            draft_leave(draft, (struct draft_place){path, member->line, 1}, member->key,
                        "conda's own; a profile has no key for it");
    }
}
