/* A wheel that a requirement names by its URL, as a page of its own. */
#include "base/limits.h"
#include "base/text.h"
#include "http/uri.h"
#include "index/index_internal.h"
#include "python/name.h"

enum { DIGEST = SW_SHA256_HEX_SIZE - 1 };

static const char *decoded_name(struct sw_arena *arena, const struct sw_uri *uri)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    sw_uri_file_name(&name, uri);
    return sw_text_clean(arena, sw_buffer_str(&name));
}

static const char *digest_of(struct sw_arena *arena, const struct sw_uri *uri)
{
    struct sw_str rest = uri->fragment;
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '&');
        struct sw_str digest = sw_str_drop(part, sw_str_starts(part, "sha256=") ? strlen("sha256=") : part.n);
        if (digest.n == DIGEST && strspn(digest.p, "0123456789abcdef") >= DIGEST)
            return sw_arena_copy(arena, digest);
    }
    return "";
}

static int make_page(const struct sw_index_project **out, struct sw_arena *arena, struct sw_index_file *file,
                     const struct sw_uri *uri, struct sw_str url, const char *project, struct sw_error *error)
{
    struct sw_index_project *page = sw_arena_alloc(arena, sizeof *page);
    struct sw_index_release *release = sw_arena_alloc(arena, sizeof *release);
    SW_BUFFER_AUTO shown;
    sw_buffer_init(&shown, SW_MAX_URL_SIZE);
    sw_uri_add_shown(&shown, url);
    size_t end = uri->fragment.p == NULL ? url.n : (size_t)(uri->fragment.p - url.p) - 1;
    file->url = sw_arena_copy(arena, (struct sw_str){url.p, end});
    file->sha256 = digest_of(arena, uri);
    file->uploaded = file->requires_python = file->yanked_reason = file->metadata_sha256 = "";
    file->metadata = SW_BESIDE_NO;
    file->version = file->wheel.version;
    if (page == NULL || release == NULL || file->url == NULL || file->sha256 == NULL)
        return sw_fail_memory(error);
    *release = (struct sw_index_release){.version = file->version, .files = file, .file_count = 1};
    *page = (struct sw_index_project){.name = sw_arena_text(arena, project),
                                      .index = sw_arena_copy(arena, sw_buffer_str(&shown)),
                                      .releases = release,
                                      .release_count = 1};
    if (page->name == NULL || page->index == NULL)
        return sw_fail_memory(error);
    *out = page;
    return 0;
}

int sw_index_direct(const struct sw_index_project **out, struct sw_index *index, const char *project,
                    struct sw_str url, struct sw_error *error)
{
    struct sw_arena *arena = &index->arena;
    const struct sw_uri uri = sw_uri_split(url);
    struct sw_index_file *file = sw_arena_alloc(arena, sizeof *file);
    const char *name = decoded_name(arena, &uri);
    if (file == NULL || name == NULL)
        return sw_fail_memory(error);
    *file = (struct sw_index_file){.kind = SW_INDEX_WHEEL, .name = name};
    if (!sw_uri_is_web(&uri) || sw_wheel_name_parse(&file->wheel, sw_str_from(name), NULL) != 0)
        return sw_fail(error, SW_ENOTFOUND,
                       "'%s' is no wheel: what it requires is known only when it is built", name);
    if (!sw_name_equal(file->wheel.distribution, sw_str_from(project)))
        return sw_fail(error, SW_EINPUT, "'%s' is a wheel of another project than '%s'", name, project);
    return make_page(out, arena, file, &uri, url, project, error);
}

int sw_index_file_key(char key[SW_SHA256_HEX_SIZE], const struct sw_index_file *file, struct sw_error *error)
{
    if (file->sha256[0] == '\0')
        return sw_sha256_hex(sw_str_from(file->url), key) ? 0 : sw_fail_memory(error);
    (void)snprintf(key, SW_SHA256_HEX_SIZE, "%s", file->sha256);
    return 0;
}

int sw_index_answer_key(char key[SW_INDEX_KEY_SIZE], const char *form, const struct sw_index_file *file,
                        struct sw_error *error)
{
    char of_file[SW_SHA256_HEX_SIZE];
    int code = sw_index_file_key(of_file, file, error);
    if (code == 0)
        (void)snprintf(key, SW_INDEX_KEY_SIZE, "%s %s", form, of_file);
    return code;
}
