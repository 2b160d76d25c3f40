#include "session/cache_folder.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "engine/reference.h"

#define TAG "org.opencontainers.image.ref.name"

char *sw_cache_folder_blob(struct sw_arena *arena, const char *folder, struct sw_str digest)
{
    if (!sw_is_sha256_digest(digest))
        return NULL;
    struct sw_str hex = sw_str_drop(digest, strlen("sha256:"));
    return sw_arena_format(arena, "%s/blobs/sha256/%.*s", folder, SW_STR_FORMAT(hex));
}

/* The index's manifests; none if there is no index yet. */
static int read_manifests(const struct sw_node **out, struct sw_arena *arena, const char *path,
                          struct sw_error *error)
{
    const struct sw_node *root = NULL;
    struct sw_error failure;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = sw_file_read(&text, path, &failure);
    if (code == 0)
        code = sw_json_read(&root, arena, sw_buffer_str(&text), path, &failure);
    if (code != 0 && code != SW_ENOTFOUND) {
        if (error != NULL)
            *error = failure;
        return code;
    }
    *out = sw_node_get(root, "manifests");
    return 0;
}

static bool has_tag(const struct sw_node *manifest, const char *tag)
{
    return strcmp(sw_node_text(sw_node_get(sw_node_get(manifest, "annotations"), TAG), ""), tag) == 0;
}

int sw_cache_folder_find(const char **digest, struct sw_arena *arena, const char *folder, const char *tag,
                         struct sw_error *error)
{
    const struct sw_node *manifests = NULL;
    const char *path = sw_path_join(arena, folder, "index.json");
    int code = path == NULL ? sw_fail_memory(error) : read_manifests(&manifests, arena, path, error);
    if (code != 0)
        return code;
    for (size_t i = 0; i < sw_node_count(manifests); i++) {
        const char *found = sw_node_text(sw_node_get(sw_node_item(manifests, i), "digest"), NULL);
        if (found != NULL && has_tag(sw_node_item(manifests, i), tag)) {
            *digest = found;
            return 0;
        }
    }
    return sw_fail(error, SW_ENOTFOUND, "there is no cache '%s' in '%s'", tag, folder);
}

/* The descriptor, which is BuildKit's, under the tag. */
static struct sw_node *tagged(struct sw_builder *b, const struct sw_node *descriptor, const char *tag)
{
    struct sw_node *entry = sw_build_map(b), *annotations = sw_build_map(b);
    for (size_t i = 0; i < sw_node_member_count(descriptor); i++)
        sw_build_set(b, entry, sw_node_member_at(descriptor, i)->key.p,
                     sw_node_member_at(descriptor, i)->value);
    sw_build_set(b, annotations, TAG, sw_build_text(b, tag));
    sw_build_set(b, entry, "annotations", annotations);
    return entry;
}

static int write_json(const char *path, const struct sw_node *root, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    sw_json_write(&text, root, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, path, error);
    return code != 0 ? code : sw_file_write(path, sw_buffer_str(&text), 0666, error);
}

int sw_cache_folder_put(const char *folder, const char *tag, struct sw_str descriptor, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *given = NULL, *manifests = NULL;
    const char *path = sw_path_join(&arena, folder, "index.json");
    const char *layout_path = sw_path_join(&arena, folder, "oci-layout");
    int code = path == NULL || layout_path == NULL ? sw_fail_memory(error)
                                                   : sw_json_read(&given, &arena, descriptor, NULL, error);
    if (code == 0)
        code = read_manifests(&manifests, &arena, path, error);
    if (code != 0)
        return code;
    struct sw_node *index = sw_build_map(&b), *list = sw_build_list(&b), *layout = sw_build_map(&b);
    for (size_t i = 0; i < sw_node_count(manifests); i++) {
        if (!has_tag(sw_node_item(manifests, i), tag))
            sw_build_append(&b, list, sw_node_item(manifests, i));
    }
    sw_build_append(&b, list, tagged(&b, given, tag));
    sw_build_set(&b, index, "schemaVersion", sw_build_int(&b, 2));
    sw_build_set(&b, index, "mediaType", sw_build_text(&b, "application/vnd.oci.image.index.v1+json"));
    sw_build_set(&b, index, "manifests", list);
    sw_build_set(&b, layout, "imageLayoutVersion", sw_build_text(&b, "1.0.0"));
    if (b.failed)
        return sw_fail_memory(error);
    code = write_json(layout_path, layout, error);
    return code == 0 ? write_json(path, index, error) : code;
}
