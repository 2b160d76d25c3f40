/* A cog.yaml as a draft (replicate/cog, docs/yaml.md). */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "profile/values.h"

struct cog {
    struct sw_draft *draft;
    const char *folder;
};

typedef void cog_reader(struct cog *cog, const struct sw_node *value);

static void read_python(struct cog *cog, const struct sw_node *value)
{
    draft_take_python(cog->draft, sw_node_str(value), draft_place_of(value));
}

/* cog takes the build of torch that is made for this CUDA. */
static void read_cuda(struct cog *cog, const struct sw_node *value)
{
    struct sw_str rest = sw_node_str(value), major = sw_str_cut(&rest, '.'), minor = sw_str_cut(&rest, '.');
    if (minor.p == NULL)
        return;
    const char *cuda = draft_format(cog->draft, "%.*s.%.*s", SW_STR_FORMAT(major), SW_STR_FORMAT(minor));
    const char *variant =
        sw_value_cuda(sw_str_from(cuda)) == NULL ? sw_catalog_variant(&cog->draft->arena, cuda) : NULL;
    if (variant != NULL)
        cog->draft->variant = variant;
    else
        draft_leave_unjudged(cog->draft, draft_place_of(value), sw_node_str(value), "no CUDA such as 12.1");
}

static void read_packages(struct cog *cog, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++)
        draft_add(cog->draft, DRAFT_PACKAGES, sw_node_text(sw_node_item(value, i), ""),
                  draft_place_of(sw_node_item(value, i)));
}

static void read_requirements(struct cog *cog, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++) {
        const struct sw_node *item = sw_node_item(value, i);
        struct sw_str text = sw_str_trim(sw_node_str(item));
        if (sw_str_starts(text, "-"))
            draft_leave_unjudged(cog->draft, draft_place_of(item), text,
                                 "an option of pip that a profile has no key for");
        else
            draft_require(cog->draft, text, NULL, draft_place_of(item));
    }
}

static void read_requirements_file(struct cog *cog, const struct sw_node *value)
{
    struct sw_error error;
    const char *path = sw_path_join(&cog->draft->arena, cog->folder, sw_node_text(value, ""));
    if (path == NULL || draft_read_requirements(cog->draft, path, NULL, false, &error) != 0)
        draft_leave_unjudged(cog->draft, draft_place_of(value), sw_node_str(value), "%s",
                             path == NULL ? "no memory" : error.text);
}

/* `- TEXT` or `- command: TEXT`. Judged are those that look like an install of pip's. */
static void read_run(struct cog *cog, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++) {
        const struct sw_node *item = sw_node_item(value, i), *command = sw_node_get(item, "command");
        const struct sw_node *text = command == NULL ? item : command;
        bool installs = sw_str_find(sw_node_str(text), SW_STR("pip")) < sw_node_str(text).n ||
                        sw_str_find(sw_node_str(text), SW_STR("conda")) < sw_node_str(text).n;
        if (!cog->draft->judged)
            draft_add(cog->draft, DRAFT_STEPS, sw_node_text(text, ""), draft_place_of(text));
        else if (installs)
            draft_commands(cog->draft, sw_node_str(text), draft_place_of(text));
    }
}

static void read_environment(struct cog *cog, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++) {
        const struct sw_node *item = sw_node_item(value, i);
        struct sw_str rest = sw_node_str(item), name = sw_str_cut(&rest, '=');
        if (rest.p == NULL || sw_value_variable(name) != NULL || sw_value_line(rest) != NULL)
            draft_leave(cog->draft, draft_place_of(item), sw_node_str(item), "is not NAME=VALUE");
        else
            draft_set(cog->draft, &cog->draft->environment, draft_copy(cog->draft, name),
                      draft_copy(cog->draft, rest), draft_place_of(item));
    }
}

/* `gpu: true` does not name the GPU. */
static void read_nothing(struct cog *cog, const struct sw_node *value)
{
    (void)cog;
    (void)value;
}

static const struct {
    const char *key;
    cog_reader *read;
} keys[] = {
    {"python_version", read_python},
    {"cuda", read_cuda},
    {"system_packages", read_packages},
    {"python_packages", read_requirements},
    {"python_requirements", read_requirements_file},
    {"run", read_run},
    {"pre_install", read_run},
    {"environment", read_environment},
    {"gpu", read_nothing},
};

/* `environment` and the like stand beside `build`; the others are for cog's own server. */
static void read_map(struct cog *cog, const struct sw_node *map, bool is_build)
{
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        const struct sw_member *member = sw_node_member_at(map, i);
        cog_reader *read = NULL;
        if (!is_build && sw_str_is(member->key, "build"))
            continue;
        for (size_t k = 0; read == NULL && k < SW_COUNT(keys); k++)
            read = sw_str_is(member->key, keys[k].key) ? keys[k].read : NULL;
        if (read != NULL)
            read(cog, member->value);
        else
            draft_leave(cog->draft, (struct draft_place){sw_node_file(map), member->line, 1}, member->key,
                        "%s",
                        is_build ? "a profile has no key for it"
                                 : "cog's own server uses it; give the image a command");
    }
}

void draft_read_cog(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    struct cog cog = {draft, sw_path_dir(&draft->arena, path)};
    draft->failed = draft->failed || cog.folder == NULL;
    if (draft->failed)
        return;
    read_map(&cog, sw_node_get(root, "build"), true);
    read_map(&cog, root, false);
}
