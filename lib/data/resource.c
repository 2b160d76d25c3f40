#include "data/resource.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>

static const struct sw_resource *find(const char *name)
{
    for (size_t i = 0; i < sw_resources_count; i++) {
        if (strcmp(sw_resources[i].name, name) == 0)
            return &sw_resources[i];
    }
    return NULL;
}

/* A link could lead to any file of this host, which would then be rendered into the image. */
static int load_override(struct sw_str *text, struct sw_arena *arena, const char *project, const char *name,
                         struct sw_error *error)
{
    SW_BUFFER_AUTO content;
    sw_buffer_init(&content, SW_MAX_YAML_SIZE);
    SW_FD_AUTO folder = open(project, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return sw_fail_errno(error, errno == ENOENT ? SW_ENOTFOUND : SW_EINPUT, "cannot read '%s'", project);
    int code = sw_read_beneath(&content, folder, name, error);
    if (code != 0)
        return sw_error_context(error, "in '%s'", project);
    char *copy = sw_arena_copy(arena, sw_buffer_str(&content));
    if (copy == NULL)
        return sw_fail_memory(error);
    *text = (struct sw_str){copy, content.n};
    return 0;
}

int sw_resource_load(struct sw_str *text, const char **path, struct sw_arena *arena, const char *project,
                     const char *name, struct sw_error *error)
{
    if (project != NULL) {
        const char *override = sw_path_join(arena, project, name);
        if (override == NULL)
            return sw_fail_memory(error);
        int code = load_override(text, arena, project, name, error);
        if (code == 0)
            *path = override;
        if (code != SW_ENOTFOUND)
            return code;
    }
    const struct sw_resource *resource = find(name);
    if (resource == NULL)
        return sw_fail(error, SW_ENOTFOUND, "no file '%s' is built in", name);
    const char *label = sw_arena_format(arena, "%s (built in)", name);
    if (label == NULL)
        return sw_fail_memory(error);
    *text = (struct sw_str){(const char *)resource->bytes, resource->size};
    *path = label;
    return 0;
}
