#include "data/resource.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"

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

const char *sw_resource_text(const char *name)
{
    const struct sw_resource *resource = find(name);
    return resource == NULL ? "" : (const char *)resource->bytes; /* embed.py ends each in NUL */
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
        return sw_error_context(code, error, "in '%s'", project);
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

/* Return true if a file decides about images. Pages about a build, the first profile, rules of logs and other profiles do not. */
static bool decides(const char *name)
{
    static const char *const pages[] = {"templates/profile.yaml", "templates/report.html",
                                        "templates/summary.md"};
    struct sw_str whole = sw_str_from(name);
    for (size_t i = 0; i < SW_COUNT(pages); i++) {
        if (strcmp(name, pages[i]) == 0)
            return false;
    }
    return sw_str_starts(whole, "templates/") || sw_str_starts(whole, "profiles/catalog/") ||
           sw_str_starts(whole, "guard/") || sw_str_starts(whole, "trim/");
}

static int add_override(struct sw_builder *b, struct sw_node *list, const char *project, const char *name,
                        struct sw_error *error)
{
    struct sw_str text = {0};
    char digest[SW_SHA256_HEX_SIZE];
    int code = load_override(&text, b->arena, project, name, error);
    if (code != 0)
        return code == SW_ENOTFOUND ? 0 : code;
    if (!sw_sha256_hex(text, digest))
        return sw_fail_memory(error);
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "file", sw_build_text(b, name));
    sw_build_set(b, row, "sha256", sw_build_text(b, digest));
    sw_build_append(b, list, row);
    return 0;
}

int sw_resource_overrides(const struct sw_node **out, struct sw_arena *arena, const char *project,
                          struct sw_error *error)
{
    struct sw_builder b = {.arena = arena};
    struct sw_node *list = sw_build_list(&b);
    int code = 0;
    for (size_t i = 0; code == 0 && project != NULL && i < sw_resources_count; i++) {
        if (decides(sw_resources[i].name))
            code = add_override(&b, list, project, sw_resources[i].name, error);
    }
    if (code == 0 && b.failed)
        code = sw_fail_memory(error);
    if (code == 0)
        *out = list;
    return code;
}
