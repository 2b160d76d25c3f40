/* Files that only some plans need: scripts that the build runs and no image keeps, and the texts that become files of the image. */
#include "profile/render_internal.h"

#include "data/path.h"
#include "data/resource.h"

struct script {
    const char *name, *template;
    bool (*is_needed)(const struct sw_plan *plan);
};

static bool has_user(const struct sw_plan *plan)
{
    return plan->parts.user != NULL;
}

static bool has_download(const struct sw_plan *plan)
{
    const struct sw_node *copies = plan->parts.copies;
    for (size_t i = 0; i < sw_node_count(copies); i++) {
        if (sw_node_get(sw_node_item(copies, i), "url") != NULL)
            return true;
    }
    return false;
}

static bool has_repository(const struct sw_plan *plan)
{
    return plan->parts.repositories != NULL;
}

static const struct script scripts[] = {
    {"fetch.py", "templates/fetch.py", has_download},
    {"repositories.sh", "templates/repositories.sh", has_repository},
    {"user.sh", "templates/user.sh", has_user},
};

static const char *text_file(const struct sw_plan *plan, size_t copy)
{
    const struct sw_node *copies = plan->parts.copies;
    return sw_node_text(sw_node_get(sw_node_item(copies, copy), "file"), NULL);
}

size_t sw_render_count_parts(const struct sw_plan *plan)
{
    return SW_COUNT(scripts) + sw_node_count(plan->parts.copies) + sw_node_count(plan->parts.repositories);
}

/* Add the keys of repositories that the profile holds as text. */
static int add_keys(struct sw_rendering *rendering, const struct sw_plan *plan, struct sw_error *error)
{
    const struct sw_node *list = plan->parts.repositories;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *text = sw_node_at(sw_node_item(list, i), "key.text");
        if (text == NULL)
            continue;
        const char *name = sw_arena_format(&rendering->arena, SW_REPOSITORY_KEY, i + 1);
        if (name == NULL)
            return sw_fail_memory(error);
        rendering->files[rendering->count++] = (struct sw_rendered_file){name, sw_node_str(text), 0644};
    }
    return 0;
}

int sw_render_add_parts(struct sw_rendering *rendering, const struct sw_plan *plan, const char *project,
                        struct sw_error *error)
{
    const struct sw_node *copies = plan->parts.copies;
    for (size_t i = 0; i < SW_COUNT(scripts); i++) {
        struct sw_str text = {0};
        const char *path = NULL;
        if (!scripts[i].is_needed(plan))
            continue;
        int code = sw_resource_load(&text, &path, &rendering->arena, project, scripts[i].template, error);
        if (code != 0)
            return code;
        rendering->files[rendering->count++] = (struct sw_rendered_file){scripts[i].name, text, 0644};
    }
    for (size_t i = 0; i < sw_node_count(copies); i++) {
        const struct sw_node *copy = sw_node_item(copies, i);
        bool executable = sw_node_boolean(sw_node_get(copy, "executable"), false);
        if (text_file(plan, i) != NULL)
            rendering->files[rendering->count++] = (struct sw_rendered_file){
                text_file(plan, i), sw_node_str(sw_node_get(copy, "text")), executable ? 0755 : 0644};
    }
    return add_keys(rendering, plan, error);
}
