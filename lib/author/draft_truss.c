/* A Truss config.yaml as a draft. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "profile/values.h"

struct truss {
    struct sw_draft *draft;
    const char *folder;
};

typedef void key_reader(struct truss *t, const struct sw_node *value);

static void read_description(struct truss *t, const struct sw_node *value)
{
    const char *text = sw_node_text(value, NULL);
    if (text != NULL && sw_value_line(sw_node_str(value)) == NULL)
        t->draft->description = text;
}

/* "py311" */
static void read_python(struct truss *t, const struct sw_node *value)
{
    const char *text = sw_node_text(value, "");
    const char *minor = strncmp(text, "py3", 3) == 0 ? text + 3 : "";
    const char *python = draft_format(t->draft, "3.%s", minor);
    if (sw_value_python(sw_str_from(python)) == NULL)
        draft_take_python(t->draft, sw_str_from(python), draft_place_of(value));
    else
        draft_leave(t->draft, draft_place_of(value), sw_str_from(text), "is not a Python such as py311");
}

static void read_requirements(struct truss *t, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++) {
        const struct sw_node *item = sw_node_item(value, i);
        struct sw_str text = sw_str_trim(sw_node_str(item)), rest = text;
        struct sw_str option = sw_str_cut(&rest, ' ');
        bool index = sw_str_is(option, "--extra-index-url") || sw_str_is(option, "--index-url");
        const char *variant =
            index && rest.p != NULL ? draft_variant(t->draft, draft_copy(t->draft, rest)) : NULL;
        if (variant != NULL)
            t->draft->variant = variant;
        else if (sw_str_starts(text, "-"))
            draft_leave_unjudged(t->draft, draft_place_of(item), text,
                                 "an option of pip that a profile has no key for");
        else
            draft_require(t->draft, text, NULL, draft_place_of(item));
    }
}

static void read_requirements_file(struct truss *t, const struct sw_node *value)
{
    struct sw_error error;
    const char *path = sw_path_join(&t->draft->arena, t->folder, sw_node_text(value, ""));
    if (path == NULL || draft_read_requirements(t->draft, path, NULL, false, &error) != 0)
        draft_leave_unjudged(t->draft, draft_place_of(value), sw_node_str(value), "%s",
                             path == NULL ? "no memory" : error.text);
}

static void read_packages(struct truss *t, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_count(value); i++)
        draft_add(t->draft, DRAFT_PACKAGES, sw_node_text(sw_node_item(value, i), ""),
                  draft_place_of(sw_node_item(value, i)));
}

static void read_environment(struct truss *t, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_member_count(value); i++) {
        const struct sw_member *member = sw_node_member_at(value, i);
        const char *text = sw_node_text(member->value, "");
        const char *wrong = sw_value_variable(member->key);
        wrong = wrong == NULL ? sw_value_line(sw_str_from(text)) : wrong;
        if (wrong == NULL)
            draft_set(t->draft, &t->draft->environment, member->key.p, text, draft_place_of(member->value));
        else
            draft_leave(t->draft, draft_place_of(member->value), member->key, "%s", wrong);
    }
}

/* "A10G" or "H100:2", by the name that the catalog says Truss has for it. */
static void read_resources(struct truss *t, const struct sw_node *value)
{
    const struct sw_node *accelerator = sw_node_get(value, "accelerator");
    struct sw_str count = sw_str_from(sw_node_text(accelerator, ""));
    if (count.n == 0)
        return;
    const char *name = draft_copy(t->draft, sw_str_cut(&count, ':'));
    const struct sw_node *gpu = sw_catalog_row(t->draft->catalog->gpus, "truss", name);
    if (gpu == NULL)
        draft_leave(t->draft, draft_place_of(accelerator), sw_node_str(accelerator),
                    "no GPU that the catalog knows by that name; see 'slipway gpus'");
    else
        draft_add(t->draft, DRAFT_ACCELERATORS, sw_node_text(sw_node_get(gpu, "name"), ""),
                  draft_place_of(accelerator));
    if (count.p != NULL)
        draft_leave(t->draft, draft_place_of(accelerator), sw_node_str(accelerator),
                    "how many is the host's business");
}

static void read_secrets(struct truss *t, const struct sw_node *value)
{
    for (size_t i = 0; i < sw_node_member_count(value); i++)
        draft_leave(t->draft, draft_place_of(sw_node_member_at(value, i)->value),
                    sw_node_member_at(value, i)->key,
                    "Truss gives it to the running container; a profile's 'secrets' are for the build");
}

static void read_base(struct truss *t, const struct sw_node *value)
{
    const struct sw_node *image = sw_node_get(value, "image");
    if (sw_node_text(image, NULL) != NULL)
        draft_base(t->draft, sw_node_text(image, ""), draft_place_of(image));
}

static void read_build_commands(struct truss *t, const struct sw_node *value)
{
    for (size_t i = 0; !t->draft->judged && i < sw_node_count(value); i++)
        draft_add(t->draft, DRAFT_STEPS, sw_node_text(sw_node_item(value, i), ""),
                  draft_place_of(sw_node_item(value, i)));
}

static void read_server(struct truss *t, const struct sw_node *value)
{
    const struct sw_node *start = sw_node_get(value, "start_command");
    if (sw_node_text(start, NULL) == NULL)
        return;
    draft_add(t->draft, DRAFT_COMMAND, "/bin/sh", draft_place_of(start));
    draft_add(t->draft, DRAFT_COMMAND, "-c", draft_place_of(start));
    draft_add(t->draft, DRAFT_COMMAND, sw_node_text(start, ""), draft_place_of(start));
}

/* Nothing in it is for an image. */
static void read_nothing(struct truss *t, const struct sw_node *value)
{
    (void)t;
    (void)value;
}

static const struct {
    const char *key;
    key_reader *read;
} keys[] = {
    {"model_name", read_description},
    {"description", read_description},
    {"python_version", read_python},
    {"requirements", read_requirements},
    {"requirements_file", read_requirements_file},
    {"system_packages", read_packages},
    {"environment_variables", read_environment},
    {"resources", read_resources},
    {"secrets", read_secrets},
    {"base_image", read_base},
    {"build_commands", read_build_commands},
    {"docker_server", read_server},
    {"model_metadata", read_nothing},
    {"apply_library_patches", read_nothing},
};

void draft_read_truss(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    struct truss t = {draft, sw_path_dir(&draft->arena, path)};
    draft->failed = draft->failed || t.folder == NULL;
    for (size_t i = 0; !draft->failed && i < sw_node_member_count(root); i++) {
        const struct sw_member *member = sw_node_member_at(root, i);
        key_reader *read = NULL;
        for (size_t k = 0; read == NULL && k < SW_COUNT(keys); k++)
            read = sw_str_is(member->key, keys[k].key) ? keys[k].read : NULL;
        if (read != NULL)
            read(&t, member->value);
        else
            draft_leave(draft, (struct draft_place){path, member->line, 1}, member->key,
                        "Truss's own server uses it; a profile has no key for it");
    }
}
